import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { machineClock, machineIds } from '../../src/app/cli/machine.ts'
import { newStore, type StorePlace } from '../support/stores.ts'
import { seedOfRun } from '../support/world/random.ts'
import { ladderRun } from './ladders.ts'

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

// The long form is `npm run prove`.
test('no rung is missed, doubled, early or late, whatever the clock and crashes do', async () => {
  const seed = seedOfRun()
  const open = () => store.open({ clock: machineClock, ids: machineIds })
  const found = await ladderRun({ open, requests: 200, hours: 24, steps: 12, crashes: 12, seed })
  expect(found.faults, `PROOF_SEED=${seed}`).toEqual([])
  expect(found.cases).toBe(200)
  expect(found.rungs).toBeGreaterThan(1_000)
  expect(found.delays).toBeGreaterThan(50)
})
