import type { Config, Establishment } from '../../core/config.ts'
import type { FhirReader, FhirReads, SearchParameter, StoredResource } from '../../core/fhir.ts'
import { type AgendaName, agendaId, agendaResource } from '../../formats/agenda/slot.ts'
import { writeJson } from '../../formats/fhir/json.ts'
import { readToken, unescapeValue } from '../../formats/fhir/search-parameters.ts'
import { currentSystem, FINESS_SYSTEM } from '../../formats/identifiers/fhir-form.ts'
import { searchKey } from '../keys.ts'
import { agendasOf } from './agendas.ts'
import { versioned } from './answers.ts'
import { all, any, type Condition, indexed, spanOf, token } from './conditions.ts'
import { type FhirReadParts, makeFhirReads } from './reads.ts'
import { offered, type SlotAsker, servicesOf, within } from './slot-conditions.ts'
import { inTurn, listed } from './stages.ts'

/**
 * Schedules: those that were posted, which whoever may ask for time of them reads too; and one for each centre and service
 * whose time came without any (from the console, or by HL7 v2). */
export function scheduleReads(parts: FhirReadParts, askerOf: (reader: FhirReader) => SlotAsker): FhirReads {
  const { journal, config } = parts
  const posted = makeFhirReads(parts, {
    ways: (reader) => ofOffered(askerOf(reader)),
    condition: (parameter) => postedCondition(parameter, parts),
  })
  async function made(reader: FhirReader): Promise<readonly Agenda[]> {
    const names = await agendasOf(askerOf(reader), journal)
    if (names.length === 0) return []
    const { revision } = config()
    const [row] = await journal.look<{ at_ms: number }>({
      sql: 'SELECT at_ms FROM revision WHERE revision = ?',
      parameters: [revision],
    })
    return names.flatMap((name) => agendaOf(name, Number(row?.at_ms ?? 0), config()))
  }
  const named = async (id: string, reader: FhirReader) => (await made(reader)).find(({ stored }) => stored.id === id)
  return {
    async read(type, id, reader) {
      return (await posted.read(type, id, reader)) ?? (await named(id, reader))?.stored ?? null
    },
    async version(type, id, version, reader) {
      const found = await posted.version(type, id, version, reader)
      if (found !== null) return found
      const one = (await named(id, reader))?.stored
      return one?.version === version ? one : null
    },
    async search(type, parameters, page, reader) {
      const asked = parameters.map(plain)
      const agendas = (await made(reader)).filter((agenda) => asked.every((one) => isMet(one, agenda, config())))
      const rest = (next: typeof page) => posted.search(type, asked, next, reader)
      return inTurn([listed(agendas.map(({ stored }) => stored)), rest], page)
    },
  }
}

/** A Schedule that is no resource. */
interface Agenda {
  readonly name: AgendaName
  readonly stored: StoredResource
}

/** None where the service is no longer offered. It changes with the region: its version is the revision. */
function agendaOf(name: AgendaName, updatedAtMs: number, config: Config): Agenda[] {
  const service = config.careServices?.get(name.service)
  if (service === undefined) return []
  const known = config.establishments.get(name.centre)
  const [finess = null] = known === undefined ? [] : finessOf(known)
  const made = agendaResource(service, { name: known?.name ?? name.centre, finess })
  const [id, version] = [agendaId(name), config.revision]
  const json = writeJson(versioned(made, id, version, updatedAtMs))
  return [{ name, stored: { type: 'Schedule', id, version, updatedAtMs, message: null, json } }]
}

function finessOf({ finess: { ej, eg } }: Pick<Establishment, 'finess'>): readonly string[] {
  return ej === null ? eg : [ej, ...eg]
}

/** A reference by identifier is written with a modifier (search.html §3.1.1.4.12), or as a chain. */
function plain(parameter: SearchParameter): SearchParameter {
  const { name, modifier } = parameter
  return name === 'actor' && modifier === 'identifier'
    ? { ...parameter, name: 'actor.identifier', modifier: null }
    : parameter
}

/** Is the agenda what a parameter asks for? What is not understood the search of posted ones refuses. */
function isMet({ name, values }: SearchParameter, { name: of, stored }: Agenda, config: Config): boolean {
  switch (name) {
    case '_id':
      return values.some((value) => unescapeValue(value) === stored.id)
    case '_lastUpdated':
      return values.some((value) => {
        const { fromMs, untilMs } = spanOf(value, 'UTC')
        return stored.updatedAtMs >= (fromMs ?? -Infinity) && stored.updatedAtMs < (untilMs ?? Infinity)
      })
    case 'actor.identifier':
      return values.some((value) => centresNamed(value, config).includes(of.centre))
    case 'service-type':
    case 'specialty':
      return servicesOf(name, values, config.careServices ?? new Map()).includes(of.service)
    default:
      return false
  }
}

/** What a Schedule alone is searched by; what its own codes do not say its slots may. Null: what all resources are. */
function postedCondition(
  { name, modifier, values }: SearchParameter,
  { config, journal }: FhirReadParts,
): Condition | null {
  if (modifier !== null || values.length === 0) return null
  const { secret } = journal
  switch (name) {
    case 'actor':
      return any(values.map((value) => indexed({ name, value: searchKey(secret, 'Reference', unescapeValue(value)) })))
    case 'actor.identifier':
      return any(
        values.flatMap((value) => [
          indexed(token(name, value, secret)),
          within('r.owner', centresNamed(value, config())),
        ]),
      )
    case 'service-type':
    case 'specialty': {
      const services = servicesOf(name, values, config().careServices ?? new Map())
      return any([
        ...values.map((value) => indexed(token(name, value, secret))),
        slotsOf(within('s.service', services)),
      ])
    }
    default:
      return null
  }
}

/** Of such slots, a Schedule `r`. */
function slotsOf({ sql, parameters }: Condition): Condition {
  return {
    sql: `EXISTS (SELECT 1 FROM slot AS s WHERE s.schedule = r.id AND s.centre = r.owner AND ${sql})`,
    parameters,
  }
}

/** Whoever may ask for time of a Schedule reads it. */
function ofOffered({ offers }: SlotAsker): readonly Condition[] {
  if (offers.length === 0) return []
  return [slotsOf(all([{ sql: `s.state <> 'withdrawn'`, parameters: [] }, offered(offers)]))]
}

/** Establishments that have a FINESS number: an agenda whose actor is only described is known by its centre. */
function centresNamed(written: string, { establishments }: Config): readonly string[] {
  const { system, value } = readToken(written)
  if (value === null || (system !== null && currentSystem(system) !== FINESS_SYSTEM)) return []
  return [...establishments.values()].filter((one) => finessOf(one).includes(value)).map(({ id }) => id)
}
