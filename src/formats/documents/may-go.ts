/** May a document go to a recipient? One decision, on the side of not going; the reason is a code of the table. */
import type { ErrorCode } from '../../core/errors.ts'
import type { DocumentRecipient, DocumentToSend, RecipientKind, UnreadDocuments } from './document.ts'
import { boxOf } from './recipients.ts'
import type { DocumentSettings } from './settings.ts'

/** Why a document stays. */
export type StayReason = Extract<ErrorCode, `DOCUMENT_${string}`> | UnreadDocuments['code']
/** The decision. */
export type MayGo = { readonly go: true } | { readonly go: false; readonly code: StayReason }

/** What the decision looks at. */
export type Judged = Pick<DocumentToSend, 'instructions' | 'patient' | 'sentDate'> & {
  readonly documents: readonly Pick<DocumentToSend['documents'][number], 'otherPatient' | 'hasIns' | 'content'>[]
  readonly sender: DocumentToSend['sender']
}

type Rule = readonly [code: StayReason, applies: (of: Judged, to: DocumentRecipient, settings: Rules) => boolean]
type Rules = Pick<DocumentSettings, 'majority' | 'patientDomain'>

/** What holds whoever is to have it: another patient's document, or an INS that is not qualified, leaves for nobody. */
const FOR_ALL: readonly Rule[] = [
  ['DOCUMENT_OTHER_PATIENT', ({ documents }) => documents.some((one) => one.otherPatient)],
  ['DOCUMENT_INS_UNQUALIFIED', ({ patient, documents }) => !patient.qualified && documents.some((one) => one.hasIns)],
]

const FOR_PROFESSIONALS: readonly Rule[] = [
  ['DOCUMENT_MASKED', (of, to) => of.instructions.maskedToProfessionals && !isAuthor(of, to)],
  ...FOR_ALL,
  ['DOCUMENT_NOT_ADDRESSED', ({ instructions }) => !instructions.toProfessionals],
  ['DOCUMENT_ADDRESS_UNKNOWN', (_, { address }) => address === null],
]

const FOR_PATIENT: readonly Rule[] = [
  ['DOCUMENT_INVISIBLE', ({ instructions }) => instructions.invisibleToPatient],
  [
    'DOCUMENT_INVISIBLE_GUARDIANS',
    (of, _, { majority }) => of.instructions.invisibleToGuardians && mayBeMinor(of, majority),
  ],
  ['DOCUMENT_SECRET', ({ instructions }) => instructions.secretConnection],
  ...FOR_ALL,
  ['DOCUMENT_IDENTITY_UNQUALIFIED', ({ patient }) => !patient.qualified],
  ['DOCUMENT_NOT_ADDRESSED', ({ instructions }) => !instructions.toPatient],
  ['DOCUMENT_ADDRESS_UNKNOWN', (_, { address }) => address === null],
  ['DOCUMENT_OTHER_BOX', ({ patient }, { address }, rules) => address !== boxOf(patient, rules)],
]

const BY_KIND: Readonly<Record<RecipientKind, readonly Rule[]>> = {
  professional: FOR_PROFESSIONALS,
  organisation: FOR_PROFESSIONALS,
  mailbox: FOR_PROFESSIONALS,
  patient: FOR_PATIENT,
}

/**
 * The decision for a recipient. Restrictions come before everything, so that the reason that is told is the grave one;
 * the same holds for the notice that a document was removed. */
export function mayGo(of: Judged, to: DocumentRecipient, settings: Rules): MayGo {
  const broken = BY_KIND[to.kind].find(([, applies]) => applies(of, to, settings))
  return broken === undefined ? { go: true } : { go: false, code: broken[0] }
}

/** The decision for the national record, which keeps restrictions itself and takes the message as it is. */
export function mayGoToDmp({ instructions }: Pick<Judged, 'instructions'>, hasConnector: boolean): MayGo {
  if (!instructions.toDmp) return { go: false, code: 'DOCUMENT_NOT_ADDRESSED' }
  return hasConnector ? { go: true } : { go: false, code: 'DOCUMENT_NO_DMP' }
}

/** What is masked to professionals stays visible to who wrote or signed it: each of the documents, for they go in one mail. */
function isAuthor({ documents, sender }: Judged, { person }: DocumentRecipient): boolean {
  if (person === null || person.value === '') return false
  const isSender = sender.person?.value === person.value && sender.person.oid === person.oid
  const wrote = ({ content: { authors, legalAuthenticator } }: Judged['documents'][number]): boolean =>
    [...authors, ...(legalAuthenticator === null ? [] : [legalAuthenticator])].some(({ ids }) =>
      ids.some(({ root, extension }) => extension === person.value && root === person.oid),
    )
  return isSender || documents.every(wrote)
}

/** Is the patient under age on the day of sending, or can it not be told? */
function mayBeMinor({ patient, sentDate }: Judged, majority: number): boolean {
  if (majority === 0) return false
  if (!/^\d{8}$/.test(patient.birthDate) || !/^\d{8}$/.test(sentDate)) return true
  // 19540312 and 18 years are 19720312: the same day of a later year.
  return Number(sentDate) < Number(patient.birthDate) + majority * 10_000
}
