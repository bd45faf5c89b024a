import { expect, test } from 'vitest'
import { missingPostgres } from '../support/postgres/server.ts'
import { sharedCluster } from '../support/postgres/shared.ts'
import { seedOfRun } from '../support/world/random.ts'
import { crashRun, SHORT_OR_LEASED } from './crash.ts'

interface Suite {
  readonly on: string
  readonly need: string | null
  readonly worlds: number
  /** Per world; worlds run side by side. The long form is `npm run prove`. */
  readonly kills: number
  readonly options: () => Promise<Parameters<typeof crashRun>[3]>
}

const suites: readonly Suite[] = [
  { on: 'the embedded store', need: null, worlds: 2, kills: 5, options: async () => ({}) },
  {
    on: 'PostgreSQL',
    need: missingPostgres(),
    worlds: 1,
    kills: 5,
    options: async () => ({ store: await (await sharedCluster()).createDatabase(), life: SHORT_OR_LEASED }),
  },
]

for (const { on, need, worlds, kills, options } of suites) {
  const name = `nothing acknowledged is lost over ${worlds * kills} kills at random moments, on ${on}`
  test.skipIf(need !== null)(`${name}${need === null ? '' : `: ${need}`}`, { timeout: 300_000 }, async () => {
    const seed = seedOfRun()
    console.log(`crash suite on ${on}: PROOF_SEED=${seed}`)
    const each = Array.from({ length: worlds }, async (_, i) => crashRun(seed + i, kills, () => {}, await options()))
    for (const run of await Promise.allSettled(each)) {
      if (run.status === 'rejected') throw run.reason
      const report = run.value
      const { acknowledged, byDoor, messages, repeats, resent, startsMs } = report
      console.log(
        `crash suite: ${acknowledged} acknowledged ${JSON.stringify(byDoor)}, ${resent} resent, ${repeats} repeats, start ${Math.round(startsMs[startsMs.length >> 1] ?? 0)} ms`,
      )
      expect(report.faults).toEqual([])
      // Fewer would mean that the load never ran between the kills.
      expect(acknowledged).toBeGreaterThan(10 * kills)
      for (const [door, count] of Object.entries(byDoor)) expect(count, door).toBeGreaterThan(kills)
      expect(resent).toBeGreaterThan(kills)
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
}
