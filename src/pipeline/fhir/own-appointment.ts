import type { Appointment, AppointmentMessages } from '../../core/appointments.ts'
import type { Case } from '../../core/cases.ts'
import type { Config } from '../../core/config.ts'
import type { FhirAsk } from '../../core/fhir.ts'
import type { Intake, Journal, NewDelivery } from '../../core/journal.ts'
import { PLATFORM } from '../../core/message.ts'
import type { Clock, Ids } from '../../core/ports.ts'
import { type AppointmentFacts, appointmentResource, encounterResource } from '../../formats/agenda/written.ts'
import { patientIdentifiersOf, profilesOf, valuesAt } from '../../formats/fhir/facts.ts'
import { type JsonObject, writeJson } from '../../formats/fhir/json.ts'
import { keysOf, newDelivery } from '../intake.ts'
import { plan } from '../route.ts'
import { createRows, updateRows } from './rows.ts'

/** What the messages are made with. */
export interface OwnAppointmentParts {
  readonly journal: Pick<Journal, 'look' | 'secret'>
  readonly config: () => Config
  readonly clock: Clock
  readonly ids: Ids
}

/**
 * Keeps appointments as FHIR resources of the platform, which the parties of the case read, and sends those that booked, moved
 * or ended time on by the region's routes, as if the centre had sent them: to destinations of the site and the centre alone. */
export function ownAppointments(parts: OwnAppointmentParts): AppointmentMessages {
  return async (one, of, change) => {
    const config = parts.config()
    const service = config.careServices?.get(one.service)
    if (service === undefined) return []
    const kept = await keptOf(one, parts)
    const structure = (id: string) => {
      const known = config.establishments.get(id)
      return { name: known?.name ?? id, finess: known?.finess.ej ?? known?.finess.eg[0] ?? null }
    }
    const request = of?.requests[0] ?? null
    const facts: AppointmentFacts = {
      ...{ appointment: one, service, structure, change },
      patient: of?.patient ?? null,
      via: request?.via ?? 'form',
      request: kept.request,
    }
    const appointment = appointmentResource(facts)
    const encounter = encounterResource(facts)
    const told = one.slot !== null && ['booked', 'cancelled', 'noshow'].includes(one.status)
    const deliveries = told ? deliveriesOf(appointment, one, parts) : []
    return [
      intakeOf(appointment, { one, of, version: kept.versions['Appointment'] ?? 0, deliveries }, parts),
      ...(encounter === null
        ? []
        : [intakeOf(encounter, { one, of, version: kept.versions['Encounter'] ?? 0, deliveries: [] }, parts)]),
    ]
  }
}

async function keptOf(one: Appointment, { journal }: OwnAppointmentParts) {
  const [rows, [request]] = await Promise.all([
    journal.look<{ type: string; version: number }>({
      sql: `SELECT type, version FROM resource WHERE type IN ('Appointment', 'Encounter') AND id = ? AND owner = ?`,
      parameters: [one.id, PLATFORM],
    }),
    journal.look<{ id: string }>({
      sql: `SELECT id FROM care_resource WHERE care_case = ? AND type = 'ServiceRequest' ORDER BY id LIMIT 1`,
      parameters: [one.case],
    }),
  ])
  const versions: Record<string, number> = Object.fromEntries(rows.map(({ type, version }) => [type, Number(version)]))
  return { versions, request: request?.id ?? null }
}

/** Where the region's routes lead, as far as it is to the parties. */
function deliveriesOf(resource: JsonObject, one: Appointment, parts: OwnAppointmentParts): NewDelivery[] {
  const config = parts.config()
  const { planned } = plan(
    {
      kinds: ['Appointment'],
      establishment: one.centre,
      receivers: [],
      profiles: profilesOf(resource),
      test: one.test || one.drill,
      values: (path) => valuesAt(resource, path),
    },
    config,
  )
  const parties = [one.site, one.centre]
  const made = { config, ids: parts.ids, nowMs: parts.clock.nowMs() }
  return planned
    .filter(({ destination }) => parties.includes(destination.split('/')[0] ?? ''))
    .map((to) => newDelivery(to, made))
}

interface Version {
  readonly one: Appointment
  readonly of: Case | null
  /** The one that is kept; 0: none is. */
  readonly version: number
  readonly deliveries: readonly NewDelivery[]
}

function intakeOf(
  resource: JsonObject,
  { one, version, deliveries }: Version,
  { journal, config, clock, ids }: OwnAppointmentParts,
): Intake {
  const type = String(resource['resourceType'])
  const { id } = one
  const atMs = clock.nowMs()
  const message = ids.uuid()
  const write = { type, id, owner: PLATFORM, message, atMs, resource, secret: journal.secret }
  const ask: FhirAsk = {
    ...{ interaction: 'update', type, id, ifMatch: null, ifNoneExist: null },
    ...{ prefer: 'minimal', patch: null, base: '' },
  }
  const found = {
    sql: 'INSERT INTO care_resource (type, id, care_case) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    parameters: [type, id, one.case],
  }
  return {
    id: message,
    receivedAtMs: atMs,
    entrance: 'internal',
    peer: 'internal',
    establishment: one.centre,
    kind: type,
    controlId: id,
    application: '',
    facility: '',
    receivingApplication: '',
    receivingFacility: '',
    test: one.test || one.drill,
    bytes: Buffer.from(writeJson({ ...resource, id }), 'utf8'),
    repeatKey: null,
    answer: null,
    applicationAnswer: null,
    ...keysOf(patientIdentifiersOf(resource), one.site, journal.secret),
    findings: [],
    deliveries,
    events: [],
    revision: config().revision,
    parent: null,
    ask: JSON.stringify(ask),
    rows: [...(version === 0 ? createRows(write, null) : updateRows(write, version)), found],
    cause: null,
  }
}
