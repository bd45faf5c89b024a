import { GatewayError } from '../../core/errors.ts'
import type { SearchParameter } from '../../core/fhir.ts'
import type { SqlValue } from '../../core/journal.ts'
import { readTime } from '../../formats/clock/read.ts'
import { readToken, unescapeValue } from '../../formats/fhir/search-parameters.ts'
import { searchKey } from '../keys.ts'
import { type IndexRow, isTaskReference, tokenRow } from './rows.ts'

/** A condition of a query, with the values of its places in order. */
export interface Condition {
  readonly sql: string
  readonly parameters: readonly SqlValue[]
}

/** True when one of them is; their values in the same order. */
export function any(conditions: readonly Condition[]): Condition {
  return {
    sql: `(${conditions.map(({ sql }) => sql).join(' OR ')})`,
    parameters: conditions.flatMap(({ parameters }) => parameters),
  }
}

/** True when all of them are. */
export function all(conditions: readonly Condition[]): Condition {
  return {
    sql: conditions.map(({ sql }) => sql).join(' AND '),
    parameters: conditions.flatMap(({ parameters }) => parameters),
  }
}

/** One search parameter as SQL; its values are ORed (search.html §3.1.1.4). */
export function conditionOf(type: string, { name, modifier, values }: SearchParameter, secret: Uint8Array): Condition {
  if (modifier !== null || values.length === 0) throw new GatewayError('BAD_REQUEST')
  switch (name) {
    case '_id':
      return any(values.map((value) => ({ sql: 'r.id = ?', parameters: [unescapeValue(value)] })))
    case '_lastUpdated':
      return any(values.map((value) => timeCondition('r.updated_at_ms', value, 'UTC')))
    case 'status':
      return any(values.map((value) => indexed({ name, value: readToken(value).value ?? '' })))
    case 'identifier':
    case 'patient.identifier':
    case 'subject.identifier':
      return any(
        values.map((value) => indexed(token(name === 'identifier' ? name : 'patient.identifier', value, secret))),
      )
    case 'patient':
    case 'subject':
      return any(
        values.map((value) => {
          // Of another server's patient the whole URL is the name: its id there is nobody's here.
          const id = unescapeValue(value).replace(/^Patient\//, '')
          return indexed({ name: 'patient', value: searchKey(secret, 'Patient', id) })
        }),
      )
    default:
      if (type === 'Task') return taskCondition(name, values, secret)
      throw new GatewayError('BAD_REQUEST')
  }
}

/** What a Task alone is searched by; a reference as it is, `Type/ID` where it is kept here. */
function taskCondition(name: string, values: readonly string[], secret: Uint8Array): Condition {
  if (isTaskReference(name)) {
    return any(values.map((value) => indexed({ name, value: searchKey(secret, 'Reference', unescapeValue(value)) })))
  }
  if (name === 'business-status' || isTaskReference(name.replace(/\.identifier$/, ''))) {
    return any(values.map((value) => indexed(token(name, value, secret))))
  }
  throw new GatewayError('BAD_REQUEST')
}

/** The index has it for a resource `r`. */
export function indexed({ name, value }: IndexRow): Condition {
  return {
    sql: `EXISTS (SELECT 1 FROM resource_index i WHERE i.type = r.type AND i.id = r.id AND i.name = ? AND i.value = ?)`,
    parameters: [name, value],
  }
}

/** The row of the index that a token stands for. @throws {GatewayError} BAD_REQUEST for every value of a system */
export function token(name: string, written: string, secret: Uint8Array): IndexRow {
  const { system, value } = readToken(written)
  // `system|` asks for every identifier of a system: the index holds none in clear.
  if (value === null) throw new GatewayError('BAD_REQUEST')
  return tokenRow(name, system, value, secret)
}

const DATE = /^(eq|ge|gt|le|lt|sa|eb)?((\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?)?)(Z|[+-]\d{2}:\d{2})?$/

/** From `fromMs` to before `untilMs`; null: without a limit. */
export interface Span {
  readonly fromMs: number | null
  readonly untilMs: number | null
}

/**
 * The time that a date or an instant with a prefix asks for (search.html §3.1.1.4.7): a date alone is its whole day in the time
 * zone, and a time without offset is of it. @throws {GatewayError} BAD_REQUEST for any other value */
export function spanOf(value: string, timeZone: string): Span {
  const [, prefix = 'eq', written = '', date = '', time, seconds, fraction, offset = ''] = DATE.exec(value) ?? []
  const fromMs = date === '' || (time === undefined && offset !== '') ? null : msOf(written + offset, timeZone)
  const untilMs =
    time === undefined
      ? msOf(dayAfter(date), timeZone)
      : (fromMs ?? 0) + (seconds === undefined ? 60_000 : fraction === undefined ? 1_000 : 1)
  if (fromMs === null || untilMs === null) throw new GatewayError('BAD_REQUEST')
  switch (prefix) {
    case 'ge':
      return { fromMs, untilMs: null }
    case 'gt':
    case 'sa':
      return { fromMs: untilMs, untilMs: null }
    case 'le':
      return { fromMs: null, untilMs }
    case 'lt':
    case 'eb':
      return { fromMs: null, untilMs: fromMs }
    default:
      return { fromMs, untilMs }
  }
}

/** A column of ms within the time that a value asks for. @throws {GatewayError} BAD_REQUEST */
export function timeCondition(column: string, value: string, timeZone: string): Condition {
  const { fromMs, untilMs } = spanOf(value, timeZone)
  const limits = [
    ...(fromMs === null ? [] : [{ sql: `${column} >= ?`, parameters: [fromMs] }]),
    ...(untilMs === null ? [] : [{ sql: `${column} < ?`, parameters: [untilMs] }]),
  ]
  const { sql, parameters } = all(limits)
  return { sql: `(${sql})`, parameters }
}

function msOf(written: string, timeZone: string): number | null {
  return readTime(written, timeZone)?.atMs ?? null
}

function dayAfter(date: string): string {
  const next = new Date(Date.parse(`${date}T00:00:00Z`) + 86_400_000)
  return Number.isNaN(next.getTime()) ? '' : next.toISOString().slice(0, 10)
}
