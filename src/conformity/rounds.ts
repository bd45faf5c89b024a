import type { Config, Use } from '../core/config.ts'
import { type Framework, frameworkName, type TrialFact, type TrialFacts } from '../core/conformity.ts'
import { codeOf } from '../core/errors.ts'
import type { Journal, Statement } from '../core/journal.ts'
import type { Lease } from '../core/leases.ts'
import { type Poked, pokedRounds } from '../core/poked.ts'
import type { Clock, Log } from '../core/ports.ts'
import { countRefused } from './count/refused.ts'
import { changedRows } from './count/tally.ts'
import { type Day, Days, firstOf } from './day.ts'
import { judgeFramework, longestTrialDays, windowsOf } from './judge/judge.ts'
import { judgeProducts } from './judge/products.ts'
import { endpointsByKind } from './probes/endpoints.ts'
import { verdictRows } from './store/changes.ts'
import {
  readEvidence,
  readKept,
  readOverrides,
  readProbes,
  readSentDays,
  readWindows,
  type Subject,
  subjectKey,
  type Windows,
} from './store/facts.ts'
import { productRows, readProductRows } from './store/products.ts'

/** How often it looks (ms): verdicts rest on days, and nobody waits for one. */
const EVERY_MS = 10_000
/** Of the time of one processor judging takes so much at most: where a whole region sends all the time, it looks less often. */
const MOST_SHARE = 0.1
/** Establishments of one commit: some 10 ms, after which other work of the node comes between. */
const AT_ONCE = 4
/** Establishments whose counts are read with one question. */
const MOST = 10
/** Counts are kept for so many days: the longest window that a rule may have, and a year to compare it with. */
export const KEPT_DAYS = 800

/** What judging works with. */
export interface JudgingParts {
  readonly journal: Pick<Journal, 'look' | 'read' | 'apply' | 'leases'>
  readonly config: () => Config
  /** Those that are published and in force. */
  readonly frameworks: () => Promise<readonly Framework[]>
  /** What was tried at the sandbox door. Absent: nothing ever is. */
  readonly trials?: TrialFacts
  readonly clock: Clock
  readonly log: Log
}

/** Counts refusals and judges establishments anew, on the one node that holds the lease `conformity`. The function stops it. */
export function startJudging(parts: JudgingParts): { readonly poke: () => void; readonly stop: () => Promise<void> } {
  const { clock, log } = parts
  let lease: Lease | null = null
  let cancel = (): void => {}
  let tookMs = 0
  const rounds: Poked = pokedRounds({
    clock,
    async round() {
      if (lease?.held() !== true) return false
      const beganMs = clock.monotonicMs()
      const more = await judgingRound(parts, lease)
      tookMs += clock.monotonicMs() - beganMs
      return more
    },
    waitMs() {
      const restMs = tookMs / MOST_SHARE - tookMs
      tookMs = 0
      return lease === null ? null : Math.max(EVERY_MS, restMs)
    },
    failed: (fault) => log.error('conformity.fault', { code: codeOf(fault) }, fault),
  })
  const tenancy = parts.journal.leases.hold('conformity', {
    async begin(mine) {
      lease = mine
      // A node that starts has messages to see to first.
      cancel = clock.after(EVERY_MS, () => rounds.poke())
    },
    async end(why) {
      lease = null
      cancel()
      const ended = rounds.rest()
      if (why === 'given') await ended
    },
  })
  tenancy.begun.catch(() => {})
  return {
    poke: () => {
      if (lease !== null) rounds.poke()
    },
    stop: () => tenancy.drop(),
  }
}

/** One round: new refusals, then those establishments whose verdicts are the oldest. True: there is more to do at once. */
export async function judgingRound(
  parts: Omit<JudgingParts, 'log'>,
  { fence }: Pick<Lease, 'fence'>,
): Promise<boolean> {
  const { journal, config, clock } = parts
  const nowMs = clock.nowMs()
  const days = new Days(config().region.timeZone)
  const refused = await countRefused(journal, days, nowMs)
  // What is refused was done by another node meanwhile, or the lease is another's: the next round sees.
  if (refused !== null && !(await journal.apply({ ...refused.effect, fence }))) return false
  const added = await addMissing(parts)
  if (added.length > 0 && !(await journal.apply({ rows: added, fence }))) return false
  const today = days.of(nowMs)
  const due = await journal.look<Subject & { readonly change: number; readonly day: string }>({
    sql: `SELECT establishment, use, change, day FROM conformity_standing WHERE change <> judged OR day <> ?
      ORDER BY day, establishment, use LIMIT ${MOST}`,
    parameters: [today],
  })
  const frameworks = await parts.frameworks()
  const windows = await readWindows(journal, due, windowsOf(frameworks), today)
  for (let at = 0; at < due.length; at += AT_ONCE) {
    const rows: Statement[] = []
    for (const subject of due.slice(at, at + AT_ONCE)) {
      rows.push(...(await judgedRows(subject, frameworks, windows.get(subjectKey(subject)) ?? new Map(), parts, today)))
      if (subject.day !== today) rows.push(...forgotten(subject, today))
      rows.push(judgedRow(subject, Number(subject.change), today))
    }
    if (!(await journal.apply({ rows, fence }))) return false
  }
  return refused?.more === true || due.length === MOST
}

/** Rows of every verdict of an establishment, and of what its products come to, that is not what it was. */
async function judgedRows(
  subject: Subject,
  frameworks: readonly Framework[],
  windows: Windows,
  { journal, config, clock, trials: triedBy }: Omit<JudgingParts, 'log'>,
  today: Day,
): Promise<Statement[]> {
  const { establishment } = subject
  const own = config().establishments.get(establishment)
  if (own === undefined) return []
  const [sentDays, evidence, overrides, probes, kept, keptProducts] = await Promise.all([
    readSentDays(journal, subject, today),
    readEvidence(journal, establishment),
    readOverrides(journal, subject, frameworks.map(frameworkName)),
    readProbes(journal, subject),
    readKept(journal, subject),
    readProductRows(journal, subject),
  ])
  const nowMs = clock.nowMs()
  const trials = await trialsOf(subject, frameworks, triedBy, nowMs)
  const judged = frameworks.map((framework) => {
    const name = frameworkName(framework)
    const facts = {
      kind: own.kind,
      windows,
      sentDays,
      probes,
      endpoints: endpointsByKind(config(), subject),
      trials,
      evidence: evidence.get(name) ?? [],
      overrides: overrides.get(name) ?? [],
    }
    return [name, judgeFramework(framework, facts, nowMs)] as const
  })
  const products = frameworks.map(
    (framework) => [frameworkName(framework), judgeProducts(framework, own.kind, { windows, sentDays })] as const,
  )
  return [
    ...verdictRows(subject, new Map(judged), kept, nowMs),
    ...productRows(subject, new Map(products), keptProducts),
  ]
}

const DAY_MS = 86_400_000

/** What was tried, where a framework asks for it; null for production. */
async function trialsOf(
  { establishment, use }: Subject,
  frameworks: readonly Framework[],
  trials: TrialFacts | undefined,
  nowMs: number,
): Promise<readonly TrialFact[] | null> {
  if (use === 'production') return null
  const days = longestTrialDays(frameworks)
  // A month more: what lapsed not long ago is told as lapsed, and not as never tried.
  return days === 0 || trials === undefined ? [] : trials(establishment, nowMs - (days + 30) * DAY_MS)
}

/** Establishments of the region that were never judged: production for all of them, for what they send is to be real. */
async function addMissing({ journal, config }: Pick<JudgingParts, 'journal' | 'config'>): Promise<Statement[]> {
  const known = await journal.look<{ establishment: string }>({
    sql: `SELECT establishment FROM conformity_standing WHERE use = 'production'`,
    parameters: [],
  })
  const there = new Set(known.map(({ establishment }) => establishment))
  const use: Use = 'production'
  return changedRows(
    [...config().establishments.keys()].filter((id) => !there.has(id)).map((establishment) => ({ establishment, use })),
  )
}

function judgedRow({ establishment, use }: Subject, change: number, today: Day): Statement {
  return {
    sql: 'UPDATE conformity_standing SET judged = ?, day = ? WHERE establishment = ? AND use = ?',
    parameters: [change, today, establishment, use],
  }
}

function forgotten({ establishment, use }: Subject, today: Day): Statement[] {
  return (['received', 'sent'] as const).map((side) => ({
    sql: 'DELETE FROM conformity_count WHERE establishment = ? AND use = ? AND side = ? AND day < ?',
    parameters: [establishment, use, side, firstOf(KEPT_DAYS, today)],
  }))
}
