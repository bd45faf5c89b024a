/**
 * Black-box tests 23 to 34 of the interoperability reference, through a real MLLP door, for a strict sender and for one that
 * is not: ERR is `code place`, one for each thing that is wrong. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readAnswer } from '../../src/formats/hl7v2/answer.ts'
import { accept } from '../../src/pipeline/accept.ts'
import { openStage, type Stage } from '../pipeline/stage.ts'
import { twoWays } from '../pipeline/two-ways.ts'
import { answer, cancel, cda, complement, inBase64, mdm, message, oruCda, request, zam } from '../support/documents.ts'
import type { Caller } from '../support/peers/caller.ts'
import { type OpenDoor, openDoor } from '../support/peers/door.ts'

const changed = (segments: readonly string[], from: string | RegExp, to: string): string[] =>
  segments.map((segment) => segment.replace(from, to))
const without = (segments: readonly string[], text: string): string[] => segments.filter((one) => !one.includes(text))
const back = (segments: readonly string[]): string[] =>
  changed(segments, 'RIS|SENDER|PFI|RECEIVER', 'PFI|RECEIVER|RIS|SENDER')
const XXE = `<!DOCTYPE ClinicalDocument [<!ENTITY x SYSTEM "file:///etc/hostname">]>${cda({ head: '' })}`

function wrongOrder(): string[] {
  const all = changed(oruCda(), 'ACK_LECTURE_MSS^', 'ACK_LECTURE^')
  const [a, b] = ['|MASQUE_PS^', '|INVISIBLE_PATIENT^'].map((code) => all.findIndex((one) => one.includes(code)))
  return all.with(a!, all[b!]!).with(b!, all[a!]!)
}
const lecture =
  oruCda().findIndex((one) => one.includes('ACK_LECTURE_MSS')) - oruCda().findIndex((one) => one.startsWith('OBX')) - 1

interface Case {
  readonly name: string
  readonly sent: readonly string[]
  /** What a strict sender is told; null: AA. */
  readonly strict: readonly string[] | null
  /** What any other is told, when it is not AA. */
  readonly lenient?: readonly string[]
}

/** In this order, on one connection. */
const CASES: readonly Case[] = [
  { name: '23 a request of tele-radiology', sent: request('B23'), strict: null },
  { name: '24 without region', sent: without(request('B24'), 'REGION_ANATOMIQUE'), strict: ['198 OBX^1'] },
  {
    name: '25 two observations of one code without sub-id',
    sent: changed(request('B25'), /\|1\.[12]\|/, '||'),
    strict: ['101 OBX^2^4', '101 OBX^3^4'],
  },
  { name: '26 OBR-2 is not ORC-2', sent: changed(request('B26'), 'OBR||B26^', 'OBR||B99^'), strict: ['207 OBR^1^2'] },
  {
    name: '27 accepted without protocol',
    sent: without(answer('OK', 'B23', 'F3-A'), 'PROTOCOLE'),
    strict: ['198 OBX^1'],
  },
  {
    name: '27 refused with protocol',
    sent: [...answer('OC', 'B23', 'F3-B'), answer('OK').at(-1)!],
    strict: ['207 OBX^1'],
  },
  {
    name: '28 the cancel of an order that nobody made',
    sent: cancel('B28'),
    strict: ['204 ORC^1^2'],
    lenient: ['204 ORC^1^2'],
  },
  {
    name: '29 a wrong study UID',
    sent: changed(complement(undefined, 'B29'), '|1.2.250.1.999.8.1|', '|1.2.3.abc|'),
    strict: ['102 IPC^1^3'],
  },
  {
    name: '29 a viewer elsewhere',
    sent: complement('https://attacker.example/viewer', 'B29b'),
    strict: ['207 OBX^1^5'],
  },
  {
    name: '29 a viewer elsewhere, said as a user',
    sent: complement('https://drimbox.test@attacker.example/', 'B29c'),
    strict: ['207 OBX^1^5'],
  },
  {
    name: '29 a viewer without encryption',
    sent: complement('http://drimbox.test/viewer', 'B29d'),
    strict: ['207 OBX^1^5'],
  },
  {
    name: '29 a viewer without its scheme',
    sent: complement('drimbox.test/viewer?StudyInstanceUID=1.2', 'B29e'),
    strict: null,
  },
  { name: '30 a document', sent: mdm('T02', cda(), 'B30'), strict: null },
  {
    name: '30 a document of 250 kB',
    sent: mdm('T02', cda({ body: `<nonXMLBody><text>${inBase64('x'.repeat(180_000))}</text></nonXMLBody>` }), 'B30b'),
    strict: null,
  },
  {
    name: '30 a document with an outside entity',
    sent: mdm('T02', XXE, 'B30c'),
    strict: ['207 OBX^1^5'],
    lenient: ['207 OBX^1^5'],
  },
  {
    name: '31 a replacement that says F',
    sent: changed(mdm('T10', cda(), 'B31'), '||||||C', '||||||F'),
    strict: ['207 OBX^1^11'],
  },
  {
    name: '31 a replacement of nothing',
    sent: changed(mdm('T10', cda(), 'B31b'), '|1.2.250.1.999.9.0|', '||'),
    strict: ['101 TXA^1^13'],
  },
  {
    name: '32 metadata of another name, in another order',
    sent: changed(wrongOrder(), '|ORU-CDA|', '|B32|'),
    strict: ['100 OBX^3', `103 OBX^${lecture}^3`],
  },
  { name: '33 for the DMP, and no sender', sent: without(oruCda(cda(), 'B33'), 'SB^Send by'), strict: ['101 PRT^1'] },
  {
    name: '34 a negative acknowledgement without ERR',
    sent: without(back(zam('Z02', 'B30', 'N')), 'ERR|'),
    strict: ['101 ERR^1'],
  },
  {
    name: '34 an acknowledgement of what nobody sent',
    sent: back(zam('Z02', 'B99')),
    strict: ['204 OBX^1^4'],
    lenient: ['204 OBX^1^4'],
  },
  { name: '34 an acknowledgement', sent: back(zam('Z02', 'B30')), strict: null },
]

describe.each([true, false])('strict %s', (strict) => {
  let stage: Stage
  let door: OpenDoor
  let caller: Caller
  beforeAll(async () => {
    stage = await openStage(twoWays(strict))
    door = await openDoor({ accept: (arrival) => accept(arrival, stage.parts), config: () => stage.config })
    caller = await door.call()
  })
  afterAll(async () => {
    caller.destroy()
    await door.entrance.close(0)
    await stage.end()
  })

  test.each(CASES)('$name', async ({ sent, strict: refused, lenient }) => {
    caller.post(Buffer.from(message(sent)))
    const bytes = await caller.answer()
    const said = String(bytes)
    const wanted = strict ? refused : (lenient ?? null)
    const errors = [...said.matchAll(/^ERR\|\|([^|]*)\|(\d+)/gm)].map(([, place, code]) => `${code} ${place}`)
    expect({ code: readAnswer(bytes!)?.code, errors }).toEqual({
      code: wanted === null ? 'AA' : 'AE',
      errors: [...(wanted ?? [])],
    })
    const event = sent[0]!.split('|')[8]!.split('^')[1]
    expect(said.split('|')[8]).toBe(`ACK^${event}^ACK`)
  })
})
