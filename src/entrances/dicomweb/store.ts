import type { IncomingMessage } from 'node:http'
import { Type } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type ErrorCode, GatewayError } from '../../core/errors.ts'
import type { ImageDeposit, ImageIntake, TakenInstance } from '../../core/images.ts'
import type { Clock, Log, Meter } from '../../core/ports.ts'
import { isUid } from '../../formats/dicom/facts.ts'
import { MULTIPART_LIMITS, relatedType } from '../../formats/dicom/multipart.ts'
import { partsOf } from '../../formats/dicom/parts.ts'
import { REASONS, storeAnswer } from '../../formats/dicom/store-answer.ts'
import { refuseOtherMethods } from '../http/methods.ts'
import type { HttpPlugin } from '../http/server.ts'
import { takesLong, tookLong } from '../http/slow.ts'

/** Limits of one request: bytes, instances, and the time it may take (ms). Silence is the door's to limit. */
export interface StoreLimits {
  readonly maxBytes: number
  readonly maxInstances: number
  readonly maxMs: number
}

/** A study with perfusion and room to spare, over a poor line. */
export const STORE_LIMITS: StoreLimits = { maxBytes: 4 * 1024 ** 3, maxInstances: 10_000, maxMs: 3_600_000 }

/** What the address is given. */
export interface StoreParts {
  readonly intake: ImageIntake
  /** Why nothing new is taken now; null: it is. */
  readonly closed: () => ErrorCode | null
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
  readonly limits?: StoreLimits
}

const JSON_TYPE = 'application/dicom+json'

/**
 * `POST /dicomweb/studies` (STOW-RS, PS3.18 §10.5), of all studies or of one, by an establishment: DICOM part 10 files in
 * multipart/related, never held in memory. 200 when all were taken, 202 when some were, 409 when none was, each with the
 * answer in the DICOM JSON model; what is named there as stored is on stable storage. 503 when there is no room now. */
export function storePlugin(parts: StoreParts): HttpPlugin {
  return (server, { guards }) => {
    server.removeAllContentTypeParsers()
    server.addContentTypeParser('*', async (_request: FastifyRequest, payload: IncomingMessage) => payload)
    const { maxBytes } = parts.limits ?? STORE_LIMITS
    for (const path of ['/dicomweb/studies', '/dicomweb/studies/:study']) {
      server.post(
        path,
        {
          bodyLimit: maxBytes,
          onRequest: guards.establishment,
          schema: path.endsWith(':study') ? { ...SCHEMA, params: STUDY } : SCHEMA,
          validatorCompiler: () => () => true,
        },
        async (request, reply) => {
          const caller = guards.callerOf(request)
          return store(request, reply, caller.role === 'establishment' ? caller.establishment : '', parts)
        },
      )
      refuseOtherMethods(server, path, ['POST'])
    }
  }
}

async function store(
  request: FastifyRequest,
  reply: FastifyReply,
  establishment: string,
  parts: StoreParts,
): Promise<FastifyReply> {
  const { study = null } = request.params as { readonly study?: string }
  const related = relatedType(request.headers['content-type'] ?? '')
  const coded = !['', 'identity'].includes(request.headers['content-encoding'] ?? '')
  if (related === null || related.type !== 'application/dicom' || coded) throw new GatewayError('MEDIA_TYPE')
  if (study !== null && !isUid(study)) throw new GatewayError('BAD_REQUEST')
  const why = parts.closed()
  const deposit = why === null ? await parts.intake.begin(establishment, study) : null
  if (deposit === null) throw new GatewayError(why ?? 'IMAGES_NO_ROOM')
  const { raw } = request
  const limits = parts.limits ?? STORE_LIMITS
  const cancel = parts.clock.after(limits.maxMs, () => void raw.destroy())
  takesLong(raw.socket)
  try {
    const taken = await takeAll(raw.iterator({ destroyOnReturn: false }), related.boundary, deposit, limits)
    await deposit.commit()
    return answer(reply, taken, establishment, parts)
  } catch (fault) {
    // What still comes of the body is nobody's: the next request could not begin behind it.
    reply.header('connection', 'close')
    raw.resume()
    throw fault
  } finally {
    cancel()
    tookLong(raw.socket)
    await deposit.drop()
  }
}

async function takeAll(
  body: AsyncIterable<Uint8Array>,
  boundary: string,
  deposit: ImageDeposit,
  { maxBytes, maxInstances }: StoreLimits,
): Promise<TakenInstance[]> {
  const taken: TakenInstance[] = []
  const limits = { ...MULTIPART_LIMITS, maxParts: maxInstances }
  for await (const { bytes } of partsOf(bounded(body, maxBytes), boundary, limits))
    taken.push(await deposit.take(bytes))
  if (taken.length === 0) throw new GatewayError('MULTIPART_MALFORMED')
  return taken
}

/** @throws {GatewayError} MULTIPART_TOO_LONG; BAD_REQUEST where it was cut */
async function* bounded(body: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let bytes = 0
  try {
    for await (const chunk of body) {
      bytes += chunk.length
      if (bytes > maxBytes) throw new GatewayError('MULTIPART_TOO_LONG')
      yield chunk
    }
  } catch (cause) {
    throw cause instanceof GatewayError ? cause : new GatewayError('BAD_REQUEST', undefined, { cause })
  }
}

function answer(
  reply: FastifyReply,
  taken: readonly TakenInstance[],
  establishment: string,
  { log, meter }: StoreParts,
): FastifyReply {
  const stored = taken.filter(({ code }) => code === null).length
  meter.count('images_received_total', { site: establishment }, stored)
  for (const { code } of taken) if (code !== null) log.warn('images.refused', { establishment, code })
  const status = stored === taken.length ? 200 : stored > 0 ? 202 : 409
  const body = storeAnswer(taken.map(({ uid, sopClass, code }) => ({ uid, sopClass, reason: reasonOf(code) })))
  // As bytes: the type has no parameter, and a text would be given one.
  return reply
    .code(status)
    .type(JSON_TYPE)
    .send(Buffer.from(JSON.stringify(body)))
}

/** Failure reasons of PS3.18 table I.2-2. */
function reasonOf(code: ErrorCode | null): number | null {
  if (code === null) return null
  if (code === 'DICOM_SYNTAX') return REASONS.syntaxNotSupported
  return code === 'IMAGE_CHANGED' ? REASONS.mismatch : REASONS.cannotUnderstand
}

const STUDY = Type.Object({ study: Type.String({ maxLength: 64, description: 'Study Instance UID' }) })
const SCHEMA = {
  summary: 'Hands over images of a telemedicine case',
  description: 'DICOM part 10 files in multipart/related; type="application/dicom" (STOW-RS).',
  tags: ['DICOMweb'],
  consumes: ['multipart/related'],
  produces: [JSON_TYPE],
  response: {
    200: Type.String({ description: 'All were taken; the answer names each' }),
    202: Type.String({ description: 'Some were taken; the answer names each, and why the others were not' }),
    409: Type.String({ description: 'None was taken' }),
  },
}
