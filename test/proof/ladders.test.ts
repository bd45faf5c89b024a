import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { machineClock, machineIds } from '../../src/app/cli/machine.ts'
import { newStore, type StorePlace } from '../support/stores.ts'
import { seedOfRun } from '../support/world/random.ts'
import { ladderRun } from './ladders.ts'
import { pureLadderRun } from './ladders-pure.ts'

let dir: string
let store: StorePlace
beforeEach(async () => {
  // Time and crashes are of the process: nothing is gained by a disk.
  dir = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'passerelle-ladders-'))
  store = await newStore(dir)
})
afterEach(async () => {
  await store.end()
  rmSync(dir, { recursive: true, force: true })
})

test('two thousand cases by themselves keep their ladders and delays, whatever the clock does', () => {
  const seed = seedOfRun()
  const found = pureLadderRun({ requests: 2_000, hours: 24, steps: 12, outages: 50, seed })
  expect(found.faults, `PROOF_SEED=${seed}`).toEqual([])
  expect(found).toMatchObject({ cases: 2_000 })
  expect(found.rungs).toBeGreaterThan(10_000)
})

// The long form is `npm run prove`.
test('no rung is missed, doubled, early or late, whatever the clock and crashes do', async () => {
  const seed = seedOfRun()
  const open = () => store.open({ clock: machineClock, ids: machineIds })
  const found = await ladderRun({ open, requests: 150, hours: 24, steps: 12, crashes: 12, seed })
  expect(found.faults, `PROOF_SEED=${seed}`).toEqual([])
  expect(found.cases).toBe(150)
  expect(found.rungs).toBeGreaterThan(600)
  expect(found.delays).toBeGreaterThan(30)
})
