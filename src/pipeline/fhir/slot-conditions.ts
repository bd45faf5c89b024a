import type { Offer } from '../../core/appointments.ts'
import { GatewayError } from '../../core/errors.ts'
import type { SearchParameter } from '../../core/fhir.ts'
import type { CareService, Coded } from '../../core/services.ts'
import { type AgendaName, agendaId } from '../../formats/agenda/slot.ts'
import { readToken, unescapeValue } from '../../formats/fhir/search-parameters.ts'
import { all, any, type Condition, timeCondition, token } from './conditions.ts'

/** Who reads slots. */
export interface SlotAsker {
  /** The reader, and those for whom it sends. */
  readonly ours: readonly string[]
  readonly offers: readonly Offer[]
  readonly services: ReadonlyMap<string, CareService>
  readonly timeZone: string
}

/** What a search of slots is understood by beside. */
export interface SlotSearch {
  readonly secret: Uint8Array
  /** Agendas whose Schedules are no resources, as far as the search names Schedules. */
  readonly agendas: readonly AgendaName[]
}

const NOTHING: Condition = { sql: '1 = 0', parameters: [] }

/** Is it one of these? */
export function within(column: string, values: readonly string[]): Condition {
  if (values.length === 0) return NOTHING
  return { sql: `${column} IN (${values.map(() => '?').join(', ')})`, parameters: values }
}

/** A slot `s` that may be asked for. */
export function offered(offers: readonly Offer[]): Condition {
  if (offers.length === 0) return NOTHING
  return any(
    offers.map(({ service, centres }) => {
      const of: Condition = { sql: 's.service = ?', parameters: [service] }
      const each = centres === null ? of : all([of, within('s.centre', centres)])
      return { ...each, sql: `(${each.sql})` }
    }),
  )
}

/** When a slot `s`, whose resource may be `r`, changed last. */
export const CHANGED = 'COALESCE(r.updated_at_ms, s.changed_at_ms)'
const POSTED = `(SELECT MAX(i.value) FROM resource_index i
  WHERE i.type = 'Slot' AND i.id = r.id AND i.name = 'status' AND i.value LIKE 'busy-%')`

/** One search parameter of a Slot, over a slot `s` and the resource `r` that it may be. @throws {GatewayError} BAD_REQUEST */
export function slotCondition(
  { name, modifier, values }: SearchParameter,
  asker: SlotAsker,
  { secret, agendas }: SlotSearch,
): Condition {
  if (modifier !== null || values.length === 0) throw new GatewayError('BAD_REQUEST')
  const each = (of: (value: string) => Condition): Condition => any(values.map(of))
  switch (name) {
    case '_id':
      return within('s.id', values.map(unescapeValue))
    case '_lastUpdated':
      return each((value) => timeCondition(CHANGED, value, 'UTC'))
    case 'start':
      // A plus sign that was not encoded came as a space.
      return each((value) => timeCondition('s.start_ms', value.replace(' ', '+'), asker.timeZone))
    case 'status':
      return each((value) => statusCondition(readToken(value).value ?? '', asker))
    case 'identifier':
      return each((value) => all([within('s.centre', asker.ours), identifierOf(value, secret)]))
    case 'schedule':
      return each((value) => scheduleCondition(unescapeValue(value), agendas))
    case 'service-type':
    case 'specialty':
      return within('s.service', servicesOf(name, values, asker.services))
    default:
      throw new GatewayError('BAD_REQUEST')
  }
}

/** As it is read: what a centre itself says of busy time is told to nobody else. */
function statusCondition(status: string, { ours }: SlotAsker): Condition {
  const own = within('s.centre', ours)
  if (status !== 'busy' && !status.startsWith('busy-')) return { sql: 's.state = ?', parameters: [status] }
  const shown = `CASE WHEN ${own.sql} AND s.appointment IS NULL THEN COALESCE(${POSTED}, 'busy') ELSE 'busy' END`
  return { sql: `(s.state = 'busy' AND ${shown} = ?)`, parameters: [...own.parameters, status] }
}

function identifierOf(value: string, secret: Uint8Array): Condition {
  const row = token('identifier', value, secret)
  return {
    sql: `EXISTS (SELECT 1 FROM resource_index i WHERE i.type = 'Slot' AND i.id = r.id AND i.name = ? AND i.value = ?)`,
    parameters: [row.name, row.value],
  }
}

function scheduleCondition(reference: string, agendas: readonly AgendaName[]): Condition {
  const id = reference.replace(/^.*Schedule\//, '')
  const own = agendas.find((one) => agendaId(one) === id)
  if (own === undefined) return { sql: 's.schedule = ?', parameters: [id] }
  return {
    sql: '(s.schedule IS NULL AND s.service = ? AND s.centre = ?)',
    parameters: [own.service, own.centre],
  }
}

/** Services that a token names: by their own code, or by one of their specialities. */
export function servicesOf(
  name: 'service-type' | 'specialty',
  values: readonly string[],
  services: ReadonlyMap<string, CareService>,
): readonly string[] {
  const asked = values.map(readToken)
  const named = (codes: readonly Coded[]): boolean =>
    codes.some((one) =>
      asked.some(({ system, value }) => value === one.code && (system === null || system === one.system)),
    )
  return [...services.values()]
    .filter(({ code, specialities }) => named(name === 'specialty' ? specialities : [code, ...specialities]))
    .map((service) => service.name)
}
