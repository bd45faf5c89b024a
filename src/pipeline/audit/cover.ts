import type { Journal, SqlValue, Statement } from '../../core/journal.ts'
import { type AuditFact, auditEvent } from '../../formats/audit/event.ts'
import { type AuditKey, signHead, signLeaf } from '../../formats/audit/head.ts'
import { patientsNamed } from '../../formats/audit/record.ts'
import { type Edge, grown, type Hash, leafHash, rootOf, type Subtree } from '../../formats/audit/tree.ts'
import { insert } from '../sql/insert.ts'
import { indexRows } from './index-rows.ts'
import { ABOUT_PATIENTS } from './looks.ts'
import { type Named, pseudonymsFor } from './pseudonyms.ts'
import { type AuditStore, edgeOf, storedHeads } from './rows.ts'

/** Events taken into the tree at a time: some 10 ms of signing. */
export const COVER_ROWS = 64
const DAY_MS = 86_400_000
const ABOUT: ReadonlySet<string> = new Set(ABOUT_PATIENTS)

/** What the tree grows in. */
export interface CoverParts {
  readonly journal: Pick<Journal, 'look' | 'apply'>
  readonly key: AuditKey
  /** Name of the region. */
  readonly site: string
}

interface EventRow {
  readonly seq: number
  readonly at_ms: number
  readonly who: string
  readonly what: string
  readonly why: string | null
  readonly code: string | null
  readonly message: string | null
  readonly delivery: string | null
  readonly detail: string | null
  readonly patient_keys: string | null
  readonly establishment: string | null
}

/** Where the tree ends: its size, and the event that it has last. */
async function ending({ look }: AuditStore): Promise<{ size: number; eventSeq: number }> {
  const [row] = await look<{ n: number; event_seq: number }>({
    sql: 'SELECT n, event_seq FROM audit_leaf ORDER BY n DESC LIMIT 1',
    parameters: [],
  })
  return row === undefined ? { size: 0, eventSeq: 0 } : { size: Number(row.n), eventSeq: Number(row.event_seq) }
}

/**
 * Takes the next events into the tree, in the order of their commits, all in one commit. `more`: there may be others. Whoever
 * else does so at the same time takes the same ones, and one of both is refused by the numbers: it looks again. */
export async function cover({ journal, key, site }: CoverParts): Promise<{ covered: number; more: boolean }> {
  const { size, eventSeq } = await ending(journal)
  const events = await journal.look<EventRow>({
    sql: `SELECT e.seq, e.at_ms, e.who, e.what, e.why, e.code, e.message, e.delivery, e.detail, m.patient_keys, m.establishment
      FROM event e LEFT JOIN message m ON m.id = e.message WHERE e.seq > ? ORDER BY e.seq LIMIT ${COVER_ROWS}`,
    parameters: [eventSeq],
  })
  if (events.length === 0) return { covered: 0, more: false }
  const { names, rows } = await pseudonymsFor(journal, events.flatMap(keysOf))
  const leaves = leafRows(events, await edgeOf(journal, size), { key, site, names })
  const done = await journal.apply({ rows: [...leaves, ...rows] })
  return { covered: done ? events.length : 0, more: !done || events.length === COVER_ROWS }
}

function keysIn(json: string | null): readonly string[] {
  return json === null ? [] : JSON.parse(json)
}

/** Whom a look was about stands before its route, by search keys. */
function lookedAt({ what, detail }: EventRow): { readonly keys: readonly string[]; readonly route: string } | null {
  const [, keys, route] = ABOUT.has(what) ? (/^((?:[\w-]{16} )+)(.*)$/.exec(detail ?? '') ?? []) : []
  return keys === undefined || route === undefined ? null : { keys: keys.trim().split(' '), route }
}

/** Search keys of the patients that an event is about, of its message or of the look. */
function keysOf(row: EventRow): readonly string[] {
  return lookedAt(row)?.keys ?? keysIn(row.patient_keys)
}

function factOf(row: EventRow, n: number, site: string, names: Named): AuditFact {
  const { who, what, why, code, message, delivery } = row
  const detail = lookedAt(row)?.route ?? row.detail
  const patients = [...keysOf(row).map((key) => names.get(key) ?? key), ...patientsNamed(detail)]
  return { n, atMs: Number(row.at_ms), who, what, why, code, message, delivery, detail, patients, site }
}

function leafRows(
  events: readonly EventRow[],
  before: Edge,
  { key, site, names }: Pick<CoverParts, 'key' | 'site'> & { readonly names: Named },
): readonly Statement[] {
  const leaves: SqlValue[][] = []
  const nodes: [Subtree, Hash][] = []
  const facts: (AuditFact & { readonly establishment: string | null })[] = []
  let edge = before
  for (const row of events) {
    const fact = factOf(row, edge.size + 1, site, names)
    const line = auditEvent(fact)
    const leaf = leafHash(Buffer.from(line))
    const signature = signLeaf(fact.n, fact.atMs, leaf, key).toString('base64')
    leaves.push([fact.n, Number(row.seq), fact.atMs, line, signature])
    facts.push({ ...fact, establishment: row.establishment })
    const now = grown(edge, leaf)
    nodes.push(...now.nodes)
    edge = now.edge
  }
  const nodeRows = nodes.map(([{ level, index }, hash]): SqlValue[] => [level, index, hash.toString('hex')])
  return [
    insert('audit_leaf (n, event_seq, at_ms, line, signature)', leaves),
    insert('audit_node (level, i, hash)', nodeRows),
    ...indexRows(facts),
  ]
}

/** Signs the head of the day when none of this day (UTC) is there and the tree has grown since; gives its size, or null. */
export async function signDay({ journal, key }: CoverParts, nowMs: number): Promise<number | null> {
  const { size } = await ending(journal)
  const [last] = await storedHeads(journal, true)
  if (size === (last?.size ?? 0)) return null
  if (last !== undefined && Math.floor(last.atMs / DAY_MS) >= Math.floor(nowMs / DAY_MS)) return null
  const { root, atMs, keyId, signature } = signHead(size, rootOf(await edgeOf(journal, size)), nowMs, key)
  const head: SqlValue[] = [size, root, atMs, keyId, signature]
  const done = await journal.apply({ rows: [insert('audit_head (size, root, at_ms, key_id, signature)', [head])] })
  return done ? size : null
}
