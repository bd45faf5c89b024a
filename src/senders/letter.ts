import type { Destination } from '../core/config.ts'
import type { Body } from '../core/message.ts'
import type { Outcome } from '../core/outcome.ts'
import type { Consignment } from '../core/ports.ts'
import { ackPolicyName, type ReceivedAnswer } from '../formats/hl7v2/answer.ts'
import { type Header, readHeader } from '../formats/hl7v2/header.ts'
import { readMessage } from '../formats/hl7v2/message.ts'
import { verdict } from './verdict.ts'

/** The largest message that goes out (bytes): what our own doors take at most. */
export const MAX_BODY_BYTES = 16 * 1_024 * 1_024
const WANTED = ['AL', 'ER', 'SU']
/** Of two fields one of which is empty, the empty one asks for nothing. */
const ON_ERROR_AT_MOST = ['ER', 'NE', '']

/** An HL7 v2 message made ready to go, and how its answer is judged. */
export interface Letter {
  readonly bytes: Buffer
  /** HL7 name of the character set as MSH-18 declares it; '' where it declares none. */
  readonly charset: string
  /** MSH-10, which the answer must bear as MSA-2. */
  readonly controlId: string
  /**
   * What it means when nobody answers (HL7 v2.5.1 §2.9.3, table 0155). `unasked`: MSH-15 and MSH-16 are NE. `success`: an
   * answer was asked for errors alone (ER). `doubt`: one is due; SU is of this kind, where silence is rather an error. */
  readonly silence: 'unasked' | 'success' | 'doubt'
  /** After a commit answer, an application answer may come later on the same connection (MSH-16). */
  readonly applicationAnswer: boolean
  judge(answer: ReceivedAnswer): Outcome
}

function silenceOf({ enhanced, acceptAck, applicationAck }: Header): Letter['silence'] {
  const asked = [acceptAck, applicationAck]
  if (asked.every((one) => one === 'NE')) return 'unasked'
  return enhanced && asked.every((one) => ON_ERROR_AT_MOST.includes(one)) ? 'success' : 'doubt'
}

/** All bytes of a body. @throws {GatewayError} BODY_DAMAGED from the store */
export async function wholeBody(body: Body): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body.open()) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/**
 * Reads an HL7 v2 message whole, or says why it cannot go to this destination.
 * @throws {GatewayError} BODY_DAMAGED from the store */
export async function letter({ ask, body }: Consignment, destination: Destination): Promise<Letter | Outcome> {
  if (ask !== null) return { kind: 'refused', code: 'UNFIT_FOR_DESTINATION', answer: '' }
  if (body.bytes > MAX_BODY_BYTES) return { kind: 'refused', code: 'FRAME_TOO_LONG', answer: '' }
  const bytes = await wholeBody(body)
  const read = readMessage(bytes)
  if (!read.ok) return { kind: 'refused', code: read.code, answer: '' }
  const header = readHeader(read.message)
  const policy = ackPolicyName(header, destination.ackPolicy)
  return {
    bytes,
    charset: header.charset,
    controlId: header.controlId,
    silence: silenceOf(header),
    applicationAnswer: header.enhanced && WANTED.includes(header.applicationAck),
    judge: (answer) => verdict(answer, policy),
  }
}
