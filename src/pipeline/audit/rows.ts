import type { AuditHead } from '../../core/audit.ts'
import type { Journal, SqlValue } from '../../core/journal.ts'
import { type AuditKey, auditKey } from '../../formats/audit/head.ts'
import { type Edge, type Hash, type Range, rangeHash, type Subtree, subtreesOf } from '../../formats/audit/tree.ts'
import { PRUNED } from './prune.ts'

/** What the audit reads the store by. */
export type AuditStore = Pick<Journal, 'look'>

/** The key that signs the audit of this store. */
export async function storedKey({ look }: AuditStore): Promise<AuditKey> {
  const [row] = await look<{ value: string }>({ sql: "SELECT value FROM meta WHERE name = 'auditKey'", parameters: [] })
  return auditKey(row?.value ?? '')
}

/** How many events are in the tree. */
export async function sizeOf({ look }: AuditStore): Promise<number> {
  const [row] = await look<{ size: number }>({
    sql: 'SELECT coalesce(max(n), 0) AS size FROM audit_leaf',
    parameters: [],
  })
  return Number(row?.size)
}

/** The hashes of these subtrees, which are in the store. */
async function nodesOf({ look }: AuditStore, wanted: readonly Subtree[]): Promise<(subtree: Subtree) => Hash> {
  const found = new Map<string, Hash>()
  if (wanted.length > 0) {
    const parameters: SqlValue[] = wanted.flatMap(({ level, index }) => [level, index])
    const rows = await look<{ level: number; i: number; hash: string }>({
      sql: `SELECT level, i, hash FROM audit_node WHERE ${wanted.map(() => '(level = ? AND i = ?)').join(' OR ')}`,
      parameters,
    })
    for (const { level, i, hash } of rows) found.set(`${level} ${i}`, Buffer.from(hash, 'hex'))
  }
  return ({ level, index }) => {
    const hash = found.get(`${level} ${index}`)
    if (hash === undefined) throw new Error(`the tree of the audit lacks subtree ${level} ${index}`)
    return hash
  }
}

/** The edge of the tree over the first `size` events. */
export async function edgeOf(store: AuditStore, size: number): Promise<Edge> {
  const wanted = subtreesOf({ start: 0, end: size })
  return { size, hashes: wanted.map(await nodesOf(store, wanted)) }
}

/** Hashes of these ranges, hex: what proofs are made of. */
export async function rangesOf(store: AuditStore, ranges: readonly Range[]): Promise<readonly string[]> {
  const node = await nodesOf(store, ranges.flatMap(subtreesOf))
  return ranges.map((range) => rangeHash(range, node).toString('hex'))
}

interface HeadRow {
  readonly size: number
  readonly root: string
  readonly at_ms: number
  readonly key_id: string
  readonly signature: string
}

/** The daily heads, oldest first, behind the first `most` of them none; `newest`: only the last one. */
export async function storedHeads({ look }: AuditStore, newest = false): Promise<readonly AuditHead[]> {
  const order = newest ? 'DESC LIMIT 1' : 'ASC'
  const rows = await look<HeadRow>({
    sql: `SELECT size, root, at_ms, key_id, signature FROM audit_head ORDER BY size ${order}`,
    parameters: [],
  })
  return rows.map(({ size, root, at_ms, key_id, signature }) => ({
    size: Number(size),
    root,
    atMs: Number(at_ms),
    keyId: key_id,
    signature,
  }))
}

/** How many of the oldest events are no longer there: their time was over. */
export async function prunedOf({ look }: AuditStore): Promise<number> {
  const [row] = await look<{ first: number }>({
    sql: 'SELECT coalesce(min(n), 1) AS first FROM audit_leaf',
    parameters: [],
  })
  return Number(row?.first) - 1
}

/**
 * Events in the tree, waiting for it, and gone: one statement, so one instant. What retention removed is not gone; where more
 * of the oldest are away than it says to have removed, those are. */
export async function coverage({ look }: AuditStore): Promise<{ covered: number; waiting: number; missing: number }> {
  const [row] = await look<{ made: number; covered: number; waiting: number; first: number; pruned: number | null }>({
    sql: `SELECT (SELECT value FROM counter WHERE name = 'events') AS made,
        (SELECT coalesce(max(n), 0) FROM audit_leaf) AS covered, (SELECT coalesce(min(n), 1) FROM audit_leaf) AS first,
        (SELECT value FROM counter WHERE name = '${PRUNED}') AS pruned,
        (SELECT count(*) FROM event WHERE seq > (SELECT coalesce(max(event_seq), 0) FROM audit_leaf)) AS waiting`,
    parameters: [],
  })
  const { made, covered, waiting, first, pruned } = row!
  const [all, sealed, rest] = [Number(made), Number(covered), Number(waiting)]
  const cutOff = sealed === 0 ? 0 : Number(first) - 1 - Number(pruned ?? 0)
  return { covered: sealed, waiting: rest, missing: all - sealed - rest + cutOff }
}
