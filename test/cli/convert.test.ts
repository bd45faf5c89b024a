import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { passerelle } from './terminal.ts'

const golden = (name: string): string => new URL(`../formats/bridge/golden/${name}`, import.meta.url).pathname

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'convert-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function file(text: string): string {
  const path = join(folder, 'file')
  writeFileSync(path, text)
  return path
}

test('HL7 v2 becomes FHIR; what is lost is told apart', async () => {
  const { code, out, err } = await passerelle(['convert', golden('adt-a03.hl7')])
  const expected = JSON.parse(readFileSync(golden('adt-a03.fhir.json'), 'utf8'))
  // Its identifier names the delivery, which there is none of here.
  expect({ ...JSON.parse(out), identifier: expected.identifier }).toEqual(expected)
  expect(code).toBe(0)
  expect(err).toContain('CONVERSION_LOSS PV1-36: ')
  expect(err).toContain('PV1-19 may be lost: ')
  expect(err).not.toContain('PV2-8')
})

test('FHIR becomes HL7 v2, one segment a line', async () => {
  const { code, out, err } = await passerelle(['convert', golden('stay.json'), '--to', 'hl7v2'], {
    LANG: 'fr_FR.UTF-8',
  })
  expect(out).toContain('\nPID|||300130^^^539990028&539990028&N^PI||ROUSSEL (FICTIF)^JEANNE^^^^^L||193705|F|')
  expect(out).toMatch(/^MSH\|.*\|ADT\^A04\^ADT_A01\|[0-9A-Z]{20}\|/)
  expect([code, err]).toEqual([0, expect.stringContaining('Encounter.class peut se perdre')])
})

test('for programs', async () => {
  const { code, out } = await passerelle(['convert', golden('adt-a28.hl7'), '--json'])
  expect([code, JSON.parse(out)]).toEqual([
    0,
    expect.objectContaining({
      to: 'fhir',
      mapping: 'identities',
      made: expect.objectContaining({ resourceType: 'Bundle' }),
      findings: [expect.objectContaining({ code: 'INS_STRIPPED' })],
    }),
  ])
})

test.each<[name: string, argv: () => string[], code: number, said: RegExp]>([
  ['a kind without conversion', () => [golden('../../../../profiles/examples/none.hl7')], 1, /cannot be read/],
  ['no mapping', () => [file('MSH|^~\\&|A|B|||1||BAR^P01|1|T|2.5\r')], 1, /^CONVERSION_NONE MSH-9: /],
  ['what is lacking', () => [file('MSH|^~\\&|A|B|||1||ADT^A31|1|T|2.5\rPID|1\r')], 1, /^CONVERSION_FAILED PID-3: /],
  ['neither of the two', () => [file('hello')], 1, /neither HL7 v2 nor JSON/],
  ['the format it has', () => [golden('stay.json'), '--to', 'fhir'], 1, /is fhir already/],
  ['another format', () => [golden('stay.json'), '--to', 'cda'], 2, /^--to is fhir or hl7v2/],
])('%s is told', async (_name, argv, code, said) => {
  expect(await passerelle(['convert', ...argv()])).toMatchObject({ code, err: expect.stringMatching(said) })
})
