import type { HttpTarget } from '../../core/config.ts'
import type { Outcome } from '../../core/outcome.ts'
import type { Sender } from '../../core/ports.ts'
import { readAnswer } from '../../formats/hl7v2/answer.ts'
import { type Charset, charsetOf } from '../../formats/hl7v2/charset.ts'
import { beforehand, type SenderParts, senderOf, type To, tracing } from '../attempts.ts'
import { type Letter, letter } from '../letter.ts'
import { isPositive } from '../verdict.ts'
import { saysNothingFinal, statusOutcome } from './status.ts'
import { type Answer, isAnswer, wire } from './wire.ts'

/** Names of IANA for the character sets of MSH-18. */
const IANA: Readonly<Record<Exclude<Charset, 'unknown'>, string>> = {
  '8859/1': 'iso-8859-1',
  '8859/15': 'iso-8859-15',
  'UNICODE UTF-8': 'utf-8',
  ASCII: 'us-ascii',
}

/**
 * Sends HL7 v2 to one HTTP address (`POST`, `application/hl7-v2`, no MLLP bytes), plain or over TLS. A 2xx is judged by the
 * ACK in its body, as MLLP does. */
export function httpSender(destination: To<HttpTarget>, parts: SenderParts): Sender {
  const connections = wire(destination, parts)
  const { url, bearer } = destination.target
  const { pathname, search } = new URL(url)
  return senderOf(
    'http',
    destination,
    parts.log,
    async (consignment, signal) => {
      const made = await beforehand(() => letter(consignment, destination))
      if ('kind' in made) return made
      const { bytes } = made
      const came = await connections.exchange(
        bytes.length,
        async (dispatcher, stop) => {
          const { body } = await dispatcher.request({
            method: 'POST',
            path: `${pathname}${search}`,
            headers: {
              'content-type': contentType(made.charset),
              'content-length': String(bytes.length),
              accept: 'application/hl7-v2',
              'accept-encoding': 'identity',
              'x-request-id': consignment.messageId,
              ...tracing(consignment),
              ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
            },
            body: bytes,
            signal: stop,
          })
          await body.arrayBuffer()
        },
        signal,
        consignment.mayBegin,
      )
      return isAnswer(came) ? outcomeOf(came, made, parts.clock.nowMs()) : came
    },
    connections,
  )
}

/** The media type of a message, with its character set where MSH-18 declares one that has a name there. Pure. */
export function contentType(charset: string): string {
  const known = charsetOf(charset)
  return known === 'unknown' ? 'application/hl7-v2' : `application/hl7-v2; charset=${IANA[known]}`
}

/**
 * What an answer means. Some receivers answer a refusal with 400 or 500 around the ACK (HL7 over HTTP §2.6): a negative
 * ACK that names our message is the better witness then. Pure. */
export function outcomeOf(answer: Answer, sent: Letter, nowMs: number): Outcome {
  const positive = answer.status >= 200 && answer.status < 300
  const ack = answer.body === null ? null : readAnswer(answer.body)
  const ours = ack !== null && ack.controlId === sent.controlId
  if (!positive) {
    const decides = ours && !isPositive(ack.code) && saysNothingFinal(answer.status)
    return decides ? sent.judge(ack) : statusOutcome(answer, nowMs)
  }
  if (answer.body === null) return { kind: 'unknown', code: answer.fault ?? 'ANSWER_GARBAGE' }
  if (sent.silence !== 'doubt' && answer.body.length === 0) return { kind: 'delivered', proof: `HTTP ${answer.status}` }
  if (ack === null) return { kind: 'unknown', code: 'ANSWER_GARBAGE' }
  return ours ? sent.judge(ack) : { kind: 'unknown', code: 'ANSWER_WRONG_ID' }
}
