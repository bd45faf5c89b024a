import type { Config } from '../core/config.ts'
import { type Framework, frameworkName, type TrialFact, type TrialFacts } from '../core/conformity.ts'
import { codeOf } from '../core/errors.ts'
import type { Journal, Statement } from '../core/journal.ts'
import type { Lease } from '../core/leases.ts'
import { type Poked, pokedRounds } from '../core/poked.ts'
import type { Clock, Log } from '../core/ports.ts'
import { countRefused } from './count/refused.ts'
import { type Day, Days, firstOf, KEPT_DAYS } from './day.ts'
import { judgeFramework, longestTrialDays, windowsOf } from './judge/judge.ts'
import { judgeProducts } from './judge/products.ts'
import { askedNow, endpointsByKind } from './probes/endpoints.ts'
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
import { judgedRow, missingRows, readChanged, readUnjudged } from './store/standings.ts'

/** How often it looks (ms): verdicts rest on days, and nobody waits for one. */
const EVERY_MS = 10_000
/**
 * Of the time of one processor judging anew takes so much at most: where a whole region sends all the time, each waits longer for its
 * turn. What is judged once a day is not made to wait. */
const MOST_SHARE = 0.1
/** Establishments of one commit: some 10 ms, after which other work of the node comes between. */
const AT_ONCE = 4
/** Establishments whose counts are read with one question. */
const MOST = 10
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
  let onward: Onward | null = null
  let restedAtMs = 0
  const rounds: Poked = pokedRounds({
    clock,
    async round() {
      if (lease?.held() !== true) return false
      const behind = onward?.behind ?? null
      onward = null
      const beganMs = clock.monotonicMs()
      onward = await judgingRound(parts, lease, behind)
      if (onward?.paced === false) return true
      const endedMs = clock.monotonicMs()
      // Who pokes meanwhile does not shorten what is owed.
      restedAtMs = Math.max(restedAtMs, endedMs) + (endedMs - beganMs) * (1 / MOST_SHARE - 1)
      return false
    },
    waitMs() {
      if (lease === null) return null
      return Math.max(onward === null ? EVERY_MS : 0, restedAtMs - clock.monotonicMs())
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

/** How judging goes on when there is more to do. */
export interface Onward {
  /** The one that was judged last of those that changed: the next round goes on behind it, so that each has its turn. */
  readonly behind: Subject | null
  /** Everybody was judged today: what is left may wait. */
  readonly paced: boolean
}

/** One round: new refusals, then establishments that were not judged today, else those that changed. Null: there is no more to do. */
export async function judgingRound(
  parts: Omit<JudgingParts, 'log'>,
  { fence }: Pick<Lease, 'fence'>,
  behind: Subject | null = null,
): Promise<Onward | null> {
  const { journal, config, clock } = parts
  const nowMs = clock.nowMs()
  const days = new Days(config().region.timeZone)
  const refused = await countRefused(journal, days, nowMs)
  // What is refused was done by another node meanwhile, or the lease is another's: the next round sees.
  if (refused !== null && !(await journal.apply({ ...refused.effect, fence }))) return null
  const added = await missingRows(journal, config())
  if (added.length > 0 && !(await journal.apply({ rows: added, fence }))) return null
  const today = days.of(nowMs)
  const unjudged = await readUnjudged(journal, today, MOST)
  const due = unjudged.length > 0 ? unjudged : await readChanged(journal, today, behind, MOST)
  const frameworks = await parts.frameworks()
  const windows = await readWindows(journal, due, windowsOf(frameworks), today)
  const around = { ...parts, today, asked: askedNow(config()) }
  for (let at = 0; at < due.length; at += AT_ONCE) {
    const rows: Statement[] = []
    for (const subject of due.slice(at, at + AT_ONCE)) {
      rows.push(...(await judgedRows(subject, frameworks, windows.get(subjectKey(subject)) ?? new Map(), around)))
      if (subject.day !== today) rows.push(...forgotten(subject, today))
      rows.push(judgedRow(subject, Number(subject.change), today))
    }
    if (!(await journal.apply({ rows, fence }))) return null
  }
  if (unjudged.length > 0) return { behind, paced: false }
  return refused?.more === true || due.length === MOST ? { behind: due.at(-1) ?? behind, paced: true } : null
}

/** What a round judges by: today, and where each endpoint is asked now. */
interface Round extends Omit<JudgingParts, 'log'> {
  readonly today: Day
  readonly asked: ReadonlyMap<string, string>
}

/** Rows of every verdict of an establishment, and of what its products come to, that is not what it was. */
async function judgedRows(
  subject: Subject,
  frameworks: readonly Framework[],
  windows: Windows,
  { journal, config, clock, trials: triedBy, today, asked }: Round,
): Promise<Statement[]> {
  const { establishment } = subject
  const own = config().establishments.get(establishment)
  const nowMs = clock.nowMs()
  const [kept, keptProducts] = await Promise.all([readKept(journal, subject), readProductRows(journal, subject)])
  // Of who left the region nothing stays: what got worse there is nobody's to mend.
  if (own === undefined) {
    return [...verdictRows(subject, new Map(), kept, nowMs), ...productRows(subject, new Map(), keptProducts)]
  }
  const [sentDays, evidence, overrides, probes] = await Promise.all([
    readSentDays(journal, subject, today),
    readEvidence(journal, establishment),
    readOverrides(journal, subject, frameworks.map(frameworkName)),
    readProbes(journal, subject),
  ])
  // What was asked elsewhere, or of another establishment, says nothing of the endpoint that has the name now.
  const results = probes.filter((one) => one.asked === null || one.asked === asked.get(one.endpoint))
  const trials = await trialsOf(subject, frameworks, triedBy, nowMs)
  const judged = frameworks.map((framework) => {
    const name = frameworkName(framework)
    const facts = {
      kind: own.kind,
      windows,
      sentDays,
      probes: results,
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

function forgotten({ establishment, use }: Subject, today: Day): Statement[] {
  return (['received', 'sent'] as const).map((side) => ({
    sql: 'DELETE FROM conformity_count WHERE establishment = ? AND use = ? AND side = ? AND day < ?',
    parameters: [establishment, use, side, firstOf(KEPT_DAYS, today)],
  }))
}
