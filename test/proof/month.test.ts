import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { seedOfRun } from '../support/world/random.ts'
import { type MonthSize, monthOf } from './month.ts'
import { monthProof, straightMonth } from './month-judge.ts'

const SIZE: MonthSize = { hospitals: 134, homes: 600, messages: 20_000 }
/** The killed run is a smaller region: what it shows is that nothing is counted twice or left out. */
const SMALL: MonthSize = { hospitals: 36, homes: 14, messages: 5_000 }
const dir = mkdtempSync(join(tmpdir(), 'passerelle-month-'))
const seed = seedOfRun()

afterAll(() => rmSync(dir, { recursive: true, force: true }))

test(`a month of ${SIZE.messages} messages: verdicts are those of a slow program, and every planted fault shows`, {
  timeout: 240_000,
}, async () => {
  const month = monthOf(seed, SIZE)
  const { faults, last } = await straightMonth(join(dir, 'month'), month, [15, 30])
  expect(faults, `PROOF_SEED=${seed}`).toEqual([])
  // What came with a new version of a product became worse, and says by which product.
  const version = month.structures.find(({ planted }) => planted === 'version')!
  const week = last.get(`${version.id} WEEK`)!
  expect(week).toMatchObject({ regressedFrom: 'met', software: [`${version.product} 2`] })
  expect(week.found[0]?.finding).toBe('PAM-PID-32')
})

test('ends at random moments: every count and verdict is that of a straight run', { timeout: 240_000 }, async () => {
  const how = { seed, size: SMALL, days: [30], kills: 3, commits: [5, 25] as const, batch: 40 }
  const { faults, counts } = await monthProof(dir, how, () => {})
  expect(faults, `PROOF_SEED=${seed}`).toEqual([])
  expect(counts).toBeGreaterThan(1_000)
})
