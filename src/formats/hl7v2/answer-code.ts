/** Which acknowledgement code says what: design, HL7 answers. The French guides and the base standard swap AE and AR. */
import type { AckPolicy, AckPolicyName } from '../../core/config.ts'
import { type AnswerReason, ERRORS, type ErrorCode } from '../../core/errors.ts'
import type { Header } from './header.ts'

/** MSA-1 of a refusal: A in original mode, C in enhanced mode; E or R by policy. */
export type NegativeCode = 'AE' | 'AR' | 'CE' | 'CR'

/** HL7 table 0357, in its own words. */
export const TABLE_0357: Readonly<Record<number, string>> = {
  0: 'Message accepted',
  100: 'Segment sequence error',
  101: 'Required field missing',
  102: 'Data type error',
  103: 'Table value not found',
  198: 'Non-Conformant Cardinality',
  199: 'Other HL7 Error',
  200: 'Unsupported message type',
  201: 'Unsupported event code',
  202: 'Unsupported processing id',
  203: 'Unsupported version id',
  204: 'Unknown key identifier',
  205: 'Duplicate key identifier',
  206: 'Application record locked',
  207: 'Application internal error',
}

/**
 * Codes of the application, told in ERR-5 of an answer to a document (ANS, transmission of CDA R2 in HL7 v2, error codes);
 * what the guide has no code for is 906. */
export const APPLICATION_CODES: Partial<Readonly<Record<ErrorCode, readonly [code: string, text: string]>>> = {
  CDA_INS_ABSENT: ['903', 'INS absent from CDA'],
  CDA_INS_MISMATCH: ['904', 'INS mismatch'],
  CDA_TRAITS_INCOMPLETE: ['905', 'INS traits incomplete'],
  CDA_DOCTYPE: ['906', 'Other'],
  CDA_ENCODING: ['906', 'Other'],
  CDA_UNREADABLE: ['906', 'Other'],
  CDA_PATIENT_MISMATCH: ['906', 'Other'],
  CDA_PATIENT_UNPROVEN: ['906', 'Other'],
  CDA_TRAITS_DIFFER: ['906', 'Other'],
  CDA_ID_MISMATCH: ['906', 'Other'],
  CDA_CODE_MISMATCH: ['906', 'Other'],
}

/** True: the sender may try again (`E`); false: it need not (`R`). By reason, then policy. */
const ERROR_OR_REJECT: Readonly<Record<AnswerReason, Readonly<Record<AckPolicyName, 'E' | 'R'>>>> = {
  content: { ans: 'E', hl7base: 'E' },
  type: { ans: 'E', hl7base: 'R' },
  unavailable: { ans: 'R', hl7base: 'E' },
}

/** MSH-21 of the guides whose acknowledgements follow ANS: documents (CDA) and tele-radiology. */
const ANS_PROFILES: ReadonlySet<string> = new Set(['CISIS_CDA_HL7_V2', 'CISIS_TLR_HL7_V2'])

/** The policy for a message: the establishment's for its kind, its default, else by the guide the message follows. */
export function ackPolicyName(header: Header, policy: AckPolicy): AckPolicyName {
  const byKind = Object.hasOwn(policy, header.kind) ? policy[header.kind] : undefined
  const chosen = byKind ?? policy.default
  if (chosen !== undefined) return chosen
  const followsAns =
    header.versionCountry === 'FRA' ||
    header.messageType === 'ZAM' ||
    header.profiles.some((profile) => ANS_PROFILES.has(profile))
  return followsAns ? 'ans' : 'hl7base'
}

/** MSA-1 of a refusal (HL7 v2.5.1 §2.9.2); a code without a reason counts as `content`. */
export function refusalCode(code: ErrorCode, policy: AckPolicyName, enhanced: boolean): NegativeCode {
  const letter = ERROR_OR_REJECT[ERRORS[code].reason ?? 'content'][policy]
  return `${enhanced ? 'C' : 'A'}${letter}`
}
