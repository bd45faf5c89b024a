import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { TLSSocket } from 'node:tls'
import rateLimit from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from 'fastify'
import type { Looks } from '../../core/audit.ts'
import type { Config, HttpDoor, TlsFiles } from '../../core/config.ts'
import { type ErrorCode, GatewayError } from '../../core/errors.ts'
import type { Clock, Entrance, Log, Meter } from '../../core/ports.ts'
import type { SessionOf } from '../../core/sign-in.ts'
import { BACKLOG, listenAt, mayListen } from '../listen.ts'
import { identify } from '../mllp/certificate.ts'
import { remoteOf } from '../mllp/guest.ts'
import { chainFault, tlsOptions } from '../mllp/handshake.ts'
import { type Bodies, bodies } from './body.ts'
import { answerNoRequest } from './client-error.ts'
import { type Connections, connectionsOf } from './connections.ts'
import { type Guards, guards, refuseUnguarded } from './guard.ts'
import { protectAnswers } from './headers.ts'
import { identifier } from './identity.ts'
import { HTTP_LIMITS, type HttpLimits } from './limits.ts'
import { lingering, unread } from './linger.ts'
import { answerThrown, sendProblem } from './problem.ts'
import type { AccessTokens } from './tokens.ts'

/** The fastify instance that plugins add their routes to. */
export type HttpServer = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression<RawServerDefault>,
  RawReplyDefaultExpression<RawServerDefault>,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/** What a door offers to what is behind it. */
export interface Doorway {
  readonly door: HttpDoor
  readonly guards: Guards
  readonly bodies: Bodies
  /** Who refuses addresses that cannot be read, by the path that theirs begin with; all others are a problem (RFC 9457). */
  readonly unreadable: Map<string, (request: FastifyRequest, reply: FastifyReply, code: ErrorCode) => unknown>
}

/** Adds routes to a door. What it throws in a route is answered as a problem (RFC 9457), unless it answers errors itself. */
export type HttpPlugin = (server: HttpServer, doorway: Doorway) => Promise<void> | void

/** What an HTTP door is given. */
export interface HttpEntranceParts {
  readonly door: HttpDoor
  /** Descriptor of the socket that was passed to this process for the door; absent: the door binds its own. */
  readonly inherited?: number
  readonly plugins: readonly HttpPlugin[]
  readonly config: () => Config
  readonly tokens: AccessTokens
  /** Absent: nobody signs in at this door. */
  readonly sessions?: SessionOf
  /** Who looks at what, and who is refused. */
  readonly looks: Looks
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
  /** Release, for the description of the API. */
  readonly version: string
  /** Other limits than HTTP_LIMITS. */
  readonly limits?: Partial<HttpLimits>
  /** Answers a person's browser at an address that is none; null: whoever asks is no person, and is told the problem. */
  readonly lost?: (request: FastifyRequest, reply: FastifyReply) => FastifyReply | null
}

/**
 * An HTTP/1.1 door, plain or over TLS: by default mutual, whoever shows no certificate of the door's authorities is
 * turned away at the handshake. It knows who calls, keeps its limits (HTTP_LIMITS) and leaves the rest to its plugins.
 * Nothing it logs holds a URL or a body.
 *
 * `open` throws GatewayError CONFIG_INVALID for a plain door beyond loopback without `allowPlain`, or an unusable TLS
 * file. Requests that both Content-Length and Transfer-Encoding frame, or that are malformed in any way, are refused and
 * their connection closed (RFC 9112 §6.3, §11.2). */
export function httpEntrance(parts: HttpEntranceParts): Entrance {
  const { door, inherited = null, clock, log } = parts
  const limits = { ...HTTP_LIMITS, ...parts.limits }
  let sockets: Server | null = null
  let connections: Connections | null = null
  let closing: Promise<void> | null = null
  let shown = door.tls
  return {
    name: door.name,
    async open() {
      if (inherited === null) mayListen(door)
      const unreadable: Doorway['unreadable'] = new Map()
      const server = fastifyOf(parts, limits, () => shown, unreadable)
      sockets = server.server
      connections = connectionsOf(sockets, parts, limits)
      await furnish(server, parts, limits, unreadable)
      const at = await opened(server, sockets, door, inherited)
      log.info('http.open', { entrance: door.name, peer: `${at.host}:${at.port}` })
      return at
    },
    close(drainMs) {
      closing ??= (async () => {
        if (sockets?.listening !== true) return
        const cancel = clock.after(drainMs, () => sockets?.closeAllConnections())
        sockets.close()
        await connections?.drain(drainMs)
        cancel()
      })()
      return closing
    },
    connections: () => connections?.open ?? 0,
    renew(tls) {
      if (sockets === null || !('setSecureContext' in sockets)) return
      readable(() => (sockets as unknown as TlsServer).setSecureContext(tlsOptions(tls)))
      shown = tls
    },
  }
}

/** A name may stand for several addresses, which the framework binds all; a socket that was passed is one. */
async function opened(server: HttpServer, sockets: Server, door: HttpDoor, inherited: number | null) {
  if (inherited !== null) {
    await server.ready()
    return listenAt(sockets, door, inherited)
  }
  await server.listen({ host: door.host, port: door.port, backlog: BACKLOG })
  const address = sockets.address()
  if (address === null || typeof address === 'string') throw new GatewayError('INTERNAL')
  return { host: address.address, port: address.port }
}

type TlsServer = ReturnType<typeof createTlsServer>

function readable<T>(use: () => T): T {
  try {
    return use()
  } catch (cause) {
    throw new GatewayError('CONFIG_INVALID', 'a key, certificate, CA or CRL of this door cannot be read', { cause })
  }
}

type Shown = () => TlsFiles | null

function fastifyOf(
  parts: HttpEntranceParts,
  limits: HttpLimits,
  shown: Shown,
  unreadable: Doorway['unreadable'],
): HttpServer {
  return fastify({
    logger: false,
    bodyLimit: limits.bodyBytes,
    // A request that comes during a drain is refused by accept, in the words of its protocol.
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 256 },
    clientErrorHandler: answerNoRequest(parts),
    serverFactory: (handler) => socketsOf(handler, parts, limits, shown),
    frameworkErrors: (_error, request, reply) => {
      const { url = '' } = request.raw
      const [, refuse = sendProblem] = [...unreadable].find(([path]) => url.startsWith(`${path}/`)) ?? []
      refuse(request as FastifyRequest, reply as FastifyReply, 'BAD_REQUEST')
    },
  })
    .withTypeProvider<TypeBoxTypeProvider>()
    .setValidatorCompiler(compiledAtFirstUse)
    .setSerializerCompiler(() => JSON.stringify) as unknown as HttpServer
}

/** Some hundred routes, of which most are asked nothing today: a start need not wait for the checks of all of them. */
const compiledAtFirstUse: typeof TypeBoxValidatorCompiler = (route) => {
  let check: ReturnType<typeof TypeBoxValidatorCompiler> | null = null
  return (value) => {
    check ??= TypeBoxValidatorCompiler(route)
    return check(value)
  }
}

function socketsOf(handler: RequestListener, parts: HttpEntranceParts, limits: HttpLimits, shown: Shown): Server {
  const { door } = parts
  const options = {
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: limits.checkEveryMs,
    maxHeaderSize: limits.headerBytes,
    keepAliveTimeout: limits.idleMs,
    noDelay: true,
  }
  const server =
    door.tls === null
      ? createServer(options, handler)
      : (secured(
          readable(() => createTlsServer({ ...options, ...tlsOf(door, limits) }, handler)),
          parts,
          shown,
        ) as Server)
  server.setTimeout(limits.silenceMs)
  server.maxConnections = limits.connections
  // Half-closed peers still get their answers. And `close` would cut off who has come and not asked yet: `drain` knows better.
  Object.assign(server, { httpAllowHalfOpen: true, closeIdleConnections() {} })
  // Nothing is asked to send its body before it may.
  server.on('checkContinue', (request, response) => server.emit('request', request, response))
  return server
}

function tlsOf(door: HttpDoor, limits: HttpLimits) {
  if (door.tls === null) return {}
  const requestCert = door.clientCertificate !== 'none'
  return { ...tlsOptions(door.tls), allowHalfOpen: true, requestCert, handshakeTimeout: limits.handshakeMs }
}

/** Ends the connection of whoever's certificate is not good, before a byte of HTTP is read. */
function secured(server: TlsServer, { door, config, log, meter }: HttpEntranceParts, shown: Shown): TlsServer {
  if (door.clientCertificate !== 'none') {
    server.prependListener('secureConnection', (socket: TLSSocket) => {
      const fault = chainFault(socket, shown())
      if (fault === null) return
      const found = identify(socket.getPeerX509Certificate(), fault, config())
      socket.destroy()
      if (found.ok) return
      meter.count('door_limit_total', { door: door.name, code: found.code })
      const { code, certificate } = found
      log.warn('http.refused', { entrance: door.name, code, peer: remoteOf(socket).address, certificate })
    })
  }
  server.on('tlsClientError', (_fault, socket: TLSSocket) => {
    meter.count('door_limit_total', { door: door.name, code: 'TLS_FAILED' })
    const { address } = remoteOf(socket)
    log.warn('http.refused', {
      entrance: door.name,
      code: 'TLS_FAILED',
      ...(address.startsWith('?') ? {} : { peer: address }),
    })
    socket.destroy()
  })
  return server
}

/** Headers, limits and identity for every route, then the routes. */
async function furnish(
  server: HttpServer,
  parts: HttpEntranceParts,
  limits: HttpLimits,
  unreadable: Doorway['unreadable'],
): Promise<void> {
  const { door, config, tokens, sessions, looks, clock, log, meter } = parts
  await protectAnswers(server, door)
  await server.register(rateLimit, { global: false })
  await server.register(swagger, {
    openapi: { openapi: '3.1.0', info: { title: 'Passerelle', version: parts.version } },
  })
  server.setErrorHandler(answerThrown(log))
  refuseUnguarded(server)
  const doorway: Doorway = {
    door,
    guards: guards(server, identifier({ config, door, tokens, ...(sessions && { sessions }) }), limits, {
      clock,
      log,
      looks,
    }),
    bodies: bodies(door, limits.budgetBytes, log, meter),
    unreadable,
  }
  server.addHook('preParsing', async (request, reply) => {
    doorway.bodies.expect(request, reply.raw)
    const { expect, 'content-length': length = '0' } = request.headers
    if (expect?.toLowerCase() !== '100-continue') return
    if (Number(length) <= (request.routeOptions.bodyLimit ?? limits.bodyBytes)) reply.raw.writeContinue()
  })
  server.addHook('onSend', async (request, reply, payload) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
    if (!unread(request.raw) || !(typeof payload === 'string' || Buffer.isBuffer(payload))) return payload
    // What came in the same packet as the headers is parsed by then.
    await new Promise((resolve) => setImmediate(resolve))
    if (!unread(request.raw)) return payload
    reply.header('connection', 'close').header('content-length', Buffer.byteLength(payload))
    return lingering(payload, request.raw, clock)
  })
  server.setNotFoundHandler({ preHandler: doorway.guards.failure }, (request, reply) => {
    const page = parts.lost?.(request, reply) ?? null
    if (page === null) throw new GatewayError('NOT_FOUND')
    return page
  })
  for (const plugin of parts.plugins) await server.register(async (scope) => plugin(scope as HttpServer, doorway))
}
