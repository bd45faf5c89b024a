/** PRT of a document (pre-adopted from HL7 v2.9): who sends it, and who is to have it by secure mail. */
import { type JsonObject, object, objects, text } from '../fhir/json.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import { type Segment, segment } from '../hl7v2/write.ts'
import { isIns } from '../identifiers/ins.ts'
import type { BridgeContext } from './context.ts'
import { fieldsOf } from './identity.ts'
import type { ObservationGroup } from './order-groups.ts'
import { type Participant, professionalAt, professionalField, structureAt, structureField } from './participants.ts'
import { textAt } from './parts.ts'

const PATIENTS = '@patient.mssante.fr'

/** The sender, as far as PRT tells. */
export interface Sender {
  readonly person: Participant | null
  readonly structure: Participant | null
}

/** PRT-4 `SB`. */
export function senderOf(message: Hl7Message, { participations }: ObservationGroup, context: BridgeContext): Sender {
  const place = participations.find((one) => textAt(message, `${one}-4`) === 'SB')
  if (place === undefined) return { person: null, structure: null }
  return {
    person: professionalAt(message, `${place}-5`, context),
    structure: structureAt(message, `${place}-8`, context),
  }
}

/**
 * PRT-4 `RCT`: recipients by secure mail, to be contained. The patient's own box is left out: its address is the INS,
 * which travels with a qualified identity alone, so it is made anew from the identity (`recipientSegments`). */
export function recipientsOf(
  message: Hl7Message,
  { participations }: ObservationGroup,
  context: BridgeContext,
): JsonObject[] {
  return participations
    .filter((one) => textAt(message, `${one}-4`) === 'RCT')
    .flatMap((place, i) => {
      const address = textAt(message, `${place}-15.4`)
      const type = textAt(message, `${place}-5.13`)
      if (address === '' || address.toLowerCase().endsWith(PATIENTS) || type.startsWith('INS')) return []
      const who = professionalAt(message, `${place}-5`, context) ?? structureAt(message, `${place}-8`, context)
      const known = who?.entry?.resource ?? { resourceType: 'Practitioner' }
      const { resourceType, ...rest } = known
      return [
        {
          resourceType: resourceType!,
          id: `recipient-${i + 1}`,
          ...rest,
          telecom: [{ system: 'email', value: address }],
        },
      ]
    })
}

function participation(code: 'SB' | 'RCT', fields: Parameters<typeof segment>[1]): Segment {
  const names = { SB: 'Send by', RCT: 'Result Copies To' } as const
  return segment('PRT', { 2: 'UC', 4: [code, names[code], 'participation'], ...fields })
}

/** PRT of the sender: the author, and the structure that keeps the document. */
export function senderSegment(author: JsonObject | null, structure: JsonObject | null): Segment {
  return participation('SB', { 5: professionalField(author), 8: structureField(structure) })
}

/** PRT of each recipient who has an address; the patient's box when `toPatient`, by a qualified INS that is there. */
export function recipientSegments(
  recipients: readonly JsonObject[],
  toPatient: boolean,
  patient: JsonObject | null,
  context: BridgeContext,
): Segment[] {
  const people = recipients.flatMap((one) => {
    const address = text(objects(one['telecom']).find(({ system }) => system === 'email')?.['value'])
    if (address === null) return []
    const isStructure = one['resourceType'] === 'Organization'
    return [
      participation('RCT', {
        ...(isStructure ? { 8: structureField(one) } : { 5: professionalField(one) }),
        15: [null, null, 'X.400', address],
      }),
    ]
  })
  const own = toPatient && patient !== null ? fieldsOf(patient, context).fields : []
  const ins = own.find(({ authority, type }) => isIns(authority.id, type))
  if (patient === null || ins === undefined) return people
  const [name] = objects(patient['name'])
  const given = (name?.['given'] as unknown[] | undefined)?.[0]
  const box = participation('RCT', {
    5: [null, text(name?.['family']), typeof given === 'string' ? given : null],
    15: [null, null, 'X.400', `${ins.value}${PATIENTS}`],
  })
  return [...people, box]
}

/** The resource that an extension or author means, as far as it is here. */
export function insideAt(owner: JsonObject, reference: JsonObject | null): JsonObject | null {
  const link = text(reference?.['reference'])
  if (link === null || !link.startsWith('#')) return null
  return object(objects(owner['contained']).find(({ id }) => id === link.slice(1)))
}
