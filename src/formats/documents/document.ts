/** A document on its way to mailboxes and the national record, whatever message brought it. Plain values. */
import type { ErrorCode } from '../../core/errors.ts'
import type { XdmCode } from '../xdm/package.ts'
import type { CdaContent } from './cda-content.ts'

/** What is meant: a first version, one that replaces another, or a removal. */
export type Intent = 'initial' | 'replace' | 'delete'

/** What the sender wants done with a document, and who may not see it (ANS, table MetaDMP/MSS). */
export interface Instructions {
  /** MASQUE_PS. */
  readonly maskedToProfessionals: boolean
  /** INVISIBLE_PATIENT. */
  readonly invisibleToPatient: boolean
  /** INVISIBLE_REP_LEGAUX. */
  readonly invisibleToGuardians: boolean
  /** CONNEXION_SECRETE. */
  readonly secretConnection: boolean
  /** MODIF_CONF_CODE. */
  readonly changesConfidentiality: boolean
  /** DESTDMP. */
  readonly toDmp: boolean
  /** DESTMSSANTEPS. */
  readonly toProfessionals: boolean
  /** DESTMSSANTEPAT. */
  readonly toPatient: boolean
  /** ACK_RECEPTION: a ZAM^Z02 for each mailbox. */
  readonly wantsReceipt: boolean
  /** ACK_LECTURE_MSS: a ZAM^Z03 when it was read. */
  readonly wantsReadReceipt: boolean
}

/** An identifier and who gave it: an OID, '' when none is told. `type`: CX-5, XCN-13 or XON-7. */
export interface PartyId {
  readonly value: string
  readonly oid: string
  readonly type: string
}

/** A person, or the structure that stands for one. Texts are '' where nothing is said. */
export interface Party {
  readonly person: (PartyId & { readonly family: string; readonly given: string }) | null
  readonly structure: (PartyId & { readonly name: string }) | null
}

/** Whose mailbox it is. `mailbox`: nothing tells (a team, an application). */
export type RecipientKind = 'professional' | 'organisation' | 'mailbox' | 'patient'

/** Somebody to whom the document is addressed (PRT-4 RCT). */
export interface DocumentRecipient extends Party {
  readonly kind: RecipientKind
  /** Place in the message; '' for a patient's box that follows from DESTMSSANTEPAT alone. */
  readonly at: string
  /** In lower case behind the `@`; null: named without an address, to be looked up in the directory. */
  readonly address: string | null
}

/** The patient as the message says: a value never written to a log. */
export interface DocumentPatient {
  readonly ids: readonly PartyId[]
  readonly ins: PartyId | null
  /** May the INS travel: is the identity qualified? */
  readonly qualified: boolean
  readonly birthFamily: string
  readonly birthGiven: string
  readonly usedFamily: string
  readonly usedGiven: string
  /** `19540312`, '' when not so exact. */
  readonly birthDate: string
  readonly sex: string
}

/** One CDA. */
export interface SentDocument {
  /** Its OBX. */
  readonly at: string
  readonly bytes: Buffer
  readonly content: CdaContent
  readonly type: XdmCode
  readonly title: string
  /** OID, or `OID^extension`. */
  readonly uniqueId: string
  /** Is its header about somebody else than the message, or about two? */
  readonly otherPatient: boolean
  /** Does its header name an INS? */
  readonly hasIns: boolean
  /** INS with the four traits, the same as the message's. */
  readonly insComplete: boolean
}

/** What goes together: the documents of one order, one mail for each of its recipients. */
export interface DocumentToSend {
  /** MSH-10, which every answer names. */
  readonly controlId: string
  readonly intent: Intent
  readonly documents: readonly SentDocument[]
  /** Unique id of the document that the first one replaces. */
  readonly replaced: string | null
  readonly patient: DocumentPatient
  readonly sender: Party
  readonly recipients: readonly DocumentRecipient[]
  /** PRT-4 REPLY. */
  readonly replyTo: string | null
  readonly instructions: Instructions
  /** CORPSMAIL_PS and CORPSMAIL_PATIENT. */
  readonly bodies: { readonly professional: string | null; readonly patient: string | null }
  /** The patient may not answer (NTE-4 FIN). */
  readonly noReply: boolean
  /** PV1-2 and PV1-19; '' when not said. */
  readonly visitClass: string
  readonly visitNumber: string
  /** Date of the act, `20261123`; '' when nothing tells. */
  readonly actDate: string
  /** Day on which it was sent, `20261123`. */
  readonly sentDate: string
}

/** Documents that stay because they cannot be read, or are beyond the limits, and what was asked for them. */
export interface UnreadDocuments extends Pick<DocumentToSend, 'intent' | 'instructions'> {
  /** Whom each stays from; null: nobody, or too many, to be told one by one. */
  readonly recipients: readonly (DocumentRecipient | null)[]
  /** No base64, no CDA, no unique id or no document at all, or more than may go together. */
  readonly code: Extract<ErrorCode, 'FIELD_MALFORMED' | 'CDA_UNREADABLE' | 'FIELD_MISSING' | 'CARDINALITY'>
}
