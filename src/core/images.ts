/**
 * The shared words of images. Sizes bytes, times ms.
 *
 * - **study**, **series**, **instance**: as DICOM has them (PS3.3 §A.1); an instance is one file.
 * - **archive**: a DICOMweb server: the site's, or the centre's.
 * - **head**: the first elements of an instance, to the last one that is looked at; what follows is not read.
 * - **coercion**: a change of the head that makes the identifier of a patient unmistakable elsewhere (IHE PIR). */
import type { Caller } from './caller.ts'
import type { Acted, CaseViewer } from './cases.ts'
import type { ErrorCode } from './errors.ts'

/** A patient as an instance names them. Null: the element is absent or empty. */
export interface ImagePatient {
  /** (0010,0020). */
  readonly id: string | null
  /** (0010,0021). */
  readonly issuer: string | null
  /** (0010,0024): Universal Entity ID of the issuer. */
  readonly issuerEntity: string | null
  /** (0010,0010), as written: `FAMILY^GIVEN^…`, groups between `=`. */
  readonly name: string | null
  /** (0010,0030), `YYYYMMDD`. */
  readonly birthDate: string | null
  readonly sex: string | null
  /** The name holds bytes of a character set that is not known here. */
  readonly unreadable?: boolean
}

/** What of an identity is compared. */
export const IDENTITY_TRAITS = ['patient-id', 'issuer', 'name', 'birth-date'] as const
/** One of them. */
export type IdentityTrait = (typeof IDENTITY_TRAITS)[number]
/** How two traits compare. `absent`: one side does not tell it. */
export type Compared = 'same' | 'other' | 'absent'

/** An identity that images of a study bear and that is not proved the patient's, beside the case's own. Content. */
export interface HeldIdentity {
  /** Study Instance UID. */
  readonly uid: string
  readonly image: ImagePatient
  /** The identifier's row is of `patient-id`, or of `issuer` where that is what differs. */
  readonly traits: readonly (readonly [trait: IdentityTrait, compared: Compared])[]
  readonly confirmed: boolean
}

/** Reads identities that wait for a person, of cases whose studies the caller sees; of any other, none. */
export interface HeldIdentities {
  of(careCase: string, caller: Caller): Promise<readonly HeldIdentity[]>
}

/** What of a study that a patient's number finds is compared with the case. */
export const FOUND_TRAITS = ['identifier', 'name', 'birth-date', 'sex'] as const

/** A study of the site's archive, for a person who chooses. How its patient compares, and no value of whom it names. */
export interface FoundStudy {
  readonly uid: string
  readonly accession: string | null
  /** `YYYYMMDD`, as written. */
  readonly date: string | null
  readonly modalities: readonly string[]
  readonly description: string | null
  readonly instances: number | null
  readonly traits: Readonly<Record<(typeof FOUND_TRAITS)[number], Compared>>
}

/** What was found. `from`, `to`: the days that were asked for (ISO); `numbers`: identifiers that the site gave the patient. */
export type Found =
  | {
      readonly ok: true
      readonly from: string
      readonly to: string
      readonly numbers: number
      readonly studies: readonly FoundStudy[]
    }
  | { readonly ok: false; readonly error: ErrorCode }

/** Studies by patient and day, for the site that asked: a person confirms that one is the case's. */
export interface StudyFinder {
  /** Those of the day before the request to the day after it, which the case does not name yet. */
  find(careCase: string, viewer: CaseViewer): Promise<Found>
  /** Names one of them to the case, which keeps who and why; its images pass the gate as any others. */
  attach(
    careCase: string,
    chosen: { readonly uid: string; readonly reason: string },
    viewer: CaseViewer,
  ): Promise<Acted>
}

/** An instance as a list or its head names it. */
export interface ImageInstance {
  /** SOP Instance UID, SOP Class UID; the class is null where a list does not tell it. */
  readonly uid: string
  readonly sopClass: string | null
  readonly study: string
  readonly series: string
  readonly number: number | null
  readonly accession: string | null
  readonly modality: string | null
  /** Of a list that tells nothing of patients, every element is null. */
  readonly patient: ImagePatient
}

/** A series as a list names it. `instances`: what the archive holds of it now; `patient` null: the list does not tell. */
export interface ImageSeries {
  readonly uid: string
  readonly modality: string | null
  readonly instances: number
  readonly patient: ImagePatient | null
}

/** A study as a list names it. */
export interface ImageStudy {
  readonly uid: string
  readonly accession: string | null
  readonly modalities: readonly string[]
  readonly description: string | null
  /** (0008,0020) and (0008,0030), as written. */
  readonly date: string | null
  readonly time: string | null
  readonly instances: number | null
  readonly patient: ImagePatient
}

/** How a study is looked for. Never by name. */
export type StudyQuestion =
  | { readonly by: 'uid'; readonly uid: string }
  | { readonly by: 'accession'; readonly accession: string }
  /** For a person who chooses: `date` is `YYYYMMDD`, or a range `YYYYMMDD-YYYYMMDD`. */
  | { readonly by: 'patient'; readonly id: string; readonly date: string }

/** What an archive answered. `again`: the same may be asked later; otherwise it would be refused again. */
export type FromArchive<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: ErrorCode; readonly again: boolean }

/** What an archive did with the instances of a request, by UID; of those that its answer does not name, nothing is known. */
export type Kept = FromArchive<ReadonlyMap<string, FromArchive<null>>>

/** An instance on its way to an archive. */
export interface Sending {
  readonly uid: string
  readonly bytes: AsyncIterable<Uint8Array>
}

/** One DICOMweb archive (PS3.18). Nothing rejects; an aborted signal ends what is under way. */
export interface Archive {
  /** QIDO-RS. */
  studies(question: StudyQuestion, signal: AbortSignal): Promise<FromArchive<readonly ImageStudy[]>>
  series(study: string, signal: AbortSignal): Promise<FromArchive<readonly ImageSeries[]>>
  instances(study: string, series: string, signal: AbortSignal): Promise<FromArchive<readonly ImageInstance[]>>
  /**
   * WADO-RS: the bytes of one instance as the archive keeps them, in no other transfer syntax. They are read as they are
   * wanted; whoever stops reading ends the request. The iteration throws GatewayError where they break off. */
  open(instance: Where, signal: AbortSignal): Promise<FromArchive<AsyncIterable<Uint8Array>>>
  /** The same of every instance of a series, one after the other, in the archive's order. */
  openSeries(
    study: string,
    series: string,
    signal: AbortSignal,
  ): Promise<FromArchive<AsyncIterable<AsyncIterable<Uint8Array>>>>
  /**
   * STOW-RS: the instances of a study in one request, each asked for when the one before has left. Their bytes are taken as
   * fast as they leave; a throw of theirs ends the request, and nothing is known of any then. */
  keep(study: string, instances: AsyncIterable<Sending>, signal: AbortSignal): Promise<Kept>
  close(): Promise<void>
}

/** Where an instance is in an archive. */
export interface Where {
  readonly study: string
  readonly series: string
  readonly uid: string
}

/** A change of the head. It names what was changed and never a value. */
export const COERCIONS = [
  'issuer-set',
  'qualifiers-set',
  'id-prefixed',
  'original-kept',
  'group-length-dropped',
] as const
/** One of them. */
export type Coercion = (typeof COERCIONS)[number]

/** What became of an instance that was handed over at a door. `code` null: taken. */
export interface TakenInstance {
  readonly uid: string | null
  readonly sopClass: string | null
  readonly code: ErrorCode | null
}

/** Images that one request hands over. Nothing is answered for before `commit`. */
export interface ImageDeposit {
  /** One instance, to its end. @throws what its bytes throw, and STORE_FULL; the deposit is dropped then */
  take(bytes: AsyncIterable<Uint8Array>): Promise<TakenInstance>
  /** Bytes and rows are on stable storage once this resolves. Once. */
  commit(): Promise<void>
  /** Keeps nothing. Harmless after `commit`. */
  drop(): Promise<void>
}

/** Takes images that are handed over at a door of this node. */
export interface ImageIntake {
  /** `study`: the only one it may hold, or null. Null: there is no room, or too many of this establishment are under way. */
  begin(establishment: string, study: string | null): Promise<ImageDeposit | null>
}
