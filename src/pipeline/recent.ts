import type { CaseMessage } from '../core/cases.ts'
import type { Journal } from '../core/journal.ts'
import { bearing, inParts } from './privacy/kept.ts'

/** Messages that are looked at for one key, the newest; a patient rarely has more in a day. */
const MOST_OF_A_KEY = 50

interface Row {
  readonly id: string
  readonly kind: string
  readonly establishment: string
  readonly received_at_ms: number
  readonly test: number
  readonly order_keys: string
}

/**
 * Messages received since then that bear one of these order keys (`ESTABLISHMENT:HMAC`, `INS:HMAC`), the newest first. Those that
 * the gateway made, and parts of others, are left out. */
export async function recentBearing(
  journal: Journal,
  keys: readonly string[],
  sinceMs: number,
): Promise<readonly CaseMessage[]> {
  const wanted = new Set(keys)
  const seqs = new Set<number>()
  for (const key of new Set(keys.map((one) => one.slice(one.indexOf(':') + 1)))) {
    for (const seq of await bearing(journal, key, MOST_OF_A_KEY)) seqs.add(Number(seq))
  }
  const rows = await inParts<Row>(
    journal,
    [...seqs],
    (places) => `SELECT id, kind, establishment, received_at_ms, test, order_keys FROM message
      WHERE seq IN (${places}) AND received_at_ms >= ${Math.trunc(sinceMs)} AND establishment IS NOT NULL
      AND entrance <> 'internal' AND parent IS NULL`,
  )
  return rows
    .map((row) => ({ row, borne: JSON.parse(row.order_keys) as string[] }))
    .filter(({ borne }) => borne.some((key) => wanted.has(key)))
    .map(({ row: { id, kind, establishment, received_at_ms, test }, borne }) => {
      const found = { id, kind, establishment, receivedAtMs: Number(received_at_ms), test: Number(test) === 1 }
      return { ...found, keys: borne.filter((key) => wanted.has(key)) }
    })
    .sort((one, other) => (one.id < other.id ? 1 : -1))
}
