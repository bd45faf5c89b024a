/** An appointment as its parties read it in FHIR R4: Appointment (appointment.html), and the session as an Encounter of class VR. Pure. */
import type { Appointment, AppointmentStatus, CancelReason } from '../../core/appointments.ts'
import type { CasePatient, CaseRequest } from '../../core/cases.ts'
import type { CareService, Coded } from '../../core/services.ts'
import { APPOINTMENT_CHANGE } from '../bridge/appointment.ts'
import { type Loose, resource } from '../bridge/bundle.ts'
import { PROFILES } from '../bridge/profiles.ts'
import { CASE_MARKS } from '../case/fhir.ts'
import { CASE_NUMBER, referenceOf, type Structure, systemOf } from '../case/task.ts'
import type { JsonObject } from '../fhir/json-value.ts'

const HL7 = 'http://terminology.hl7.org/CodeSystem'
/** System of the ids of appointments. */
export const APPOINTMENT_ID = 'urn:passerelle:appointment'
/** System of the ids of sessions. */
export const SESSION_ID = 'urn:passerelle:session'

/** What an appointment's resources are made of. */
export interface AppointmentFacts {
  readonly appointment: Appointment
  /** Null: its content was erased. */
  readonly patient: CasePatient | null
  readonly via: CaseRequest['via']
  readonly service: CareService
  readonly structure: (establishment: string) => Structure
  /** Id of the ServiceRequest that is kept; null: none is. */
  readonly request: string | null
  /** What this version did; null: nothing that moves time. */
  readonly change: 'booked' | 'moved' | null
}

/** Codes of appointment-cancellation-reason, as recalled of R4. */
const CANCELLED: Readonly<Record<CancelReason, string>> = {
  patient: 'pat',
  site: 'other',
  centre: 'prov',
  technical: 'oth-err',
  consent: 'pat',
  other: 'other',
}
const PARTICIPATION: Readonly<Record<AppointmentStatus, string>> = {
  proposed: 'needs-action',
  booked: 'accepted',
  arrived: 'accepted',
  fulfilled: 'accepted',
  cancelled: 'declined',
  noshow: 'accepted',
}

/** The Appointment, without id and version, which are the store's. */
export function appointmentResource(facts: AppointmentFacts): JsonObject {
  const { appointment: one, service, structure, request } = facts
  const status = PARTICIPATION[one.status]
  const place = (type: string, establishment: string): Loose => ({
    actor: { ...referenceOf(structure(establishment)), type },
    status,
  })
  const made = resource('Appointment', PROFILES.appointment, {
    contained: patientOf(facts),
    identifier: [
      { system: APPOINTMENT_ID, value: one.id },
      { system: CASE_NUMBER, value: one.number },
    ],
    status: one.status,
    cancelationReason:
      one.cancelled === null
        ? null
        : { coding: [{ system: `${HL7}/appointment-cancellation-reason`, code: CANCELLED[one.cancelled] }] },
    serviceType: [conceptOf(service.code)],
    specialty: service.specialities.map(conceptOf),
    start: iso(one.startMs),
    end: iso(one.endMs),
    minutesDuration: Math.max(1, Math.round((one.endMs - one.startMs) / 60_000)),
    slot: one.slot === null ? null : [{ reference: `Slot/${one.slot}` }],
    basedOn: request === null ? null : [{ reference: `ServiceRequest/${request}` }],
    participant: [
      { actor: subjectOf(facts), status },
      // An Appointment has no place for organizations: they take part by their service, and by where the patient is.
      place('HealthcareService', one.centre),
      place('Location', one.site),
    ],
  })
  return marked(made, one, facts.change)
}

/** Encounter.status of a session. */
function sessionStatus({ status, waiting }: Appointment): string {
  if (status === 'fulfilled') return 'finished'
  if (status === 'cancelled' || status === 'noshow') return 'cancelled'
  const met = waiting.expert !== null && (waiting.requester !== null || waiting.patient !== null)
  return met ? 'in-progress' : 'arrived'
}

/** The session as an Encounter, once somebody came; null: nobody has. FrCore asks for identifier and period. */
export function encounterResource(facts: AppointmentFacts): JsonObject | null {
  const { appointment: one, service, structure } = facts
  const came = Object.values(one.waiting).filter((atMs) => atMs !== null)
  if (came.length === 0) return null
  const began = Math.min(...came)
  const over = one.status !== 'arrived'
  const made = resource('Encounter', PROFILES.encounter, {
    contained: patientOf(facts),
    identifier: [
      {
        type: { coding: [{ system: `${HL7}/v2-0203`, code: 'VN' }] },
        system: SESSION_ID,
        value: one.id,
      },
    ],
    status: sessionStatus(one),
    class: { system: `${HL7}/v3-ActCode`, code: 'VR', display: 'virtual' },
    serviceType: conceptOf(service.code),
    subject: subjectOf(facts),
    basedOn: facts.request === null ? null : [{ reference: `ServiceRequest/${facts.request}` }],
    appointment: [{ reference: `Appointment/${one.id}` }],
    // A clock that was set back ends nothing before it began.
    period: { start: iso(began), end: over ? iso(Math.max(began, one.changedAtMs)) : null },
    serviceProvider: referenceOf(structure(one.centre)),
  })
  return marked(made, one, null)
}

function conceptOf({ system, code, display }: Coded): Loose {
  return { coding: [{ system, code, display }] }
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString()
}

function patientOf({ patient, via }: AppointmentFacts): Loose {
  if (patient === null) return null
  return [
    {
      resourceType: 'Patient',
      id: 'patient',
      identifier: travelling(patient).map(({ authority, value }) => ({ system: systemOf(authority, via), value })),
      name: [{ family: patient.family, given: [patient.given] }],
      gender: patient.sex,
      birthDate: patient.birthDate,
    },
  ]
}

/** An INS travels with a qualified identity alone. */
function travelling({ identifiers, status }: CasePatient): CasePatient['identifiers'] {
  return status === 'qualified' ? identifiers : identifiers.filter(({ type }) => type !== 'INS')
}

/** The patient, with the first identifier beside so that a search finds the resource by it. */
function subjectOf({ patient, via }: AppointmentFacts): Loose {
  if (patient === null) return { type: 'Patient', display: '-' }
  const [first] = travelling(patient)
  const identifier = first === undefined ? null : { system: systemOf(first.authority, via), value: first.value }
  return { reference: '#patient', type: 'Patient', identifier }
}

/** HTEST for a test, which a drill is too, the mark of a drill, and what the version did. */
function marked(made: JsonObject, { test, drill }: Appointment, change: AppointmentFacts['change']): JsonObject {
  const { resourceType, meta, ...rest } = made
  const tags = [
    ...(drill ? [{ system: CASE_MARKS, code: 'drill', display: 'EXERCICE' }] : []),
    ...(change === null ? [] : [{ system: APPOINTMENT_CHANGE, code: change }]),
  ]
  const marks: JsonObject = {
    ...(meta as JsonObject),
    ...(test || drill ? { security: [{ system: `${HL7}/v3-ActReason`, code: 'HTEST' }] } : {}),
    ...(tags.length === 0 ? {} : { tag: tags }),
  }
  return { resourceType: resourceType!, meta: marks, ...rest }
}
