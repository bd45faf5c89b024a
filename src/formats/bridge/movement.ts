/** Movements: ADT A01, A03, A04 and A05 (ITI-31, PAM FR §5.3) against a Patient and an Encounter. */

import { resourcesOf } from '../fhir/bundle.ts'
import { type JsonObject, object, text } from '../fhir/json-value.ts'
import type { Header } from '../hl7v2/header.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import { type Segment, segment } from '../hl7v2/write.ts'
import type { Mapping } from './bridge.ts'
import { nameOf, referenceTo, resolve, transaction, written } from './bundle.ts'
import type { BridgeContext } from './context.ts'
import { type Conversion, type Hl7Draft, lacking } from './conversion.ts'
import {
  accountOf,
  classLetterOf,
  ENCOUNTER_LOSSES,
  ENCOUNTER_READ,
  encounterOf,
  PV1_READ,
  pv1Of,
  type Stay,
  unitOf,
  unitReference,
} from './encounter.ts'
import { eventSegment } from './header.ts'
import { PAM_PROFILE, PAM_VERSION } from './pam.ts'
import { partOf, textAt } from './parts.ts'
import { PATIENT_LOSSES, PATIENT_READ, PID_READ, patientOf, pidOf } from './patient.ts'
import { stableId } from './stable-id.ts'
import { tsOf } from './time.ts'
import { lossFindings } from './unread.ts'

const STATUSES: Readonly<Record<string, Stay['status']>> = {
  A01: 'in-progress',
  A03: 'finished',
  A04: 'in-progress',
  A05: 'planned',
}
const STRUCTURES: Readonly<Record<string, string>> = { A01: 'ADT_A01', A03: 'ADT_A03', A04: 'ADT_A01', A05: 'ADT_A05' }

function toFhir(message: Hl7Message, header: Header, context: BridgeContext): Conversion<JsonObject> {
  if (message.segments('PID') > 1) return lacking('PID(2)')
  const { patient, findings } = patientOf(message, context)
  if (nameOf(patient) === null) return lacking('PID-3')
  const entry = written(patient)
  const encounter = encounterOf(
    message,
    context,
    {
      status: STATUSES[header.triggerEvent]!,
      movedAt: textAt(message, 'ZBE-2') || textAt(message, 'EVN-6') || textAt(message, 'EVN-2'),
      serviceProvider:
        unitReference(partOf(message, 'ZBE-7'), context) ?? unitReference(partOf(message, 'ZBE-8'), context),
    },
    referenceTo(entry),
  )
  if (typeof encounter === 'string') return lacking(encounter)
  // Written over the stay as it is there, an end alone takes the start away.
  const noStart = object(encounter['period'])?.['start'] === undefined
  const lost = header.triggerEvent === 'A03' && noStart ? lossFindings(['PV1-44']) : []
  return transaction([entry, written(encounter)], context, [...findings, ...lost])
}

function toHl7(root: JsonObject, context: BridgeContext): Conversion<Hl7Draft> {
  const encounters = resourcesOf(root).filter((one) => one['resourceType'] === 'Encounter')
  const [encounter, another] = encounters
  if (encounter === undefined || another !== undefined) return lacking('Encounter')
  const subject = object(encounter['subject'])
  const patient = subject === null ? null : resolve(subject, encounter, root)
  if (patient?.['resourceType'] !== 'Patient') return lacking('Encounter.subject')
  const letter = classLetterOf(encounter, context)
  if (letter === null) return lacking('Encounter.class')
  const event = eventOf(text(encounter['status']), letter)
  if (event === null) return lacking('Encounter.status')
  const period = object(encounter['period'])
  const movedAt = tsOf(text(period?.[event === 'A03' ? 'end' : 'start']))
  if (movedAt === '') return lacking(event === 'A03' ? 'Encounter.period.end' : 'Encounter.period.start')
  const { pid, zfd, findings } = pidOf(patient, context, accountOf(encounter, context))
  const segments: readonly Segment[] = [
    eventSegment(context, movedAt),
    pid,
    ...pv1Of(encounter, root, context),
    movement(encounter, root, event, movedAt, context),
    zfd,
  ]
  const type = ['ADT', event, STRUCTURES[event]!] as const
  return { ok: true, made: { type, version: PAM_VERSION, profile: PAM_PROFILE, segments }, findings }
}

/** The event that an Encounter stands for: inpatients and sessions are admitted (A01), others registered (A04). */
function eventOf(status: string | null, letter: string): string | null {
  if (status === 'planned') return 'A05'
  if (status === 'finished') return 'A03'
  const begun = status === 'arrived' || status === 'triaged' || status === 'in-progress' || status === 'onleave'
  if (!begun) return null
  return letter === 'I' || letter === 'R' ? 'A01' : 'A04'
}

/**
 * ZBE (PAM FR §6.13). Its nature follows from what is known: with a unit HMS, with a place H, else D. The movement's id
 * is the gateway's own, the same whenever the same movement is written. */
function movement(
  encounter: JsonObject,
  root: JsonObject,
  event: string,
  movedAt: string,
  context: BridgeContext,
): Segment {
  const unit = unitOf(encounter, root, context)
  const name = nameOf(encounter)
  const id = stableId('movement', name?.system ?? '', name?.value ?? '', event, movedAt)
  const { namespace, id: authority, idType } = context.sender.authority
  const nature = unit !== '' ? 'HMS' : encounter['location'] === undefined ? 'D' : 'H'
  return segment('ZBE', {
    1: [id, namespace, authority, idType],
    2: movedAt,
    4: 'INSERT',
    5: 'N',
    7: unit,
    8: unit,
    9: nature,
  })
}

/** The mapping. */
export const movementMapping: Mapping = {
  name: 'movements',
  hl7: {
    kinds: ['ADT^A01', 'ADT^A03', 'ADT^A04', 'ADT^A05'],
    reads: [...PID_READ, ...PV1_READ, 'ZBE-2', 'ZBE-7', 'ZBE-8'],
    toFhir,
  },
  fhir: { types: ['Encounter'], reads: [...PATIENT_READ, ...ENCOUNTER_READ], toHl7 },
  losses: [
    ...PATIENT_LOSSES,
    ...ENCOUNTER_LOSSES,
    {
      from: 'hl7v2',
      at: 'PV1-44',
      what: 'An A03 without it is a period with an end alone, which takes the start away at the receiver; told as CONVERSION_LOSS.',
    },
    { from: 'hl7v2', at: 'ZBE-1', what: "Comes back as an id of the gateway's own." },
    { from: 'hl7v2', at: 'ZBE-4', what: 'Comes back as INSERT; with it ZBE-5 as N, ZBE-6 empty.' },
    { from: 'hl7v2', at: 'ZBE-8', what: 'The same unit as ZBE-7, which goes before it.' },
    { from: 'hl7v2', at: 'ZBE-9', what: 'HMS with a unit, H with a place alone, else D.' },
    { from: 'fhir', at: 'Encounter.status', what: 'arrived, triaged and onleave come back as in-progress.' },
  ],
}
