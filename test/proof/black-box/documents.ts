/** Rows 23 to 34: tele-radiology, documents, business acknowledgements. */
import { expect } from 'vitest'
import type { Lines } from '../../formats/hl7v2-rules/segments.ts'
import { answer, cancel, cda, complement, inBase64, mdm, oruCda, request, zam } from '../../support/documents.ts'
import { bytesOf, having, lacking, type Posted, proved, type Row, refused, replacing, row, taken } from './table.ts'

const metadatum = (lines: Lines, code: string): number => lines.findIndex((line) => line.includes(`|${code}^`))

function swapped(lines: Lines): Lines {
  const [a, b] = [metadatum(lines, 'MASQUE_PS'), metadatum(lines, 'INVISIBLE_PATIENT')]
  return lines.with(a, lines[b]!).with(b, lines[a]!)
}
const renamed = (lines: Lines): Lines => replacing(lines, 'ACK_LECTURE_MSS^', 'ACK_LECTURE^')
/** Number of the OBX that is ACK_LECTURE. */
const lecture =
  renamed(oruCda())
    .filter((line) => line.startsWith('OBX'))
    .findIndex((line) => line.includes('|ACK_LECTURE^')) + 1

/** From the receiver of a document to its sender, which here are one. */
const back = (tag: string, lines: Lines): Lines => {
  const sender = tag.includes('-S') ? 'STRICT' : 'LENIENT'
  return replacing(lines, 'RIS|SENDER|PFI|RECEIVER', `PFI|RECEIVER|RIS|${sender}`)
}

/** A viewer's address, as one message of row 29. */
const viewer = (url: string, ok = false): Posted => {
  const sent = (tag: string): Lines => complement(url, `${tag}-${url.length}`)
  if (ok) return { sent, strict: taken() }
  return { sent, strict: refused(['207 @OBX^1^5']), lenient: taken(['contract ADDRESS_FOREIGN OBX-5']) }
}

const foreignViewer: Row = {
  number: 29,
  name: 'flow 4 with a wrong study UID; with a viewer of a host that is not listed: nothing is fetched',
  async run(turn) {
    const here = `127.0.0.1:${turn.bench.trap.port}`
    const posts: readonly Posted[] = [
      {
        sent: (tag) => replacing(complement(undefined, tag), '|1.2.250.1.999.8.1|', '|1.2.3.abc|'),
        strict: refused(['102 @IPC^1^3']),
        lenient: taken(['contract FIELD_MALFORMED IPC-3']),
      },
      viewer(`https://${here}/viewer?StudyInstanceUID=1.2.3`),
      viewer(`http://${here}/`),
      viewer('https://attacker.example/viewer'),
      viewer('https://drimbox.test@attacker.example/'),
      viewer('http://drimbox.test/viewer'),
      viewer('drimbox.test/viewer?StudyInstanceUID=1.2', true),
    ]
    await row(29, '', ...posts).run(turn)
    expect(turn.bench.trap.calls()).toBe(0)
  },
}

const LARGE = cda({ body: `<nonXMLBody><text>${inBase64('x'.repeat(185_000))}</text></nonXMLBody>` })

const entities: Row = {
  number: 30,
  name: 'MDM^T02 with 330 kB of base64; with an outside entity: nothing is fetched',
  async run(turn) {
    const { bench, tag } = turn
    const large = bytesOf(turn, `${tag}-1`, mdm('T02', LARGE))
    expect(large.length).toBeGreaterThan(330_000)
    await proved(turn, large, taken())
    const here = `http://127.0.0.1:${bench.trap.port}/x`
    for (const [n, to] of ['file:///etc/hostname', here].entries()) {
      const xml = `<!DOCTYPE ClinicalDocument [<!ENTITY x SYSTEM "${to}">]>${cda({ head: '' })}`
      await proved(turn, bytesOf(turn, `${tag}-${n + 2}`, mdm('T02', xml)), refused(['207 @OBX^1^5']))
    }
    expect(bench.trap.calls()).toBe(0)
  },
}

const FLOWS: readonly Row[] = [
  row(23, 'flow 1 of tele-radiology', { sent: (tag) => request(tag), strict: taken() }),
  row(24, 'flow 1 without REGION_ANATOMIQUE', {
    sent: (tag) => lacking(request(tag), 'REGION_ANATOMIQUE'),
    strict: refused(['198 @OBX^1']),
    lenient: taken(['contract CARDINALITY OBX']),
  }),
  row(25, 'flow 1 with two OBX of one OBX-3 and empty OBX-4', {
    sent: (tag) => replacing(request(tag), /\|1\.[12]\|/, '||'),
    strict: refused(['101 @OBX^2^4', '101 @OBX^3^4']),
    lenient: taken(['contract FIELD_MISSING OBX(2)-4', 'contract FIELD_MISSING OBX(3)-4']),
  }),
  row(26, 'flow 1 with ORC-2 other than OBR-2', {
    sent: (tag) => having(request(tag), 'OBR-2.1', `${tag}-OTHER`),
    strict: refused(['207 @OBR^1^2']),
    lenient: taken(['contract CONTENT_DISAGREES OBR-2']),
  }),
  row(
    27,
    'flow 3 OK without protocol; OC with one',
    { sent: (tag) => request(tag), strict: taken() },
    {
      sent: (tag) => lacking(answer('OK', tag), 'PROTOCOLE'),
      strict: refused(['198 @OBX^1']),
      lenient: taken(['contract CARDINALITY OBX']),
    },
    {
      sent: (tag) => [...answer('OC', tag), answer('OK').at(-1)!],
      strict: refused(['207 @OBX^1']),
      lenient: taken(['contract CONTENT_DISAGREES OBX']),
    },
  ),
  row(28, 'flow 2 for an order that nobody made', {
    sent: (tag) => cancel(tag),
    strict: refused(['204 @ORC^1^2']),
  }),
  foreignViewer,
]

const DOCUMENTED: readonly Row[] = [
  entities,
  row(
    31,
    'MDM^T10 with OBX-11 F; without TXA-13',
    {
      sent: replacing(mdm('T10'), '||||||C', '||||||F'),
      strict: refused(['207 @OBX^1^11']),
      lenient: taken(['contract CONTENT_DISAGREES OBX-11']),
    },
    {
      sent: having(mdm('T10'), 'TXA-13', ''),
      strict: refused(['101 @TXA^1^13']),
      lenient: taken(['contract FIELD_MISSING TXA-13']),
    },
  ),
  row(32, 'ORU with the metadatum ACK_LECTURE, in another order', {
    sent: swapped(renamed(oruCda())),
    strict: refused(['100 @OBX^3', `103 @OBX^${lecture}^3`]),
    lenient: taken(['contract SEGMENT_ORDER OBX(3)', `contract VALUE_UNLISTED OBX(${lecture})-3`]),
  }),
  row(33, 'ORU with DESTDMP Y and no PRT of its sender', {
    sent: lacking(oruCda(), 'SB^Send by'),
    strict: refused(['101 @PRT^1']),
    lenient: taken(['contract FIELD_MISSING PRT']),
  }),
  row(
    34,
    'ZAM^Z02 with OBX-5 N and no ERR; for a message that nobody sent; as it should be',
    { sent: mdm('T02'), strict: taken() },
    {
      sent: (tag) => back(tag, lacking(zam('Z02', `${tag}-1`, 'N'), 'ERR|')),
      strict: refused(['101 @ERR^1']),
      lenient: taken(['contract FIELD_MISSING ERR']),
    },
    { sent: (tag) => back(tag, zam('Z02', `${tag}-0`)), strict: refused(['204 @OBX^1^4']) },
    { sent: (tag) => back(tag, zam('Z02', `${tag}-1`)), strict: taken() },
  ),
]

/** In the order of the reference. */
export const DOCUMENTS: readonly Row[] = [...FLOWS, ...DOCUMENTED]
