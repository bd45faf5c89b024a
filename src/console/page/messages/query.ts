import type { Config } from '../../../core/config.ts'
import { ERRORS, type ErrorCode, GatewayError } from '../../../core/errors.ts'
import type { EntranceName, MessageState } from '../../../core/message.ts'
import { ENTRANCES, type MessageFilter } from '../../../core/views.ts'
import { isResourceType } from '../../../formats/fhir/resource-types.ts'
import { INS_AUTHORITIES, readMatricule } from '../../../formats/identifiers/ins.ts'
import { instantOf } from '../moment.ts'

/** States of a message, in the order of a choice. */
export const MESSAGE_STATES: readonly MessageState[] = ['parked', 'inFlight', 'closed']

/** What the box of the search was understood as. */
export interface BoxReading {
  readonly filter: MessageFilter
  /** An id of a message, which leads straight to it. */
  readonly id: string | null
  /** Words of which nothing is known: one alone may be an MSH-10; they may say anything, and never go into an address. */
  readonly rest: readonly string[]
}

type Part = Partial<MessageFilter>

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const KIND = /^[A-Z]{3}\^([A-Z0-9]{2,3}|\*)$/
const STATES: Readonly<Record<string, MessageState>> = {
  parked: 'parked',
  'à-traiter': 'parked',
  'a-traiter': 'parked',
  inflight: 'inFlight',
  'in-flight': 'inFlight',
  'en-cours': 'inFlight',
  closed: 'closed',
  terminé: 'closed',
  termine: 'closed',
}

/** A kind that a message may have: `ADT^A01`, `ADT^*`, a FHIR type, a kind of Bundle. */
export function isKind(text: string): boolean {
  return KIND.test(text) || text === 'ACK' || isResourceType(text) || /^Bundle:[a-z]{1,20}$/.test(text)
}

/** Is it a code of the table? */
export function isCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERRORS, text)
}

/**
 * Reads what somebody wrote into the one box. Only words of closed sets (establishments, destinations, kinds, codes,
 * states, times) become filters; `authority|identifier` and an INS become a patient. Pure. */
export function readBox(text: string, config: Config): BoxReading {
  const named = [...config.establishments.values()].find(({ name }) => name.toLowerCase() === text.trim().toLowerCase())
  if (named !== undefined) return { filter: { from: named.id }, id: null, rest: [] }
  let filter: Part = {}
  let id: string | null = null
  const rest: string[] = []
  for (const word of text.trim().split(/\s+/).filter(Boolean).slice(0, 50)) {
    if (UUID.test(word)) {
      id = word.toLowerCase()
      continue
    }
    const part = wordOf(word, config)
    if (part === null) rest.push(word)
    else filter = { ...filter, ...part }
  }
  return { filter, id, rest }
}

function wordOf(word: string, config: Config): Part | null {
  const said = /^(\p{L}{1,10}):(.+)$/u.exec(word)
  const part = said === null ? null : saidOf(said[1]!.toLowerCase(), said[2]!, config)
  if (part !== null) return part
  if (/^[^|]{0,199}\|[^|]{1,199}$/.test(word)) return { patient: word }
  if (readMatricule(word) !== null || /^\d{15}$/.test(word)) {
    return { patients: INS_AUTHORITIES.map(({ oid }) => `${oid}|${word}`) }
  }
  if (isKind(word)) return { kind: word }
  if (isCode(word)) return { finding: word }
  if (config.establishments.has(word)) return { from: word }
  return config.destinations.has(word) ? { to: word } : null
}

function saidOf(name: string, value: string, config: Config): Part | null {
  const atMs = () => instantOf(value, config.region.timeZone)
  switch (name) {
    case 'from':
    case 'de':
      return config.establishments.has(value) ? { from: value } : null
    case 'to':
    case 'vers':
      return config.destinations.has(value) || config.establishments.has(value) ? { to: value } : null
    case 'state':
    case 'état':
    case 'etat': {
      const state = STATES[value.toLowerCase()]
      return state === undefined ? null : { state }
    }
    case 'kind':
    case 'type':
      return isKind(value) ? { kind: value } : null
    case 'finding':
    case 'anomalie':
      return isCode(value) ? { finding: value } : null
    case 'error':
    case 'erreur':
      return isCode(value) ? { code: value } : null
    case 'since':
    case 'depuis': {
      const sinceMs = atMs()
      return sinceMs === null ? null : { sinceMs }
    }
    case 'until':
    case 'jusque': {
      const untilMs = atMs()
      return untilMs === null ? null : { untilMs }
    }
    default:
      return null
  }
}

/** The filter of an address or form, `patient` aside. @throws {GatewayError} BAD_REQUEST for a value that is none */
export function filterOfQuery(query: URLSearchParams, config: Config): MessageFilter {
  const filter: Record<string, string | number | boolean> = {}
  const take = (name: string, read: (text: string) => string | number | boolean | null, as = name): void => {
    const text = query.get(name)?.trim()
    if (text === undefined || text === '') return
    const value = read(text)
    if (value === null) throw new GatewayError('BAD_REQUEST')
    filter[as] = value
  }
  const short = (most: number) => (text: string) => (text.length <= most ? text : null)
  const time = (text: string) => instantOf(text, config.region.timeZone) ?? offsetTime(text)
  const bytes = (text: string) => (/^\d{1,12}$/.test(text) ? Number(text) : null)
  take('controlId', short(199))
  take('from', short(64))
  take('to', short(129))
  take('kind', (text) => (/^[A-Za-z0-9^_:-]{1,64}\*?$/.test(text) ? text : null))
  take('state', (text) => (MESSAGE_STATES.includes(text as MessageState) ? text : null))
  take('finding', (text) => (isCode(text) ? text : null))
  take('code', (text) => (isCode(text) ? text : null))
  take('minBytes', bytes)
  take('maxBytes', bytes)
  take('entrance', (text) => (ENTRANCES.includes(text as EntranceName) ? text : null))
  take('test', (text) => (text === 'true' ? true : text === 'false' ? false : null))
  take('since', time, 'sinceMs')
  take('until', time, 'untilMs')
  take('after', (text) => (/^\d{1,16}$/.test(text) ? text : null))
  return filter
}

function offsetTime(text: string): number | null {
  const atMs = /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(atMs) ? null : atMs
}

/** The query of an address that shows what a filter finds, always in the same order. A patient never stands in it. */
export function queryOf(filter: MessageFilter): string {
  const { patient: _patient, patients: _patients, limit: _limit, sinceMs, untilMs, ...rest } = filter
  const query = new URLSearchParams()
  const values = { ...rest, since: isoOf(sinceMs), until: isoOf(untilMs) }
  for (const [name, value] of Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (value !== undefined) query.set(name, String(value))
  }
  return query.toString()
}

/** The same filter from another place on; null: from the newest. */
export function fromPlace({ after: _after, ...rest }: MessageFilter, after: string | null): MessageFilter {
  return after === null ? rest : { ...rest, after }
}

function isoOf(atMs: number | undefined): string | undefined {
  return atMs === undefined ? undefined : new Date(atMs).toISOString()
}

/** An address with a query, or without one. */
export function addressOf(path: string, query: string): string {
  return query === '' ? path : `${path}?${query}`
}

/** The patient of a form, which the box understood before; never read from an address. @throws {GatewayError} BAD_REQUEST */
export function patientsOf(fields: URLSearchParams): readonly string[] {
  const patients = fields.getAll('patient')
  const good = patients.length <= 8 && patients.every((one) => /^[^|]{0,199}\|[^|]{1,199}$/.test(one))
  if (!good) throw new GatewayError('BAD_REQUEST')
  return patients
}
