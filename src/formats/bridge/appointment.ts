/** Appointments: SIU S12 to S15, S17 and S26 (HL7 v2.5 §10) against Appointment. */
import { resourcesOf } from '../fhir/bundle.ts'
import { type JsonObject, object, objects, text } from '../fhir/json-value.ts'
import type { Header } from '../hl7v2/header.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import { type Repetition, type Segment, segment } from '../hl7v2/write.ts'
import { hdOf } from '../identifiers/authority.ts'
import { V2_TYPES } from '../identifiers/fhir-form.ts'
import type { Hl7Identifier } from '../identifiers/hl7-form.ts'
import { cxOfIdentifier } from '../identifiers/patient.ts'
import type { Mapping } from './bridge.ts'
import { ensured, type Loose, nameOf, referenceTo, resolve, resource, transaction, written } from './bundle.ts'
import { ceOf, conceptOf } from './codes.ts'
import { type BridgeContext, mapped } from './context.ts'
import { type Conversion, type Hl7Draft, lacking } from './conversion.ts'
import { identifierOfEi } from './identity.ts'
import { locationsOf, plOfReference } from './location.ts'
import { noteTexts } from './order-groups.ts'
import { eiRepetition, partOf, textAt } from './parts.ts'
import { PATIENT_LOSSES, PATIENT_READ, PID_READ, patientOf, pidOf } from './patient.ts'
import { practitionerOf, xcnOf } from './people.ts'
import { PROFILES } from './profiles.ts'
import { instantOf, tsOf } from './time.ts'

/** What the event makes of an appointment; where it says nothing, SCH-25 does (table 0278). */
const EVENTS: Readonly<Record<string, string>> = { S15: 'cancelled', S17: 'entered-in-error', S26: 'noshow' }
const FILLER_STATUSES: Readonly<Record<string, string>> = {
  PENDING: 'pending',
  WAITLIST: 'waitlist',
  BOOKED: 'booked',
  STARTED: 'arrived',
  COMPLETE: 'fulfilled',
  CANCELLED: 'cancelled',
  DC: 'cancelled',
  NOSHOW: 'noshow',
  DELETED: 'entered-in-error',
}
/** A length beyond is none of an appointment (a week). */
const MOST_MINUTES = 10_080
const MINUTES: ReadonlySet<string> = new Set(['', 'MIN', 'M', 'MN', 'MINUTE', 'MINUTES'])
/** Table 0206: what is done with the parts. */
const ACTIONS: Readonly<Record<string, string>> = { S12: 'A', S13: 'U', S14: 'U', S15: 'D', S17: 'D' }
/** Tag of an appointment of the gateway's own: what its version did, `booked` or `moved`. */
export const APPOINTMENT_CHANGE = 'https://passerelle.example/fhir/CodeSystem/appointment-change'
const VERSION = ['2.5']

function toFhir(message: Hl7Message, header: Header, context: BridgeContext): Conversion<JsonObject> {
  if (message.segments('PID') > 1) return lacking('PID(2)')
  const { patient, findings } = patientOf(message, context)
  if (nameOf(patient) === null) return lacking('PID-3')
  const start = instantOf(
    textAt(message, 'SCH-11.4') || textAt(message, 'AIS-4') || textAt(message, 'TQ1-7'),
    context.timeZone,
  )
  if (start === null) return lacking('SCH-11')
  const entry = ensured(patient)
  const length = durationOf(message)
  const end = instantOf(textAt(message, 'SCH-11.5') || textAt(message, 'TQ1-8'), context.timeZone)
  const { contained, participants } = resourcesAsked(message)
  const reported = textAt(message, 'SCH-25').toUpperCase()
  const status =
    EVENTS[header.triggerEvent] ?? mapped(context, 'appointment-status', FILLER_STATUSES, reported) ?? 'booked'
  const notes = Array.from({ length: message.segments('NTE') }, (_, i) => `NTE(${i + 1})`)
  const appointment = resource('Appointment', PROFILES.appointment, {
    contained,
    identifier: [
      identifierOfEi(partOf(message, 'SCH-1'), context, { coding: [{ system: V2_TYPES, code: 'PLAC' }] }),
      identifierOfEi(partOf(message, 'SCH-2'), context, { coding: [{ system: V2_TYPES, code: 'FILL' }] }),
    ],
    status,
    cancelationReason: status === 'cancelled' ? conceptOf(partOf(message, 'SCH-6')) : null,
    serviceType: Array.from({ length: message.segments('AIS') }, (_, i) =>
      conceptOf(partOf(message, `AIS(${i + 1})-3`)),
    ),
    appointmentType: conceptOf(partOf(message, 'SCH-8')),
    reasonCode: [conceptOf(partOf(message, 'SCH-7'))],
    start,
    // R4 wants an end with every beginning (app-2): where nothing tells it, the appointment has no length.
    end: end ?? later(start, length) ?? start,
    minutesDuration: length,
    comment: noteTexts(message, notes).join('\n'),
    participant: [{ actor: referenceTo(entry), status: 'accepted' }, ...participants],
  })
  if (nameOf(appointment) === null) return lacking('SCH-1')
  const booked = header.triggerEvent === 'S12' ? ensured(appointment) : written(appointment)
  return transaction([entry, booked], context, findings)
}

/** Minutes of SCH-9 and 10, else of AIS-7 and 8; null when they are in another unit. */
function durationOf(message: Hl7Message): number | null {
  for (const [length, unit] of [
    ['SCH-9', 'SCH-10'],
    ['AIS-7', 'AIS-8'],
  ] as const) {
    const minutes = Number(textAt(message, length))
    if (
      Number.isInteger(minutes) &&
      minutes > 0 &&
      minutes <= MOST_MINUTES &&
      MINUTES.has(textAt(message, unit).toUpperCase())
    )
      return minutes
  }
  return null
}

/** An instant so many minutes later, with the same offset. */
function later(start: string, minutes: number | null): string | null {
  if (minutes === null) return null
  const offset = start.slice(19)
  const local = new Date(Date.parse(`${start.slice(0, 19)}Z`) + minutes * 60_000)
  const made = local.toISOString()
  return made.length === 24 ? `${made.slice(0, 19)}${offset}` : null
}

/** Professionals (AIP), places (AIL) and things (AIG) that are asked for. */
function resourcesAsked(message: Hl7Message): { contained: JsonObject[]; participants: Loose[] } {
  const contained: JsonObject[] = []
  const participants: Loose[] = []
  for (let n = 1; n <= message.segments('AIP'); n++) {
    const practitioner = practitionerOf(partOf(message, `AIP(${n})-3`), `person-${n}`)
    if (practitioner === null) continue
    contained.push(practitioner)
    participants.push({ actor: { reference: `#person-${n}` }, status: 'accepted' })
  }
  for (let n = 1; n <= message.segments('AIL'); n++) {
    const places = locationsOf(partOf(message, `AIL(${n})-3`), `place-${n}-`)
    const innermost = places.at(-1)
    if (innermost === undefined) continue
    contained.push(...places)
    participants.push({ actor: { reference: `#${String(innermost['id'])}` }, status: 'accepted' })
  }
  for (let n = 1; n <= message.segments('AIG'); n++) {
    const asked = conceptOf(partOf(message, `AIG(${n})-3`))
    const [coding] = objects(asked?.['coding'])
    const value = text(coding?.['code'])
    const display = text(coding?.['display']) ?? text(asked?.['text']) ?? value
    if (display === null) continue
    const named = value === null ? null : { system: text(coding?.['system']), value }
    participants.push({ actor: { type: 'Device', identifier: named, display }, status: 'accepted' })
  }
  return { contained, participants }
}

function toHl7(root: JsonObject, context: BridgeContext): Conversion<Hl7Draft> {
  const [appointment, another] = resourcesOf(root).filter((one) => one['resourceType'] === 'Appointment')
  if (appointment === undefined || another !== undefined) return lacking('Appointment')
  const status = text(appointment['status'])
  const event = eventOf(status, appointment, root, context)
  if (event === null) return lacking('Appointment.status')
  const start = tsOf(text(appointment['start']))
  if (start === '') return lacking('Appointment.start')
  const actors = objects(appointment['participant']).flatMap((one) => {
    const actor = object(one['actor'])
    return actor === null ? [] : [{ actor, found: resolve(actor, appointment, root) }]
  })
  const person = patientSegment(actors, context)
  if (person === null) return lacking('Appointment.participant')
  const length = typeof appointment['minutesDuration'] === 'number' ? String(appointment['minutesDuration']) : ''
  const end = tsOf(text(appointment['end']))
  const reason = object(appointment['cancelationReason'])
  const why = objects(appointment['reasonCode'])[0] ?? null
  const schedule = segment('SCH', {
    1: eiOfType(appointment, 'PLAC'),
    2: eiOfType(appointment, 'FILL'),
    // The base standard requires a reason of the event; what is known stands there, at least what became of it.
    6: ceOf(reason ?? why ?? { text: status ?? '' }),
    7: ceOf(why),
    8: ceOf(object(appointment['appointmentType'])),
    9: length,
    10: length === '' ? '' : 'min',
    11: ['', '', length === '' ? '' : `M${length}`, start, end === start ? '' : end],
    25: fillerStatus(status, context),
  })
  const note = text(appointment['comment'])
  const segments: Segment[] = [schedule, segment('NTE', { 1: note === null ? '' : '1', 3: note }), person.pid]
  const action = ACTIONS[event] ?? ''
  segments.push(segment('RGS', { 1: '1', 2: action }), ...asked(appointment, root, actors, { action, start, length }))
  const made: Hl7Draft = { type: ['SIU', event, 'SIU_S12'], version: VERSION, segments }
  return { ok: true, made, findings: person.findings }
}

/**
 * The event: a create books (S12), a change modifies (S14), unless the status says what became of it, or the appointment is
 * one of ours, which says that it was booked or moved (S13). */
function eventOf(
  status: string | null,
  appointment: JsonObject,
  root: JsonObject,
  context: BridgeContext,
): string | null {
  if (status === null || status === 'proposed') return null
  const ended = Object.entries(EVENTS).find(([, one]) => one === status)?.[0]
  if (ended !== undefined) return ended
  const told = objects(object(appointment['meta'])?.['tag']).find(({ system }) => system === APPOINTMENT_CHANGE)
  if (told !== undefined) return told['code'] === 'moved' ? 'S13' : 'S12'
  const entry = objects(root['entry']).find((one) => one['resource'] === appointment)
  const method = text(object(entry?.['request'])?.['method'])
  return (method === null ? context.change === 'update' : method === 'PUT') ? 'S14' : 'S12'
}

function fillerStatus(status: string | null, context: BridgeContext): string {
  const own: Record<string, string> = {}
  for (const [code, one] of Object.entries(FILLER_STATUSES)) own[one] ??= code
  return mapped(context, 'filler-status', { ...own, 'checked-in': 'STARTED' }, status) ?? ''
}

interface Actor {
  readonly actor: JsonObject
  readonly found: JsonObject | null
}

/** PID of the patient who takes part: in full when the resource is there, else by identifier and name. */
function patientSegment(
  actors: readonly Actor[],
  context: BridgeContext,
): { pid: Segment; findings: ReturnType<typeof pidOf>['findings'] } | null {
  const patient = actors.find(({ found }) => found?.['resourceType'] === 'Patient')?.found ?? null
  if (patient !== null) return nameOf(patient) === null ? null : pidOf(patient, context)
  const known = actors.find(({ actor }) => isOf('Patient', actor))?.actor
  const named = object(known?.['identifier'])
  if (named === null || cxOfIdentifier(named) === null) return null
  return pidOf({ identifier: [named], name: [{ text: text(known?.['display']) ?? '' }] }, context)
}

function isOf(type: string, actor: JsonObject): boolean {
  return actor['type'] === type || (text(actor['reference'])?.includes(`${type}/`) ?? false)
}

function asked(
  appointment: JsonObject,
  root: JsonObject,
  actors: readonly Actor[],
  { action, start, length }: { action: string; start: string; length: string },
): Segment[] {
  const services = servicesOf(appointment, actors)
  const typed = (type: string): Actor[] =>
    actors.filter(({ actor, found }) => (found === null ? isOf(type, actor) : found['resourceType'] === type))
  const unit = length === '' ? '' : 'min'
  return [
    ...services.map((one, i) =>
      segment('AIS', { 1: String(i + 1), 2: action, 3: ceOf(one), 4: start, 7: length, 8: unit }),
    ),
    ...typed('Device').map(({ actor }, i) => segment('AIG', { 1: String(i + 1), 2: action, 3: deviceField(actor) })),
    ...typed('Location').map(({ actor }, i) =>
      segment('AIL', { 1: String(i + 1), 2: action, 3: plOfReference(actor, appointment, root) }),
    ),
    ...typed('Practitioner').map(({ actor, found }, i) =>
      segment('AIP', { 1: String(i + 1), 2: action, 3: personField(actor, found) }),
    ),
  ]
}

/** What is done: where nothing at all is asked for, the type or the reason says it (a SIU needs one of AIS, AIG, AIL, AIP). */
function servicesOf(appointment: JsonObject, actors: readonly Actor[]): JsonObject[] {
  const services = objects(appointment['serviceType'])
  const others = actors.filter(({ actor, found }) => found?.['resourceType'] !== 'Patient' && !isOf('Patient', actor))
  if (services.length > 0 || others.length > 0) return services
  const said = object(appointment['appointmentType']) ?? objects(appointment['reasonCode'])[0]
  return said === undefined ? [] : [said]
}

function deviceField(actor: JsonObject): Repetition {
  const identifier = object(actor['identifier'])
  const coding = {
    system: text(identifier?.['system']),
    code: text(identifier?.['value']),
    display: text(actor['display']),
  }
  return ceOf({ coding: [coding], text: coding.display })
}

function personField(actor: JsonObject, found: JsonObject | null): Repetition {
  if (found !== null) return xcnOf(found)
  return xcnOf({ identifier: [actor['identifier'] ?? null], name: [{ text: text(actor['display']) ?? '' }] })
}

/** EI of the identifier of this type; of an appointment that types none, the first is the placer's. */
function eiOfType(appointment: JsonObject, type: string): Repetition {
  const all = objects(appointment['identifier']).filter((one) => text(one['value']) !== null)
  const isTyped = (one: JsonObject, code: string): boolean =>
    objects(object(one['type'])?.['coding']).some((coding) => coding['code'] === code)
  const untyped = all.filter((one) => !isTyped(one, 'PLAC') && !isTyped(one, 'FILL'))
  const found = all.find((one) => isTyped(one, type)) ?? (type === 'PLAC' ? untyped[0] : undefined)
  if (found === undefined) return ''
  const ei: Hl7Identifier = { value: text(found['value'])!, authority: hdOf(found), type: '' }
  return eiRepetition(ei)
}

/** The mapping. */
export const appointmentMapping: Mapping = {
  name: 'appointments',
  hl7: {
    kinds: ['SIU^S12', 'SIU^S13', 'SIU^S14', 'SIU^S15', 'SIU^S17', 'SIU^S26'],
    reads: [
      ...PID_READ,
      ...[1, 2, 6, 7, 8, 9, 10, 11, 25].map((n) => `SCH-${n}`),
      ...['TQ1-7', 'TQ1-8', 'NTE-3', 'RGS', 'AIS-4', 'AIS-7', 'AIS-8'],
      ...['AIS', 'AIG', 'AIL', 'AIP'].flatMap((name) => [1, 2, 3].map((n) => `${name}-${n}`)),
    ],
    toFhir,
  },
  fhir: {
    types: ['Appointment'],
    reads: [
      ...PATIENT_READ,
      ...['contained', 'identifier', 'status', 'cancelationReason', 'serviceType', 'appointmentType', 'reasonCode'],
      ...['start', 'end', 'minutesDuration', 'comment', 'participant'],
    ].map((name) => (name.includes('.') ? name : `Appointment.${name}`)),
    toHl7,
  },
  losses: [
    ...PATIENT_LOSSES,
    {
      from: 'hl7v2',
      at: 'MSH-9',
      what: 'S13 comes back as S14; what SCH-25 cancels as S15, deletes as S17, did not take place as S26.',
    },
    { from: 'hl7v2', at: 'SCH-6', what: 'Save of a cancellation; comes back as SCH-7 or as the status in words.' },
    { from: 'hl7v2', at: 'SCH-9', what: 'A length that is not in minutes.' },
    { from: 'fhir', at: 'Appointment.end', what: 'One that is the start, which says that no length is known.' },
    { from: 'hl7v2', at: 'AIS-4', what: 'All services begin when the appointment does, and are as long.' },
    {
      from: 'hl7v2',
      at: 'AIS-2',
      what: 'What is done with each part of an appointment; the same for AIG, AIL and AIP.',
    },
    { from: 'hl7v2', at: 'RGS', what: 'Comes back as one group.' },
    { from: 'hl7v2', at: 'AIG-3', what: 'A resource without a code is only named.' },
    { from: 'fhir', at: 'Appointment.status', what: 'proposed has no counterpart; checked-in comes back as arrived.' },
    { from: 'fhir', at: 'Appointment.participant', what: 'type, required, status and period of each.' },
    { from: 'fhir', at: 'Appointment.identifier', what: 'One of the placer and one of the filler.' },
  ],
}
