import type { FastifyReply, FastifyRequest } from 'fastify'
import { GatewayError } from '../../core/errors.ts'
import type { FhirAsk, FhirReader, FhirReads } from '../../core/fhir.ts'
import type { Accept, Clock, Log, Meter } from '../../core/ports.ts'
import type { CareService } from '../../core/services.ts'
import { isId, isResourceType } from '../../formats/fhir/resource.ts'
import { type Guard, guardOf } from '../http/guard.ts'
import { peerOf } from '../http/hl7.ts'
import { bytesOf, mediaType, takeBytes } from '../http/media.ts'
import { refuseOtherMethods } from '../http/methods.ts'
import { originOf } from '../http/origin.ts'
import { allows, type Permission } from '../http/scope.ts'
import type { Doorway, HttpPlugin, HttpServer } from '../http/server.ts'
import { traceOf } from '../http/traceparent.ts'
import { answerThrown, sendDecision, sendJson, sendOutcome, sendResource } from './answer.ts'
import { capabilityStatement, PATCH_FORMATS, smartConfiguration } from './capability.ts'
import { DESCRIBED } from './description.ts'
import { isFhirJson, preferOf, takesJson } from './negotiate.ts'
import { pageTokens } from './page-token.ts'
import { controlOf, readParameters, searchset } from './search.ts'
import { type Validation, validateHandler } from './validate.ts'

/** Where the FHIR door is, below its origin. */
export const FHIR_PATH = '/fhir'

/** What the FHIR door is given. */
export interface FhirParts {
  readonly accept: Accept
  readonly reads: FhirReads
  /** What resources are validated by. Absent: `$validate` looks only at their form. */
  readonly validation?: Validation
  /** Services of telemedicine that are offered; absent: none. */
  readonly services?: () => readonly CareService[]
  /** Of the region, for the tokens of pages. */
  readonly secret: Buffer
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
  readonly version: string
}

interface Params {
  readonly type?: string
  readonly id?: string
  readonly version?: string
}
type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

/**
 * The FHIR R4 door (http.html): creates, updates, patches, Bundles and messages go to `accept`, which alone says yes;
 * reads and searches show what the caller may see. JSON only. Bodies are carried as bytes and read by `accept`; every
 * error is an OperationOutcome. */
export function fhirPlugin(parts: FhirParts): HttpPlugin {
  return async (server, doorway) => {
    doorway.unreadable.set(FHIR_PATH, sendOutcome)
    await server.register(
      async (scope) => {
        const fhir = scope as HttpServer
        takeBytes(fhir, doorway, takesBody)
        fhir.setErrorHandler(answerThrown(parts.log))
        fhir.setNotFoundHandler({ preHandler: doorway.guards.failure }, () => {
          throw new GatewayError('NOT_FOUND')
        })
        fhir.addHook('onRequest', async (request) => {
          const query = new URLSearchParams(queryOf(request))
          if (!takesJson(request.headers.accept, query.get('_format'))) throw new GatewayError('NOT_ACCEPTABLE')
        })
        routes(fhir, doorway, parts)
      },
      { prefix: FHIR_PATH },
    )
  }
}

/** Which bodies each address takes; a charset other than UTF-8 is not JSON (RFC 8259 §8.1), and reading finds out. */
function takesBody(type: string, url: string): boolean {
  if (url.endsWith('/_search')) return type === 'application/x-www-form-urlencoded'
  return isFhirJson(type) || (url.endsWith('/:id') && PATCH_FORMATS.includes(type))
}

function queryOf({ raw: { url = '' } }: FastifyRequest): string {
  const at = url.indexOf('?')
  return at < 0 ? '' : url.slice(at + 1)
}

/** The routes: one line each, as http.html lists the interactions. */
function routes(fhir: HttpServer, doorway: Doorway, parts: FhirParts): void {
  const baseOf = (request: FastifyRequest): string => originOf(request.raw, doorway.door).url + FHIR_PATH
  const changes = changing(doorway, parts, baseOf)
  const reads = reading(doorway, parts, baseOf)
  const add = (
    method: 'GET' | 'POST' | 'PUT' | 'PATCH',
    url: string,
    may: Permission | null,
    handler: Handler,
  ): void => {
    fhir.route({
      method,
      url,
      bodyLimit: doorway.door.maxBodyBytes,
      onRequest: may === null ? doorway.guards.open : [typed, allowed(doorway, may)],
      schema: DESCRIBED[`${method} ${url}`] ?? {},
      // Bytes and ids are judged by those who read them; the schema is for the description.
      validatorCompiler: () => () => true,
      handler,
    })
  }
  add('GET', '/metadata', null, async (request, reply) => {
    const { url } = originOf(request.raw, doorway.door)
    const profiles = (await parts.validation?.definitions())?.profiles ?? []
    const about = { origin: url, base: url + FHIR_PATH, version: parts.version, profiles }
    const statement = capabilityStatement({ ...about, services: parts.services?.() ?? [] })
    return sendJson(request, reply, JSON.stringify(statement))
  })
  add('GET', '/.well-known/smart-configuration', null, async (request, reply) =>
    reply.type('application/json').send(JSON.stringify(smartConfiguration(originOf(request.raw, doorway.door).url))),
  )
  add('POST', '/', 'c', changes('transaction'))
  add('POST', '/$process-message', 'c', changes('process-message'))
  add('POST', '/:type', 'c', changes('create'))
  add('GET', '/:type', 's', reads.search)
  add('POST', '/:type/_search', 's', reads.search)
  add('POST', '/:type/$validate', 'r', validateHandler(parts.validation ?? null))
  add('GET', '/:type/:id', 'r', reads.read)
  add('PUT', '/:type/:id', 'u', changes('update'))
  add('PATCH', '/:type/:id', 'u', changes('patch'))
  add('GET', '/:type/:id/_history/:version', 'r', reads.version)
  refuseOtherMethods(fhir, '/metadata', ['GET'])
  refuseOtherMethods(fhir, '/', ['POST'])
  refuseOtherMethods(fhir, '/$process-message', ['POST'])
  refuseOtherMethods(fhir, '/:type', ['GET', 'POST'])
  refuseOtherMethods(fhir, '/:type/_search', ['POST'])
  refuseOtherMethods(fhir, '/:type/$validate', ['POST'])
  refuseOtherMethods(fhir, '/:type/:id', ['GET', 'PUT', 'PATCH'])
  refuseOtherMethods(fhir, '/:type/:id/_history/:version', ['GET'])
}

/** No such type, no such address. */
async function typed(request: FastifyRequest): Promise<void> {
  const { type } = request.params as Params
  if (type !== undefined && !isResourceType(type)) throw new GatewayError('NOT_FOUND')
}

/** An establishment, whose token, if it came with one, allows this. What has no type of its own asks for every type. */
function allowed({ guards }: Doorway, may: Permission): Guard {
  return guardOf('client', async (request, reply) => {
    await guards.client(request, reply)
    const caller = guards.callerOf(request)
    if (caller.role !== 'establishment' || caller.scope === null) return
    const { type } = request.params as Params
    const asked: readonly Permission[] = type === undefined ? ['c', 'r', 'u'] : [may]
    for (const one of asked) if (!allows(caller.scope, type ?? '*', one)) throw new GatewayError('FORBIDDEN')
  })
}

/** Makes the handlers of what changes something. */
function changing(doorway: Doorway, { accept, clock, meter }: FhirParts, baseOf: (request: FastifyRequest) => string) {
  return (interaction: FhirAsk['interaction']): Handler =>
    async (request, reply) => {
      const began = clock.monotonicMs()
      const { type = null, id = null } = request.params as Params
      if (id !== null && !isId(id)) throw new GatewayError('NOT_FOUND')
      if (interaction === 'process-message' && /(^|&)(async=true|response-url=)/.test(queryOf(request))) {
        throw new GatewayError('BAD_REQUEST')
      }
      const fhir: FhirAsk = {
        interaction,
        type,
        id,
        ifMatch: request.headers['if-match'] ?? null,
        ifNoneExist: headerOf(request, 'if-none-exist'),
        ...preferOf(headerOf(request, 'prefer') ?? undefined),
        patch: interaction === 'patch' ? (isFhirJson(mediaType(request)) ? 'fhirpath' : 'json-patch') : null,
        base: baseOf(request),
      }
      const decision = await accept({
        entrance: doorway.door.name,
        peer: peerOf(request, doorway),
        receivedAtMs: clock.nowMs(),
        bytes: bytesOf(request),
        fhir,
        ...traceOf(request.headers),
      })
      meter.observe('answer_seconds', (clock.monotonicMs() - began) / 1_000, { door: doorway.door.name })
      return sendDecision(request, reply, decision)
    }
}

function headerOf({ headers }: FastifyRequest, name: string): string | null {
  const value = headers[name]
  return typeof value === 'string' ? value : null
}

/** Makes the handlers of what only reads. */
function reading(doorway: Doorway, { reads, secret }: FhirParts, baseOf: (request: FastifyRequest) => string) {
  const tokens = pageTokens(secret)
  const readerOf = (request: FastifyRequest): FhirReader => {
    const { establishment } = peerOf(request, doorway)
    if (establishment === null) throw new GatewayError('UNAUTHORIZED')
    return { establishment, entrance: doorway.door.name }
  }
  const one =
    (find: (params: Required<Params>, reader: FhirReader) => ReturnType<FhirReads['read']>): Handler =>
    async (request, reply) => {
      const params = request.params as Required<Params>
      const found = isId(params.id) ? await find(params, readerOf(request)) : null
      if (found === null) throw new GatewayError('NOT_FOUND')
      if (found.message !== null) doorway.guards.about(request, { message: found.message })
      return sendResource(request, reply, found)
    }
  const search: Handler = async (request, reply) => {
    const { type = '' } = request.params as Params
    const parameters = readParameters(queryOf(request), bytesOf(request).toString('utf8'))
    if (!takesJson(request.headers.accept, controlOf(parameters, '_format'))) throw new GatewayError('NOT_ACCEPTABLE')
    const parts = { reads, tokens, base: baseOf(request), reader: readerOf(request) }
    const { json, ...about } = await searchset(type, parameters, parts)
    doorway.guards.about(request, about)
    return sendJson(request, reply, json)
  }
  return {
    search,
    read: one(({ type, id }, reader) => reads.read(type, id, reader)),
    version: one(async ({ type, id, version }, reader) =>
      /^[1-9]\d{0,8}$/.test(version) ? reads.version(type, id, Number(version), reader) : null,
    ),
  }
}
