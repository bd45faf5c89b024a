import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { codeOf, type ErrorCode, GatewayError } from '../../core/errors.ts'
import type { Log } from '../../core/ports.ts'
import { languageOf } from '../../formats/http/language.ts'
import { type ProblemDetails, problemAnswer } from '../../formats/http/problem.ts'

/** The table's code for what went wrong in a call: ours, or what fastify's own errors come down to. */
export function problemCode(error: FastifyError): ErrorCode {
  if (error instanceof GatewayError) return codeOf(error)
  if (error.statusCode === 413) return 'FRAME_TOO_LONG'
  if (error.statusCode === 415) return 'MEDIA_TYPE'
  return error.statusCode !== undefined && error.statusCode < 500 ? 'BAD_REQUEST' : 'INTERNAL'
}

/** How a log line names a request: its number, method and route, never its URL. */
export function logged(request: FastifyRequest): {
  readonly request: string
  readonly route: string
  readonly peer: string
} {
  const route = `#${request.id} ${request.method} ${request.routeOptions.url ?? 'unknown path'}`
  return { request: request.id, route, peer: request.ip }
}

/** Answers a problem (RFC 9457) with the status of its code. Nothing of the request is repeated in it. */
export function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  code: ErrorCode,
  errors?: ProblemDetails['errors'],
): FastifyReply {
  const language = languageOf(request.headers['accept-language'], undefined, 'en')
  const { status, headers, body } = problemAnswer(code, language, request.id, errors === undefined ? {} : { errors })
  return reply.code(status).headers(headers).send(body)
}

/** Answers whatever a route or hook threw. What nobody foresaw is logged under the request's number, without its text. */
export function answerThrown(log: Log): (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => unknown {
  return (error, request, reply) => {
    const code = problemCode(error)
    if (code === 'INTERNAL') log.error('http.failed', { code, ...logged(request) }, error)
    const errors = error.validation?.map(({ instancePath, keyword, params }) => ({
      at: `/${error.validationContext ?? 'request'}${instancePath}${missingName(params)}`,
      rule: keyword,
    }))
    return sendProblem(request, reply, code, errors)
  }
}

/** What `required` misses: a name of the schema, never one of who asked. */
function missingName({ requiredProperties, missingProperty }: Readonly<Record<string, unknown>>): string {
  const name = Array.isArray(requiredProperties) ? requiredProperties[0] : missingProperty
  return typeof name === 'string' ? `/${name}` : ''
}
