import type { Destination } from '../../core/config.ts'
import type { Body } from '../../core/message.ts'
import type { Outcome } from '../../core/outcome.ts'
import { ackPolicyName, type ReceivedAnswer } from '../../formats/hl7v2/answer.ts'
import { readHeader } from '../../formats/hl7v2/header.ts'
import { readMessage } from '../../formats/hl7v2/message.ts'
import { frame } from '../../formats/mllp/scanner.ts'
import { verdict } from './verdict.ts'

/** The largest message that goes over MLLP (bytes): what our own doors take at most. */
export const MAX_BODY_BYTES = 16 * 1_024 * 1_024
const WANTED = ['AL', 'ER', 'SU']

/** A message made ready for the line. */
export interface Letter {
  /** The whole block, VT to FS CR. */
  readonly block: Buffer
  /** MSH-10, which the answer must bear as MSA-2. */
  readonly controlId: string
  /** MSH-15 and MSH-16 are NE: nobody will answer (HL7 v2.5.1 table 0155). */
  readonly quiet: boolean
  /** After a commit answer, an application answer may come later on the same connection (MSH-16). */
  readonly applicationAnswer: boolean
  judge(answer: ReceivedAnswer): Outcome
}

/**
 * Reads a body whole and frames it, or says why it cannot go over MLLP.
 * @throws {GatewayError} BODY_DAMAGED from the store */
export async function letter(body: Body, destination: Destination): Promise<Letter | Outcome> {
  if (body.bytes > MAX_BODY_BYTES) return { kind: 'refused', code: 'FRAME_TOO_LONG', answer: '' }
  const chunks: Uint8Array[] = []
  for await (const chunk of body.open()) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  const read = readMessage(bytes)
  if (!read.ok) return { kind: 'refused', code: read.code, answer: '' }
  const header = readHeader(read.message)
  const policy = ackPolicyName(header, destination.ackPolicy)
  return {
    block: frame(bytes),
    controlId: header.controlId,
    quiet: header.acceptAck === 'NE' && header.applicationAck === 'NE',
    applicationAnswer: header.enhanced && WANTED.includes(header.applicationAck),
    judge: (answer) => verdict(answer, policy),
  }
}
