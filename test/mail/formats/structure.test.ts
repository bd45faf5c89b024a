import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MIME_BUDGET, MimeScan, type MimeStructure, textPartsOf } from '../../../src/formats/mail/structure.ts'
import { decoded } from '../../../src/formats/mail/transfer.ts'
import { mimePiece } from '../../support/mail/pieces.ts'
import { missing } from '../../support/world/needs.ts'

function scanned(bytes: Buffer, sizes: readonly number[] = [bytes.length + 1], budget = MIME_BUDGET): MimeStructure {
  const scan = new MimeScan(budget)
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length]!
    // Whoever pushes may use the chunk again.
    const chunk = Buffer.from(bytes.subarray(at, at + size))
    scan.push(chunk)
    chunk.fill(0x2d)
    at += size
  }
  return scan.end()
}

/** `type@depth:body` of each part that holds no others. */
function told(text: string | Buffer): string[] {
  const bytes = Buffer.from(text)
  const { parts } = scanned(bytes)
  return parts.map(({ type, depth, bodyAt, length }) =>
    type.startsWith('multipart/')
      ? `${type}@${depth}`
      : `${type}@${depth}:${bytes.toString('latin1', bodyAt, bodyAt + length)}`,
  )
}

const crlf = (lines: readonly string[]): string => lines.join('\r\n')
const mixed = crlf([
  'From: a@b.test',
  'Content-Type: multipart/mixed;',
  ' boundary="x y"',
  '',
  'Preamble',
  '--x y',
  'Content-Type: multipart/alternative; boundary=in',
  '',
  '--in',
  '',
  'Bonjour',
  '-- ',
  'Jeanne',
  '--in ',
  'Content-Type: TEXT/HTML; charset="utf-8"',
  'Content-Transfer-Encoding: Quoted-Printable (x)',
  '',
  '<p>Bonjour=20</p>',
  '--in--',
  'Epilogue',
  '--in',
  '--x y',
  'Content-Type: application/zip; name="=?utf-8?q?IHE=5FXDM.zip?="',
  'Content-Transfer-Encoding: base64',
  'Content-Disposition: attachment; filename*0*=utf-8\'\'..%2FIHE_; filename*1="XDM.ZIP"',
  'Content-ID: <1@x>',
  '',
  'UEsD',
  '--x y',
  'Content-Type: message/rfc822',
  '',
  'Subject: inside',
  'Content-Type: multipart/mixed; boundary=deep',
  '',
  '--deep',
  '',
  'Deep',
  '--x y--',
  'after',
])

describe('the parts of a message', () => {
  test('of all sorts', () => {
    expect(told(mixed)).toEqual([
      'multipart/mixed@0',
      'multipart/alternative@1',
      'text/plain@2:Bonjour\r\n-- \r\nJeanne',
      'text/html@2:<p>Bonjour=20</p>',
      'application/zip@1:UEsD',
      'message/rfc822@1:Subject: inside\r\nContent-Type: multipart/mixed; boundary=deep\r\n\r\n--deep\r\n\r\nDeep',
      'multipart/mixed@2',
      'text/plain@3:Deep',
    ])
    const { parts, bytes } = scanned(Buffer.from(mixed))
    expect(bytes).toBe(mixed.length)
    expect(parts.map(({ parent }) => parent)).toEqual([null, 0, 1, 1, 0, 0, 5, 6])
    expect(parts[3]).toMatchObject({ encoding: 'quoted-printable', disposition: null, fileName: null })
    expect(parts[4]).toMatchObject({
      encoding: 'base64',
      disposition: 'attachment',
      fileName: 'IHE_XDM.ZIP',
      contentId: '1@x',
    })
    expect(mixed.slice(parts[4]!.headerAt)).toMatch(/^Content-Type: application\/zip/)
    expect(textPartsOf(parts)).toEqual([parts[2], parts[3]])
  })

  test.each<[what: string, text: string, parts: string[]]>([
    ['nothing', '', ['text/plain@0:']],
    ['a header alone', 'A: b\r\n', ['text/plain@0:']],
    ['a body alone', '\r\nBonjour', ['text/plain@0:Bonjour']],
    ['a plain message', 'A: b\r\n\r\nBonjour\r\n', ['text/plain@0:Bonjour\r\n']],
    ['a plain message with dashes', 'A: b\r\n\r\n--x\r\n', ['text/plain@0:--x\r\n']],
    [
      'lines that end in LF',
      'Content-Type: multipart/mixed; boundary=b\n\n--b\n\na\n--b--\n',
      ['multipart/mixed@0', 'text/plain@1:a'],
    ],
    ['no boundary', 'Content-Type: multipart/mixed\r\n\r\n--b\r\n', ['multipart/mixed@0']],
    ['a type that is none', 'Content-Type: what\r\n\r\nx', ['text/plain@0:x']],
    [
      'no end',
      crlf(['Content-Type: multipart/mixed; boundary=b', '', '--b', '', 'a']),
      ['multipart/mixed@0', 'text/plain@1:a'],
    ],
    [
      'an empty part',
      crlf(['Content-Type: multipart/mixed; boundary=b', '', '--b', '', '--b--']),
      ['multipart/mixed@0', 'text/plain@1:'],
    ],
    [
      'a part without a blank line',
      crlf(['Content-Type: multipart/mixed; boundary=b', '', '--b', 'X: y', '--b--']),
      ['multipart/mixed@0', 'text/plain@1:'],
    ],
    [
      'a boundary that begins another',
      crlf(['Content-Type: multipart/mixed; boundary=b', '', '--b', '', 'a', '--bb', '--b--']),
      ['multipart/mixed@0', 'text/plain@1:a\r\n--bb'],
    ],
    [
      'a message that is not there',
      crlf([
        'Content-Type: multipart/mixed; boundary=b',
        '',
        '--b',
        'Content-Type: message/rfc822',
        '--b',
        '',
        'a',
        '--b--',
      ]),
      ['multipart/mixed@0', 'message/rfc822@1:', 'text/plain@2:', 'text/plain@1:a'],
    ],
    [
      'an encoded message',
      crlf(['Content-Type: message/rfc822', 'Content-Transfer-Encoding: base64', '', 'QTogYg==']),
      ['message/rfc822@0:QTogYg=='],
    ],
    [
      'a digest',
      crlf(['Content-Type: multipart/digest; boundary=b', '', '--b', '', 'A: b', '', 'x', '--b--']),
      ['multipart/digest@0', 'message/rfc822@1:A: b\r\n\r\nx', 'text/plain@2:x'],
    ],
  ])('%s', (_what, text, parts) => {
    expect(told(text)).toEqual(parts)
  })

  const nested = (depth: number): string =>
    Array.from({ length: depth }, (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`).join('')
  test.each<[what: string, text: string, fault: string | null, parts: number]>([
    [
      'as many parts as may be',
      `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\n'.repeat(999)}`,
      null,
      1_000,
    ],
    ['a part more', `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\n'.repeat(1_000)}`, 'parts', 1_000],
    ['as deep as may be', nested(50), null, 51],
    ['deeper', nested(51), 'depth', 51],
    ['200 messages inside each other', 'Content-Type: message/rfc822\r\n\r\n'.repeat(200), 'depth', 51],
    ['1,000 lines of a header', 'A: b\r\n'.repeat(1_000), null, 1],
    ['a line more', 'A: b\r\n'.repeat(1_001), 'header', 0],
    ['a header of 1 MB', `A: ${'b'.repeat(1_000_000)}\r\n\r\n`, 'header', 0],
    [
      'the same in a part',
      `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nA: ${'b'.repeat(100_000)}\r\n\r\n`,
      'header',
      1,
    ],
    ['many folds', `A: b\r\n${' x\r\n'.repeat(20_000)}`, 'header', 0],
  ])('%s', (_what, text, fault, parts) => {
    const found = scanned(Buffer.from(text), [4_096])
    expect([found.fault, found.parts.length]).toEqual([fault, parts])
  })

  test('the same in whatever chunks, whatever comes', () => {
    const piece = mimePiece(mixed)
    const bytes = fc.oneof(
      fc.array(piece, { maxLength: 20 }).map((pieces) => Buffer.from(pieces.join(''))),
      fc.uint8Array({ maxLength: 100 }).map((octets) => Buffer.from(octets)),
    )
    const budget = { ...MIME_BUDGET, maxParts: 8, maxDepth: 4, maxLines: 6, maxBytes: 300 }
    let several = 0
    fc.assert(
      fc.property(bytes, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 6 }), (octets, sizes) => {
        const whole = scanned(octets, undefined, budget)
        if (whole.parts.length > 2) several += 1
        expect(scanned(octets, sizes, budget)).toEqual(whole)
        for (const { bodyAt, length, headerAt } of whole.parts) {
          expect(headerAt).toBeLessThanOrEqual(bodyAt)
          expect(bodyAt + length).toBeLessThanOrEqual(octets.length)
        }
      }),
      { numRuns: 1_500 },
    )
    expect(several).toBeGreaterThan(30)
  })

  test.each<[what: string, text: string]>([
    ['dashes', '-\n'.repeat(1_000_000)],
    ['lines like boundaries', '--b0-\n'.repeat(100_000)],
    ['a line without an end', 'x'.repeat(4_000_000)],
    ['boundaries that end', '--b0--\n'.repeat(100_000)],
  ])('a body full of %s is read to its end', (_what, text) => {
    const { fault } = scanned(Buffer.from(`${nested(50)}\r\n${text}`), [65_536])
    expect(fault).toBe(null)
  })

  test.each<[what: string, lines: string[], type: string | null]>([
    ['plain text before HTML', ['text/html', 'text/plain'], 'text/plain'],
    ['HTML alone', ['application/pdf', 'text/html'], 'text/html'],
    ['no file', ['text/plain; name=a.txt'], null],
    ['nothing', ['application/pdf'], null],
  ])('what a person reads: %s', (_what, types, type) => {
    const parts = types.map((one) => `--b\r\nContent-Type: ${one}\r\n\r\nx\r\n`).join('')
    const found = textPartsOf(
      scanned(Buffer.from(`Content-Type: multipart/mixed; boundary=b\r\n\r\n${parts}--b--\r\n`)).parts,
    )
    expect(found[0]?.type ?? null).toBe(type)
  })

  test('what a person reads: nothing of a message inside', () => {
    expect(textPartsOf(scanned(Buffer.from('Content-Type: message/rfc822\r\n\r\nA: b\r\n\r\nx')).parts)).toEqual([])
  })
})

const PYTHON = `
import email, email.policy, json, sys
message = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
out = []
for part in message.walk():
    body = '' if part.is_multipart() else part.get_payload(decode=True).hex()
    out.append([part.get_content_type(), part.get_filename(), body])
print(json.dumps(out))
`
const noPython = missing('python3', ['-c', 'import email.policy'])

test.skipIf(noPython !== null)(`python finds the same parts${noPython === null ? '' : `: ${noPython}`}`, () => {
  const text = mixed.replace(
    'filename*0*=utf-8\'\'..%2FIHE_; filename*1="XDM.ZIP"',
    "filename*=utf-8''R%C3%A9sum%C3%A9.zip",
  )
  const bytes = Buffer.from(text.replace('Quoted-Printable (x)', 'quoted-printable'))
  const theirs: unknown = JSON.parse(execFileSync('python3', ['-c', PYTHON], { input: bytes }).toString())
  const ours = scanned(bytes).parts.map(({ type, fileName, encoding, bodyAt, length }) => {
    const holds = type.startsWith('multipart/') || type.startsWith('message/')
    return [type, fileName, holds ? '' : decoded(encoding, bytes.subarray(bodyAt, bodyAt + length)).toString('hex')]
  })
  expect(ours).toEqual(theirs)
})
