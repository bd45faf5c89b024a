import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addressKey, keptAddress, parsePath, sameMailbox, written } from '../../../src/formats/mail/address.ts'

const anything = (maxLength: number): fc.Arbitrary<string> =>
  fc.array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength }).map((points) => String.fromCodePoint(...points))
const long = 'l'.repeat(64)
const labels = `${'d'.repeat(60)}.${'d'.repeat(60)}.${'d'.repeat(60)}`

describe('a path of MAIL or RCPT', () => {
  test.each<[what: string, text: string, local: string | null, domain?: string]>([
    ['a mailbox', 'Jeanne.Martin@CH-Exemple.mssante.test', 'Jeanne.Martin', 'ch-exemple.mssante.test'],
    ['an INS', '279035121518989@patient.mssante.test', '279035121518989', 'patient.mssante.test'],
    ['signs of an atom', "o'neil+x=y/z@a.test", "o'neil+x=y/z", 'a.test'],
    ['quotes', '"jean dupont"@a.test', 'jean dupont', 'a.test'],
    ['quotes that need not be', '"jean"@a.test', 'jean', 'a.test'],
    ['a quoted quote', '"a\\"b\\\\c"@a.test', 'a"b\\c', 'a.test'],
    ['two dots in quotes', '"a..b"@a.test', 'a..b', 'a.test'],
    ['64 octets', `${long}@a.test`, long, 'a.test'],
    ['65 octets', `${long}x@a.test`, null],
    ['a path of 254 octets', `${'l'.repeat(64)}@${labels}.test.x`, 'l'.repeat(64), `${labels}.test.x`],
    ['a path that is too long', `${long}@${labels}.testtest.x`, null],
    ['nothing', '', null],
    ['no domain', 'postmaster', null],
    ['no local part', '@a.test', null],
    ['angle brackets', '<u@a.test>', null],
    ['a route by percent', 'u%c.test@op.test', null],
    ['a route by percent in quotes', '"u%c.test"@op.test', null],
    ['an address as local part', '"u@c.test"@op.test', null],
    ['a bang path', 'c.test!u@op.test', null],
    ['a source route', '@op.test:u@c.test', null],
    ['two signs', 'a@b@c.test', null],
    ['a dot at the end', 'a.@a.test', null],
    ['a dot at the beginning', '.a@a.test', null],
    ['two dots', 'a..b@a.test', null],
    ['a space', 'a b@a.test', null],
    ['a space behind', 'a@a.test ', null],
    ['a quote left open', '"a@a.test', null],
    ['an angle bracket in quotes', '"a<b"@a.test', null],
    ['its end in quotes', '"a>b"@a.test', null],
    ['a quote inside', 'a"b"@a.test', null],
    ['empty quotes', '""@a.test', null],
    ['a line break in quotes', '"x\r\nDATA"@a.test', null],
    ['a NUL', 'a\0@a.test', null],
    ['a NUL in the domain', 'a@a\0.test', null],
    ['a literal', 'a@[127.0.0.1]', null],
    ['an IP address', 'a@127.0.0.1', null],
    ['an IP address in disguise', 'a@0x7f.1', null],
    ['one label', 'a@localhost', null],
    ['a final dot', 'a@a.test.', null],
    ['an empty label', 'a@a..test', null],
    ['letters without SMTPUTF8', 'hélène@a.test', null],
    ['a domain of letters without SMTPUTF8', 'a@hôpital.test', null],
  ])('%s', (_what, text, local, domain) => {
    expect(parsePath(text, { utf8: false })).toEqual(local === null ? null : { local, domain })
  })

  test.each<[what: string, text: string, local: string | null, domain?: string]>([
    ['letters', 'hélène@a.test', 'hélène', 'a.test'],
    ['a domain of letters', 'a@Hôpital.test', 'a', 'xn--hpital-ixa.test'],
    ['its other form', 'a@xn--hpital-ixa.test', 'a', 'xn--hpital-ixa.test'],
    ['64 octets are not 64 letters', `${'é'.repeat(33)}@a.test`, null],
    ['half a pair', 'a\ud800@a.test', null],
    ['a control of Latin 1', 'a\x85b@a.test', null],
    ['a line separator', '"a\u2028b"@a.test', null],
    ['a turn of direction', 'a\u202eb@a.test', null],
    ['a space that does not break', 'a\u00a0@b.test', null],
    ['such a space in quotes', '"a\u00a0b"@b.test', null],
    ['a wide sign', 'a＠b.test', null],
  ])('with SMTPUTF8: %s', (_what, text, local, domain) => {
    expect(parsePath(text, { utf8: true })).toEqual(local === null ? null : { local, domain })
  })

  test('what was read is written so that it is read again, whatever came', () => {
    const piece = fc.constantFrom(
      'a',
      'é',
      '.',
      '"',
      '\\',
      '\\"',
      ' ',
      '@',
      '%',
      '<',
      '>',
      '\r',
      '\n',
      '\0',
      'a.test',
      '@a.test',
    )
    const texts = fc.oneof(
      fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
      anything(30).map((local) => `${local}@a.test`),
      anything(12).map((local) => `"${local}"@a.test`),
      fc.string({ minLength: 1, maxLength: 6 }).map((local) => `"${local}"@a.test`),
    )
    let taken = 0
    fc.assert(
      fc.property(texts, fc.boolean(), (text, utf8) => {
        const address = parsePath(text, { utf8 })
        if (address === null) return
        taken += 1
        expect(parsePath(written(address), { utf8 })).toEqual(address)
        expect(written(address)).not.toMatch(/[\0-\x1f\x7f]/)
      }),
      { numRuns: 2_000 },
    )
    expect(taken).toBeGreaterThan(100)
  })

  test('an address made by hand injects nothing', () => {
    expect(written({ local: 'a\r\nRCPT', domain: 'b.test>\r\nX' })).toBe('aRCPT@b.testX')
    expect(written({ local: 'a b"c', domain: 'b.test' })).toBe('"a b\\"c"@b.test')
  })
})

test('mailboxes are one whatever their case', () => {
  const [a, b, c] = [
    parsePath('A.b@X.test', { utf8: false })!,
    parsePath('"a.B"@x.TEST', { utf8: false })!,
    { local: 'a', domain: 'x.test' },
  ]
  expect([sameMailbox(a, b), sameMailbox(a, c)]).toEqual([true, false])
  expect(addressKey({ local: 'He\u0301le\u0300ne', domain: 'x.test' })).toBe('hélène@x.test')
})

test.each([
  ['anne@a.test', { local: 'anne', domain: 'a.test' }, 'anne@a.test'],
  ['"a b"@a.test', { local: 'a b', domain: 'a.test' }, '"a b"@a.test'],
  ['a@b@[1.2.3.4]', { local: 'a@b', domain: '[1.2.3.4]' }, '"a@b"@[1.2.3.4]'],
  ['a\r\nX: y@b.test', { local: 'a\r\nX: y', domain: 'b.test' }, '"aX: y"@b.test'],
  ['nobody', { local: '', domain: 'nobody' }, '""@nobody'],
])('a kept address %j is read, or is in its halves and harmless', (text, halves, shown) => {
  expect(keptAddress(text)).toEqual(halves)
  expect(written(keptAddress(text))).toBe(shown)
})
