/**
 * What a message says of a case: what both formats are read to. Nothing here decides; whether a request opens a case or an
 * act is allowed is for whoever keeps the cases. */
import type {
  CaseAnswer,
  CaseIdentifier,
  CasePatient,
  CaseReading,
  CaseRequest,
  StudyName,
  ToldTime,
} from '../../core/cases.ts'
import type { IdentityChange } from '../../core/identity-change.ts'
import type { MessageId } from '../../core/message.ts'
import { TIME_NAMES, type TimeName } from '../../core/services.ts'
import { readTime } from '../clock/read.ts'
import type { JsonObject } from '../fhir/json-value.ts'

/** What is known of a message beside its bytes. */
export interface CaseFacts {
  readonly message: MessageId
  /** Service that the message is read for. */
  readonly service: string
  /** Establishment that sent it: its id. */
  readonly site: string
  readonly receivedAtMs: number
  readonly test: boolean
  /** HL7 name of the charset assumed when MSH-18 is empty. */
  readonly charset: string
  /** IANA zone of times that have no offset. */
  readonly timeZone: string
  /** The HMAC by which intake knows an identifier: `(authority, identifier)`. */
  readonly key: (authority: string, value: string) => string
  /** What a code of an observation or note is to a case: a name of a time, or `biology`. */
  readonly codes: ReadonlyMap<string, string>
  /** Resources that the gateway keeps, by `Type/id`: what references of the message lead to. */
  readonly kept: ReadonlyMap<string, JsonObject>
}

/** A number of an order at whoever asked. */
export type Placer = NonNullable<CaseRequest['placer']>

/** A patient whom a site has registered (ADT). */
export interface CaseStay {
  readonly patient: CasePatient
  readonly unit: string | null
  /** When the stay began; null: not told. */
  readonly arrivedAtMs: number | null
}

/** What a message says, and whom it registers. All of it empty: nothing of a case. */
export interface CaseRead extends CaseReading {
  readonly keys: readonly string[]
  readonly answers: readonly CaseAnswer[]
  readonly stay: CaseStay | null
}

/** A reading of nothing. */
export const NOTHING_READ: CaseRead = { request: null, cancels: null, acts: [], keys: [], answers: [], stay: null }

/** A change of an identity by which nothing changes. */
export const NO_CHANGE: Omit<IdentityChange, 'site'> = {
  ...{ of: [], comes: [], goes: [], keysCome: [], keysGo: [] },
  ...{ withoutIns: false, traits: null, status: null },
}

/** A time that is told in a message, as HL7 v2 or FHIR writes it; null: it is none, or less exact than a day. */
export function toldTime(said: string, { timeZone, receivedAtMs }: CaseFacts): ToldTime | null {
  const read = readTime(said.trim(), timeZone)
  return read === null ? null : { atMs: read.atMs, precision: read.precision, source: 'record', toldAtMs: receivedAtMs }
}

/** Are these the same order? An authority that one of them does not say is no difference. */
export function samePlacer(one: Placer, other: Placer): boolean {
  if (one.value !== other.value) return false
  return one.authority === null || other.authority === null || one.authority === other.authority
}

/** Keys of a patient: in the sender's domain, and by INS when the identity is qualified. A billing number is none. */
export function patientKeys(
  identifiers: readonly (CaseIdentifier & { readonly ins: boolean })[],
  { site, key }: CaseFacts,
): string[] {
  return identifiers.map(({ authority, value, ins }) => `${ins ? 'INS' : site}:${key(authority, value)}`)
}

/** Key of the number of an order at the site that asks. */
export function orderKey({ authority, value }: Placer, { site, key }: CaseFacts): string {
  return `${site}:${key(`order|${authority ?? ''}`, value)}`
}

/** Key of the number of a visit at its site. */
export function visitKey(authority: string, value: string, { site, key }: CaseFacts): string {
  return `${site}:${key(`visit|${authority}`, value)}`
}

/** Keys of a study: its UID everywhere, its accession number at its site. */
export function studyKeys({ uid, accession }: StudyName, { site, key }: CaseFacts): string[] {
  return [
    ...(uid === null ? [] : [`study:${key('study', uid)}`]),
    ...(accession === null ? [] : [`${site}:${key('accession', accession)}`]),
  ]
}

/** The time that a code of an observation names; null: none. */
export function timeNamed(code: string, { codes }: CaseFacts): TimeName | null {
  const name = codes.get(code)
  return TIME_NAMES.find((one) => one === name) ?? null
}

/** Is the code one of a result that the service waits for? */
export function isBiology(code: string, { codes }: CaseFacts): boolean {
  return codes.get(code) === 'biology'
}
