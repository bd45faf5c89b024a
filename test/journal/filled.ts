import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import type { Journal } from '../../src/core/journal.ts'
import type { State } from '../../src/core/message.ts'
import { newDelivery, newIntake, newMove, newRefused, nextId, personEvent } from './made.ts'

/** Each state that a delivery may be in, and how it gets there. */
const STATES: readonly (readonly [
  state: State,
  moves: readonly (readonly [from: State, to: State, held?: boolean])[],
])[] = [
  ['queued', []],
  ['sending', [['queued', 'sending']]],
  [
    'delivered',
    [
      ['queued', 'sending'],
      ['sending', 'delivered'],
    ],
  ],
  [
    'refused',
    [
      ['queued', 'sending'],
      ['sending', 'refused'],
    ],
  ],
  [
    'unknown',
    [
      ['queued', 'sending'],
      ['sending', 'unknown'],
    ],
  ],
  [
    'unknown',
    [
      ['queued', 'sending'],
      ['sending', 'unknown', true],
    ],
  ],
  ['expired', [['queued', 'expired']]],
  [
    'poisoned',
    [
      ['queued', 'sending'],
      ['sending', 'poisoned'],
    ],
  ],
  ['closed', [['queued', 'closed']]],
]

const attempt = (n: number) => ({
  n,
  startedAtMs: 1_773_480_000_500,
  endedAtMs: 1_773_480_001_000,
  outcome: 'unknown' as const,
  code: 'CONNECTION_CUT' as const,
  answer: 'é',
})

/** Puts a bit of everything into a store that has no configuration yet, and `many` small messages. */
export async function fill(journal: Journal, many = 20): Promise<void> {
  await journal.adopt('demo-admin', 1, '{"a":1}')
  await journal.adopt('demo-admin', 2, '{"a":"é"}')
  const revision = 2
  for (const [, moves] of STATES) {
    const one = newIntake({
      revision,
      patientKeys: [`key${moves.length}`],
      orderKeys: [`ch-laval:order${moves.length}`],
      findings: [{ code: 'ORDER_OVERTAKEN', class: 'form', at: 'PID-3', params: {} }],
      deliveries: [newDelivery('chu-nantes/dpi', { lane: 'urgent', alertAtMs: 1_773_480_009_000 })],
      events: [personEvent('read-body')],
    })
    await journal.commit([one])
    const deliveryId = one.deliveries[0]!.id
    for (const [i, [from, to, held]] of moves.entries()) {
      const more = { from: [from], to, held: held === true, attempts: 1, code: 'CONNECTION_CUT' as const }
      await journal.record(newMove(deliveryId, { ...more, attempt: i === 0 ? null : attempt(1) }))
    }
  }
  for (const size of [70_000, 256 * 1024, 3_000_001]) {
    await journal.commit([newIntake({ revision, bytes: Buffer.alloc(size, `ESSAI${size}`) })])
  }
  // Text that not every store can hold as it is.
  const odd = newIntake({ revision, application: 'A\u0000B', facility: 'C\ud800D', repeatKey: 'x\u0000y' })
  await journal.commit([odd])
  await resources(journal, revision)
  for (const size of [0, 100, 90_000]) await journal.refuse(newRefused(size))
  await journal.apply({ cursor: { follower: 'alerts', from: null, to: '3' }, events: [personEvent('resend')] })
  await journal.apply({
    deliveries: [{ messageId: odd.id, delivery: newDelivery('chu-angers/unv', { replayOf: nextId() }) }],
  })
  await journal.processing(odd.deliveries[0]!.id, true)
  for (let left = many; left > 0; left -= 100) {
    const some = Array.from({ length: Math.min(left, 100) }, () =>
      journal.commit([newIntake({ revision, patientKeys: [`p${left}`] })]),
    )
    await Promise.all(some)
  }
}

async function resources(journal: Journal, revision: number): Promise<void> {
  const statement = (sql: string, ...parameters: (string | number)[]) => ({ sql, parameters, rows: 1 })
  const one = newIntake({ revision, kind: 'Patient' })
  const rows = [
    statement('INSERT INTO resource VALUES (?, ?, 1, ?, ?, 5, 0)', 'Patient', one.id, 'ch-laval', one.id),
    statement('INSERT INTO resource_version VALUES (?, ?, 1, ?, 5)', 'Patient', one.id, one.id),
    statement('INSERT INTO resource_index VALUES (?, ?, ?, ?)', 'Patient', one.id, 'identifier', 'hmac'),
    statement('INSERT INTO jti VALUES (?, 7)', 'jti-1'),
    statement('INSERT INTO imaging_order VALUES (?, ?, 9, NULL)', 'hmac-of-order', 'ch-laval'),
    statement('INSERT INTO paused VALUES (?, 8, ?, ?)', 'chu-nantes/dpi', 'demo-admin', 'their upgrade'),
    statement("INSERT INTO onboarding VALUES (?, ?, ?, 'qualifying', NULL, 1, 2, 3)", 'ch-laval', 'stroke', 'É'),
    statement(
      "INSERT INTO onboarding_step VALUES (?, '*', ?, 'done', '', '', '', '{}', 'op', 4)",
      'ch-laval',
      'finess',
    ),
    statement('INSERT INTO onboarding_signature VALUES (?, ?, ?, ?, 5)', 'ch-laval', 'stroke', 'op', 'why'),
    statement(
      `INSERT INTO trial (id, at_ms, establishment, version, charset, accent, again, sha256, findings)
        VALUES (?, 6, ?, '2.5', '', 1, 0, ?, '[]')`,
      'trial-1',
      'ch-laval',
      'hash',
    ),
  ]
  await journal.commit([{ ...one, rows }])
}

/** Tables that both stores have, and columns that only one of them has. */
const TABLES = [
  ...[
    'message',
    'body',
    'delivery',
    'attempt',
    'message_key',
    'message_finding',
    'event',
    'repeat',
    'refusal',
    'counter',
  ],
  ...['destination_counter', 'cursor', 'timer', 'revision', 'meta', 'resource', 'resource_version', 'resource_index'],
  ...['jti', 'paused', 'imaging_order', 'onboarding', 'onboarding_step', 'onboarding_signature', 'trial'],
]
const OWN_COLUMNS: Readonly<Record<string, readonly string[]>> = {
  body: ['message'],
  delivery: ['message'],
  attempt: ['delivery'],
  message_key: ['message', 'bucket'],
  message_finding: ['message'],
}

/** Rows of a store by table, in words that are the same for both stores: every column of both, bytes as hex. */
export type Content = Readonly<Record<string, readonly string[]>>

function contentOf(table: string, rows: readonly Record<string, unknown>[]): readonly string[] {
  const own = OWN_COLUMNS[table] ?? []
  const lines = rows.map((row) => {
    const entries = Object.entries(row)
      .filter(([name]) => !own.includes(name))
      .map(([name, value]) => {
        if (name === 'file') return [name, value === null ? 'inside' : 'outside']
        return [name, value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value]
      })
    return JSON.stringify(Object.fromEntries(entries.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))))
  })
  return lines.filter((line) => !line.includes('"name":"move"')).sort()
}

/** What is in an embedded store that nobody holds. */
export function contentOfFolder(dir: string): Content {
  const db = new DatabaseSync(join(dir, 'store.db'), { readOnly: true })
  const all = (sql: string) => db.prepare(sql).all() as Record<string, unknown>[]
  const guard = all(
    'SELECT d.id AS delivery, g.running, g.crashes FROM guard g JOIN delivery d ON d.seq = g.delivery_seq',
  )
  const fresh = all('SELECT message_seq, search_key FROM message_key_new')
  const content = TABLES.map((table) => {
    const rows = all(`SELECT * FROM ${table}`)
    return [table, contentOf(table, table === 'message_key' ? [...rows, ...fresh] : rows)] as const
  })
  db.close()
  return { ...Object.fromEntries(content), guard: contentOf('guard', guard) }
}

/** What is in a store on PostgreSQL. */
export async function contentOfDatabase(url: string): Promise<Content> {
  const numbers = (oid: number) => (oid === 20 ? Number : pg.types.getTypeParser(oid))
  const client = new pg.Client({ connectionString: url, types: { getTypeParser: numbers as never } })
  await client.connect()
  try {
    const all = async (sql: string) => (await client.query(sql)).rows as Record<string, unknown>[]
    const content: [string, readonly string[]][] = []
    for (const table of TABLES) content.push([table, contentOf(table, await all(`SELECT * FROM ${table}`))])
    const guard = contentOf('guard', await all('SELECT delivery, running, crashes FROM guard'))
    return { ...Object.fromEntries(content), guard }
  } finally {
    await client.end()
  }
}

/** Texts that PostgreSQL cannot hold are other ones there, and so is the checksum of their message. */
export function portable(content: Content): Content {
  const odd = (line: string) => line.replaceAll('\\u0000', '\ufffd').replace(/"checksum":\d+,/, '')
  const lines = (some: readonly string[]) => some.map((line) => (/\\u0000|\ufffd/.test(line) ? odd(line) : line)).sort()
  return Object.fromEntries(Object.entries(content).map(([table, some]) => [table, lines(some)]))
}
