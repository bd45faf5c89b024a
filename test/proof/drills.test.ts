import { expect, test } from 'vitest'
import { seedOfRun } from '../support/world/random.ts'
import { drillRun } from './drills.ts'

// Ten thousand of them: `npm run prove`.
test('drills, tests and real requests of the same patients never cross', async () => {
  const seed = seedOfRun()
  const found = await drillRun(150, seed)
  expect(found.faults, `PROOF_SEED=${seed}`).toEqual([])
  for (const count of [...Object.values(found.cases), found.measured, found.alerts]) expect(count).toBeGreaterThan(5)
}, 240_000)
