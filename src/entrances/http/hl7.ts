import { type TSchema, Type } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isLoopback } from '../../core/address.ts'
import { ERRORS, GatewayError } from '../../core/errors.ts'
import { isReceipt, type Peer } from '../../core/message.ts'
import type { Accept, Clock, Meter } from '../../core/ports.ts'
import { remoteOf } from '../mllp/guest.ts'
import { bytesOf, takeBytes } from './media.ts'
import { refuseOtherMethods } from './methods.ts'
import type { Doorway, HttpPlugin } from './server.ts'
import { traceOf } from './traceparent.ts'

/** What the HL7 v2 address is given. */
export interface Hl7Parts {
  readonly accept: Accept
  readonly clock: Clock
  readonly meter: Meter
  /** Absent: `/hl7`. */
  readonly path?: '/hl7' | '/sandbox/hl7'
}

/** Names of the format in use; `charset` is not looked at, for MSH-18 says it. */
const MEDIA = /^application\/hl7-v2(\+er7)?$/
const HL7 = 'application/hl7-v2'

/**
 * `POST /hl7`: an HL7 v2 message without MLLP bytes, by an establishment. 200 with the acknowledgement whatever MSA-1
 * says (both in order when the enhanced mode owes two), 204 when MSH-15/16 ask for none; 503 with `Retry-After` and the
 * acknowledgement when it cannot be taken now. What is no HL7 at all gets a problem (RFC 9457). */
export function hl7Plugin(parts: Hl7Parts): HttpPlugin {
  const { path = '/hl7' } = parts
  return (server, doorway) => {
    takeBytes(server, doorway, (type) => MEDIA.test(type))
    server.post(
      path,
      {
        bodyLimit: doorway.door.maxBodyBytes,
        onRequest: doorway.guards.establishment,
        schema:
          path === '/hl7'
            ? SCHEMA
            : { ...SCHEMA, summary: 'Tries an HL7 v2 message out: judged and answered, sent nowhere' },
        // The body is bytes; its schema is for the description only.
        validatorCompiler: () => () => true,
      },
      (request, reply) => take(request, reply, doorway, parts),
    )
    refuseOtherMethods(server, path, ['POST'])
  }
}

async function take(
  request: FastifyRequest,
  reply: FastifyReply,
  doorway: Doorway,
  parts: Hl7Parts,
): Promise<FastifyReply> {
  const began = parts.clock.monotonicMs()
  const answered = await parts.accept({
    entrance: doorway.door.name,
    peer: peerOf(request, doorway),
    receivedAtMs: parts.clock.nowMs(),
    bytes: bytesOf(request),
    ...traceOf(request.headers),
  })
  parts.meter.observe('answer_seconds', (parts.clock.monotonicMs() - began) / 1_000, { door: doorway.door.name })
  if (isReceipt(answered)) {
    const owed = [answered.answer, answered.applicationAnswer].filter((one) => one !== null)
    return owed.length === 0 ? reply.code(204).send() : reply.type(HL7).send(Buffer.concat(owed))
  }
  if (answered.close) reply.header('connection', 'close')
  if (answered.answer === null) throw new GatewayError(answered.code)
  const later = ERRORS[answered.code].reason === 'unavailable'
  if (later) reply.header('retry-after', '5')
  return reply
    .code(later ? 503 : 200)
    .type(HL7)
    .send(answered.answer)
}

/** Who posts, for an arrival: behind a guard, so that an establishment is known. */
export function peerOf(request: FastifyRequest, { guards }: Doorway): Peer {
  const { host, address } = remoteOf(request.socket)
  const caller = guards.callerOf(request)
  const establishment = caller.role === 'establishment' ? caller.establishment : null
  return { address, loopback: isLoopback(host), establishment, destination: null }
}

const ack = (description: string): TSchema => Type.String({ description })
const SCHEMA = {
  summary: 'Hands over an HL7 v2 message',
  description: 'The body is the message, without MLLP bytes, in the character set of MSH-18; it may be gzipped.',
  tags: ['HL7 v2'],
  consumes: [HL7],
  produces: [HL7],
  body: Type.String({ description: 'An HL7 v2 message, segments ended by CR' }),
  response: {
    200: ack('The acknowledgement. MSA-1 tells whether the gateway took the message: 200 does not.'),
    204: Type.Null({ description: 'Taken; MSH-15 and MSH-16 ask for no acknowledgement' }),
    503: ack('Cannot be taken now: the acknowledgement says so too; Retry-After says when to send again'),
  },
}
