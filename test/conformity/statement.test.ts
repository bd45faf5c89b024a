import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { statementOf } from '../../src/conformity/statement.ts'
import { NOTHING_MEASURED } from '../../src/core/conformity.ts'
import type { EstablishmentConformity, RequirementLine } from '../../src/core/conformity-views.ts'
import { type AuditKey, auditKey } from '../../src/formats/audit/head.ts'
import { checkStatementFile, statementJson } from '../../src/formats/conformity/check-file.ts'
import { canonicalJson, checkStatement, signStatement } from '../../src/formats/conformity/signed.ts'
import { statementPdf } from '../../src/formats/conformity/statement-pdf.ts'
import { frameworkOf, requirementOf } from './pieces.ts'

const newKey = (): AuditKey =>
  auditKey(generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' }).toString('hex'))
const key = newKey()

const framework = frameworkOf(
  ['A', 'B', 'C'].map((id) =>
    requirementOf(id, {
      by: 'traffic',
      rule: { side: 'sent', kinds: ['ADT^*'], windowDays: 30, minimum: 1, measure: { what: 'presence', messages: 1 } },
    }),
  ),
)
const line = (i: number, more: Partial<RequirementLine>): RequirementLine => ({
  ...{ ...NOTHING_MEASURED, found: [], domain: 'all', requirement: framework.domains[0]!.requirements[i]! },
  ...{
    verdict: 'met',
    why: 'fine',
    sinceMs: null,
    judgedAtMs: null,
    regressedFrom: null,
    progress: null,
  },
  ...more,
})
const shown: EstablishmentConformity = {
  ...{ id: 'ch-x', name: 'CH de l’Œuvre (fictif)', kind: 'hospital', department: '53' },
  ...{ framework: 'trial@1', use: 'production', finess: { ej: '530000371', eg: [] }, share: { met: 1, of: 2 } },
  lines: [
    line(1, {
      verdict: 'unmet',
      why: 'no-flow',
      good: 1,
      total: 3,
      sinceMs: Date.UTC(2026, 10, 1),
      software: ['GAM "2"'],
    }),
    line(0, {}),
  ],
  ...{ lapsing: [], history: [] },
}
const statement = statementOf(shown, framework, {
  region: { name: 'Pays de la Loire', timeZone: 'Europe/Paris' },
  nowMs: Date.UTC(2026, 10, 27, 23, 30),
})
const signed = signStatement(statement, key)

test('it states what is shown, in the order of the framework, with the days that were counted', () => {
  expect(statement.requirements.map(({ id, verdict, since }) => [id, verdict, since])).toEqual([
    ['A', 'met', null],
    ['B', 'unmet', '2026-11-01T01:00:00+01:00'],
  ])
  expect([statement.madeAt, statement.window]).toEqual([
    '2026-11-28T00:30:00+01:00',
    { from: '2026-10-30', to: '2026-11-28' },
  ])
  expect(statement.notice.fr).toContain('ni référencement Ségur, ni homologation, ni certification')
})

test.each<[value: unknown, text: string]>([
  [{ b: 1, a: [true, null, 'é"\n'] }, '{"a":[true,null,"é\\"\\n"],"b":1}'],
  [{ a: { d: '', c: {} } }, '{"a":{"c":{},"d":""}}'],
  [[], '[]'],
])('one form of JSON: %j', (value, text) => {
  expect(canonicalJson(value)).toBe(text)
})

test.each([[1.5], [Number.NaN], [undefined], [() => 1]])('what it cannot hold is refused: %s', (value) => {
  expect(() => canonicalJson({ value })).toThrow(TypeError)
})

test.each<[name: string, change: (text: string) => string, fault: string | null]>([
  ['as it was made', (text) => text, null],
  ['written in another order', (text) => JSON.stringify(JSON.parse(text), null, 2), null],
  ['a verdict is better', (text) => text.replace('"unmet"', '"met"'), 'changed'],
  ['a count is higher', (text) => text.replace('"total":3', '"total":1'), 'changed'],
  ['the use is another', (text) => text.replace('"production"', '"qualification"'), 'changed'],
  ['something was added', (text) => text.replace('{', '{"certified":true,'), 'changed'],
  ['a number that is not whole', (text) => text.replace('"total":3', '"total":3.5'), 'changed'],
  ['its signature is cut', (text) => text.replace(/"value":"[^"]{8}/, '"value":"'), 'changed'],
  [
    'a verdict stands twice, the better one first',
    (text) => text.replace('"verdict":"unmet"', '"verdict":"met",$&'),
    'no-statement',
  ],
  ['words beside the signature', (text) => text.replace('"algorithm"', '"note":"certifié",$&'), 'no-statement'],
  ['no signature', (text) => text.replace('"Ed25519"', '"none"'), 'no-statement'],
  ['no JSON', () => 'x', 'no-statement'],
  ['null', () => 'null', 'no-statement'],
])('JSON: %s', (_name, change, fault) => {
  expect(checkStatement(change(statementJson(signed).toString()), key.publicKey).fault).toBe(fault)
})

test('another key vouches for nothing', () => {
  expect(checkStatement(canonicalJson(signed), newKey().publicKey)).toEqual({ fault: 'other-key' })
})

test('PDF: the same statement makes the same pages, and the statement inside is checked with them', async () => {
  const pdf = await statementPdf(signed, 'fr')
  expect(await statementPdf(signed, 'fr')).toEqual(pdf)
  expect(await checkStatementFile(pdf, key.publicKey)).toMatchObject({ fault: null, pages: 'same' })
  expect(await checkStatementFile(await statementPdf(signed, 'en'), key.publicKey)).toMatchObject({ pages: 'same' })
  const text = pdf.toString('latin1')
  // A page that shows something else, over a statement that is still good.
  const shownElse = Buffer.from(text.replace(/\[<[0-9a-f]{2}/, '[<58'), 'latin1')
  expect(shownElse.equals(pdf)).toBe(false)
  expect(await checkStatementFile(shownElse, key.publicKey)).toMatchObject({ fault: null, pages: 'other' })
  const better = Buffer.from(text.replace('"verdict":"unmet"', '"verdict":"met"  '), 'latin1')
  expect(await checkStatementFile(better, key.publicKey)).toEqual({ fault: 'changed' })
  expect(await checkStatementFile(Buffer.from('%PDF-1.7\nnothing'), key.publicKey)).toEqual({ fault: 'no-statement' })
  // Tagged, in its language, with a title: what readers of screens need.
  expect(text).toMatch(/\/Marked true/)
  expect(text).toMatch(/\/Lang \(fr\)/)
})
