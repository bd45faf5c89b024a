import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { ERRORS, type ErrorCode } from '../../core/errors.ts'
import { answerOf, type FhirAnswer, type StoredResource } from '../../core/fhir.ts'
import { isReceipt, type Receipt, type Refusal } from '../../core/message.ts'
import type { Log } from '../../core/ports.ts'
import { writeJson } from '../../formats/fhir/json.ts'
import { operationOutcome } from '../../formats/fhir/outcome.ts'
import { type Language, languageOf } from '../../formats/http/language.ts'
import { headersOf } from '../../formats/http/problem.ts'
import { logged, problemCode } from '../http/problem.ts'
import { FHIR_JSON, pretty } from './negotiate.ts'

/** The language that a caller wants help in. */
export function languageFor(request: FastifyRequest): Language {
  return languageOf(request.headers['accept-language'], undefined, 'en')
}

/** Sends JSON of FHIR, laid out for people when `_pretty=true` asks for it. */
export function sendJson(request: FastifyRequest, reply: FastifyReply, json: string): FastifyReply {
  const wanted = /[?&]_pretty=(true|1)(&|$)/.test(request.raw.url ?? '')
  return reply.header('content-type', FHIR_JSON).send(wanted ? pretty(json) : json)
}

/** Answers with the OperationOutcome of a code, and the status and headers that go with it. */
export function sendOutcome(request: FastifyRequest, reply: FastifyReply, error: ErrorCode): FastifyReply {
  const language = languageFor(request)
  reply.code(ERRORS[error].http).headers(headersOf(error, language))
  return sendJson(request, reply, writeJson(operationOutcome([{ error }], language)))
}

/** Answers whatever a FHIR route or hook threw with its OperationOutcome. */
export function answerThrown(log: Log): (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => unknown {
  return (error, request, reply) => {
    const code = problemCode(error)
    if (code === 'INTERNAL') log.error('http.failed', { code, ...logged(request) }, error)
    return sendOutcome(request, reply, code)
  }
}

/** Answers with what accept decided; its own words when it has any. */
export function sendDecision(request: FastifyRequest, reply: FastifyReply, decision: Receipt | Refusal): FastifyReply {
  if (!isReceipt(decision) && decision.close) reply.header('connection', 'close')
  if (decision.answer !== null) return sendAnswer(request, reply, answerOf(decision.answer))
  return isReceipt(decision) ? reply.code(204).send() : sendOutcome(request, reply, decision.code)
}

function sendAnswer(request: FastifyRequest, reply: FastifyReply, { status, headers, body }: FhirAnswer): FastifyReply {
  reply.code(status).headers(headers)
  if (status === 503 && !reply.hasHeader('retry-after')) reply.header('retry-after', '5')
  return body === null ? reply.send() : sendJson(request, reply, body)
}

/** Answers with a resource and what tells its version (http.html §3.1.0.2); 304 when the caller has that version. */
export function sendResource(request: FastifyRequest, reply: FastifyReply, stored: StoredResource): FastifyReply {
  const etag = `W/"${stored.version}"`
  reply.header('etag', etag).header('last-modified', new Date(stored.updatedAtMs).toUTCString())
  const known = request.headers['if-none-match']?.split(',').map((one) => one.trim())
  if (known?.includes(etag) === true) return reply.code(304).send()
  return sendJson(request, reply, stored.json)
}
