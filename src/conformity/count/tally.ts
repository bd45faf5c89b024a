import type { Use } from '../../core/config.ts'
import type { Side } from '../../core/conformity.ts'
import type { Statement } from '../../core/journal.ts'
import type { MessageId } from '../../core/message.ts'
import { readSignature } from './signature.ts'

/** Rows of one statement. */
const ROWS = 50
/** How many messages are kept as examples of one finding. */
export const EXAMPLES = 5

/** What is counted of one message. */
export interface Counted {
  readonly establishment: string
  readonly use: Use
  readonly side: Side
  /** `YYYY-MM-DD`. */
  readonly day: string
  readonly kind: string
  readonly application: string
  readonly signature: string
}

/** A message that shows what was found in it. */
export interface Example {
  readonly message: MessageId
  readonly atMs: number
}

/** Adds up what is counted, and makes one list of statements of it. */
export class Tally {
  readonly #counts = new Map<string, { readonly of: Counted; n: number }>()
  readonly #examples = new Map<string, readonly [of: Counted, finding: string, example: Example]>()

  /** Counts one message; `example`: it may be shown for what was found in it. */
  add(of: Counted, example?: Example): void {
    const { establishment, use, side, day, kind, application, signature } = of
    const key = JSON.stringify([establishment, use, side, day, kind, application, signature])
    const known = this.#counts.get(key)
    if (known === undefined) this.#counts.set(key, { of, n: 1 })
    else known.n++
    if (example === undefined || signature === '') return
    for (const name of readSignature(signature).names) {
      this.#examples.set(JSON.stringify([establishment, use, name, slotOf(example.message)]), [of, name, example])
    }
  }

  /** The rows, and that what is made of them is to be looked at again. None when nothing was counted. */
  rows(): Statement[] {
    const counts = [...this.#counts.values()]
    const standings = new Map(counts.map(({ of }) => [JSON.stringify([of.establishment, of.use]), of]))
    return [
      ...inChunks(counts, (chunk) => ({
        sql: `INSERT INTO conformity_count (establishment, use, side, day, kind, application, signature, n) VALUES ${places(chunk, 8)}
          ON CONFLICT (establishment, use, side, day, kind, application, signature) DO UPDATE SET n = conformity_count.n + excluded.n`,
        parameters: chunk.flatMap(({ of, n }) => [
          ...[of.establishment, of.use, of.side, of.day, of.kind, of.application, of.signature],
          n,
        ]),
      })),
      ...inChunks([...this.#examples.values()], (chunk) => ({
        sql: `INSERT INTO conformity_example (establishment, use, finding, slot, message, kind, at_ms) VALUES ${places(chunk, 7)}
          ON CONFLICT (establishment, use, finding, slot)
          DO UPDATE SET message = excluded.message, kind = excluded.kind, at_ms = excluded.at_ms`,
        parameters: chunk.flatMap(([of, finding, { message, atMs }]) => [
          ...[of.establishment, of.use, finding, slotOf(message), message, of.kind],
          atMs,
        ]),
      })),
      ...changedRows([...standings.values()]),
    ]
  }
}

/** What verdicts of these establishments rest on has changed: they are judged again. */
export function changedRows(standings: readonly { readonly establishment: string; readonly use: Use }[]): Statement[] {
  return inChunks(standings, (chunk) => ({
    sql: `INSERT INTO conformity_standing (establishment, use, change, judged, day) VALUES ${places(chunk, 5)}
      ON CONFLICT (establishment, use) DO UPDATE SET change = conformity_standing.change + 1`,
    parameters: chunk.flatMap(({ establishment, use }) => [establishment, use, 1, 0, '']),
  }))
}

/** Spread over the slots by the id alone, so that reading the journal again keeps the same examples. */
function slotOf(message: MessageId): number {
  return Number.parseInt(message.slice(-4), 16) % EXAMPLES
}

function places(rows: readonly unknown[], columns: number): string {
  const row = `(${new Array(columns).fill('?').join(', ')})`
  return new Array(rows.length).fill(row).join(', ')
}

function inChunks<One>(all: readonly One[], statement: (chunk: readonly One[]) => Statement): Statement[] {
  const chunks: Statement[] = []
  for (let at = 0; at < all.length; at += ROWS) chunks.push(statement(all.slice(at, at + ROWS)))
  return chunks
}
