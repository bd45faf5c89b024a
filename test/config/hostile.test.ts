import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { compileConfig, readRegion } from '../../src/app/config/index.ts'
import { orNothing, writeRegion } from '../support/region.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'config-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const demo = readFileSync(new URL('../../region.yaml', import.meta.url), 'utf8')
/** Every place of the demo region, as paths. */
const places = (function walk(value: unknown, path: (string | number)[]): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [path]
  return [
    path,
    ...Object.entries(value).flatMap(([key, inner]) =>
      walk(inner, [...path, Array.isArray(value) ? Number(key) : key]),
    ),
  ]
})(parse(demo), [])

function replaced(value: unknown, path: readonly (string | number)[], by: unknown): unknown {
  const [first, ...rest] = path
  if (first === undefined) return by
  if (typeof value !== 'object' || value === null) return value
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string | number, unknown>
  copy[first] = replaced(copy[first], rest, by)
  return copy
}

const odd = fc.oneof(
  fc.constantFrom(
    null,
    '',
    0,
    -1,
    true,
    [],
    {},
    [null],
    { file: 1 },
    { env: '' },
    'table:',
    '__proto__',
    '9 d',
    '\u0000',
  ),
  fc.jsonValue({ maxDepth: 2 }),
)

test('whatever stands at whatever place, the file is judged and never throws', async () => {
  const changes = fc.array(fc.tuple(fc.constantFrom(...places), odd), { minLength: 1, maxLength: 3 })
  await fc.assert(
    fc.asyncProperty(changes, async (list) => {
      const value = list.reduce<unknown>((now, [path, by]) => replaced(now, path, by), parse(demo))
      const file = writeRegion(folder, JSON.stringify(value))
      const { problems, shared, read } = await readRegion(file, {}, { missingMaterial: 'warning' })
      expect(shared === null).toBe(problems.some(({ severity }) => severity === 'error'))
      for (const { line, column } of problems) expect(line > 0 && column > 0).toBe(true)
      // What passes the check also compiles.
      if (shared !== null) expect(compileConfig(shared, 1, orNothing(read)).revision).toBe(1)
    }),
    { numRuns: 100 },
  )
})

test('whatever the text, it is judged and never throws', async () => {
  const cut = fc.tuple(fc.nat(demo.length), fc.nat(20), fc.string({ unit: 'binary', maxLength: 5 }))
  await fc.assert(
    fc.asyncProperty(cut, async ([at, drop, put]) => {
      const file = writeRegion(folder, demo.slice(0, at) + put + demo.slice(at + drop))
      const { problems, shared } = await readRegion(file, {}, { missingMaterial: 'warning' })
      expect(shared === null).toBe(problems.some(({ severity }) => severity === 'error'))
    }),
    { numRuns: 60 },
  )
})
