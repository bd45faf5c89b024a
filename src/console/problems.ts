import type { FastifyReply, FastifyRequest } from 'fastify'
import { ERRORS, type ErrorCode } from '../core/errors.ts'
import { languageOf } from '../formats/http/language.ts'
import { headersOf, problemDetails } from '../formats/http/problem.ts'

/** Answers a problem (RFC 9457) that has several: the code of one, and each with its place. */
export function refusedWith(
  request: FastifyRequest,
  reply: FastifyReply,
  code: ErrorCode,
  problems: readonly object[],
): FastifyReply {
  const language = languageOf(request.headers['accept-language'], undefined, 'en')
  return reply
    .code(ERRORS[code].http)
    .headers(headersOf(code, language))
    .header('content-type', 'application/problem+json; charset=utf-8')
    .send(JSON.stringify({ ...problemDetails(code, language, request.id), problems }))
}
