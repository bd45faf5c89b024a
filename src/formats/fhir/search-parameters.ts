/** What a resource is searched by, and how a search is written (FHIR R4 search.html, http.html §3.1.0.8.1). */
import { GatewayError } from '../../core/errors.ts'
import type { SearchParameter } from '../../core/fhir.ts'
import { isObject, type JsonObject, type JsonValue, object, objects, text } from './json-value.ts'

/** What a Task is found by beside that (task.html §12.1.6): references, identifiers of logical ones, and a token. */
export type TaskParameter =
  | 'business-status'
  | (typeof TASK_REFERENCES)[number][0]
  | `${(typeof TASK_REFERENCES)[number][0]}.identifier`

/** Parameters of a Task that are references, and their elements. */
export const TASK_REFERENCES = [
  ['based-on', 'basedOn'],
  ['focus', 'focus'],
  ['owner', 'owner'],
  ['requester', 'requester'],
] as const

/** What a Schedule is found by beside that (schedule.html): whose agenda it is, and for what. */
export type ScheduleParameter = 'actor' | 'actor.identifier' | 'service-type' | 'specialty'

/** Something that a resource is found by. */
export interface IndexEntry {
  readonly name: 'identifier' | 'patient' | 'patient.identifier' | 'status' | TaskParameter | ScheduleParameter
  /** System of an identifier, as written; null when there is none, and for what has none. */
  readonly system: string | null
  /** Value of an identifier; id of a patient (another server's: the whole URL); status. */
  readonly value: string
}

const MAX_PARAMETERS = 100
const MAX_VALUES = 200
const MODIFIER = /^([A-Za-z_][\w.-]*)(?::([A-Za-z][\w.-]*))?$/
/** Elements that refer to the patient, in the order in which a type has them. */
const SUBJECTS = ['patient', 'subject', 'for', 'beneficiary'] as const
const PATIENT_REFERENCE = /^(?:(.+)\/)?Patient\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/s

/**
 * What a resource is found by, each once, save `_id` and `_lastUpdated`: its identifiers, its status, its patient by
 * id and by logical identifier, of a Task what it is about and who has it, of a Schedule whose it is and for what. A Patient is its own patient.
 * `base`: our own address, without which a reference under it stands in the index. */
export function searchIndexOf(resource: JsonObject, base: string | null = null): IndexEntry[] {
  const linkOf = (reference: JsonObject): string | null => {
    const link = text(reference['reference'])
    return link !== null && base !== null && link.startsWith(`${base}/`) ? link.slice(base.length + 1) : link
  }
  const found = new Map<string, IndexEntry>()
  const add = (name: IndexEntry['name'], system: string | null, value: string | null): void => {
    if (value !== null) found.set(JSON.stringify([name, system, value]), { name, system, value })
  }
  const addIdentifiers = (
    name: Extract<IndexEntry['name'], `${string}identifier`>,
    value: JsonValue | undefined,
  ): void => {
    for (const one of [value ?? null].flat().filter(isObject)) add(name, text(one['system']), text(one['value']))
  }
  addIdentifiers('identifier', resource['identifier'])
  add('status', null, text(resource['status']))
  if (resource['resourceType'] === 'Patient') {
    add('patient', null, text(resource['id']))
    addIdentifiers('patient.identifier', resource['identifier'])
    return [...found.values()]
  }
  if (resource['resourceType'] === 'Task') {
    for (const { system, code } of objects(object(resource['businessStatus'])?.['coding'])) {
      add('business-status', text(system), text(code))
    }
    for (const [name, element] of TASK_REFERENCES) {
      for (const reference of [resource[element] ?? null].flat().filter(isObject)) {
        add(name, null, linkOf(reference))
        addIdentifiers(`${name}.identifier`, object(reference['identifier']))
      }
    }
  }
  if (resource['resourceType'] === 'Schedule') {
    for (const actor of objects(resource['actor'])) {
      add('actor', null, linkOf(actor))
      addIdentifiers('actor.identifier', object(actor['identifier']))
    }
    for (const [name, element] of [
      ['service-type', 'serviceType'],
      ['specialty', 'specialty'],
    ] as const) {
      for (const { system, code } of objects(resource[element]).flatMap(({ coding }) => objects(coding))) {
        add(name, text(system), text(code))
      }
    }
  }
  for (const subject of SUBJECTS) {
    for (const reference of [resource[subject] ?? null].flat().filter(isObject)) {
      const link = linkOf(reference)
      const patient = link === null ? null : PATIENT_REFERENCE.exec(link)
      if (patient !== null) add('patient', null, patient[1] === undefined ? patient[2]! : link)
      const type = text(reference['type'])
      if (patient !== null || type === 'Patient' || (type === null && link === null)) {
        addIdentifiers('patient.identifier', object(reference['identifier']))
      }
    }
  }
  return [...found.values()]
}

function bad(): GatewayError {
  return new GatewayError('BAD_REQUEST')
}

/** Decodes a name or value of a query or form: `+` is a space, `%` comes with two digits, and the bytes are UTF-8. */
function decode(written: string): string {
  try {
    const decoded = decodeURIComponent(written.replaceAll('+', ' '))
    if (/[\x00-\x1f\x7f]/.test(decoded)) throw bad()
    return decoded
  } catch {
    // The text itself may name a patient: it is not repeated.
    throw bad()
  }
}

/**
 * The parameters of a query (with or without `?`) or form, in order. Values are cut at commas and otherwise left as
 * written: `\,` stays one value, and its escapes are taken by `readToken` or `unescapeValue` (search.html §3.1.1.4.0.1).
 * @throws {GatewayError} BAD_REQUEST for what cannot be decoded, a name that is none, or more than 100 parameters or 200
 * values of one */
export function parseQuery(query: string): SearchParameter[] {
  const parts = query.replace(/^\?/, '').split('&', MAX_PARAMETERS + 2)
  const parameters = parts.filter((part) => part !== '').map(parameter)
  if (parameters.length > MAX_PARAMETERS) throw bad()
  return parameters
}

function parameter(part: string): SearchParameter {
  const equals = part.indexOf('=')
  const named = MODIFIER.exec(decode(equals < 0 ? part : part.slice(0, equals)))
  if (named === null) throw bad()
  const values = splitAt(equals < 0 ? '' : decode(part.slice(equals + 1)), ',', MAX_VALUES + 1)
  if (values.length > MAX_VALUES) throw bad()
  return { name: named[1]!, modifier: named[2] ?? null, values }
}

/** Cuts at a mark that no backslash precedes. */
function splitAt(written: string, mark: string, limit: number): string[] {
  const parts: string[] = []
  let start = 0
  for (let at = 0; at < written.length && parts.length < limit; at++) {
    if (written[at] === '\\') at++
    else if (written[at] === mark) {
      parts.push(written.slice(start, at))
      start = at + 1
    }
  }
  parts.push(written.slice(start))
  return parts
}

/** A value without its escapes: `\,` `\|` `\$` `\\`. */
export function unescapeValue(written: string): string {
  return written.replace(/\\([,|$\\])/g, '$1')
}

/**
 * A token (search.html §3.1.1.4.10): `system|value`; `value` has the system null, which means any; `|value` the system
 * '', which means none; `system|` the value null, which means any. */
export function readToken(written: string): { readonly system: string | null; readonly value: string | null } {
  const [first = '', second, ...rest] = splitAt(written, '|', 3)
  if (second === undefined) return { system: null, value: unescapeValue(first) }
  const value = unescapeValue([second, ...rest].join('|'))
  return { system: unescapeValue(first), value: value === '' ? null : value }
}

/**
 * The search of an If-None-Exist header (http.html §3.1.0.8.1), such as `identifier=system|value`.
 * @throws {GatewayError} BAD_REQUEST when it searches nothing, or asks for more than a search (`_sort`, `_count`) */
export function ifNoneExistQuery(header: string): SearchParameter[] {
  const parameters = parseQuery(header.trim().replace(/^.*\?/s, ''))
  const isSearch = ({ name, values }: SearchParameter): boolean =>
    (!name.startsWith('_') || name === '_id') && values.some((value) => value !== '')
  if (parameters.length === 0 || !parameters.every(isSearch)) throw bad()
  return parameters
}

/** The query of an identifier, for If-None-Exist or a search: escaped and percent-encoded. */
export function identifierQuery(system: string | null, value: string): string {
  const escaped = (one: string): string => encodeURIComponent(one.replace(/[\\,|$]/g, '\\$&'))
  return `identifier=${system === null ? '' : escaped(system)}%7C${escaped(value)}`
}
