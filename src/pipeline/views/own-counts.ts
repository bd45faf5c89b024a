import { sql } from 'kysely'
import { type Reach, reachesNothing } from '../../core/caller.ts'
import type { Journal } from '../../core/journal.ts'
import { OPEN_STATES } from '../../core/message.ts'
import { ofChildren, type Stream, wordsOf } from '../sql/words.ts'
import { askSql } from './tables.ts'

/** Entries of the whole region that are looked at for a count: in a backlog beyond that it says what was found so far. */
const MOST = 100_000

/** What the establishments of a reach sent, by how it stands; `refused` of what is still kept of refusals. */
export interface OwnCounts {
  readonly inFlight: number
  readonly parked: number
  readonly refused: number
}

/** Counts what a reach sent. Parked and open messages are few as a rule, and found by the indexes of those. */
export async function ownCounts(journal: Journal, reach: Reach): Promise<OwnCounts> {
  const { establishments, applications } = reach
  // An editor sees no counts of a whole establishment.
  if (establishments === null || applications !== null || reachesNothing(reach))
    return { inFlight: 0, parked: 0, refused: 0 }
  const words = wordsOf(journal.dialect)
  const open = ofChildren(
    words,
    words.from('delivery', 'x', 'delivery_queue'),
    sql`x.holds = 1 AND x.state IN (${sql.join(OPEN_STATES)})`,
  )
  const counted = ({ from, where, seq }: Stream, state: string) => sql`(SELECT count(*) FROM message AS own
    WHERE own.seq IN (SELECT DISTINCT seq FROM (SELECT ${seq} AS seq FROM ${from} WHERE ${where} LIMIT ${MOST}) AS entries)
      AND own.state = ${state} AND own.entrance <> 'internal' AND own.establishment IN (${sql.join(establishments)}))`
  const [row] = await askSql<{ parked: number; in_flight: number; refused: number }>(
    journal,
    sql`SELECT ${counted(words.parked(), 'parked')} AS parked, ${counted(open, 'inFlight')} AS in_flight,
      (SELECT count(*) FROM refusal WHERE establishment IN (${sql.join(establishments)})) AS refused`,
  )
  return { parked: Number(row?.parked), inFlight: Number(row?.in_flight), refused: Number(row?.refused) }
}
