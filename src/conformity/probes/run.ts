import type { Config } from '../../core/config.ts'
import type { ProbeStep, RecordProbe, WantedProbe } from '../../core/probes.ts'
import { startRounds } from '../../core/rounds.ts'
import { dueTasks, type LastMade, nextDueMs, type ProbeTask, type Schedule, tasksOf } from './due.ts'
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

/** How probes that are asked for go on. */
export interface AskOptions {
  /** Told of each as it is over. */
  readonly progress?: (step: ProbeStep) => void
  /** Aborted: nothing more begins; what is under way ends and is recorded. */
  readonly signal?: AbortSignal
  /** False: another node has taken over (`Lease.held`); nothing more begins, and nothing more is recorded. */
  readonly held?: () => boolean
}

/** What is probed on schedule. */
export interface Scheduled {
  readonly wanted: () => readonly WantedProbe[]
  readonly last: LastMade
  readonly spread: Schedule['spread']
  /** As in `AskOptions`. */
  readonly held: () => boolean
  /** What a round threw; it is tried again. */
  readonly failed: (fault: unknown) => void
}

/** Who makes probes, one at an endpoint at a time. */
export interface ProbeRunner {
  /**
   * Makes these now, whatever the schedule says. Resolves with all steps, in the order in which they ended.
   * @throws what `record` throws, once what is under way is over */
  ask(wanted: readonly WantedProbe[], options?: AskOptions): Promise<readonly ProbeStep[]>
  /** Makes what is due, again and again. The function returned stops, and resolves once what is under way is over. */
  start(scheduled: Scheduled): () => Promise<void>
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
    { wanted, endpoint }: ProbeTask,
    { held = () => true, signal }: AskOptions,
  ): Promise<Pick<ProbeStep, 'result' | 'because'>> => {
    if (signal?.aborted || !held()) return { result: null, because: 'stopped' }
    if (busy.has(endpoint.id)) return { result: null, because: 'busy' }
    if (!mayBegin(endpoint.establishment)) return { result: null, because: 'rate' }
    busy.add(endpoint.id)
    const result = await probe(endpoint, wanted.kind, wanted.settings, parts)
    busy.delete(endpoint.id)
    if (!held()) return { result: null, because: 'stopped' }
    await record(wanted, result)
    return { result, because: null }
  }
  const makeAll = async (tasks: readonly ProbeTask[], options: AskOptions): Promise<readonly ProbeStep[]> => {
    // Tasks of one endpoint stand in one line, one after the other.
    const lines = [...Map.groupBy(tasks, ({ endpoint }) => endpoint.id).values()]
    const steps: ProbeStep[] = []
    const work = async (): Promise<void> => {
      for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
        for (const task of line) {
          const made = await make(task, options)
          const { wanted, endpoint } = task
          const step = { wanted, endpoint: endpoint.id, ...made, done: steps.length + 1, total: tasks.length }
          steps.push(step)
          options.progress?.(step)
        }
      }
    }
    const workers = await Promise.allSettled(Array.from({ length: run.atOnce }, work))
    for (const worker of workers) if (worker.status === 'rejected') throw worker.reason
    return steps
  }
  return {
    ask: (wanted, options = {}) => makeAll(tasksOf(wanted, config()), options),
    start({ wanted, last, spread, held, failed }) {
      const stopping = new AbortController()
      const tasks = () => tasksOf(wanted(), config())
      const schedule = (): Schedule => ({ last, spread, nowMs: clock.nowMs() })
      const round = async (): Promise<number> => {
        await makeAll(dueTasks(tasks(), schedule()), { held, signal: stopping.signal })
        const nextMs = nextDueMs(tasks(), schedule()) ?? Number.POSITIVE_INFINITY
        return Math.min(LOOK_MS, Math.max(LEAST_MS, nextMs - clock.nowMs()))
      }
      const stop = startRounds({ clock, firstMs: LEAST_MS, round, failedMs: LOOK_MS, failed })
      return () => {
        stopping.abort()
        return stop()
      }
    },
  }
}
