/**
 * How far an identity may be trusted (RNIV §3.2): HL7 v2 says it in PID-32 and ZFD, FHIR in FrCore's identityReliability.
 * The one definition of "qualified", on which it depends whether an INS may travel. Pure. */

/** RNIV's four statuses: provisional, retrieved (from the INS service), validated (by a document), qualified (both). */
export type IdentityStatus = 'PROV' | 'RECUP' | 'VALI' | 'QUAL'

/** How a patient's identity stands. */
export interface Reliability {
  readonly status: IdentityStatus
  /** Annotations of table 0445 that are no status: DOUT (doubtful), FICT (invented), HOMA (a namesake), and others. */
  readonly comments: readonly string[]
  /** How the identity was collected (ZFD-5): SM, CV, INSI, CB, RFID; '' when not said. */
  readonly method: string
  /** When the INS service was asked (ZFD-6), as its format writes it; '' when not said. */
  readonly askedAt: string
  /** The document that validated the identity (ZFD-7); '' when not said. */
  readonly proof: string
}

/** What HL7 v2 says of an identity. */
export interface Hl7Status {
  /** Every repetition of PID-32; none when the field is empty. */
  readonly statuses: readonly string[]
  /** Does the patient have an INS in PID-3? */
  readonly ins: boolean
  /** ZFD-4: the birth date was corrected. */
  readonly corrected?: boolean
  /** ZFD-5, 6 and 7. */
  readonly method?: string
  readonly askedAt?: string
  readonly proof?: string
}

/** Statuses of table 0445; all its other codes are annotations. */
const STATUSES: ReadonlySet<string> = new Set(['VALI', 'PROV', 'VIDE'])
/** Annotations with which an identity is provisional, whatever else is said. */
const UNTRUSTED: readonly string[] = ['DOUT', 'FICT']

/** Is one of these annotations DOUT or FICT? */
export function isUntrusted(comments: readonly string[]): boolean {
  return comments.some((one) => UNTRUSTED.includes(one))
}

/**
 * May an INS of this identity travel, by HL7 v2? PID-32 says VALI, which there is what RNIV calls qualified (PAM FR
 * §6.6.15), and neither DOUT nor FICT; and the birth date was not corrected, since then nobody compared it (§6.6.4). */
export function mayCarryIns({ statuses, corrected = false }: Pick<Hl7Status, 'statuses' | 'corrected'>): boolean {
  return statuses.includes('VALI') && !isUntrusted(statuses) && !corrected
}

/** How an identity stands, from what HL7 v2 says of it. */
export function reliabilityOfHl7(said: Hl7Status): Reliability {
  const { statuses, ins, corrected = false, method = '', askedAt = '', proof = '' } = said
  const comments = [...new Set(statuses.filter((one) => one !== '' && !STATUSES.has(one)))]
  const base = { comments, method, askedAt, proof }
  if (isUntrusted(comments)) return { status: 'PROV', ...base }
  if (statuses.includes('VALI')) return { status: ins && !corrected ? 'QUAL' : 'VALI', ...base }
  return { status: method === 'INSI' && !corrected ? 'RECUP' : 'PROV', ...base }
}

/**
 * The repetitions of PID-32 for an identity. HL7 v2 has no word for retrieved, which is told by ZFD-5 and ZFD-6 beside
 * PROV, nor for validated without an INS: VALI then goes without one in PID-3. */
export function pid32Of({ status, comments }: Pick<Reliability, 'status' | 'comments'>): string[] {
  const valid = (status === 'QUAL' || status === 'VALI') && !isUntrusted(comments)
  return [valid ? 'VALI' : 'PROV', ...comments.filter((one) => !STATUSES.has(one))]
}

/** Does an identity that stands so carry its INS? */
export function carriesIns({ status, comments }: Pick<Reliability, 'status' | 'comments'>): boolean {
  return status === 'QUAL' && !isUntrusted(comments)
}
