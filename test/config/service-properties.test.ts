import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { careService } from '../../src/app/config/care.ts'
import { rungFaults } from '../../src/app/config/check/care.ts'
import { readShared } from '../../src/app/config/compile.ts'
import { ServiceFiles, serviceFiles } from '../../src/app/config/service-files.ts'
import { canonical } from '../../src/app/config/shared.ts'
import { CHANNELS, TOLD } from '../../src/core/services.ts'
import { service } from './written-service.ts'

const SHIPPED = fileURLToPath(new URL('../../profiles/services', import.meta.url))
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'service-properties-'))
  mkdirSync(join(folder, 'services'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const telemedicine = { services: {}, centre15: {}, webhooks: [] }
/** What is wrong with a service file alone. */
function problemsOf(text: string): string[] {
  writeFileSync(join(folder, 'services', 'trial.yaml'), text)
  const tableProblem = () => ({ found: false, message: 'there are no tables' })
  return new ServiceFiles([folder]).problems({ own: {}, establishments: new Set(), tableProblem })
}

/** A written service with its defaults. */
const filled = (trial: unknown) =>
  readShared(canonical({ region: { name: 'R' }, establishments: [], tables: {}, services: { trial } })).services[
    'trial'
  ]!

test('whatever is written, a ladder that compiles never runs out', () => {
  const minutes = fc.integer({ min: 0, max: 600 })
  const rungs = fc.array(
    fc.record(
      {
        after: minutes.map((n) => `${n} min`),
        every: fc.integer({ min: 1, max: 60 }).map((n) => `${n} min`),
        tell: fc.subarray([...TOLD], { minLength: 1 }),
        channels: fc.subarray([...CHANNELS], { minLength: 1 }),
      },
      { requiredKeys: ['after', 'tell', 'channels'] },
    ),
    { minLength: 1, maxLength: 4 },
  )
  const trial = filled(parse(service()))
  let whole = 0
  fc.assert(
    fc.property(rungs, (written) => {
      if (rungFaults(written, []).length > 0) return
      whole++
      const ladders = [{ ...trial.ladders![0]!, rungs: written }]
      const { rungs: found } = careService('trial', { ...trial, ladders }, telemedicine).ladders[0]!
      expect(found.at(-1)!.everyMs).toBeGreaterThan(0)
      expect(found.slice(0, -1).every(({ everyMs }) => everyMs === null)).toBe(true)
      expect(found.every(({ afterMs }, i) => i === 0 || afterMs > found[i - 1]!.afterMs)).toBe(true)
    }),
    { numRuns: 500 },
  )
  // Some of what was written must be sound, or nothing was looked at.
  expect(whole).toBeGreaterThan(3)
})

test('whatever stands at whatever place of a service file, it is judged, never throws, and compiles when nothing is wrong', () => {
  const shipped = parse(readFileSync(join(SHIPPED, 'stroke.yaml'), 'utf8')) as object
  const whole = { ...shipped, any: [{ path: 'OBR-4', in: ['x'] }] }
  const odd = fc.oneof(
    fc.constantFrom('x', 'un texte', '12 min', '2026-02-28'),
    fc.constantFrom(null, '', 0, -1, true, [], {}, [null], '9 d', '270 min', 'answer', '2026-02-30', '__proto__'),
    fc.jsonValue({ maxDepth: 1 }),
  )
  let [sound, faulty] = [0, 0]
  fc.assert(
    fc.property(fc.constantFrom(...places(whole)), odd, (path, value) => {
      const changed = replaced(whole, path, value)
      const found = problemsOf(JSON.stringify(changed))
      if (found.length > 0) return void faulty++
      const written = filled(serviceFiles([folder])['trial'])
      if (written.kind === undefined) return
      sound++
      expect(careService('trial', written, telemedicine).ladders[0]!.rungs.at(-1)!.everyMs).not.toBeNull()
    }),
    { numRuns: 150 },
  )
  expect([sound > 0, faulty > 0]).toEqual([true, true])
})

/** Every place of a value, as paths. */
function places(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  const inner = Object.entries(value).flatMap(([key, one]) =>
    places(one, [...path, Array.isArray(value) ? Number(key) : key]),
  )
  return [path, ...inner]
}

function replaced(value: unknown, path: readonly (string | number)[], by: unknown): unknown {
  const [first, ...rest] = path
  if (first === undefined) return by
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string | number, unknown>
  copy[first] = replaced(copy[first], rest, by)
  return copy
}
