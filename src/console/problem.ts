import type { FastifyReply, FastifyRequest } from 'fastify'
import { ERRORS, type ErrorCode } from '../core/errors.ts'
import { HELP_EN } from '../core/help-en.ts'
import { HELP_FR } from '../core/help-fr.ts'
import { languageOf } from './language.ts'

/** An error as the API tells it (RFC 9457): `code` is stable, `detail` is the help sentence in the caller's language. */
export interface ProblemDetails {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: ErrorCode
  readonly detail: string
  /** The request's number, the same as in the log. */
  readonly instance: string
  /** JSON pointers of what is wrong in a request; never the value. */
  readonly errors?: readonly { readonly at: string; readonly rule: string }[]
}

/** Answers a problem with the status of its code. Nothing of the request is repeated in it. */
export function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  code: ErrorCode,
  errors?: ProblemDetails['errors'],
): FastifyReply {
  const status = ERRORS[code].http
  const language = languageOf(request.headers['accept-language'], undefined, 'en')
  const problem: ProblemDetails = {
    type: 'about:blank',
    title: code,
    status,
    code,
    detail: (language === 'fr' ? HELP_FR : HELP_EN)[code],
    instance: `urn:passerelle:request:${request.id}`,
    ...(errors === undefined ? {} : { errors }),
  }
  if (code === 'UNAUTHORIZED') reply.header('www-authenticate', 'Bearer')
  if (status === 503) reply.header('retry-after', '5')
  return reply
    .code(status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .header('content-language', language)
    .header('vary', 'Accept-Language')
    .send(JSON.stringify(problem))
}
