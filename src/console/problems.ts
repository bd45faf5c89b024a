import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ErrorCode } from '../core/errors.ts'
import { languageOf } from '../formats/http/language.ts'
import { problemAnswer } from '../formats/http/problem.ts'

/** Answers a problem (RFC 9457) that has several: the code of one, and each with its place; `more` stands beside them. */
export function refusedWith(
  request: FastifyRequest,
  reply: FastifyReply,
  code: ErrorCode,
  problems: readonly object[],
  more: Readonly<Record<string, unknown>> = {},
): FastifyReply {
  const language = languageOf(request.headers['accept-language'], undefined, 'en')
  const { status, headers, body } = problemAnswer(code, language, request.id, { problems, ...more })
  return reply.code(status).headers(headers).send(body)
}
