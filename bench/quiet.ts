import { readFileSync } from 'node:fs'
import { until } from '../test/support/world/until.ts'

/** Less than this share of one processor for each process is quiet. */
const SHARE = 0.05
const LOOK_MS = 1_000
const TICK_MS = 10

/** Resolves once these processes together do next to nothing for a second: what one run left over must not slow the next. */
export async function quiet(pids: readonly number[]): Promise<void> {
  // The first look has nothing to compare with.
  let before = Number.NaN
  const isQuiet = async (): Promise<boolean> => {
    const now = used(pids)
    const share = (now - before) / LOOK_MS
    before = now
    return share < SHARE * pids.length
  }
  await until('the processes are quiet', isQuiet, { withinMs: 60_000, everyMs: LOOK_MS })
}

/** Processor time of the processes so far (ms), by /proc (utime and stime). */
function used(pids: readonly number[]): number {
  const ticks = pids.map((pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
    return Number(fields[11]) + Number(fields[12])
  })
  return ticks.reduce((sum, one) => sum + one, 0) * TICK_MS
}
