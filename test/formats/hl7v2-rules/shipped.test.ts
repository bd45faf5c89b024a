import { expect, test } from 'vitest'
import { proveRuleFile, shippedFiles, usedBy } from './prove.ts'
import { appointment, identities, movement, movements, order, plainAdt, result } from './samples.ts'
import { type Lines, linesNamed, withValue } from './segments.ts'

const A01 = movement('A01')
/** Changes the first segment that has the place. */
const set =
  (path: string, value: string) =>
  (lines: Lines): Lines =>
    withValue(lines, linesNamed(lines, path.slice(0, 3))[0]!, path, value)

proveRuleFile('v0', { A01, order, result }, { own: { 'V0-MSH-2': [set('MSH-2', '^~\\&*')] } })
/** A doubtful identity for which INSi was asked. */
const INSI = [(lines: Lines): Lines => set('ZFD-5', 'INSI')(set('PID-32', 'PROV~DOUT')(lines))]
proveRuleFile('pam-fr-movement', movements, { own: { 'RNIV-SI-09-INSI': INSI } })
proveRuleFile('pam-fr-identity', identities, {
  own: { 'RNIV-SI-09-INSI': INSI, 'PAM-PV1-IDENTITY': [set('PV1-3', 'NEURO')] },
})
proveRuleFile('pam-fr-events', { A01 })
proveRuleFile('adt', plainAdt, { off: ['ADT-FR-VERSION'] })
proveRuleFile(
  'adt-version-fr',
  { A01 },
  { own: { 'ADT-FR-VERSION': [set('MSH-12', '2.3')], 'ADT-FR-COUNTRY': [set('MSH-12', '2.5^DEU')] } },
)
proveRuleFile('orm', { order })
proveRuleFile('oru', { result })
proveRuleFile('siu', { appointment })

/** Files that are proved here or, as they need more than lines of text, beside this file. */
const PROVED = [
  'v0',
  'pam-fr-movement',
  'pam-fr-identity',
  'pam-fr-events',
  'adt',
  'adt-version-fr',
  'orm',
  'oru',
  'siu',
  // documents.test.ts
  ...['cda-mdm', 'cda-oru', 'zam', 'tlr-1-2-request', 'tlr-3-answer', 'tlr-4-complement'],
]

test('every shipped file is proved, or is a piece of one that is', () => {
  const proved = new Set(PROVED.flatMap((name) => [name, ...usedBy(name)]))
  expect(Object.keys(shippedFiles).filter((name) => !proved.has(name))).toEqual([])
})
