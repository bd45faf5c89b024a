import type { Config } from '../../core/config.ts'
import type { Endpoint, WantedProbe } from '../../core/probes.ts'
import { endpointsOf } from './endpoints.ts'

/** One probe of one endpoint. */
export interface ProbeTask {
  readonly wanted: WantedProbe
  readonly endpoint: Endpoint
}

/** When it was made last (ms since 1970); null: never, or it is not known any more. */
export type LastMade = (task: ProbeTask) => number | null

/** What the schedule goes by. */
export interface Schedule {
  readonly last: LastMade
  readonly nowMs: number
  /** A number in [0, 1) of each task, always the same one, so that a region is not asked all at once. */
  readonly spread: (task: ProbeTask) => number
}

/** Part of the interval over which probes of the same interval are spread. */
const SPREAD_SHARE = 0.1

/** Every probe of every endpoint that is declared for it. Pure. */
export function tasksOf(wanted: readonly WantedProbe[], config: Pick<Config, 'destinations' | 'mail'>): ProbeTask[] {
  return wanted.flatMap((one) =>
    endpointsOf(config, one.establishment, one.kind).map((endpoint) => ({ wanted: one, endpoint })),
  )
}

/**
 * The tasks whose time has come, longest overdue first. One that was never done is due at once; the others their interval
 * after the last time, and up to a tenth of it later. Pure. */
export function dueTasks(tasks: readonly ProbeTask[], schedule: Schedule): ProbeTask[] {
  return tasks
    .map((task) => ({ task, atMs: dueAtMs(task, schedule) }))
    .filter(({ atMs }) => atMs <= schedule.nowMs)
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ task }) => task)
}

/** When the next of them is due (ms since 1970); null: none ever. Pure. */
export function nextDueMs(tasks: readonly ProbeTask[], schedule: Schedule): number | null {
  return tasks.length === 0 ? null : Math.min(...tasks.map((task) => dueAtMs(task, schedule)))
}

function dueAtMs(task: ProbeTask, { last, spread }: Schedule): number {
  const lastMs = last(task)
  return lastMs === null ? 0 : lastMs + task.wanted.everyMs * (1 + SPREAD_SHARE * spread(task))
}
