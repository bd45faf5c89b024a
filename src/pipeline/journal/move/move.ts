import { createHash } from 'node:crypto'
import type { Ids } from '../../../core/ports.ts'
import { addUp, digestOf } from './digest.ts'
import { type Key, refuseMarked, type SourceMark, type Tally, type TargetMark } from './mark.ts'
import { type Found, MoveRefused, type OutsideBytes, type Row, type Side } from './side.ts'
import { type Table, tables } from './tables.ts'

/** A store and its address as it may be shown. */
export interface Place {
  readonly side: Side
  readonly address: string
}

/** What is moved where. */
export interface MoveParts {
  readonly source: Place
  readonly target: Place
  readonly ids: Ids
  readonly progress: (done: number, total: number) => void
}

/** What became of a move. */
export interface Moved {
  /** Rows of each table in the new store. */
  readonly tables: Readonly<Record<string, number>>
  readonly messages: number
  /** Records that were damaged in the old store, and are as they were. */
  readonly damaged: readonly string[]
  /** Everything was there before this call. */
  readonly already: boolean
}

const NONE: Tally = { rows: 0, written: 0, sum: 0 }

/**
 * Copies a store into an empty one, or goes on with a copy that was begun: table by table, page by page in the order of
 * each table's key, every page in one commit with how far it is. At the end everything is compared and every checksum
 * read, the old store is marked as moved, and then the new one may be served. Killed at any instant, the same call ends
 * with an exact copy.
 * @throws {MoveRefused}; {GatewayError} STORE_MOVED, STORE_UNFINISHED, and whatever either store throws */
export async function move(parts: MoveParts): Promise<Moved> {
  const { source, target } = parts
  const { mine, begun, already } = await begin(parts)
  const all = tables()
  const counts = new Map<string, number>()
  for (const table of all) counts.set(table.name, await source.side.count(table))
  const rows = [...counts.values()].reduce((sum, n) => sum + n, 0)
  const messages = counts.get('message') ?? 0
  const total = 2 * rows + messages
  if (already) return { tables: Object.fromEntries(counts), messages, damaged: [], already }

  const mark = await copy(parts, all, begun, (done) => parts.progress(done, total))
  await target.side.settle(all)
  const differing = await compare(target.side, all, counts, mark, (done) => parts.progress(rows + done, total))
  if (differing.length > 0) throw new MoveRefused('differs', differing.join(', '))
  const damaged = await verified(parts, (checked) => parts.progress(2 * rows + checked, total))
  // In this order, so that at no instant both may be served.
  await source.side.claim({ ...mine, done: true })
  await target.side.claim(null)
  const written = Object.fromEntries(all.map(({ name }) => [name, mark.tallies[name]?.written ?? 0]))
  return { tables: written, messages, damaged, already: false }
}

/**
 * Gives a store back that was moved, or was being moved. The other one must be served by nobody any more.
 * @throws {MoveRefused} `elsewhere` when the store was not moved; {GatewayError} STORE_UNFINISHED */
export async function undoMove(side: Side): Promise<SourceMark> {
  const { mark } = await side.look()
  if (mark === null) throw new MoveRefused('elsewhere', '')
  if (mark.role === 'target') refuseMarked(mark)
  await side.claim(null)
  return mark as SourceMark
}

/** Marks both stores, the old one first: from here on nobody serves either. */
async function begin({ source, target, ids }: MoveParts) {
  const [from, to] = [await source.side.look(), await target.side.look()]
  const mine = sourceMark(from, target.address, ids)
  const known = mine.done && to.mark === null && to.store === from.store
  if (known) return { mine, begun: targetMark(mine, source.address), already: true }
  const begun = resumed(to, mine, source.address, target.address)
  await source.side.claim(mine)
  try {
    await target.side.claim(begun)
  } catch (error) {
    if (from.mark === null) await source.side.claim(null)
    throw error
  }
  return { mine, begun, already: false }
}

function sourceMark({ mark }: Found, to: string, ids: Ids): SourceMark {
  if (mark === null) return { role: 'source', id: ids.uuid(), to, done: false }
  if (mark.role === 'target') refuseMarked(mark)
  if (mark.role === 'source' && mark.to === to) return mark
  throw new MoveRefused('elsewhere', mark.role === 'source' ? mark.to : '')
}

function targetMark({ id }: SourceMark, from: string): TargetMark {
  return { role: 'target', id, from, table: null, after: null, tallies: {} }
}

function resumed({ mark, empty }: Found, mine: SourceMark, from: string, to: string): TargetMark {
  if (mark === null && empty) return targetMark(mine, from)
  if (mark === null) throw new MoveRefused('not-empty', to)
  if (mark.role === 'source') refuseMarked(mark)
  if (mark.role === 'target' && mark.id === mine.id) return mark
  throw new MoveRefused('other-move', to)
}

async function copy(
  { source, target }: MoveParts,
  all: readonly Table[],
  begun: TargetMark,
  progress: (done: number) => void,
): Promise<TargetMark> {
  let mark = begun
  if (mark.table === null) await target.side.expect(await source.side.days())
  let done = Object.values(mark.tallies).reduce((sum, { rows }) => sum + rows, 0)
  progress(done)
  const first = mark.table === null ? 0 : all.findIndex(({ name }) => name === mark.table)
  for (const table of all.slice(first)) {
    let after = mark.table === table.name ? mark.after : null
    for (;;) {
      const page = await source.side.page(table, after, table.rows)
      if (page.after === null) break
      after = page.after
      mark = await put(target.side, source.side.outside, table, page.rows, { ...mark, table: table.name, after })
      done += page.rows.length
      progress(done)
    }
  }
  return mark
}

async function put(
  target: Side,
  bytes: OutsideBytes,
  table: Table,
  rows: readonly Row[],
  mark: TargetMark,
): Promise<TargetMark> {
  const fitting = rows.map((row) => target.fit(table, row))
  const before = mark.tallies[table.name] ?? NONE
  let now = mark
  await target.put(table, fitting, bytes, (written) => {
    const digests = fitting.map((row, i) => digestOf(table, row, compared(table, written.outside.get(i))))
    const tally: Tally = {
      rows: before.rows + rows.length,
      written: before.written + written.rows,
      sum: addUp(before.sum, digests),
    }
    now = { ...mark, tallies: { ...mark.tallies, [table.name]: tally } }
    return now
  })
  return now
}

/** A body's bytes are compared by the hash in its row, when every checksum is read; those of a refusal have none there. */
function compared({ name }: Table, outside: string | undefined): string | undefined {
  return name === 'body' ? undefined : outside
}

/** Names of the tables that are not, row by row, what was read from the old store. */
async function compare(
  target: Side,
  all: readonly Table[],
  counts: ReadonlyMap<string, number>,
  { tallies }: TargetMark,
  progress: (done: number) => void,
): Promise<readonly string[]> {
  const differing: string[] = []
  let done = 0
  for (const table of all) {
    const tally = tallies[table.name] ?? NONE
    let rows = 0
    let sum = 0
    for (let after: Key | null = null; ; ) {
      const page = await target.page(table, after, table.rows)
      if (page.after === null) break
      after = page.after
      for (const row of page.rows) sum = addUp(sum, [digestOf(table, row, await outsideOf(target, table, row))])
      rows += page.rows.length
      progress((done += page.rows.length))
    }
    const whole = tally.rows === counts.get(table.name) && rows === tally.written
    const folded = table.folds === true && tally.written < tally.rows
    if (!whole || (sum !== tally.sum && !folded)) differing.push(table.name)
  }
  return differing
}

async function outsideOf(side: Side, table: Table, row: Row): Promise<string | undefined> {
  if (row['outside'] !== 1 || compared(table, '') === undefined) return undefined
  const digest = createHash('sha256')
  for await (const part of side.outside(row)) digest.update(part)
  return digest.digest('hex')
}

/** Every checksum of the new store. What is damaged there must be so in the old one too: a move mends nothing and hides nothing. */
async function verified(
  { source, target }: MoveParts,
  progress: (checked: number) => void,
): Promise<readonly string[]> {
  const { damaged } = await target.side.verify(progress)
  if (damaged.length === 0) return damaged
  const before = new Set((await source.side.verify(() => {})).damaged)
  const fresh = damaged.filter((one) => !before.has(one))
  if (fresh.length > 0 || before.size !== damaged.length) throw new MoveRefused('differs', damaged.join(', '))
  return damaged
}
