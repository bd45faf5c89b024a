import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LineGuard, type LineLimits, type LineVerdict } from '../../../src/formats/mail/line-guard.ts'

const limits: LineLimits = { header: 20, body: 30 }
const head = 'From: a@b.test\r\n\r\n'

/** In chunks of these sizes, over and over. */
function verdict(bytes: Buffer, sizes: readonly number[] = [bytes.length + 1]): LineVerdict {
  const guard = new LineGuard(limits)
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length]!
    guard.push(bytes.subarray(at, at + size))
    at += size
  }
  return guard.end()
}

const cases: [what: string, text: string, verdict: LineVerdict][] = [
  ['a message', `${head}Bonjour\r\n`, 'ok'],
  ['nothing', '', 'ok'],
  ['no line break at the end', `${head}Bonjour`, 'ok'],
  ['dots', `${head}.\r\n..\r\n.a\r\n`, 'ok'],
  ['LF dot LF', `${head}a\n.\n`, 'bare-lf'],
  ['LF dot CRLF', `${head}a\n.\r\n`, 'bare-lf'],
  ['LF dot dot CRLF', `${head}a\n..\r\n`, 'bare-lf'],
  ['CR dot CR', `${head}a\r.\r`, 'bare-cr'],
  ['CRLF dot LF', `${head}a\r\n.\nMAIL`, 'bare-lf'],
  ['CRLF dot CR', `${head}a\r\n.\r`, 'bare-cr'],
  ['CRLF NUL dot CRLF', `${head}a\r\n\0.\r\n`, 'nul'],
  ['two CR', `${head}a\r\r\n`, 'bare-cr'],
  ['a CR at the very end', `${head}a\r`, 'bare-cr'],
  ['LF CR', `${head}a\n\r`, 'bare-lf'],
  ['NUL behind CR', `${head}a\r\0\n`, 'bare-cr'],
  ['a bare LF in the header', 'From: a@b.test\n\n', 'bare-lf'],
  ['a header line as long as may be', `${'h'.repeat(20)}\r\n\r\n`, 'ok'],
  ['a header line too long', `${'h'.repeat(21)}\r\n\r\n`, 'long-line'],
  ['a body line as long as may be', `${head}${'b'.repeat(30)}\r\n`, 'ok'],
  ['a body line too long', `${head}${'b'.repeat(31)}\r\n`, 'long-line'],
  ['a long line without an end', `${head}${'b'.repeat(31)}`, 'long-line'],
  ['a NUL behind too much', `${head}${'b'.repeat(31)}\0`, 'long-line'],
  ['a NUL just before too much', `${head}${'b'.repeat(30)}\0`, 'nul'],
  ['a blank line at the beginning', `\r\n${'b'.repeat(30)}\r\n`, 'ok'],
  ['a second blank line changes nothing', `${head}\r\n${'b'.repeat(30)}\r\n\r\n`, 'ok'],
]

describe('lines of a message', () => {
  test.each(cases)('%s', (_what, text, expected) => {
    const bytes = Buffer.from(text)
    expect([verdict(bytes), verdict(bytes, [1]), verdict(bytes, [2, 3])]).toEqual([expected, expected, expected])
  })

  test('the same in whatever chunks, and as told by looking at all of it', () => {
    const pieces = fc.array(
      fc.constantFrom('\r\n', '\r\n', '\r\n\r\n', '\r', '\n', '\0', 'a', 'aaaaaaaaa', 'aaaaaaaaaaaaaaaaaa', '.'),
      { maxLength: 14 },
    )
    const seen = new Set<LineVerdict>()
    fc.assert(
      fc.property(pieces, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (texts, sizes) => {
        const bytes = Buffer.from(texts.join(''))
        const whole = verdict(bytes)
        seen.add(whole)
        expect(verdict(bytes, sizes)).toBe(whole)
        const lines = bytes.toString('latin1').split('\r\n')
        const clean = lines.every((line) => !/[\r\n\0]/.test(line))
        const blank = lines.slice(0, -1).indexOf('')
        const short = lines.every((line, i) => line.length <= (blank < 0 || i < blank ? limits.header : limits.body))
        expect(whole === 'ok').toBe(clean && short)
      }),
      { numRuns: 3_000 },
    )
    expect(seen.size).toBe(5)
  })

  test('what was wrong stays wrong', () => {
    const guard = new LineGuard()
    expect([guard.push(Buffer.from('a\n')), guard.push(Buffer.from('\r\n')), guard.end()]).toEqual(
      Array(3).fill('bare-lf'),
    )
  })
})
