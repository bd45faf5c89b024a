import { expect, test } from 'vitest'
import { headOf } from '../../src/conformity/count/refused.ts'
import {
  isNamed,
  MORE,
  readSignature,
  refusedSignature,
  signatureOf,
  softwareVersionIn,
} from '../../src/conformity/count/signature.ts'
import { Days, dayOf, firstOf } from '../../src/conformity/day.ts'
import type { ErrorCode } from '../../src/core/errors.ts'
import type { Finding } from '../../src/core/message.ts'

const found = (code: ErrorCode, rule?: string): Finding => ({
  code,
  class: 'contract',
  ...(rule === undefined ? {} : { params: { rule } }),
})

test.each<[name: string, findings: readonly Finding[], signature: string]>([
  ['nothing found', [], ''],
  ['a rule by its id, not by its code', [found('FIELD_MISSING', 'PAM-PID-32')], 'PAM-PID-32'],
  ['a finding of no rule by its code', [found('INS_KEY')], 'INS_KEY'],
  [
    'each once, in one order',
    [found('INS_KEY'), found('FIELD_MISSING', 'B-1'), found('INS_KEY'), found('FIELD_MISSING', 'A-1')],
    'A-1 B-1 INS_KEY',
  ],
  ['what happened on the way out is not the sender’s', [found('ORDER_OVERTAKEN'), found('CHARSET_CONVERTED')], ''],
])('signature: %s', (_name, findings, signature) => {
  expect(signatureOf(findings)).toBe(signature)
})

test('a message with very many findings is counted under the first, and as one with more', () => {
  const many = Array.from({ length: 100 }, (_, i) => found('FIELD_MISSING', `R-${100 + i}`))
  const { names, refused } = readSignature(signatureOf(many))
  expect(names).toHaveLength(25)
  expect([names[0], names.at(-1), refused]).toEqual(['R-100', MORE, null])
})

test('a refusal has its code and no findings', () => {
  expect(readSignature(refusedSignature('NOT_HL7'))).toEqual({ names: [], profiles: [], refused: 'NOT_HL7' })
  expect(readSignature(refusedSignature('NOT_HL7', ['B', 'A', 'B']))).toEqual({
    ...{ names: [], profiles: ['A', 'B'], refused: 'NOT_HL7' },
  })
  expect(readSignature('')).toEqual({ names: [], profiles: [], refused: null })
})

test('profiles stand before what was found, tell messages apart, and are no findings; what was counted before has none', () => {
  const signature = signatureOf([found('INS_KEY')], ['CISIS_CDA_HL7_V2', '2.1', 'with blank\rand more'])
  expect(signature).toBe('@2.1 @CISIS_CDA_HL7_V2 @with_blank_and_more INS_KEY')
  expect(readSignature(signature)).toEqual({
    names: ['INS_KEY'],
    profiles: ['2.1', 'CISIS_CDA_HL7_V2', 'with_blank_and_more'],
    refused: null,
  })
  expect(readSignature('INS_KEY').profiles).toEqual([])
  const many = Array.from({ length: 20 }, (_, i) => `P${i}`)
  expect(readSignature(signatureOf([], many)).profiles).toHaveLength(8)
})

test.each<[name: string, patterns: readonly string[], fits: boolean]>([
  ['PAM-PID-32', ['PAM-PID-32'], true],
  ['PAM-PID-32', ['PAM-PID-3'], false],
  ['PAM-PID-32', ['PAM-*'], true],
  ['ADT^A01', ['ADT^*'], true],
  ['ORM^O01', ['ADT^*', 'ORU^R01'], false],
  ['ADT^A01', ['*'], true],
])('%s fits %s: %s', (name, patterns, fits) => {
  expect(isNamed(name, patterns)).toBe(fits)
})

test.each<[name: string, head: string | null, of: ReturnType<typeof headOf>]>([
  ['nothing kept', null, { application: '', softwareVersion: '', test: false, profiles: [] }],
  [
    'HL7 v2, production',
    'MSH|^~\\&|GAM|X|||20261101||ADT^A01|1|P|2.5\rPID|',
    { application: 'GAM', softwareVersion: '', test: false, profiles: [] },
  ],
  [
    'HL7 v2, a test',
    'MSH|^~\\&|GAM|X|||20261101||ADT^A01|1|T|2.5',
    { application: 'GAM', softwareVersion: '', test: true, profiles: [] },
  ],
  [
    'other delimiters',
    'MSH#^~\\&#DPI#X###20261101##ADT^A01#1#D#2.5',
    { application: 'DPI', softwareVersion: '', test: true, profiles: [] },
  ],
  ['cut off', 'MSH|^~\\&', { application: '', softwareVersion: '', test: false, profiles: [] }],
  [
    'FHIR with a mark of test',
    '{"resourceType":"Patient","meta":{"security":[{"code":"HTEST"}]}}',
    { application: '', softwareVersion: '', test: true, profiles: [] },
  ],
  ['FHIR without', '{"resourceType":"Patient"}', { application: '', softwareVersion: '', test: false, profiles: [] }],
  ['noise', '\u0000\u0001\u0002', { application: '', softwareVersion: '', test: false, profiles: [] }],
  [
    'a product with its identifier, in UTF-8, escaped',
    Buffer.from(
      'MSH|^~\\&|Hôpital \\T\\ Co^1.2.250.1.999.1^ISO|X|||20261101||ADT^A01|1|P|2.5|||||FRA|UNICODE UTF-8',
    ).toString('latin1'),
    { application: 'Hôpital & Co', softwareVersion: '', test: false, profiles: [] },
  ],
  [
    'a product that is not named (the HL7 null)',
    'MSH|^~\\&|""|X|||20261101||ADT^A01|1|P|2.5',
    { application: '', softwareVersion: '', test: false, profiles: [] },
  ],
  [
    'a byte that may not stand in a message',
    'MSH|^~\\&|DPI|X|||20261101||ADT^A01|1|T|2.5\rPID|\u000b',
    { application: 'DPI', softwareVersion: '', test: true, profiles: [] },
  ],
  [
    'what it claims to be',
    'MSH|^~\\&|DPI|X|||20261101||ORU^R01|1|T|2.5|||||FRA||||2.1^CISIS_CDA_HL7_V2',
    { application: 'DPI', softwareVersion: '', test: true, profiles: ['2.1', 'CISIS_CDA_HL7_V2'] },
  ],
  [
    'with its software, as far as it was kept',
    'MSH|^~\\&|DPI|X|||20261101||ADT^A01|1|P|2.5\rSFT|Éditeur|8.2|DPI|x\rPID|',
    { application: 'DPI', softwareVersion: '8.2', test: false, profiles: [] },
  ],
  [
    'cut in its software',
    'MSH|^~\\&|DPI|X|||20261101||ADT^A01|1|P|2.5\rSFT|Éditeur|8.',
    { application: 'DPI', softwareVersion: '', test: false, profiles: [] },
  ],
])('head of what was refused: %s', (_name, head, of) => {
  expect(headOf(head === null ? null : Buffer.from(head, 'latin1'))).toEqual(of)
})

test('the version of the software stands before profiles, and is neither one nor a finding', () => {
  const signature = signatureOf([found('INS_KEY')], ['CISIS_CDA_HL7_V2', '#9'], '8.2 b')
  expect(signature).toBe('@#8.2_b @CISIS_CDA_HL7_V2 @_9 INS_KEY')
  expect(softwareVersionIn(signature)).toBe('8.2_b')
  expect(readSignature(signature)).toEqual({
    ...{ names: ['INS_KEY'], profiles: ['CISIS_CDA_HL7_V2', '_9'], refused: null },
  })
  expect(readSignature(signatureOf([], [], '8'))).toEqual({ names: [], profiles: [], refused: null })
  const refused = refusedSignature('NOT_HL7', ['A'], '8')
  expect([softwareVersionIn(refused), readSignature(refused)]).toEqual([
    '8',
    { names: [], profiles: ['A'], refused: 'NOT_HL7' },
  ])
  for (const none of ['', 'INS_KEY', signatureOf([], ['a@#b'])]) expect(softwareVersionIn(none)).toBe('')
})

test.each<[at: string, day: string]>([
  ['2026-11-26T22:59:59.999Z', '2026-11-26'],
  ['2026-11-26T23:00:00Z', '2026-11-27'],
  ['2026-06-30T21:59:59Z', '2026-06-30'],
  ['2026-06-30T22:00:00Z', '2026-07-01'],
  ['2026-03-29T01:30:00Z', '2026-03-29'],
  ['2026-12-31T23:30:00Z', '2027-01-01'],
])('%s is on %s in the region', (at, day) => {
  const ms = Temporal.Instant.from(at).epochMilliseconds
  expect([dayOf(ms, 'Europe/Paris'), new Days('Europe/Paris').of(ms)]).toEqual([day, day])
})

test('a window of days ends with the day, and begins so many before', () => {
  expect([firstOf(1, '2026-03-01'), firstOf(30, '2026-03-01'), firstOf(2, '2028-03-01')]).toEqual([
    '2026-03-01',
    '2026-01-31',
    '2028-02-29',
  ])
})
