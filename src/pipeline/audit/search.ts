import type { AuditFound, AuditSearch } from '../../core/audit.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Journal, SqlValue } from '../../core/journal.ts'
import { searchKey } from '../keys.ts'
import { pseudonymsOf } from './pseudonyms.ts'
import { sizeOf } from './rows.ts'

const MOST = 1_000

/**
 * Numbers of the events of a time, both included: from the first to the last of it. Numbers are in the order of commits, and a
 * clock that was set back in between must not make a gap. */
export async function boundsOf(
  { look }: Pick<Journal, 'look'>,
  { sinceMs, untilMs }: { readonly sinceMs?: number; readonly untilMs?: number },
  size: number,
): Promise<{ readonly first: number; readonly last: number }> {
  const bound = async (sql: string, value: number): Promise<number | null> => {
    const [row] = await look<{ n: number }>({ sql, parameters: [value] })
    return row === undefined ? null : Number(row.n)
  }
  const first =
    sinceMs === undefined
      ? 1
      : ((await bound('SELECT n FROM audit_leaf WHERE at_ms >= ? ORDER BY at_ms, n LIMIT 1', sinceMs)) ?? size + 1)
  const last =
    untilMs === undefined
      ? size
      : ((await bound('SELECT n FROM audit_leaf WHERE at_ms <= ? ORDER BY at_ms DESC, n DESC LIMIT 1', untilMs)) ?? 0)
  return { first, last }
}

/** What the index finds, newest first, with the lines of the events. */
export async function searchAudit(journal: Pick<Journal, 'look' | 'read'>, ask: AuditSearch): Promise<AuditFound> {
  const { below, limit } = ask
  if (!(limit >= 1 && limit <= MOST)) throw new GatewayError('BAD_REQUEST')
  const { first, last } = await boundsOf(journal, ask, await sizeOf(journal))
  const tests = ['n >= ?', 'n <= ?']
  const parameters: SqlValue[] = [first, Math.min(last, (below ?? Number.MAX_SAFE_INTEGER) - 1)]
  const among = (column: string, values: readonly string[] | undefined): void => {
    if (values === undefined) return
    tests.push(values.length === 1 ? `${column} = ?` : `${column} IN (${values.map(() => '?').join(', ') || 'NULL'})`)
    parameters.push(...values)
  }
  among('message', ask.message === undefined ? undefined : [ask.message])
  among('who', ask.who)
  among('what', ask.what)
  among('establishment', ask.establishment)
  // Written out, not bound: only then is the index of the few that were refused of use.
  if (ask.refused !== undefined) tests.push(`refused = ${ask.refused ? 1 : 0}`)
  if (ask.patients !== undefined) {
    const places = ask.patients.map(() => '?').join(', ') || 'NULL'
    tests.push(`n IN (SELECT p.n FROM audit_patient p WHERE p.patient IN (${places}))`)
    parameters.push(...ask.patients)
  }
  const rows = await journal.read<{ n: number; at_ms: number; line: string; establishment: string | null }>({
    sql: `SELECT l.n, l.at_ms, l.line, x.establishment FROM audit_leaf l JOIN audit_index x ON x.n = l.n WHERE l.n IN (
        SELECT n FROM audit_index WHERE ${tests.join(' AND ')} ORDER BY n DESC LIMIT ?) ORDER BY l.n DESC`,
    parameters: [...parameters, limit + 1],
  })
  const events = rows.slice(0, limit).map(({ n, at_ms, line, establishment }) => ({
    n: Number(n),
    atMs: Number(at_ms),
    line,
    establishment,
  }))
  return { events, next: rows.length > limit ? (events.at(-1)?.n ?? null) : null }
}

/**
 * The search keys of patients, by `authority|identifier` each.
 * @throws {GatewayError} BAD_REQUEST when one is none */
export function searchKeys(secret: Uint8Array, identifiers: readonly string[]): readonly string[] {
  return identifiers.map((one) => {
    const bar = one.indexOf('|')
    if (bar < 0 || bar === one.length - 1) throw new GatewayError('BAD_REQUEST')
    return searchKey(secret, one.slice(0, bar), one.slice(bar + 1))
  })
}

/** Names of these patients in the audit; who is not in it, or was erased, has none. */
export async function patientNames(
  journal: Pick<Journal, 'look' | 'secret'>,
  identifiers: readonly string[],
): Promise<readonly string[]> {
  const keys = searchKeys(journal.secret, identifiers)
  return [...(await pseudonymsOf(journal, keys)).values()]
}
