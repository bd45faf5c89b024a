import type { Appointed, Appointment, AppointmentCommands } from '../../core/appointments.ts'
import type { CaseViewer } from '../../core/cases.ts'
import { ERRORS } from '../../core/errors.ts'
import type { FhirAnswer, FhirAsk } from '../../core/fhir.ts'
import { PLATFORM } from '../../core/message.ts'
import { type AppointmentRead, readAppointment } from '../../formats/agenda/read.ts'
import type { JsonObject } from '../../formats/fhir/json.ts'
import type { OutcomeIssue } from '../../formats/fhir/outcome.ts'
import { writtenAnswer } from './answers.ts'
import type { Under } from './judge.ts'
import { contentOf, WITHHELD } from './reads.ts'
import { asked, type Current } from './single.ts'

/** What an Appointment that a system wrote came to. */
export type AppointmentChange =
  | { readonly kind: 'answer'; readonly answer: FhirAnswer }
  | { readonly kind: 'refused'; readonly issues: readonly OutcomeIssue[] }

const refused = (...issues: OutcomeIssue[]): AppointmentChange => ({ kind: 'refused', issues })

/** The case for which an Appointment takes a slot or asks for time; null: it is about none, or asks for nothing. */
async function caseOf(
  resource: JsonObject,
  { parts: { journal, cases } }: Under,
): Promise<{ readonly care_case: string; readonly owner: string | null } | null> {
  if (cases?.appointments === undefined || resource['resourceType'] !== 'Appointment') return null
  const { request, status } = readAppointment(resource)
  if (request === null || !['proposed', 'pending', 'booked'].includes(status)) return null
  const [about] = await journal.look<{ care_case: string; owner: string | null }>({
    sql: `SELECT t.care_case, c.owner FROM care_resource t JOIN care_case c ON c.id = t.care_case
      WHERE t.type = 'ServiceRequest' AND t.id = ?`,
    parameters: [request],
  })
  return about ?? null
}

/** Would a create of it book or propose an appointment? */
export async function asksForTime(resource: JsonObject, under: Under): Promise<boolean> {
  return (await caseOf(resource, under)) !== null
}

/**
 * A create of an Appointment that takes a slot which is offered here, or asks for time of a case (`basedOn` its request): booked
 * or proposed as from any screen, 409 where somebody else has the slot. Null: it is about no case, and is kept as it is. */
export async function createAppointment(
  resource: JsonObject,
  ask: FhirAsk,
  under: Under,
): Promise<AppointmentChange | null> {
  const commands = under.parts.cases?.appointments?.appointments
  const about = await caseOf(resource, under)
  if (commands === undefined || about === null) return null
  const { slot, startMs, endMs } = readAppointment(resource)
  const { care_case: careCase, owner } = about
  const viewer = viewerOf(under)
  if (slot !== null) return done(await commands.book({ case: careCase, slot }, viewer), ask, under)
  if (startMs === null || endMs === null || owner === null)
    return refused({ error: 'RESOURCE_MALFORMED', code: 'required', expression: 'Appointment.slot' })
  return done(await commands.propose({ case: careCase, centre: owner, startMs, endMs }, viewer), ask, under)
}

/**
 * A PUT or PATCH of an Appointment that the platform keeps: another slot moves it, another status is the act of that name, done
 * in the name of the caller; another time without another slot is refused. Null: it is none of the platform's. Whoever takes no part is told 404. */
export async function changeAppointment(bytes: Buffer, ask: FhirAsk, under: Under): Promise<AppointmentChange | null> {
  const { journal, cases } = under.parts
  const commands = cases?.appointments?.appointments
  if (ask.type !== 'Appointment' || ask.id === null || commands === undefined) return null
  const row = await rowOf(ask.id, under)
  if (row === null) return null
  const kept = await contentOf(journal, row.message, row.withheld)
  if (kept === null || !(await takesPart(ask.id, under))) return refused({ error: 'NOT_FOUND', code: 'not-found' })
  const made = await asked(bytes, ask, row, under)
  if (!('resource' in made)) return refused(...made)
  const [before, after] = [readAppointment(kept), readAppointment(made.resource)]
  const viewer = viewerOf(under)
  if (after.slot !== null && after.slot !== before.slot && ['proposed', 'pending', 'booked'].includes(after.status))
    return done(await commands.move(ask.id, after.slot, viewer), ask, under)
  // The other side waits as well: the status was so already.
  const waits = viewer.participant.establishment === row.site ? row.patient_at_ms : row.expert_at_ms
  const comes = after.status === 'arrived' && waits === null
  const place = ENDED.includes(after.status) ? null : changedTime(before, after)
  if (place !== null) return refused({ error: 'WRONG_STATE', code: 'business-rule', expression: place })
  if (after.status === before.status && !comes) return read(ask, under, 200)
  const said = await act(ask.id, after.status, row.site, viewer, commands)
  if (said === null) return refused({ error: 'WRONG_STATE', code: 'business-rule', expression: 'Appointment.status' })
  return done(said, ask, under)
}

/** Statuses in which the time of an appointment is of no more account: systems leave it out, or tell what came of it. */
const ENDED: readonly string[] = ['cancelled', 'noshow', 'fulfilled']

/** Where the time is another without another slot, which alone moves an appointment; null: it is the same. */
function changedTime(before: AppointmentRead, after: AppointmentRead): string | null {
  if (after.startMs !== before.startMs || after.endMs !== before.endMs) return 'Appointment.start'
  return after.slot === before.slot ? null : 'Appointment.slot'
}

/** The act that a status stands for; null: there is none. */
function act(
  id: string,
  status: string,
  site: string,
  viewer: CaseViewer,
  commands: AppointmentCommands,
): Promise<Appointed> | null {
  const atSite = viewer.participant.establishment === site
  switch (status) {
    case 'arrived':
    case 'checked-in':
      return commands.arrive(id, atSite ? 'patient' : 'expert', viewer)
    case 'fulfilled':
      return commands.fulfil(id, viewer)
    case 'cancelled':
      return commands.cancel(id, atSite ? 'site' : 'centre', viewer)
    case 'noshow':
      return commands.noShow(id, viewer)
    default:
      return null
  }
}

async function done(said: Appointed, ask: FhirAsk, under: Under): Promise<AppointmentChange> {
  if (said.ok) return read({ ...ask, id: said.appointment.id }, under, created(said.appointment, ask))
  const { error } = said
  return refused({ error, code: ERRORS[error].http === 409 ? 'conflict' : 'business-rule' })
}

function created({ id }: Appointment, ask: FhirAsk): 200 | 201 {
  return ask.interaction === 'create' && ask.id !== id ? 201 : 200
}

/** The Appointment as it stands now. */
async function read(ask: FhirAsk, under: Under, status: 200 | 201): Promise<AppointmentChange> {
  const { config, parts } = under
  const row = await rowOf(ask.id!, under)
  const kept = row === null ? null : await contentOf(parts.journal, row.message, row.withheld)
  if (row === null || kept === null) return refused({ error: 'NOT_FOUND', code: 'not-found' })
  const { version, updated_at_ms: updatedAtMs } = row
  const written = { status, type: 'Appointment', id: ask.id!, version, updatedAtMs, resource: kept } as const
  return { kind: 'answer', answer: writtenAnswer(written, ask, config.region.locale) }
}

interface Row extends Current {
  readonly site: string
  readonly patient_at_ms: number | null
  readonly expert_at_ms: number | null
}

async function rowOf(id: string, { parts }: Under): Promise<Row | null> {
  const [row] = await parts.journal.look<Row>({
    sql: `SELECT r.version, r.message, r.updated_at_ms, r.owner, ${WITHHELD}, a.site, a.patient_at_ms, a.expert_at_ms
      FROM resource r
      JOIN appointment a ON a.id = r.id WHERE r.type = 'Appointment' AND r.id = ? AND r.owner = ? AND r.deleted = 0`,
    parameters: [id, PLATFORM],
  })
  return row === undefined ? null : { ...row, version: Number(row.version), updated_at_ms: Number(row.updated_at_ms) }
}

/** Is the caller one of the parties? */
async function takesPart(id: string, { caller, parts }: Under): Promise<boolean> {
  const rows = await parts.journal.look({
    sql: 'SELECT 1 AS found FROM appointment WHERE id = ? AND (site = ? OR centre = ?)',
    parameters: [id, caller.id, caller.id],
  })
  return rows.length > 0
}

function viewerOf({ caller }: Under): CaseViewer {
  const { id, name } = caller
  return {
    caller: { role: 'establishment', who: id, establishment: id, scope: null },
    participant: { name, rpps: null, establishment: id, role: 'establishment', phone: null },
  }
}
