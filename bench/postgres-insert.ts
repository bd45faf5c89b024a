/** The database's own rate: the rows that one message makes, as multi-row inserts prepared once, 64 messages to a transaction. */
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { machineIds } from '../src/app/cli/machine.ts'

const BATCH = 64
const BODY = Buffer.alloc(1_500, 65)
const ANSWER = Buffer.alloc(160, 65)
const SHA = 'a'.repeat(64)

/** Columns of each table; those that a message without findings leaves empty are left out. */
const COLUMNS = {
  message:
    'seq id received_at_ms committed_at_ms entrance peer establishment kind control_id application facility receiving_application receiving_facility test bytes order_keys patient_keys revision checksum findings state open parked',
  body: 'message message_seq bytes sha256 key_id data',
  message_key: 'message message_seq search_key',
  delivery:
    'seq id message message_seq destination route lane state held holds committed_at_ms moved_at_ms due_at_ms expires_at_ms attempts same_code',
  repeat: 'repeat_key sha256 message answer at_ms',
} as const
type Table = keyof typeof COLUMNS

// Far from any number that a gateway on the same database gives.
let seq = 1_000_000_000

function rowsOf(nowMs: number): Record<Table, unknown[]> {
  seq += 1
  const [id, key] = [machineIds.uuid(), randomUUID() + randomUUID()]
  const keys = JSON.stringify([key])
  const about = ['mllp', '127.0.0.1:40000', 'ch-a', 'ORU^R01', `M${seq}`, 'LABO', 'CH-A', 'DPI', 'CHU', 1, 1_500]
  return {
    message: [seq, id, nowMs, nowMs, ...about, keys, keys, 1, 1, '[]', 'inFlight', 1, 0],
    body: [id, seq, 1_500, SHA, 0, BODY],
    message_key: [id, seq, key],
    delivery: [
      seq,
      machineIds.uuid(),
      id,
      seq,
      `none/${seq % 8}`,
      'r',
      'normal',
      'queued',
      0,
      1,
      nowMs,
      nowMs,
      0,
      nowMs,
      0,
      0,
    ],
    repeat: [`ch-a|LABO|CH-A|M${seq}`, SHA, id, ANSWER, nowMs],
  }
}

function insert(table: Table): string {
  const columns = COLUMNS[table].split(' ')
  const row = (i: number): string => `(${columns.map((_, at) => `$${i * columns.length + at + 1}`).join(', ')})`
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${Array.from({ length: BATCH }, (_, i) => row(i)).join(', ')}`
}

/** Messages a second over `seconds`, on a database whose store was opened once. */
export async function multiRowRate(url: string, seconds: number): Promise<number> {
  const client = new pg.Client(url)
  await client.connect()
  const tables = Object.keys(COLUMNS) as Table[]
  const texts = Object.fromEntries(tables.map((table) => [table, insert(table)])) as Record<Table, string>
  let done = 0
  const began = performance.now()
  while (performance.now() - began < seconds * 1_000) {
    const rows = Array.from({ length: BATCH }, () => rowsOf(Date.now()))
    await client.query('BEGIN')
    for (const table of tables) {
      await client.query({ name: table, text: texts[table], values: rows.flatMap((row) => row[table]) })
    }
    await client.query('COMMIT')
    done += BATCH
  }
  const rate = (done * 1_000) / (performance.now() - began)
  await client.end()
  return rate
}
