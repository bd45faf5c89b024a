import type { Config } from '../../core/config.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { Entry, Journal } from '../../core/journal.ts'
import type { Outcome } from '../../core/outcome.ts'
import { type Days, QUARTER_MS } from '../day.ts'
import { useOf } from './sent.ts'
import { type Counted, Tally } from './tally.ts'

/** Answers are counted by how long they took at most (ms); the last stands for longer ones. */
export const ANSWER_MS = [250, 500, 1_000, 2_000, 5_000, 10_000, 30_000, Number.MAX_SAFE_INTEGER] as const
/** A first attempt that had not begun so long after its message says nothing of who was to answer: it was held up here. */
export const ANSWER_RIPE_MS = 600_000

interface Row {
  readonly destination: string
  readonly kind: string
  readonly test: number
  readonly quarter: number
  readonly outcome: string
  readonly code: string | null
  readonly edge: number
  readonly n: number
}

const EDGES = ANSWER_MS.map((ms) => `WHEN a.ended_at_ms - a.started_at_ms <= ${ms} THEN ${ms}`).join(' ')

/** First attempts of the messages from one to another, in the order of the journal, added up where nothing tells them apart. */
const ATTEMPTS = `SELECT destination, kind, test, quarter, outcome, code, edge, COUNT(*) AS n FROM (
    SELECT d.destination, m.kind, m.test, a.started_at_ms / ${QUARTER_MS} AS quarter, a.outcome, a.code, CASE ${EDGES} END AS edge
    FROM message m JOIN delivery d ON d.message_seq = m.seq JOIN attempt a ON a.delivery_seq = d.seq AND a.n = 1
    WHERE m.seq BETWEEN (SELECT seq FROM message WHERE id = ?) AND (SELECT seq FROM message WHERE id = ?)
      AND d.replay_of IS NULL AND a.started_at_ms <= m.received_at_ms + ${ANSWER_RIPE_MS}
  ) attempts GROUP BY destination, kind, test, quarter, outcome, code, edge`

/** What an attempt came to, as it is counted. Pure. */
export function answerSignature(outcome: Outcome['kind'], code: ErrorCode | null, ms: number): string {
  if (outcome !== 'delivered') return `${outcome} ${code ?? ''}`.trimEnd()
  return `delivered ${ANSWER_MS.find((edge) => ms <= edge)}`
}

/** Counts how establishments answered, at the first attempt, what these messages brought them: all from the first to the last. */
export async function countAnswered(
  entries: readonly Pick<Entry, 'id'>[],
  journal: Pick<Journal, 'read'>,
  { destinations }: Pick<Config, 'destinations'>,
  days: Days,
): Promise<Tally> {
  const tally = new Tally()
  const [first, last] = [entries[0], entries.at(-1)]
  if (first === undefined || last === undefined) return tally
  const rows = await journal.read<Row>({ sql: ATTEMPTS, parameters: [first.id, last.id] })
  for (const { destination, kind, test, quarter, outcome, code, edge, n } of rows) {
    const target = destinations.get(destination)
    if (target === undefined) continue
    const of: Counted = {
      establishment: target.establishment,
      use: useOf(Number(test) === 1),
      side: 'received',
      day: days.of(Number(quarter) * QUARTER_MS),
      kind,
      application: destination,
      signature: answerSignature(outcome as Outcome['kind'], code as ErrorCode | null, Number(edge)),
    }
    tally.add(of, Number(n))
  }
  return tally
}
