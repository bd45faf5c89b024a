/** An appointment that a site asks for in HL7 v2: the request behind a SIU^S12 (HL7 v2.5 §10.6.6, recalled). */
import type { CaseRequest } from '../../core/cases.ts'
import type { Coded } from '../../core/services.ts'
import { codeSystemOf } from '../bridge/codes.ts'
import { eiOf, partOf, partsOf } from '../bridge/parts.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import { phoneIn } from './hl7-orders.ts'
import { patientIn, professionalOf, requestBase } from './hl7-patient.ts'
import { type CaseFacts, orderKey, type Placer } from './reading.ts'

/** Services of one appointment that are read. */
const MOST_SERVICES = 20

/** The appointment's number at whoever asks (SCH-1); null: it has none. */
export function bookingNumber(message: Hl7Message): Placer | null {
  const { value, authority } = eiOf(partOf(message, 'SCH-1'))
  return value === '' ? null : { authority: authority.id || authority.namespace || null, value }
}

/**
 * The request of a SIU^S12: its patient, SCH-1 as its number, the reason (SCH-7) and services (AIS-3) as codes, who asks and
 * where to call back (SCH-12, SCH-13). The wanted time is the appointment's. Null: no patient, or no number. */
export function bookingIn(message: Hl7Message, facts: CaseFacts): CaseRequest | null {
  const found = patientIn(message, facts)
  const placer = bookingNumber(message)
  if (found === null || placer === null) return null
  const coded = codesIn(message)
  const contact = professionalOf(partOf(message, 'SCH-12'), 'requester', facts)
  return {
    ...requestBase(message, facts),
    asker: contact ?? { name: '', rpps: null, establishment: facts.site, role: 'establishment', phone: null },
    callBack: phoneIn(message, ['SCH-13']),
    patient: found.patient,
    keys: [...new Set([...found.keys, orderKey(placer, facts)])],
    placer,
    reason: [...new Set(coded.map(({ display, code }) => display || code))].join('\n'),
    coded,
    times: {},
    studies: [],
  }
}

function codesIn(message: Hl7Message): Coded[] {
  const services = Math.min(message.segments('AIS'), MOST_SERVICES)
  return ['SCH-7', ...Array.from({ length: services }, (_, i) => `AIS(${i + 1})-3`)]
    .flatMap((place) => partsOf(message, place))
    .filter((part) => part(1) !== '')
    .map((part) => ({ system: codeSystemOf(part(3)) ?? '', code: part(1), display: part(2) }))
}
