/** PV1 and PV2 against Encounter: HL7 v2.5 §3.4.3 as PAM FR §6.10 restricts it, FrCore Encounter. */
import { type JsonObject, object, objects, text } from '../fhir/json-value.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import { type Repetition, type Segment, segment } from '../hl7v2/write.ts'
import { typeCodes } from '../identifiers/fhir-form.ts'
import { cxOfIdentifier, identifierOfCx } from '../identifiers/patient.ts'
import { type Loose, resolve, resource } from './bundle.ts'
import { ceOf, codeIn, conceptOf, tableSystem } from './codes.ts'
import { type BridgeContext, mapped } from './context.ts'
import type { Loss } from './conversion.ts'
import { asWrittenBy } from './entities.ts'
import { completed, withAuthority } from './identity.ts'
import { locationsOf, plOf } from './location.ts'
import { cxOf, cxRepetition, type Part, partOf, partsOf, textAt } from './parts.ts'
import { practitionerOf, xcnOf } from './people.ts'
import { PROFILES } from './profiles.ts'
import { dateTimeOf, tsOf } from './time.ts'

/** Code system of Encounter.class. */
export const ACT_CODES = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
const PARTICIPATION = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType'
const PATIENT_CLASS = tableSystem('0004')

/** Table 0004 of PAM FR; R (sessions) and V (remote monitoring) keep their letter in Encounter.type. */
const CLASSES: Readonly<Record<string, string>> = { E: 'EMER', I: 'IMP', O: 'AMB', R: 'AMB', V: 'VR' }
const LETTERS: Readonly<Record<string, string>> = {
  EMER: 'E',
  IMP: 'I',
  ACUTE: 'I',
  NONAC: 'I',
  SS: 'I',
  OBSENC: 'I',
  PRENC: 'O',
  AMB: 'O',
  HH: 'O',
  FLD: 'O',
  VR: 'O',
}
const KEPT = ['R', 'V']
/** PV1 fields that name professionals, and how they take part. */
const PARTICIPANTS = [
  { field: 7, code: 'ATND' },
  { field: 8, code: 'REF' },
  { field: 17, code: 'ADM' },
] as const

/** Places of PV1 and PV2 that are read. */
export const PV1_READ: readonly string[] = [
  ...[2, 3, 5, 7, 8, 17, 19, 44, 45].map((n) => `PV1-${n}`),
  'PV2-3',
  'PV2-8',
  'PID-18',
]
/** Elements of Encounter that are read. */
export const ENCOUNTER_READ: readonly string[] = [
  ...['identifier', 'status', 'class', 'type', 'subject', 'participant', 'period', 'reasonCode', 'account'],
  ...['hospitalization', 'location', 'serviceProvider', 'contained'],
].map((name) => `Encounter.${name}`)

/** What is lost between PV1, PV2 and Encounter. */
export const ENCOUNTER_LOSSES: readonly Loss[] = [
  { from: 'hl7v2', at: 'PV1-3', what: 'PL-5 to PL-11 (status of the bed, building, floor).' },
  { from: 'hl7v2', at: 'PV1-7', what: 'XCN-5, XCN-7 and beyond XCN-13; the same for PV1-8 and PV1-17.' },
  { from: 'hl7v2', at: 'PV1-19', what: 'Without it PID-18 names the stay, and stands in PV1-19 on the way back.' },
  { from: 'hl7v2', at: 'PID-18', what: 'Without it the number of PV1-19 comes back there.' },
  { from: 'hl7v2', at: 'PV2-8', what: 'Comes back in PV1-44 as well.' },
  { from: 'fhir', at: 'Encounter.class', what: 'Classes come back as IMP, EMER, AMB or VR.' },
  { from: 'fhir', at: 'Encounter.identifier', what: 'Only the visit number is written.' },
  { from: 'fhir', at: 'Encounter.location', what: 'Only the present one, and of it ward, room and bed.' },
  { from: 'fhir', at: 'Encounter.participant', what: 'Types other than ATND, REF and ADM; period.' },
  { from: 'fhir', at: 'Encounter.reasonCode', what: 'Only the first.' },
  { from: 'fhir', at: 'Encounter.type', what: 'Only the patient class of table 0004.' },
]

/** What an event says about its stay beside PV1. */
export interface Stay {
  readonly status: 'planned' | 'in-progress' | 'finished'
  /** TS of the movement; ''. */
  readonly movedAt: string
  readonly serviceProvider: Loose
}

/** Encounter of PV1, or the place whose lack makes it impossible. `subject`: reference to the patient. */
export function encounterOf(
  message: Hl7Message,
  context: BridgeContext,
  { status, movedAt, serviceProvider }: Stay,
  subject: JsonObject,
): JsonObject | string {
  const account = cxOf(partOf(message, 'PID-18'))
  const visit = cxOf(partOf(message, 'PV1-19'))
  const number = visit.value === '' ? account : visit
  if (number.value === '') return 'PV1-19'
  const own = { ...withAuthority(number, context.sender), type: number.type || 'VN' }
  const letter = textAt(message, 'PV1-2')
  const actClass = mapped(context, 'encounter-class', CLASSES, letter)
  if (actClass === null) return 'PV1-2'
  const at = (ts: string): string | null => dateTimeOf(ts, context.timeZone)
  const start = at(textAt(message, 'PV1-44')) ?? (status === 'planned' ? at(textAt(message, 'PV2-8')) : null)
  const end = at(textAt(message, 'PV1-45')) ?? (status === 'finished' ? at(movedAt) : null)
  const places = locationsOf(partOf(message, 'PV1-3'))
  const people = PARTICIPANTS.flatMap(({ field, code }) =>
    partsOf(message, `PV1-${field}`).flatMap((part, i) => participant(part, code, i) ?? []),
  )
  const reserved = cxOf(partOf(message, 'PV1-5'))
  const innermost = places.at(-1)
  return resource('Encounter', PROFILES.encounter, {
    contained: [...places, ...people.map(({ practitioner }) => practitioner)],
    identifier: [identifierOfCx(own)],
    status,
    class: { system: ACT_CODES, code: actClass },
    type: KEPT.includes(letter) ? [{ coding: [{ system: PATIENT_CLASS, code: letter }] }] : null,
    subject,
    participant: people.map(({ code, practitioner }) => ({
      type: [{ coding: [{ system: PARTICIPATION, code }] }],
      individual: { reference: `#${String(practitioner['id'])}` },
    })),
    period: { start: start ?? (status === 'finished' ? null : at(movedAt)), end },
    reasonCode: [conceptOf(partOf(message, 'PV2-3'))],
    account: account.value === '' ? null : [{ identifier: identifierOfCx(withAuthority(account, context.sender)) }],
    hospitalization:
      reserved.value === ''
        ? null
        : { preAdmissionIdentifier: identifierOfCx(withAuthority(reserved, context.sender)) },
    location:
      innermost === undefined
        ? null
        : [
            {
              location: { reference: `#${String(innermost['id'])}` },
              status: status === 'planned' ? 'planned' : status === 'finished' ? 'completed' : 'active',
            },
          ],
    serviceProvider,
  })
}

function participant(part: Part, code: string, i: number): { code: string; practitioner: JsonObject } | null {
  const practitioner = practitionerOf(part, `${code.toLowerCase()}-${i + 1}`)
  return practitioner === null ? null : { code, practitioner }
}

/** PV1 and PV2 of an Encounter. `root`: its Bundle, or itself. */
export function pv1Of(encounter: JsonObject, root: JsonObject, context: BridgeContext): readonly Segment[] {
  const period = object(encounter['period'])
  const reserved = object(object(encounter['hospitalization'])?.['preAdmissionIdentifier'])
  const status = text(encounter['status'])
  const professionals = PARTICIPANTS.map(({ field, code }) => [field, { repeat: withCode(code, encounter, root) }])
  return [
    segment('PV1', {
      2: classLetterOf(encounter, context),
      3: plOf(encounter, root),
      5: cxField(reserved, 'RI', context),
      ...Object.fromEntries(professionals),
      19: cxField(visitOf(encounter), 'VN', context),
      44: tsOf(text(period?.['start'])),
      45: status === 'finished' ? tsOf(text(period?.['end'])) : '',
    }),
    segment('PV2', {
      3: ceOf(objects(encounter['reasonCode'])[0] ?? null),
      8: status === 'planned' ? tsOf(text(period?.['start'])) : '',
    }),
  ]
}

/** PV1-2 of an Encounter; null when its class has none. */
export function classLetterOf(encounter: JsonObject, context: BridgeContext): string | null {
  const kept = objects(encounter['type']).map((one) => codeIn(one, PATIENT_CLASS))
  return (
    kept.find((one) => one !== null && KEPT.includes(one)) ??
    mapped(context, 'patient-class', LETTERS, text(object(encounter['class'])?.['code']))
  )
}

/** PID-18 of an Encounter: its account, else the number of the visit (ITI-31 asks for one). */
export function accountOf(encounter: JsonObject, context: BridgeContext): Repetition {
  const account = object(objects(encounter['account'])[0]?.['identifier'])
  if (account !== null) return cxField(account, 'AN', context)
  const visit = visitOf(encounter)
  const cx = visit === null ? null : cxOfIdentifier(visit)
  return cx === null ? '' : cxRepetition({ ...completed(cx, 'AN', context), type: 'AN' })
}

/** The identifier that the stay goes by. */
function visitOf(encounter: JsonObject): JsonObject | null {
  const identifiers = objects(encounter['identifier']).filter(({ use }) => use !== 'old')
  return identifiers.find((one) => typeCodes(one).includes('VN')) ?? identifiers[0] ?? null
}

function cxField(identifier: JsonObject | null, type: string, context: BridgeContext): Repetition {
  const cx = identifier === null ? null : cxOfIdentifier(identifier)
  return cx === null ? '' : cxRepetition(completed(cx, type, context))
}

function withCode(code: string, encounter: JsonObject, root: JsonObject): Repetition[] {
  return objects(encounter['participant'])
    .filter((one) => objects(one['type']).some((type) => codeIn(type, PARTICIPATION) === code))
    .flatMap((one) => {
      const reference = object(one['individual'])
      if (reference === null) return []
      const practitioner = resolve(reference, encounter, root)
      if (practitioner !== null) return [xcnOf(practitioner)]
      const { identifier, display } = reference
      return [xcnOf({ identifier: identifier === undefined ? [] : [identifier], name: [{ text: display ?? '' }] })]
    })
}

/** Organization (a UF) of an XON, as a logical reference. */
export function unitReference(part: Part, context: BridgeContext): Loose {
  const value = part(10)
  if (value === '' && part(1) === '') return null
  const authority = { namespace: part(6, 1), id: part(6, 2), idType: part(6, 3) }
  const own = withAuthority({ value, authority, type: part(7) || 'UF' }, context.sender)
  return { type: 'Organization', identifier: identifierOfCx(own), display: part(1) }
}

/** XON of a logical reference to a UF; empty when the Encounter names none. */
export function unitOf(encounter: JsonObject, root: JsonObject, { sender }: BridgeContext): Repetition {
  const reference = object(encounter['serviceProvider'])
  if (reference === null) return ''
  const organization = resolve(reference, encounter, root)
  const identifiers = objects(organization === null ? [reference['identifier'] ?? null] : organization['identifier'])
  const unit = identifiers.find((one) => typeCodes(one).includes('UF'))
  const cx = unit === undefined ? null : cxOfIdentifier(unit)
  if (cx === null) return ''
  const name = text(organization?.['name']) ?? text(reference['display'])
  const { namespace, id, idType } = asWrittenBy(cx.authority, sender)
  return [name, '', '', '', '', [namespace, id, idType], 'UF', '', '', cx.value]
}
