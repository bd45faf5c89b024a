/** Who sends a document and who is to have it: PRT of its OBX (taken over from HL7 v2.9). */
import { type Part, partOf, partsOf, textAt } from '../bridge/parts.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import { isIns, matriculeKey, readMatricule } from '../identifiers/ins.ts'
import { parsePath, written } from '../mail/address.ts'
import type {
  DocumentPatient,
  DocumentRecipient,
  DocumentToSend,
  Instructions,
  Party,
  RecipientKind,
} from './document.ts'
import type { DocumentSettings } from './settings.ts'

/** What else tells who a recipient is. */
interface Knowing {
  readonly patient: DocumentPatient
  readonly instructions: Instructions
  readonly settings: Pick<DocumentSettings, 'patientDomain'>
}

/** More than these no document is sent to. */
export const MOST_RECIPIENTS = 200

/** The patient's own box: the INS with its key, where it may travel; null: there is none, or it is no matricule. */
export function boxOf(
  { qualified, ins }: Pick<DocumentPatient, 'qualified' | 'ins'>,
  { patientDomain }: Knowing['settings'],
): string | null {
  const matricule = qualified && ins !== null ? readMatricule(ins.value) : null
  if (matricule === null) return null
  return `${matricule.body}${matricule.key ?? matriculeKey(matricule.body)}@${patientDomain}`
}

/**
 * The recipients, each address once. Where the document is for the patient and no PRT names the box, it follows from the
 * INS; the patient is a recipient without an address where it does not, so that the instruction is answered. */
export function recipientsIn(message: Hl7Message, places: readonly string[], knowing: Knowing): DocumentRecipient[] {
  const { patient, instructions, settings } = knowing
  const named = namedAt(message, places, 0, settings)
  if (instructions.toPatient && !named.some((one) => one.kind === 'patient')) {
    named.push({ kind: 'patient', at: '', address: boxOf(patient, settings), person: null, structure: null })
  }
  return eachOnce(named)
}

/**
 * Those beyond the limit, to whom nothing goes: each address once, without those that are recipients. Null stands for all
 * of them together, where they are more than the limit again. */
export function recipientsBeyond(
  message: Hl7Message,
  places: readonly string[],
  recipients: readonly DocumentRecipient[],
  settings: Knowing['settings'],
): (DocumentRecipient | null)[] {
  const count = recipientPlaces(message, places).length
  if (count <= MOST_RECIPIENTS) return []
  if (count > 2 * MOST_RECIPIENTS) return [null]
  const beyond = namedAt(message, places, MOST_RECIPIENTS, settings)
  return eachOnce([...recipients, ...beyond]).slice(recipients.length)
}

/** As many as are sent to, from that one on. */
function namedAt(
  message: Hl7Message,
  places: readonly string[],
  from: number,
  { patientDomain }: Knowing['settings'],
): DocumentRecipient[] {
  return recipientPlaces(message, places)
    .slice(from, from + MOST_RECIPIENTS)
    .map((place) => recipientAt(message, place, patientDomain))
}

function eachOnce(named: readonly DocumentRecipient[]): DocumentRecipient[] {
  const keys = named.map(({ address, at }) => address ?? at)
  return named.filter((_, i) => keys.indexOf(keys[i]!) === i)
}

/** Is it for professionals, and none is named? */
export function namesNobody({
  instructions,
  recipients,
}: Pick<DocumentToSend, 'instructions' | 'recipients'>): boolean {
  return instructions.toProfessionals && !recipients.some((one) => one.kind !== 'patient')
}

/** The recipients, and null where it is for professionals and none is named. */
export function everyone(
  sending: Pick<DocumentToSend, 'instructions' | 'recipients'>,
): readonly (DocumentRecipient | null)[] {
  return namesNobody(sending) ? [...sending.recipients, null] : sending.recipients
}

/** Those of the places that name a recipient. */
export function recipientPlaces(message: Hl7Message, places: readonly string[]): string[] {
  return places.filter((place) => textAt(message, `${place}-4`) === 'RCT')
}

function recipientAt(message: Hl7Message, place: string, patientDomain: string): DocumentRecipient {
  const party = partyAt(message, place)
  const address = addressAt(message, place)
  return { kind: kindOf(party, address, patientDomain), at: place, address, ...party }
}

function kindOf({ person, structure }: Party, address: string | null, patientDomain: string): RecipientKind {
  if (address?.endsWith(`@${patientDomain}`) === true) return 'patient'
  if (person !== null && isIns(person.oid, person.type)) return 'patient'
  if (person !== null) return 'professional'
  return structure === null ? 'mailbox' : 'organisation'
}

/** XTN-4, where the guide has it, or elsewhere in PRT-15 as older senders write it; null where there is none. */
export function addressAt(message: Hl7Message, place: string): string | null {
  for (const part of partsOf(message, `${place}-15`)) {
    for (const text of [part(4), part(1), part(12)]) {
      const address = parsePath(text.trim(), { utf8: true })
      if (address !== null) return written(address)
    }
  }
  return null
}

/** Where answers go (PRT-4 REPLY); null: to the box that sends. */
export function replyToIn(message: Hl7Message, places: readonly string[]): string | null {
  const place = places.find((one) => textAt(message, `${one}-4`) === 'REPLY')
  return place === undefined ? null : addressAt(message, place)
}

/** Who sends (PRT-4 SB). */
export function senderIn(message: Hl7Message, places: readonly string[]): Party {
  const place = places.find((one) => textAt(message, `${one}-4`) === 'SB')
  return place === undefined ? { person: null, structure: null } : partyAt(message, place)
}

/** PRT-5 (XCN) and PRT-8 (XON). */
function partyAt(message: Hl7Message, place: string): Party {
  const person = partOf(message, `${place}-5`)
  const structure = partOf(message, `${place}-8`)
  const authority = (part: Part, component: number): string => part(component, 2) || part(component, 1)
  return {
    person:
      person(1) === '' && person(2) === ''
        ? null
        : {
            value: person(1).trim(),
            oid: authority(person, 9),
            type: person(13),
            family: person(2),
            given: person(3),
          },
    structure:
      structure(1) === '' && structure(10) === ''
        ? null
        : {
            value: (structure(10) || structure(3)).trim(),
            oid: authority(structure, 6),
            type: structure(7),
            name: structure(1),
          },
  }
}
