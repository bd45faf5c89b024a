/**
 * A message that a person tries out: judged by the code that judges live traffic, and kept nowhere. What is told of it are codes,
 * places and requirements, never its content. */
import type { FrameworkName, InBoth, Level } from './conformity.ts'
import type { ErrorCode } from './errors.ts'
import type { Finding, FindingClass } from './message.ts'

/** Largest message that is tried out (bytes). */
export const CHECK_BYTES = 4 * 1024 ** 2
/** Messages that one person may try out in a minute. */
export const CHECKS_PER_MINUTE = 30
/** How long trying one out may take (ms). */
export const CHECK_MS = 10_000

/** What can be tried out: HL7 v2, FHIR in JSON, a CDA R2 by itself, an XDM archive. */
export type CheckedFormat = 'hl7v2' | 'fhir' | 'cda' | 'xdm'

/** One message as the doors would have judged it; a transaction is several. */
export interface ExaminedMessage {
  readonly kind: string
  /** MSH-3; '' of what is no HL7 v2. */
  readonly application: string
  /** MSH-21, or meta.profile. */
  readonly profiles: readonly string[]
  readonly findings: readonly Finding[]
}

/** What trying a message out comes to. */
export interface Examined {
  readonly format: CheckedFormat
  /** What the door would say: taken, refused, or taken and set aside for a person. Null: it comes through no door by itself. */
  readonly answer: 'taken' | 'refused' | 'parked' | null
  /** Why it would be refused. */
  readonly refused: { readonly code: ErrorCode; readonly at: string | null } | null
  /** The message first; none where nothing could be read of it. */
  readonly messages: readonly ExaminedMessage[]
  /** What `$validate` says beside that: live traffic is not held to it. */
  readonly advice: readonly Finding[]
}

/**
 * Reads and judges bytes as those of an establishment, and keeps nothing.
 * @throws {GatewayError} CHECK_FORMAT where it is none of the formats, or several messages at once; CHECK_REAL_PATIENT where it is
 * not marked as a test, or bears a true INS */
export type Examine = (bytes: Buffer, establishment: string) => Promise<Examined>

/** A requirement that the message says something of. */
export interface RequirementCheck {
  readonly framework: FrameworkName
  readonly frameworkName: InBoth
  readonly requirement: string
  readonly level: Level
  readonly text: InBoth
  readonly confirm: boolean
  /** Findings for which the message would count against it; none: it would count for it. */
  readonly failing: readonly string[]
}

/** A message that was tried out, with what it means for the frameworks in force. */
export interface Checked extends Examined {
  readonly establishment: string
  /** Is the establishment one whose findings of class `contract` are refused? */
  readonly strict: boolean
  /** Those that it fails first. */
  readonly requirements: readonly RequirementCheck[]
}

/** What is tried out, as which establishment's, by whom. */
export interface CheckAsk {
  readonly bytes: Buffer
  readonly establishment: string
  readonly who: string
}

/**
 * Tries a message out.
 * @throws {GatewayError} as `Examine`; NOT_FOUND for an establishment that the region does not have; FRAME_TOO_LONG above
 * `CHECK_BYTES`; RATE_LIMITED above `CHECKS_PER_MINUTE`; CHECK_TIME after `CHECK_MS` */
export type CheckMessage = (ask: CheckAsk) => Promise<Checked>

/** How much a finding matters to whoever sends: the door refuses it (or sets it aside), it is to be mended, it is good to know. */
export const SEVERITIES = ['blocking', 'mend', 'know'] as const
/** One of them. */
export type CheckSeverity = (typeof SEVERITIES)[number]

/** How much a finding of a class matters, of a strict establishment or another. Pure. */
export function severityOf(sort: FindingClass, strict: boolean): CheckSeverity {
  if (sort === 'safety') return 'blocking'
  if (sort === 'form') return 'know'
  return strict ? 'blocking' : 'mend'
}

/** A finding's name, as requirements name it: the id of its rule, else its code. Pure. */
export function findingName({ code, params }: Pick<Finding, 'code' | 'params'>): string {
  return typeof params?.['rule'] === 'string' ? params['rule'] : code
}
