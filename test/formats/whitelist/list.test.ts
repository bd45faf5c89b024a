import { expect, test } from 'vitest'
import { asciiDomain, keyedRows } from '../../../src/formats/whitelist/list.ts'

test.each<[written: string, ascii: string | null]>([
  ['A.MSSante.test', 'a.mssante.test'],
  [' a.mssante.test. ', 'a.mssante.test'],
  ['hôpital.mssante.test', 'xn--hpital-ixa.mssante.test'],
  ['HÔPITAL.mssante.test', 'xn--hpital-ixa.mssante.test'],
  ['xn--hpital-ixa.mssante.test', 'xn--hpital-ixa.mssante.test'],
  ['a。b', 'a.b'],
  ['', null],
  ['test', null],
  ['a..test', null],
  ['a_b.test', null],
  ['*.mssante.test', null],
  ['a@b.test', null],
  ['a.test/x', null],
  ['127.0.0.1', null],
  ['[::1]', null],
  ['-a.test', null],
  [`${'a'.repeat(64)}.test`, null],
])('%j is compared as %j', (written, ascii) => {
  expect(asciiDomain(written)).toBe(ascii)
})

const row = (domain: string, subject: string, changed = '2026-11-20T06:00:00Z') => ({
  domain,
  subject,
  changed,
  description: '',
  responsible: '',
  support: '',
})

test('odd rows are told and left out; the same pair counts once, however it is written', () => {
  const { rows, findings } = keyedRows([
    row('a.test', 'CN=a,OU=1,O=A,ST=Loire-Atlantique (44),C=FR'),
    row('A.test', 'CN=a, OU=1, O=A, ST=Loire-Atlantique (44), C=FR'),
    row('a.test', 'CN=b,C=FR'),
    row('', 'CN=a'),
    row('b', 'CN=a'),
    row('c.test', ''),
    row('c.test', `no name ${'x'.repeat(500)}`),
    row('d.test', 'CN=a', 'yesterday'),
  ])
  expect(rows.map(({ ascii, subject }) => `${ascii} ${subject.slice(0, 4)}`)).toEqual([
    'a.test CN=a',
    'a.test CN=b',
    'd.test CN=a',
  ])
  expect(findings.map(({ row: n, what, name }) => `${n} ${what} ${name}`)).toEqual([
    '2 repeated A.test',
    '4 no-domain CN=a',
    '5 bad-domain b',
    '6 no-subject c.test',
    `7 bad-subject no name ${'x'.repeat(112)}`,
    '8 no-date d.test',
  ])
})
