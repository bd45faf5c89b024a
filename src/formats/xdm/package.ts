/** What an XDM archive says: one submission set and its documents (ITI TF-3 §4.2.3), in the words of IHE. */

/** A coded value. `system`: an OID, or a name where the sender has none. */
export interface XdmCode {
  readonly code: string
  readonly system: string
  readonly display: string
}

/** An author. `person` is an XCN, `institutions` are XON, `telecoms` XTN: HL7 v2 in text, escaped. */
export interface XdmAuthor {
  readonly person: string
  readonly institutions: readonly string[]
  readonly roles: readonly string[]
  readonly specialties: readonly string[]
  readonly telecoms: readonly string[]
}

/** A document entry. Texts are '' and codes null where nothing is said; times are DTM in UTC (`20261123102500`). */
export interface XdmEntry {
  /** `urn:uuid:…`, or a name that is valid in this archive alone. */
  readonly entryUuid: string
  /** OID, or `OID^extension`. */
  readonly uniqueId: string
  /** Name of the file, beside METADATA.XML. */
  readonly uri: string
  readonly mimeType: string
  /** SHA-1 in lower-case hex. */
  readonly hash: string
  /** Bytes; null: not said, or no number. */
  readonly size: number | null
  readonly creationTime: string
  readonly languageCode: string
  /** CX. */
  readonly patientId: string
  readonly sourcePatientId: string
  /** `PID-5|LEROUX^SUZANNE`, one field in each. */
  readonly sourcePatientInfo: readonly string[]
  readonly authors: readonly XdmAuthor[]
  /** XCN. */
  readonly legalAuthenticator: string
  readonly serviceStartTime: string
  readonly serviceStopTime: string
  readonly title: string
  readonly classCode: XdmCode | null
  readonly typeCode: XdmCode | null
  readonly formatCode: XdmCode | null
  readonly healthcareFacilityTypeCode: XdmCode | null
  readonly practiceSettingCode: XdmCode | null
  readonly confidentialityCodes: readonly XdmCode[]
  readonly eventCodes: readonly XdmCode[]
  /** Entry UUID of the document that this one replaces. */
  readonly replaces: string | null
}

/** A submission set. */
export interface XdmSubmission {
  readonly entryUuid: string
  readonly uniqueId: string
  /** OID of the system that submits. */
  readonly sourceId: string
  readonly submissionTime: string
  readonly patientId: string
  readonly authors: readonly XdmAuthor[]
  readonly contentTypeCode: XdmCode | null
  /** `XON|XCN|XTN`, one for each. */
  readonly intendedRecipients: readonly string[]
  readonly title: string
}

/** What METADATA.XML says. */
export interface XdmMetadata {
  readonly submission: XdmSubmission
  readonly entries: readonly XdmEntry[]
}

/** An archive that was read; a document whose file is not there, or cannot be unpacked, has no bytes. */
export interface XdmPackage {
  readonly submission: XdmSubmission
  readonly documents: readonly { readonly entry: XdmEntry; readonly bytes: Buffer | null }[]
}
