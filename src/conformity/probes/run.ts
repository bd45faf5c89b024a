import type { Config } from '../../core/config.ts'
import type { Endpoint, ProbeResult, ProbeStep, RecordProbe, WantedProbe } from '../../core/probes.ts'
import { startRounds } from '../../core/rounds.ts'
import { dueProbes, type LastMade, nextDueMs } from './due.ts'
import { endpointsOf } from './endpoints.ts'
import type { ProbeParts } from './parts.ts'
import { probe } from './probe.ts'
import { type Allowance, spend } from './rate.ts'

/** Probes that run at the same time, and probes of one establishment in a minute. */
export interface RunLimits {
  readonly atOnce: number
  readonly perMinute: number
}

/** The limits unless told otherwise. */
export const RUN_LIMITS: RunLimits = { atOnce: 4, perMinute: 30 }

/** Longest and shortest wait between two looks at the schedule (ms). */
const LOOK_MS = 60_000
const LEAST_MS = 1_000

/** What the runner is wired to. */
export interface RunParts extends ProbeParts {
  readonly config: () => Pick<Config, 'destinations' | 'mail'>
  readonly record: RecordProbe
  /** Absent: `RUN_LIMITS`. */
  readonly run?: RunLimits
}

/** What is probed on schedule. */
export interface Scheduled {
  readonly wanted: () => readonly WantedProbe[]
  readonly last: LastMade
  /** See `Schedule.spread`. */
  readonly spread: (wanted: WantedProbe) => number
  /** May this node go on? False as soon as another may have the lease (`Lease.held`). */
  readonly held: () => boolean
  /** What a round threw; it is tried again. */
  readonly failed: (fault: unknown) => void
}

/** Who makes probes, one at an endpoint at a time. */
export interface ProbeRunner {
  /**
   * Makes these now, whatever the schedule says, and tells each as it is over. Resolves with all steps, in the order in which
   * they ended. `held` false: nothing more begins. @throws what `record` throws */
  ask(
    wanted: readonly WantedProbe[],
    options?: { readonly progress?: (step: ProbeStep) => void; readonly held?: () => boolean },
  ): Promise<readonly ProbeStep[]>
  /** Makes what is due, again and again. The function returned stops, and resolves once what is under way is over. */
  start(scheduled: Scheduled): () => Promise<void>
}

interface Task {
  readonly wanted: WantedProbe
  readonly endpoint: Endpoint
}

/** Makes probes of the endpoints that the running configuration declares, and of no other. */
export function probeRunner(parts: RunParts): ProbeRunner {
  const { config, clock, record, run = RUN_LIMITS } = parts
  const busy = new Set<string>()
  const allowances = new Map<string, Allowance>()
  const mayBegin = (establishment: string): boolean => {
    const { may, left } = spend(allowances.get(establishment), clock.monotonicMs(), run.perMinute)
    allowances.set(establishment, left)
    return may
  }
  const make = async (
    { wanted, endpoint }: Task,
    held: () => boolean,
  ): Promise<Pick<ProbeStep, 'result' | 'because'>> => {
    if (!held()) return { result: null, because: 'stopped' }
    if (busy.has(endpoint.id)) return { result: null, because: 'busy' }
    if (!mayBegin(endpoint.establishment)) return { result: null, because: 'rate' }
    busy.add(endpoint.id)
    let result: ProbeResult
    try {
      result = await probe(endpoint, wanted.kind, wanted.settings, parts)
    } finally {
      busy.delete(endpoint.id)
    }
    if (!held()) return { result: null, because: 'stopped' }
    await record(wanted, result)
    return { result, because: null }
  }
  const ask: ProbeRunner['ask'] = async (wanted, { progress = () => {}, held = () => true } = {}) => {
    const lines = linesOf(tasksOf(wanted, config()))
    const total = lines.reduce((sum, line) => sum + line.length, 0)
    const steps: ProbeStep[] = []
    const work = async (): Promise<void> => {
      for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
        for (const task of line) {
          const made = await make(task, held)
          const step = { wanted: task.wanted, endpoint: task.endpoint.id, ...made, done: steps.length + 1, total }
          steps.push(step)
          progress(step)
        }
      }
    }
    await Promise.all(Array.from({ length: Math.min(run.atOnce, lines.length) }, work))
    return steps
  }
  return {
    ask,
    start({ wanted, last, spread, held, failed }) {
      let stopped = false
      const goOn = (): boolean => !stopped && held()
      const round = async (): Promise<number> => {
        const schedule = () => ({ last, spread, nowMs: clock.nowMs() })
        await ask(dueProbes(wanted(), schedule()), { held: goOn })
        const { nowMs } = schedule()
        const nextMs = nextDueMs(wanted(), schedule())
        return Math.min(LOOK_MS, Math.max(LEAST_MS, (nextMs ?? Number.POSITIVE_INFINITY) - nowMs))
      }
      const stop = startRounds({ clock, firstMs: LEAST_MS, round, failedMs: LOOK_MS, failed })
      return () => {
        stopped = true
        return stop()
      }
    },
  }
}

function tasksOf(wanted: readonly WantedProbe[], config: Pick<Config, 'destinations' | 'mail'>): Task[] {
  return wanted.flatMap((one) =>
    endpointsOf(config, one.establishment, one.kind).map((endpoint) => ({ wanted: one, endpoint })),
  )
}

/** Tasks of one endpoint stand in one line, one after the other. */
function linesOf(tasks: readonly Task[]): Task[][] {
  return [...Map.groupBy(tasks, ({ endpoint }) => endpoint.id).values()]
}
