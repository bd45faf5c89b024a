import type { Config } from '../core/config.ts'
import { type Framework, frameworkName, requirementName } from '../core/conformity.ts'
import type { ConformityProbes, ProbeAsk } from '../core/conformity-asks.ts'
import { codeOf, GatewayError } from '../core/errors.ts'
import type { Journal, NewEvent, Statement } from '../core/journal.ts'
import type { Lease } from '../core/leases.ts'
import type { Clock, Log } from '../core/ports.ts'
import type { ProbeResult, WantedProbe } from '../core/probes.ts'
import { changedRows } from './count/tally.ts'
import { requirementsFor } from './judge/judge.ts'
import type { ProbeTask } from './probes/due.ts'
import { askedAt } from './probes/endpoints.ts'
import type { ProbeParts } from './probes/parts.ts'
import { probeRunner } from './probes/run.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** What probing works with. */
export interface ProbingParts extends Omit<ProbeParts, 'timeZone' | 'finess'> {
  readonly journal: Pick<Journal, 'apply' | 'look' | 'leases'>
  readonly config: () => Config
  /** Those in force. */
  readonly frameworks: () => Promise<readonly Framework[]>
  readonly clock: Clock
  readonly log: Log
  /** Results were kept: verdicts may be others now. */
  readonly changed: () => void
}

/** Every probe that requirements of these frameworks ask of the establishments they are for. Pure. */
export function wantedProbes(
  frameworks: readonly Framework[],
  { establishments }: Pick<Config, 'establishments'>,
): readonly WantedProbe[] {
  return frameworks.flatMap((framework) =>
    [...establishments.values()].flatMap(({ id, kind }) =>
      requirementsFor(framework, kind).flatMap(({ id: requirement, judging }): WantedProbe[] => {
        if (judging.by !== 'probe') return []
        const name = requirementName(frameworkName(framework), requirement)
        // Three results fit into the time that one is valid: one that fails to be made is no lapse.
        const everyMs = Math.min(DAY_MS, Math.max(HOUR_MS, (judging.validDays * DAY_MS) / 3))
        return [{ name, establishment: id, kind: judging.probe, settings: judging.settings, everyMs }]
      }),
    ),
  )
}

/** Rows that keep a result: it takes the place of the one before, and verdicts are made anew. Pure. */
export function resultRows({ name }: Pick<WantedProbe, 'name'>, result: ProbeResult): Statement[] {
  const { establishment, use, kind, endpoint, asked, outcome, faults, facts, atMs } = result
  return [
    {
      sql: `INSERT INTO conformity_probe (establishment, use, name, probe, endpoint, asked, outcome, faults, facts, at_ms)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (establishment, use, name, endpoint) DO UPDATE SET
        probe = excluded.probe, asked = excluded.asked, outcome = excluded.outcome, faults = excluded.faults, facts = excluded.facts, at_ms = excluded.at_ms`,
      parameters: [
        ...[establishment, use, name, kind, endpoint, asked, outcome],
        ...[JSON.stringify(faults), JSON.stringify(facts), atMs],
      ],
      rows: 1,
    },
    ...changedRows([{ establishment, use }]),
  ]
}

/** Probes as the gateway runs them: on demand anywhere; on schedule, where the region wants it, on the node with the lease `probes`. */
export function probing(parts: ProbingParts): ConformityProbes & { start(): void; stop(): Promise<void> } {
  const { journal, config, clock, changed } = parts
  const made = new Map<string, Made>()
  const record = async (wanted: WantedProbe, result: ProbeResult): Promise<void> => {
    made.set(keyOf(wanted.name, result.endpoint), result)
    await journal.apply({ rows: resultRows(wanted, result) })
    changed()
  }
  const runner = probeRunner({
    ...parts,
    record,
    get timeZone() {
      return config().region.timeZone
    },
    finess: (id) => config().establishments.get(id)?.finess.ej ?? null,
  })
  const schedule = scheduled(parts, made, runner)
  return {
    async now(ask, progress) {
      const wanted = await wantedOf(ask, parts)
      await journal.apply({ events: [askedEvent(ask, wanted.length, clock.nowMs())] })
      return runner.ask(wanted, progress === undefined ? {} : { progress })
    },
    ...schedule,
  }
}

async function wantedOf(
  { establishment, framework, requirement }: ProbeAsk,
  { frameworks, config }: ProbingParts,
): Promise<readonly WantedProbe[]> {
  const known = (await frameworks()).filter((one) => frameworkName(one) === framework)
  if (known.length === 0 || !config().establishments.has(establishment)) throw new GatewayError('NOT_FOUND')
  const wanted = wantedProbes(known, config()).filter((one) => one.establishment === establishment)
  if (requirement === null) return wanted
  return wanted.filter(({ name }) => name === requirementName(framework, requirement))
}

function askedEvent(
  { establishment, framework, requirement, who, why }: ProbeAsk,
  count: number,
  atMs: number,
): NewEvent {
  const detail = `${establishment} ${framework}${requirement === null ? '' : `/${requirement}`} probes ${count}`
  return { ...{ atMs, who, why, detail, what: 'probe' }, ...{ code: null, message: null, delivery: null } }
}

/** The schedule of this node, for as long as it holds the lease. */
function scheduled(
  { journal, config, frameworks, clock, log }: ProbingParts,
  made: Map<string, Made>,
  runner: ReturnType<typeof probeRunner>,
): { start(): void; stop(): Promise<void> } {
  let wanted: readonly WantedProbe[] = []
  let stopRunner: (() => Promise<void>) | null = null
  let cancel = (): void => {}
  const failed = (fault: unknown): void => log.error('conformity.probe', { code: codeOf(fault) }, fault)
  // Frameworks and establishments change while it runs; the runner asks without waiting.
  const refresh = async (): Promise<void> => {
    const isWanted = config().conformity?.probes === 'scheduled'
    wanted = isWanted ? wantedProbes(await frameworks(), config()) : []
  }
  const refreshing = (lease: Lease): void => {
    void refresh()
      .catch(failed)
      .finally(() => {
        if (lease.held() && stopRunner !== null) cancel = clock.after(60_000, () => refreshing(lease))
      })
  }
  let tenancy: { drop(): Promise<void> } | null = null
  const end = async (): Promise<void> => {
    cancel()
    const stop = stopRunner
    stopRunner = null
    await stop?.()
  }
  return {
    start() {
      const held = journal.leases.hold('probes', {
        async begin(lease) {
          for (const [key, one] of await readMade(journal)) made.set(key, one)
          await refresh().catch(failed)
          stopRunner = runner.start({
            wanted: () => wanted,
            last: ({ wanted: one, endpoint }) => {
              const last = made.get(keyOf(one.name, endpoint.id))
              if (last === undefined) return null
              const { asked, atMs } = last
              const now = askedAt(endpoint, config().establishments.get(endpoint.establishment)?.finess.ej ?? null)
              return asked === null || asked === now ? atMs : null
            },
            spread,
            held: () => lease.held(),
            failed,
          })
          cancel = clock.after(60_000, () => refreshing(lease))
        },
        end,
      })
      held.begun.catch(failed)
      tenancy = held
    },
    async stop() {
      await tenancy?.drop()
    },
  }
}

/** When an endpoint was asked last, and where. */
interface Made {
  readonly asked: string | null
  readonly atMs: number
}

async function readMade({ look }: Pick<Journal, 'look'>): Promise<ReadonlyMap<string, Made>> {
  const rows = await look<{ name: string; endpoint: string; asked: string | null; at_ms: number }>({
    sql: 'SELECT name, endpoint, asked, at_ms FROM conformity_probe',
    parameters: [],
  })
  return new Map(
    rows.map(({ name, endpoint, asked, at_ms }) => [keyOf(name, endpoint), { asked, atMs: Number(at_ms) }]),
  )
}

function keyOf(name: string, endpoint: string): string {
  return `${name} ${endpoint}`
}

/** The same task always comes at the same part of its interval. */
function spread({ wanted, endpoint }: ProbeTask): number {
  let sum = 0
  for (const letter of keyOf(wanted.name, endpoint.id)) sum = (Math.imul(sum, 31) + letter.charCodeAt(0)) >>> 0
  return sum / 2 ** 32
}
