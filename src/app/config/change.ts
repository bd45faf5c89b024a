import { GatewayError } from '../../core/errors.ts'
import type { Adoption, Journal, StoredRevision } from '../../core/journal.ts'
import {
  type Applied,
  type ConfigAsk,
  type ConfigCommands,
  ConfigRefused,
  type Plan,
  type PlanProblem,
} from '../../core/operations.ts'
import { sharedProblems } from './check/stored.ts'
import { caseProblems, openCases } from './open-cases.ts'
import { planOf } from './plan.ts'
import type { SharedJson } from './shared.ts'

/** What changes of the configuration are made with. */
export interface ChangeParts {
  readonly journal: Pick<Journal, 'revision' | 'revisionOf' | 'counts' | 'look'>
  /** Reads the gateway's own region file; null where there is none to read. */
  readonly own: (() => Promise<OwnFile>) | null
  /** The node's own parts as they run, to tell what needs a restart; null: nothing runs. */
  readonly running: (() => Readonly<Record<string, string>>) | null
  /** Makes a configuration the running one, with all that follows from it. */
  readonly adopt: (json: SharedJson, by: string, also: Adoption) => Promise<StoredRevision>
  readonly nowMs: () => number
}

/** A region file as far as a change needs it. `shared` null: it has errors. */
export interface OwnFile {
  readonly shared: SharedJson | null
  readonly own: Readonly<Record<string, string>>
  readonly problems: readonly PlanProblem[]
}

/** `plan`, `apply` and `rollback` over a journal, one at a time. */
export function changing(parts: ChangeParts): ConfigCommands {
  let last: Promise<unknown> = Promise.resolve()
  /** A plan that another change could overtake would not be exact. */
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work, work)
    last = next.catch(() => {})
    return next
  }
  const apply = async (wanted: Wanted, { park, reason }: How, who: string): Promise<Applied> => {
    const { plan, shared } = wanted
    if (shared === null || plan.problems.some(({ severity }) => severity === 'error')) {
      throw new ConfigRefused('CONFIG_INVALID', plan)
    }
    if (plan.orphans.length > 0 && !park) throw new ConfigRefused('CONFIG_ORPHANS', plan)
    if (plan.same) return { revision: plan.revision!, plan, parked: 0 }
    const atMs = parts.nowMs()
    const event = { atMs, who, what: 'apply-config', why: reason, code: null, message: null, delivery: null } as const
    const gone = plan.changes.flatMap(({ part, what, name }) =>
      part === 'destination' && what === 'removed' ? [name] : [],
    )
    const parkedAt = async () => {
      const { destinations } = await parts.journal.counts()
      return gone.reduce((sum, id) => sum + (destinations.get(id)?.parked ?? 0), 0)
    }
    const before = await parkedAt()
    // All that are gone, not only those with a queue now: a message may be committed to one at this moment.
    const also: Adoption = {
      over: plan.revision,
      park: gone,
      events: [{ ...event, detail: `revision ${(plan.revision ?? 0) + 1}` }],
    }
    const { revision } = await parts.adopt(shared, who, also)
    return { revision, plan, parked: (await parkedAt()) - before }
  }
  return {
    plan: (ask) => alone(async () => (await wantedOf(parts, ask)).plan),
    apply: (ask, how, who) => alone(async () => apply(await wantedOf(parts, ask), how, who)),
    rollback: (how, who) =>
      alone(async () => {
        const running = parts.journal.revision()
        const before = running === null ? null : await parts.journal.revisionOf(running.revision - 1)
        if (before === null) throw new GatewayError('CONFIG_FIRST')
        return apply(await wantedOf(parts, { shared: before.json, own: null }), how, who)
      }),
  }
}

type How = Parameters<ConfigCommands['rollback']>[0]

interface Wanted {
  readonly plan: Plan
  readonly shared: SharedJson | null
}

const NO_CASES: ReadonlyMap<string, number> = new Map()

async function wantedOf({ journal, own, running }: ChangeParts, ask: ConfigAsk): Promise<Wanted> {
  const file = ask.shared === null ? await ownFile(own) : given(ask.shared, ask.own ?? {})
  const revision = journal.revision()
  const restart = running === null ? [] : differing(running(), file.own)
  const nothing = { same: false, changes: [], affected: [], orphans: [] }
  const { shared } = file
  const difference =
    shared === null
      ? { revision: revision?.revision ?? null, ...nothing }
      : planOf(revision, shared, await journal.counts())
  const cases = difference.changes.some(({ part }) => part === 'service') ? await openCases(journal) : NO_CASES
  const problems = [...file.problems, ...caseProblems(difference.changes, cases)]
  return { plan: { ...difference, problems, restart }, shared }
}

async function ownFile(own: ChangeParts['own']): Promise<OwnFile> {
  if (own === null) throw new GatewayError('BAD_REQUEST', 'no region file is known here: send the configuration')
  return own()
}

/** What came over the API was checked where it was made, and is checked again: it may be of another release, or by hand. */
function given(shared: SharedJson, own: Readonly<Record<string, string>>): OwnFile {
  const problems = sharedProblems(shared)
  return { shared: problems.some(({ severity }) => severity === 'error') ? null : shared, own, problems }
}

/** Names of the node's parts that differ; those a caller does not tell are taken as unchanged. */
function differing(running: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): string[] {
  if (Object.keys(wanted).length === 0) return []
  const names = new Set([...Object.keys(running), ...Object.keys(wanted)])
  return [...names].filter((name) => running[name] !== wanted[name]).sort()
}
