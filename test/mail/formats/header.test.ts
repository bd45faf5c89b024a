import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { written } from '../../../src/formats/mail/address.ts'
import { readAddressList } from '../../../src/formats/mail/address-list.ts'
import {
  dispositionOf,
  fromAddresses,
  isAutomatic,
  messageIdOf,
  readHeader,
  referencesOf,
  xMss,
} from '../../../src/formats/mail/header.ts'
import { decodeWords, shown } from '../../../src/formats/mail/header-text.ts'
import { missing } from '../../support/world/needs.ts'

const of = (...lines: string[]): ReturnType<typeof readHeader> =>
  readHeader(Buffer.from(`${lines.join('\r\n')}\r\n\r\nBody`))

describe('the fields of a header', () => {
  test('in order, byte for byte and unfolded', () => {
    const bytes = Buffer.from(
      'Subject: a\r\n\tb \r\nX-Y:z\r\nReceived: 1\r\nreceived : 2\r\nEmpty:\r\n\r\nBody: no\r\n',
    )
    const header = readHeader(bytes)
    expect(header.fields.map(({ name, value }) => [name, value])).toEqual([
      ['Subject', 'a\tb'],
      ['X-Y', 'z'],
      ['Received', '1'],
      ['received', '2'],
      ['Empty', ''],
    ])
    expect(header.first('subject')!.raw.toString()).toBe(' a\r\n\tb ')
    expect([header.received, header.ended, header.fault]).toEqual([2, true, null])
    expect(bytes.toString('utf8', header.bodyAt)).toBe('Body: no\r\n')
    const { at, end } = header.first('x-y')!
    expect(bytes.toString('utf8', at, end)).toBe('X-Y:z\r\n')
  })

  test.each<[what: string, text: string, fault: object | null, fields: number, ended: boolean]>([
    ['no blank line', 'A: b\r\n', null, 1, false],
    ['nothing', '', null, 0, false],
    ['a blank line first', '\r\nA: b', null, 0, true],
    ['LF alone', 'A: b\nC: d\n\nE', null, 2, true],
    ['no colon', 'A: b\r\nnonsense\r\nC: d\r\n\r\n', { kind: 'malformed-line', line: 2 }, 2, true],
    ['a fold at the beginning', ' a\r\nC: d\r\n\r\n', { kind: 'malformed-line', line: 1 }, 1, true],
    ['no name', ': d\r\n\r\n', { kind: 'malformed-line', line: 1 }, 0, true],
    ['a name of two words', 'A b: d\r\n\r\n', { kind: 'malformed-line', line: 1 }, 0, true],
    ['letters in a name', 'Aé: d\r\n\r\n', { kind: 'malformed-line', line: 1 }, 0, true],
    ['the last line is none', 'A: b\r\nx', { kind: 'malformed-line', line: 2 }, 1, false],
    ['too many lines', 'A: b\r\n'.repeat(6), { kind: 'too-many-lines', line: 6 }, 5, false],
    ['as many as may be', `${'A: b\r\n'.repeat(5)}\r\n`, null, 5, true],
    ['too many folds', `A: b\r\n${' x\r\n'.repeat(6)}`, { kind: 'too-many-lines', line: 6 }, 1, false],
    ['too large', `A: ${'b'.repeat(100)}\r\n\r\n`, { kind: 'too-large', line: 1 }, 0, false],
  ])('%s', (_what, text, fault, fields, ended) => {
    const header = readHeader(Buffer.from(text), { maxLines: 5, maxBytes: 60 })
    expect([header.fault, header.fields.length, header.ended]).toEqual([fault, fields, ended])
  })

  test('whatever comes is read to an end', () => {
    const pieces = fc.constantFrom(
      '\r\n',
      '\n',
      '\r',
      ':',
      ' ',
      'From',
      'From: ',
      '<',
      '>',
      '"',
      '(',
      ')',
      '=?utf-8?q?',
      '?=',
      'a@b.test',
      '\0',
      ',',
    )
    const bytes = fc.oneof(
      fc.array(pieces, { maxLength: 60 }).map((parts) => Buffer.from(parts.join(''))),
      fc.uint8Array({ maxLength: 200 }).map((octets) => Buffer.from(octets)),
    )
    fc.assert(
      fc.property(bytes, (octets) => {
        const header = readHeader(octets)
        fromAddresses(header)
        messageIdOf(header)
        referencesOf(header)
        dispositionOf(header)
        isAutomatic(header)
        xMss(header)
        for (const { name, at, end } of header.fields) {
          expect(header.text(name)).not.toMatch(/[\0-\x1f]/)
          expect(end).toBeGreaterThan(at)
        }
      }),
      { numRuns: 1_000 },
    )
  })

  test.each<[what: string, text: string]>([
    ['words that never end', '=?utf-8?q?'.repeat(6_000)],
    ['comments', '('.repeat(60_000)],
    ['quotes', '"\\'.repeat(30_000)],
    ['groups', 'a:'.repeat(30_000)],
    ['commas', ','.repeat(60_000)],
    ['brackets', '<'.repeat(60_000)],
    ['mailboxes', 'a@b.test,'.repeat(7_000)],
    ['spaces', `a${' '.repeat(60_000)}b`],
  ])('a header full of %s is read to its end', (_what, text) => {
    const header = readHeader(Buffer.from(`From: ${text}\r\nMessage-ID: ${text.slice(0, 100)}\r\n\r\n`), {
      maxBytes: 1e6,
      maxLines: 9,
    })
    expect(header.fields).toHaveLength(2)
    readHeader(Buffer.from(text))
    fromAddresses(header)
    header.text('From')
    referencesOf(header)
  })
})

describe('words for people', () => {
  test.each<[text: string, says: string]>([
    ['=?utf-8?B?QsOpbsOpZGljdGU=?=', 'Bénédicte'],
    ['=?UTF-8?q?B=C3=A9n=C3=A9dicte_Roy?= (x)', 'Bénédicte Roy (x)'],
    ['=?iso-8859-1?Q?B=E9n=E9?= =?iso-8859-1?Q?dicte?=', 'Bénédicte'],
    ['=?utf-8?B?QsM=?= =?utf-8?B?qW4=?=', 'Bén'],
    ['=?iso-8859-15?Q?5_=A4?=', '5 €'],
    ['=?windows-1252?Q?=80?= a =?latin1?q?=e9?=', '€ a é'],
    ['=?utf-8*fr?Q?=C3=A9?=', 'é'],
    ['=?koi8-r?Q?=E4=C1?=', 'Да'],
    ['=?ISO-2022-JP?B?GyRCNFE8VBsoQg==?=', '観者'],
    ['=?windows-1250?Q?Dvo=F8=E1k?=', 'Dvořák'],
    ['=?utf-7?Q?+AOk-?=', '=?utf-7?Q?+AOk-?='],
    ['=?replacement?Q?b?=', '=?replacement?Q?b?='],
    ['=?utf-8?Q?a?= =?x-none?Q?b?= c', 'a =?x-none?Q?b?= c'],
    ['=?__proto__?Q?a?=', '=?__proto__?Q?a?='],
    ['=?utf-8?Q?=FF?=', '\ufffd'],
    ['=?utf-8?Q?a=0D=0ABcc:_x?=', 'a Bcc: x'],
    ['=?utf-8?Q?a=E2=80=AEb?=', 'ab'],
    ['nothing =? to ?= do', 'nothing =? to ?= do'],
  ])('%s', (text, says) => {
    expect(shown(text)).toBe(says)
  })

  test('octets that are no UTF-8 are read as Latin 1', () => {
    const header = readHeader(
      Buffer.concat([Buffer.from('Subject: '), Buffer.from([0x4e, 0xe9, 0x65]), Buffer.from('\r\n\r\n')]),
    )
    expect([header.text('subject'), of('Subject: Née').text('subject')]).toEqual(['Née', 'Née'])
  })
})

describe('From', () => {
  test.each<
    [what: string, lines: string[], found: readonly [name: string, address: string][] | string, sender?: string]
  >([
    ['an address', ['From: a@b.test'], [['', 'a@b.test']]],
    ['a name', ['From: Jeanne Martin <j.martin@B.test>'], [['Jeanne Martin', 'j.martin@b.test']]],
    ['a quoted name', ['From: "Martin, Jeanne \\"J\\"" <j@b.test>'], [['Martin, Jeanne "J"', 'j@b.test']]],
    ['a quoted name that lies', ['From: "x@evil.test" <j@b.test>'], [['x@evil.test', 'j@b.test']]],
    ['an encoded name', ['From: =?utf-8?q?B=C3=A9?= =?utf-8?q?b=C3=A9?= <j@b.test>'], [['Bébé', 'j@b.test']]],
    ['an encoded address is a name', ['From: =?utf-8?q?x=40evil.test?= <j@b.test>'], [['x@evil.test', 'j@b.test']]],
    ['a name with a dot', ['From: Dr. J. Martin <j@b.test>'], [['Dr. J. Martin', 'j@b.test']]],
    ['comments', ['From: (x) j (y) @ (z) b.test (Jeanne (J.))'], [['Jeanne (J.)', 'j@b.test']]],
    ['a comment that lies', ['From: j@b.test (<x@evil.test>)'], [['<x@evil.test>', 'j@b.test']]],
    ['folds', ['From: Jeanne', ' <j@b.test>'], [['Jeanne', 'j@b.test']]],
    ['quotes in the address', ['From: "j m"@b.test'], [['', '"j m"@b.test']]],
    ['empty entries', ['From: , a@b.test ,,'], [['', 'a@b.test']]],
    ['a group of one', ['From: Equipe: a@b.test;'], [['', 'a@b.test']]],
    [
      'several with Sender',
      ['From: a@b.test, c@b.test', 'Sender: S <s@b.test>'],
      [
        ['', 'a@b.test'],
        ['', 'c@b.test'],
      ],
      's@b.test',
    ],
    ['one with Sender', ['From: a@b.test', 'Sender: s@b.test'], [['', 'a@b.test']], 'a@b.test'],
    ['none', ['To: a@b.test'], 'none'],
    ['an empty one', ['From:'], 'none'],
    ['an empty group', ['From: undisclosed:;'], 'none'],
    ['two fields', ['From: a@b.test', 'from: c@d.test'], 'two-fields'],
    ['one that hides behind a space', ['From: a@b.test', 'From : c@d.test'], 'two-fields'],
    ['several without Sender', ['From: a@b.test, c@b.test'], 'no-sender'],
    ['several with two Senders', ['From: a@b.test, c@b.test', 'Sender: a@b.test', 'Sender: c@b.test'], 'no-sender'],
    ['several with a Sender of two', ['From: a@b.test, c@b.test', 'Sender: a@b.test, c@b.test'], 'no-sender'],
    ['no address', ['From: Jeanne'], 'syntax'],
    ['two in one', ['From: <a@b.test> <c@d.test>'], 'syntax'],
    ['two before one', ['From: a@b.test <c@d.test>'], 'syntax'],
    ['words behind', ['From: <a@b.test> x'], 'syntax'],
    ['an open bracket', ['From: <a@b.test'], 'syntax'],
    ['an open quote', ['From: "a <a@b.test>'], 'syntax'],
    ['an open comment', ['From: (a <a@b.test>'], 'syntax'],
    ['a route', ['From: <@x.test:a@b.test>'], 'syntax'],
    ['a percent', ['From: a%b@c.test'], 'syntax'],
    ['a NUL', ['From: a\0@b.test'], 'syntax'],
    ['a space that does not break', ['From: a\u00a0@b.test'], 'syntax'],
    ['a line separator', ['From: a\u2028@b.test'], 'syntax'],
    ['a bracket in a bracket', ['From: <<a@b.test>>'], 'syntax'],
    ['a good one and a bad one', ['From: a@b.test, c@'], 'syntax'],
    ['a comma in brackets', ['From: <a@b.test,c@b.test>'], 'syntax'],
    ['an open group', ['From: x: a@b.test'], 'syntax'],
    ['a group in a group', ['From: x: y: a@b.test;;'], 'syntax'],
  ])('%s', (_what, lines, found, sender) => {
    const read = fromAddresses(of(...lines))
    if (typeof found === 'string') expect(read).toEqual({ ok: false, fault: found })
    else if (!read.ok) expect(read.fault).toBe('')
    else {
      expect(read.mailboxes.map(({ name, address }) => [name, written(address)])).toEqual(found)
      expect(written(read.sender)).toBe(sender ?? found[0]![1])
    }
  })

  test('a group is told', () => {
    const list = readAddressList('Equipe: a@b.test, c@b.test;, d@b.test')
    expect([list.group, list.whole, list.mailboxes.length]).toEqual([true, true, 3])
  })
})

test('what the other fields say', () => {
  const header = of(
    'Message-ID: <1@a.test> (x)',
    'References: <a@x> junk <b@x>',
    ' <a@x>',
    'In-Reply-To: <c@x> <b@x>',
    'Disposition-Notification-To: J <j@b.test>',
    'Auto-Submitted: auto-replied; x=y',
    'X-MSS-CODECDA: 34112-3, PRESC-BIO,,15508-5',
    'X-MSS-INS: O',
    'X-MSS-NIL: DEV935997',
  )
  expect(messageIdOf(header)).toBe('<1@a.test>')
  expect(referencesOf(header)).toEqual(['<a@x>', '<b@x>', '<c@x>'])
  expect(dispositionOf(header).map(({ address }) => written(address))).toEqual(['j@b.test'])
  expect(xMss(header)).toEqual({ codeCda: ['34112-3', 'PRESC-BIO', '15508-5'], ins: 'O', nil: 'DEV935997', mes: null })
  // What no field of ours can hold, a receipt among them, is the id of no mail.
  expect(messageIdOf(of('Message-ID: <a\u0085b@x>'))).toBe(null)
  const empty = of('Message-ID: none')
  expect([messageIdOf(empty), referencesOf(empty), dispositionOf(empty)]).toEqual([null, [], []])
  expect(xMss(empty)).toEqual({ codeCda: null, ins: null, nil: null, mes: null })
  expect(
    ['no', 'No (x)', 'no; a=b', 'auto-generated', 'now', ''].map((value) =>
      isAutomatic(of(`Auto-Submitted: ${value}`)),
    ),
  ).toEqual([false, false, false, true, true, true])
  expect(isAutomatic(of('A: b'))).toBe(false)
})

const PYTHON = `
import email, email.policy, json, sys
out = []
for text in json.load(sys.stdin):
    field = email.message_from_string('From: ' + text + '\\n\\n', policy=email.policy.default)['From']
    out.append([[a.display_name, a.addr_spec] for a in field.addresses])
print(json.dumps(out))
`

const lists = [
  'a@b.test',
  'Jeanne Martin <j.martin@b.test>, "Roy, Luc" <l@b.test>',
  '=?utf-8?q?B=C3=A9n=C3=A9dicte?= Roy <b@b.test>',
  '=?iso-8859-1?B?Suly9G1l?= <j@b.test>',
  'Equipe: a@b.test, "c d"@b.test;, e@b.test',
  '"x@evil.test" <j@b.test>',
]
const noPython = missing('python3', ['-c', 'import email.policy'])

test.skipIf(noPython !== null)(`python reads the same addresses${noPython === null ? '' : `: ${noPython}`}`, () => {
  const theirs: unknown = JSON.parse(
    execFileSync('python3', ['-c', PYTHON], { input: JSON.stringify(lists) }).toString(),
  )
  expect(
    lists.map((text) => readAddressList(text).mailboxes.map(({ name, address }) => [name, written(address)])),
  ).toEqual(theirs)
})

test('decoding words keeps every text that has none', () => {
  fc.assert(fc.property(fc.string(), (text) => decodeWords(text.replaceAll('=?', '')) === text.replaceAll('=?', '')))
})
