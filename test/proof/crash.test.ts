import { expect, test } from 'vitest'
import { seedOfRun } from '../support/world/random.ts'
import { crashRun } from './crash.ts'

/** Kills per world; two worlds run side by side. The long form is `npm run prove`. */
const KILLS = 50

test(`nothing acknowledged is lost over ${2 * KILLS} kills at random moments`, { timeout: 300_000 }, async () => {
  const seed = seedOfRun()
  console.log(`crash suite: PROOF_SEED=${seed}`)
  const runs = await Promise.allSettled([crashRun(seed, KILLS), crashRun(seed + 1, KILLS)])
  for (const run of runs) {
    if (run.status === 'rejected') throw run.reason
    const report = run.value
    const { acknowledged, byDoor, messages, repeats, resent, startsMs } = report
    console.log(
      `crash suite: ${acknowledged} acknowledged ${JSON.stringify(byDoor)}, ${resent} resent, ${repeats} repeats, start ${Math.round(startsMs[startsMs.length >> 1] ?? 0)} ms`,
    )
    expect(report.faults).toEqual([])
    // Fewer would mean that the load never ran between the kills.
    expect(acknowledged).toBeGreaterThan(10 * KILLS)
    for (const [door, count] of Object.entries(byDoor)) expect(count, door).toBeGreaterThan(KILLS)
    expect(resent).toBeGreaterThan(KILLS)
    expect(report.status).toMatchObject({
      received: messages,
      closed: messages,
      inFlight: 0,
      parked: 0,
      difference: 0,
    })
    expect(report.verify.code, report.verify.out).toBe(0)
  }
})
