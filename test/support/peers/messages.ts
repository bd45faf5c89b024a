import { createHash } from 'node:crypto'
import type { Arrival, Body, Receipt, Refusal } from '../../../src/core/message.ts'
import type { Consignment } from '../../../src/core/ports.ts'
import { acknowledgement, answerSource } from '../../../src/formats/hl7v2/answer.ts'

/** What a test may want to say in MSH. */
export interface Wording {
  readonly version?: string
  readonly acceptAck?: string
  readonly applicationAck?: string
  /** Bytes of filler in an OBX. */
  readonly fill?: number
}

/** An invented stroke request of an invented patient. */
export function order(
  controlId: string,
  { version = '2.5', acceptAck = '', applicationAck = '', fill = 0 }: Wording = {},
): Buffer {
  const segments = [
    `MSH|^~\\&|DPI|530000371|UNV|490000031|20260105080000+0100||ORM^O01^ORM_O01|${controlId}|T|${version}|||${acceptAck}|${applicationAck}||8859/15`,
    'PID|||160012345678901^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.10&ISO^INS||ESSAI (FICTIF)^PAUL',
    'ORC|NW|A1',
    'OBR|1|A1||STROKE',
    ...(fill > 0 ? [`OBX|1|TX|||${'x'.repeat(fill)}`] : []),
  ]
  return Buffer.from(`${segments.join('\r')}\r`, 'latin1')
}

/** An answer to a message, as a far side would write it. */
export function answerTo(bytes: Buffer, code: 'AA' | 'AE' | 'AR' | 'CA' | 'CE' | 'CR', controlId?: string): Buffer {
  const source = answerSource(bytes)
  if (source === null) throw new Error('no MSH to answer to')
  const answer = acknowledgement(source, { code, controlId: `R${controlId ?? ''}`, atMs: 0, timeZone: 'Europe/Paris' })
  return controlId === undefined
    ? answer
    : Buffer.from(answer.toString('latin1').replace(/MSA\|(..)\|[^|\r]*/, `MSA|$1|${controlId}`), 'latin1')
}

/** MSA-1 and MSA-2 of an answer, read with no code of ours. */
export function msa(bytes: Buffer): string {
  return /\rMSA\|(\w\w\|[^|\r]*)/.exec(bytes.toString('latin1'))?.[1] ?? 'no MSA'
}

/** A receipt without a journal: for tests of doors only. */
export function receiptFor(answer: Buffer | null, applicationAnswer: Buffer | null = null): Receipt {
  return { messageId: 'test', repeat: false, answer, applicationAnswer } as unknown as Receipt
}

/** Accepts whatever has an MSH with AA, refuses the rest with silence and a closed connection. */
export async function acceptAll({ bytes }: Arrival): Promise<Receipt | Refusal> {
  if (answerSource(bytes) === null) return { code: 'NOT_HL7', answer: null, close: true }
  return receiptFor(answerTo(bytes, 'AA'))
}

/** A body kept in memory, in chunks of at most 64 KiB. */
export function bodyOf(bytes: Buffer): Body {
  return {
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    keyId: 0,
    async *open() {
      for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536)
    },
  }
}

/** One delivery's worth of work for a sender. */
export function consignmentOf(bytes: Buffer, lane: 'normal' | 'urgent' = 'normal'): Consignment {
  return {
    deliveryId: 'd',
    messageId: 'm',
    destination: 'chu-angers/unv',
    lane,
    kind: 'ORM^O01',
    ask: null,
    body: bodyOf(bytes),
  }
}

/** What a caller's own clock aborts with when its time is over. */
export function timeRanOut(): DOMException {
  return new DOMException('the time of the caller is over', 'TimeoutError')
}
