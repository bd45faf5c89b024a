import { expect, test } from 'vitest'
import { demoRegister } from '../../src/app/demo/structures.ts'
import type { Config } from '../../src/core/config.ts'
import { csvRecords } from '../../src/formats/csv-read.ts'
import { finessFault } from '../../src/formats/identifiers/finess.ts'
import { StructureReader } from '../../src/formats/structures/extraction.ts'
import { textOf } from '../ground/source.ts'
import { PROFILE } from '../support/structures.ts'

/** Establishments of the demonstration's region, as far as the register is made of them. */
const REGION = textOf('region.yaml')
const ESTABLISHMENTS = [
  ...REGION.matchAll(/- id: (\S+)\n +name: (.+)\n +kind: (\S+)\n +finess: \{ ej: "(\d{9})"/g),
].map(([, id = '', name = '', kind = '', ej = '']) => ({ id, name, kind, finess: { ej, eg: [] } }))
const config = { establishments: new Map(ESTABLISHMENTS.map((one) => [one.id, one])) } as unknown as Config
const register = demoRegister(config, PROFILE)

test('the register of the demonstration is read whole; what the region file has not is invented, and says so', () => {
  expect(ESTABLISHMENTS.length).toBeGreaterThan(20)
  const reader = new StructureReader(PROFILE)
  const { rows, bad } = reader.push(Buffer.from(register.text))
  expect([bad, reader.end().bad, reader.problems, reader.odd.odd]).toEqual([[], [], [], 0])
  const facts = rows.flatMap((row) => (row.kind === 'structure' ? [row.facts] : []))
  expect(facts.length).toBeGreaterThan(110)
  expect(new Set(facts.map(({ finess }) => finess)).size).toBe(facts.length)
  const known = new Set(ESTABLISHMENTS.map(({ finess }) => finess.ej))
  for (const { finess, name, ej } of facts.filter((one) => !known.has(one.finess))) {
    expect([finess, finessFault(finess), name]).toEqual([
      ...[expect.stringMatching(/^\d\d99/), null, expect.stringMatching(/\(fictif\)$/)],
    ])
    if (ej !== null) expect(facts.map((one) => one.finess)).toContain(ej)
  }
  const kinds = new Set(facts.map(({ kind }) => kind))
  for (const kind of ['hospital', 'nursing-home', 'disability-home', 'social']) expect(kinds).toContain(kind)
  for (const file of register.facts) {
    const [, ...lines] = csvRecords(file)
    expect(lines.length).toBeGreaterThan(5)
    for (const { cells } of lines) expect(facts.map(({ finess }) => finess)).toContain(cells[0])
  }
})
