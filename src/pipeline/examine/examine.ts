import { GatewayError } from '../../core/errors.ts'
import type { Arrival } from '../../core/message.ts'
import type { Examine, Examined, ExaminedMessage } from '../../core/self-check.ts'
import { formatOf } from '../../formats/file-format.ts'
import { readBatch } from '../../formats/hl7v2/batch.ts'
import { isTestInsOid } from '../../formats/identifiers/ins.ts'
import type { AcceptParts } from '../accept.ts'
import { lookInside } from '../look-inside.ts'
import { type Reading, readArrival, type Unread } from '../reading.ts'
import { examineCda, examineXdm } from './document.ts'
import { graveFirst, judged, messageOf } from './door.ts'
import { examineFhir } from './fhir.ts'

/** Who it comes from: an establishment that is known, and no machine. */
function arrivalOf(bytes: Buffer, establishment: string, receivedAtMs: number): Arrival {
  const peer = { address: 'console', loopback: false, establishment, destination: null }
  return { entrance: 'sandbox', peer, receivedAtMs, bytes }
}

/**
 * Judging as at the doors, for a person who asks: the same reading, rules, identity checks, routes and answers, by `accept` itself
 * over a journal that keeps nothing. Nothing is counted, logged, written or sent. */
export function examining(parts: AcceptParts): Examine {
  return async (bytes, establishment) => {
    const format = formatOf(bytes)
    if (format === null || (format === 'hl7v2' && readBatch(bytes) !== null)) throw new GatewayError('CHECK_FORMAT')
    if (format === 'cda') return examineCda(bytes)
    if (format === 'xdm') return examineXdm(bytes)
    const arrival = arrivalOf(bytes, establishment, parts.clock.nowMs())
    return format === 'fhir' ? examineFhir(arrival, parts) : examineHl7(arrival, parts)
  }
}

async function examineHl7(arrival: Arrival, parts: AcceptParts): Promise<Examined> {
  const read = readArrival(arrival, parts.config())
  onlyTests(read, arrival.bytes)
  const reading = await lookInside(read, parts, 0)
  const { answer, refused, intakes } = await judged(arrival, parts)
  const header = read.header
  const own = intakes.map(messageOf)
  const unheard: ExaminedMessage[] =
    header === null
      ? []
      : [
          {
            kind: header.kind,
            application: header.sendingApplication,
            profiles: header.profiles,
            findings: reading.ok ? graveFirst(reading.findings) : [],
          },
        ]
  return { format: 'hl7v2', answer, refused, messages: own.length > 0 ? own : unheard, advice: [] }
}

/** @throws {GatewayError} CHECK_REAL_PATIENT where the message may be a patient's */
function onlyTests(read: Reading | Unread, bytes: Buffer): void {
  if (read.ok) {
    const real = read.identifiers.some(({ ins, authority }) => ins && !isTestInsOid(authority))
    if (!read.test || real) throw new GatewayError('CHECK_REAL_PATIENT')
  } else if (read.header?.processingId === 'P' && !bytes.includes('1.2.250.1.213.1.4.1')) {
    // What cannot be read to its end says no more of itself than its header.
    throw new GatewayError('CHECK_REAL_PATIENT')
  }
}
