import type { Config, Establishment } from '../core/config.ts'
import type { ErrorCode } from '../core/errors.ts'
import type { Statement } from '../core/journal.ts'
import type { Arrival, Finding } from '../core/message.ts'
import { type Header, readHeader } from '../formats/hl7v2/header.ts'
import { identifiersOf, type PatientIdentifier, patientIdentities } from '../formats/hl7v2/identifiers.ts'
import { identityFindings } from '../formats/hl7v2/identity-findings.ts'
import { type Hl7Message, readMessage } from '../formats/hl7v2/message.ts'
import { checkRules } from '../formats/hl7v2/rules/check.ts'
import { profilesOf } from '../formats/hl7v2/rules/compile.ts'
import { withheldOf } from '../formats/hl7v2/withheld.ts'
import { isTestInsOid } from '../formats/identifiers/ins.ts'
import type { RouteFacts } from './route.ts'
import { writeRanges } from './withheld.ts'

/** Why an arrival is not taken, and the HL7 path to blame. */
export interface Problem {
  readonly code: ErrorCode
  readonly at: string | null
  /** The finding behind it, whose rule has a sentence of its own. */
  readonly finding?: Finding
  /** What else is told with it. */
  readonly also?: readonly Problem[]
}

/** An arrival that was read, and whose sender is known. */
export interface Reading {
  readonly ok: true
  readonly message: Hl7Message
  readonly header: Header
  readonly establishment: Establishment
  readonly identifiers: readonly PatientIdentifier[]
  /** MSH-11 T or D, or an identity of the test or demonstration authority. */
  readonly test: boolean
  readonly findings: readonly Finding[]
  /** Bytes that do not leave the gateway (the INS rule), as the journal keeps them; null: all of them may. */
  readonly withheld: string | null
  /** Rows to write with it: what it says of orders. Absent: none. */
  readonly rows?: readonly Statement[]
}

/** An arrival that was not: `header` and `establishment` are there as far as they could be read. */
export interface Unread {
  readonly ok: false
  readonly problem: Problem
  readonly header: Header | null
  readonly establishment: Establishment | null
}

/** Queries are not relayed (design, head): their answers would have to come back on the same connection. */
const QUERY_TYPES = /^(QBP|QRY|QCN|QSB|QSX|QVR|VQQ|SPQ|EQQ|RQQ)$/
/** HL7 v2.6 table of lengths; older versions allow 20, and senders exceed it. */
const CONTROL_ID_BYTES = 199
/** What a message is known and found by stands in keys of the store, which take no more (bytes of a field; HD has 227 characters). */
const KEY_BYTES = 1_000
const KEY_FIELDS = [3, 4, 9] as const
const VERSION = /^2(\.\d+){0,2}$/

/** The first thing the header lacks, or holds that is not carried. */
function headerProblem(header: Header, message: Hl7Message): Problem | null {
  if (header.messageType === '') return { code: 'FIELD_MISSING', at: 'MSH-9' }
  const endless = KEY_FIELDS.find((n) => (message.headerFields[n - 1] ?? '').length > KEY_BYTES)
  if (endless !== undefined) return { code: 'FIELD_MALFORMED', at: `MSH-${endless}` }
  if (header.kind === 'ACK' || header.messageType === 'ACK') return null
  if (QUERY_TYPES.test(header.messageType)) return { code: 'TYPE_UNSUPPORTED', at: 'MSH-9' }
  if (header.triggerEvent === '') return { code: 'EVENT_UNSUPPORTED', at: 'MSH-9' }
  if (header.controlId === '') return { code: 'FIELD_MISSING', at: 'MSH-10' }
  // The whole field: it is what MSA-2 gives back.
  if ((message.raw('MSH-10')?.length ?? 0) > CONTROL_ID_BYTES) return { code: 'FIELD_MALFORMED', at: 'MSH-10' }
  if (header.processingId === '') return { code: 'FIELD_MISSING', at: 'MSH-11' }
  if (!['P', 'T', 'D'].includes(header.processingId)) return { code: 'PROCESSING_ID', at: 'MSH-11' }
  if (header.version === '') return { code: 'FIELD_MISSING', at: 'MSH-12' }
  if (!VERSION.test(header.version)) return { code: 'VERSION_UNSUPPORTED', at: 'MSH-12' }
  return null
}

/** Who sent it: MSH-4 must belong to the establishment that the connection proves, where it proves one. */
function senderOf(header: Header, arrival: Arrival, config: Config): Establishment | Problem {
  const proved = arrival.peer.establishment
  if (arrival.peer.destination !== null && proved !== null) {
    // An answer on our own connection to a destination: the connection is the identity.
    return config.establishments.get(proved) ?? { code: 'UNKNOWN_SENDER', at: 'MSH-4' }
  }
  const named = header.sendingFacilityAll.map((value) => config.facilities.get(value)).find((id) => id !== undefined)
  if (named === undefined) return { code: 'UNKNOWN_SENDER', at: 'MSH-4' }
  if (proved !== null && proved !== named && !config.establishments.get(proved)?.sendsFor.includes(named)) {
    return { code: 'SENDER_MISMATCH', at: 'MSH-4' }
  }
  return config.establishments.get(named) ?? { code: 'UNKNOWN_SENDER', at: 'MSH-4' }
}

/** Bytes → message and sender, or why not. Pure. */
export function readArrival(arrival: Arrival, config: Config): Reading | Unread {
  const first = readMessage(arrival.bytes)
  if (!first.ok) return { ok: false, problem: { code: first.code, at: first.at }, header: null, establishment: null }
  const header = readHeader(first.message)
  const sender = senderOf(header, arrival, config)
  const establishment = 'id' in sender ? sender : null
  const problem = headerProblem(header, first.message) ?? ('id' in sender ? null : sender)
  if (problem !== null || establishment === null) {
    return { ok: false, problem: problem ?? { code: 'UNKNOWN_SENDER', at: 'MSH-4' }, header, establishment }
  }
  const again = header.charset === '' ? readMessage(arrival.bytes, establishment.charset) : first
  const message = again.ok ? again.message : first.message
  const identities = patientIdentities(message)
  const identifiers = identifiersOf(identities)
  return {
    ok: true,
    message,
    header,
    establishment,
    identifiers,
    test: header.processingId !== 'P' || identifiers.some((id) => id.ins && isTestInsOid(id.authority)),
    findings: [
      ...message.findings(),
      ...identityFindings(message, header, identities, config.identities),
      ...(config.rules === undefined ? [] : checkRules(message, header, profilesOf(config.rules))),
    ],
    withheld: writeRanges(withheldOf(identities, header.kind)),
  }
}

/** What routing looks at. */
export function routeFacts({ message, header, establishment, test }: Reading): RouteFacts {
  return {
    kinds: [header.kind],
    establishment: establishment.id,
    receivers: [...header.receivingApplicationAll, ...header.receivingFacilityAll],
    profiles: header.profiles,
    test,
    // `ServiceRequest.code` is a FHIR path: an HL7 v2 message has nothing there.
    values: (path) => (/^[A-Z][A-Z0-9]{2}(\(|-)/.test(path) ? message.values(path) : []),
  }
}
