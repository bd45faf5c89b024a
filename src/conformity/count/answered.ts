import type { Config } from '../../core/config.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { Entry, Journal } from '../../core/journal.ts'
import type { Outcome } from '../../core/outcome.ts'
import type { Days } from '../day.ts'
import { useOf } from './sent.ts'
import { Tally } from './tally.ts'

/** Answers are counted by how long they took at most (ms); the last stands for longer ones. */
export const ANSWER_MS = [250, 500, 1_000, 2_000, 5_000, 10_000, 30_000, Number.MAX_SAFE_INTEGER] as const
/** A first attempt that had not begun so long after its message says nothing of who was to answer: it was held up here. */
export const ANSWER_RIPE_MS = 600_000

interface Row {
  readonly message: string
  readonly destination: string
  readonly started_at_ms: number
  readonly ended_at_ms: number
  readonly outcome: string
  readonly code: string | null
}

/** What an attempt came to, as it is counted. Pure. */
export function answerSignature(outcome: Outcome['kind'], code: ErrorCode | null, ms: number): string {
  if (outcome !== 'delivered') return `${outcome} ${code ?? ''}`.trimEnd()
  return `delivered ${ANSWER_MS.find((edge) => ms <= edge)}`
}

/** Counts how establishments answered, at the first attempt, what these messages brought them. */
export async function countAnswered(
  entries: readonly Entry[],
  journal: Pick<Journal, 'read'>,
  { destinations }: Pick<Config, 'destinations'>,
  days: Days,
): Promise<Tally> {
  const byId = new Map(entries.map((entry) => [entry.id, entry]))
  const rows = await journal.read<Row>({
    sql: `SELECT m.id AS message, d.destination, a.started_at_ms, a.ended_at_ms, a.outcome, a.code
      FROM message m JOIN delivery d ON d.message_seq = m.seq JOIN attempt a ON a.delivery_seq = d.seq AND a.n = 1
      WHERE m.id IN (${entries.map(() => '?').join(', ')}) AND d.replay_of IS NULL`,
    parameters: entries.map(({ id }) => id),
  })
  const tally = new Tally()
  for (const { message, destination, started_at_ms, ended_at_ms, outcome, code } of rows) {
    const entry = byId.get(message)
    const target = destinations.get(destination)
    if (entry === undefined || target === undefined) continue
    if (Number(started_at_ms) > entry.receivedAtMs + ANSWER_RIPE_MS) continue
    tally.add({
      establishment: target.establishment,
      use: useOf(entry.test),
      side: 'received',
      day: days.of(Number(started_at_ms)),
      kind: entry.kind,
      application: destination,
      signature: answerSignature(
        outcome as Outcome['kind'],
        code as ErrorCode | null,
        Number(ended_at_ms) - Number(started_at_ms),
      ),
    })
  }
  return tally
}
