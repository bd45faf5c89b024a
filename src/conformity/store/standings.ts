import type { Config, Use } from '../../core/config.ts'
import type { Journal, Statement } from '../../core/journal.ts'
import { changedRows } from '../count/tally.ts'
import type { Day } from '../day.ts'
import type { Subject } from './facts.ts'

/** One that is to be judged. */
export interface Due extends Subject {
  /** What the verdicts will rest on. */
  readonly change: number
  /** When it was judged last; '': never. */
  readonly day: Day
}

/** Those that were not judged today. */
export async function readUnjudged(
  { look }: Pick<Journal, 'look'>,
  today: Day,
  limit: number,
): Promise<readonly Due[]> {
  return look<Due>({
    sql: `SELECT establishment, use, change, day FROM conformity_standing WHERE day <> ? ORDER BY establishment, use LIMIT ?`,
    parameters: [today, limit],
  })
}

/** Those that were, and for which something changed: first those behind one of them. */
export async function readChanged(
  { look }: Pick<Journal, 'look'>,
  today: Day,
  behind: Subject | null,
  limit: number,
): Promise<readonly Due[]> {
  return look<Due>({
    sql: `SELECT establishment, use, change, day FROM conformity_standing WHERE change <> judged AND day = ?
      ORDER BY (establishment, use) <= (?, ?), establishment, use LIMIT ?`,
    parameters: [today, behind?.establishment ?? '', behind?.use ?? '', limit],
  })
}

/** Establishments of the region that were never judged: production for all of them, for what they send is to be real. */
export async function missingRows(
  { look }: Pick<Journal, 'look'>,
  { establishments }: Pick<Config, 'establishments'>,
): Promise<Statement[]> {
  const known = await look<{ establishment: string }>({
    sql: `SELECT establishment FROM conformity_standing WHERE use = 'production'`,
    parameters: [],
  })
  const there = new Set(known.map(({ establishment }) => establishment))
  const use: Use = 'production'
  return changedRows(
    [...establishments.keys()].filter((id) => !there.has(id)).map((establishment) => ({ establishment, use })),
  )
}

/** It was judged today. Pure. */
export function judgedRow({ establishment, use }: Subject, change: number, today: Day): Statement {
  return {
    sql: 'UPDATE conformity_standing SET judged = ?, day = ? WHERE establishment = ? AND use = ?',
    parameters: [change, today, establishment, use],
  }
}
