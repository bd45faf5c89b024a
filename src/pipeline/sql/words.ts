import { type RawBuilder, sql } from 'kysely'
import type { Dialect } from '../../core/journal.ts'

/** A piece of a statement. */
export type Sql = RawBuilder<unknown>

/**
 * Entries of one index that end with the seq of their message, and so come newest first by themselves. The table of the
 * index is `m` where that is `message`, else `x`. */
export interface Stream {
  readonly from: Sql
  readonly where: Sql
  readonly seq: Sql
  /** Brings `m` in, where the index is of another table. */
  readonly join: Sql | null
}

/**
 * Where the stores differ in what a question has to say. All else that features say is said to both in the same words:
 * standard SQL, `?` for values, a value that stands alone in a CAST, a name for every subquery in FROM. */
export interface Words {
  /** A table under an alias, read by this index; null: by none but that of its order. */
  from(table: string, alias: string, index: string | null): Sql
  /** True of the rows of a child table (body, delivery, message_key, message_finding) of a message; both are aliases. */
  of(child: string, message: string): string
  /** Joins the message `m` of the rows of a child table, after them. */
  toMessage(child: string): Sql
  /** Does the message `m` bear this search key of a patient? */
  bears(searchKey: string): Sql
  /** The messages that bear it. */
  bearing(searchKey: string): readonly Stream[]
  /** The findings of the message `m`, each a row `g` whose `value` is JSON. */
  findings(): Sql
  /** Is a text `establishment/name`, a destination? */
  isDestination(text: string): Sql
  /** The messages that are parked. */
  parked(): Stream
  /** Parked deliveries `d`; `message` brings their messages `m` in. */
  parkedDeliveries(): { readonly from: Sql; readonly message: Sql; readonly where: Sql }
  /** What a look into another table for each message costs, where reading an entry of an index costs 1. */
  readonly costOfAsking: number
  /** The first `limit` seqs of several questions for `seq`, each once, in this order; stops as soon as they are found. */
  merged(questions: readonly Sql[], order: Sql, limit: number): Sql
}

const raw = (text: string): Sql => sql.raw(text)

/** Entries of an index of `message`. `index` null: all, in the order of seq. */
export function ofMessages(words: Words, index: string | null, where: Sql): Stream {
  return { from: words.from('message', 'm', index), where, seq: raw('m.seq'), join: null }
}

/** Entries of a child table `x`, each of one message. */
export function ofChildren(words: Words, from: Sql, where: Sql): Stream {
  return { from, where, seq: raw('x.message_seq'), join: words.toMessage('x') }
}

const SQLITE: Words = {
  // SQLite keeps no statistics here: the index is named, and CROSS JOIN keeps the order in which tables are walked.
  from: (table, alias, index) =>
    index === null ? raw(`${table} AS ${alias} NOT INDEXED`) : raw(`${table} AS ${alias} INDEXED BY ${index}`),
  of: (child, message) => `${child}.message_seq = ${message}.seq`,
  toMessage: (child) => raw(`CROSS JOIN message AS m ON m.seq = ${child}.message_seq`),
  bears: (key) => sql`(EXISTS (SELECT 1 FROM message_key AS k
      WHERE k.bucket = (m.seq >> 16) AND k.search_key = ${key} AND k.message_seq = m.seq)
    OR EXISTS (SELECT 1 FROM message_key_new AS n WHERE n.message_seq = m.seq AND n.search_key = ${key}))`,
  // New keys are in a small table of their own until they are sorted in, bucket by bucket.
  bearing: (key) => [
    ofChildren(
      SQLITE,
      sql`(SELECT k.message_seq FROM message_bucket AS b
        JOIN message_key AS k ON k.bucket = b.n AND k.search_key = ${key}) AS x`,
      raw('1 = 1'),
    ),
    ofChildren(SQLITE, raw('message_key_new AS x'), sql`x.search_key = ${key}`),
  ],
  findings: () => raw('json_each(m.findings) AS g'),
  isDestination: (text) =>
    raw(`(${text} GLOB '[a-z0-9-]*/[a-z0-9-]*' AND ${text} NOT GLOB '*[^a-z0-9/-]*' AND ${text} NOT GLOB '*/*/*')`),
  // Written out, not bound: only then does SQLite use the index of parked messages.
  parked: () => ofMessages(SQLITE, 'message_parked', raw(`m.state = 'parked'`)),
  // Few messages are parked: from them to their deliveries, rather than through all that had an error once.
  parkedDeliveries: () => ({
    from: raw('message AS m INDEXED BY message_parked CROSS JOIN delivery AS d ON d.message_seq = m.seq'),
    message: raw(''),
    where: raw(`m.state = 'parked' AND (d.held = 1 OR d.state IN ('refused', 'expired', 'poisoned'))`),
  }),
  costOfAsking: 1,
  merged: (questions, order, limit) => sql`${sql.join(questions, raw(' UNION '))} ORDER BY seq ${order} LIMIT ${limit}`,
}

const POSTGRES: Words = {
  from: (table, alias) => raw(`${table} AS ${alias}`),
  // The id names the partition; delivery has those of its own id, and an index of message_seq in each.
  of: (child, message) => `${child}.message = ${message}.id AND ${child}.message_seq = ${message}.seq`,
  toMessage: (child) => raw(`JOIN message AS m ON m.id = ${child}.message`),
  bears: (key) => sql`EXISTS (SELECT 1 FROM message_key AS k
    WHERE k.search_key = ${key} AND ${raw(POSTGRES.of('k', 'm'))})`,
  bearing: (key) => [ofChildren(POSTGRES, raw('message_key AS x'), sql`x.search_key = ${key}`)],
  findings: () => raw('json_array_elements(m.findings::json) AS g(value)'),
  isDestination: (text) => raw(`${text} ~ '^[a-z0-9-]+/[a-z0-9-]+$'`),
  // A message's index of its state would make each of its changes dear; a parked delivery is an entry of this one.
  parked: () => ofChildren(POSTGRES, raw('delivery AS x'), raw('x.held = 1')),
  parkedDeliveries: () => ({
    from: raw('delivery AS d'),
    message: raw('JOIN message AS m ON m.id = d.message'),
    where: raw('d.held = 1'),
  }),
  // A delivery may be in the partition of any day: each is looked into.
  costOfAsking: 8,
  // UNION reads all of its parts first: each is ended by itself.
  merged(questions, order, limit) {
    const ended = questions.map((one) => sql`(${one} ORDER BY seq ${order} LIMIT ${limit})`)
    return sql`SELECT DISTINCT seq FROM (${sql.join(ended, raw(' UNION ALL '))}) AS found
      ORDER BY seq ${order} LIMIT ${limit}`
  },
}

/** The words of a store. */
export function wordsOf(dialect: Dialect): Words {
  return dialect === 'sqlite' ? SQLITE : POSTGRES
}
