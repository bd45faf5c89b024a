import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import { type FastifyError, type FastifyInstance, type FastifyRequest, fastify } from 'fastify'
import type { Config, HttpDoor } from '../core/config.ts'
import { codeOf, type ErrorCode, GatewayError } from '../core/errors.ts'
import type { Clock, Entrance, Log } from '../core/ports.ts'
import type { Commands, Views } from '../core/views.ts'
import { actRoutes } from './acts.ts'
import { isLoopback } from './caller.ts'
import { guard } from './guard.ts'
import { healthRoutes } from './health.ts'
import { messageRoutes } from './messages.ts'
import { pageRoutes } from './page/routes.ts'
import { sendProblem } from './problem.ts'

/** What the console is given. It reads through `views` and changes through `commands`; it knows no store. */
export interface ConsoleParts {
  readonly views: Views
  readonly commands: Commands
  readonly config: () => Config
  /** Prometheus text. */
  readonly metrics: () => Promise<string>
  /** Whether new work is taken, and if not, why. */
  readonly ready: () => { readonly ready: boolean; readonly why?: ErrorCode }
  readonly log: Log
  readonly clock: Clock
  readonly door: HttpDoor
  readonly version: string
}

/** The fastify instance that routes are added to. */
export type Server = ReturnType<typeof makeServer>

/** Limits of the HTTP door; times ms, sizes bytes. */
export const HTTP_LIMITS = {
  /** Headers must be complete by then: 408, connection closed. */
  headersMs: 10_000,
  /** The whole request must be there by then: 408, connection closed. */
  requestMs: 60_000,
  checkEveryMs: 5_000,
  /** FRAME_TOO_LONG (413) above. */
  bodyBytes: 1_048_576,
  /** 431 above. */
  headerBytes: 16_384,
  connections: 512,
  /** Failed calls per address and minute; RATE_LIMITED (429) above. */
  failuresPerMinute: 30,
  /** Calls without a key, per address and minute, to what is open on this machine. */
  openPerMinute: 600,
} as const

function makeServer() {
  return fastify({
    logger: false,
    bodyLimit: HTTP_LIMITS.bodyBytes,
    requestTimeout: HTTP_LIMITS.requestMs,
    http: {
      headersTimeout: HTTP_LIMITS.headersMs,
      connectionsCheckingInterval: HTTP_LIMITS.checkEveryMs,
      maxHeaderSize: HTTP_LIMITS.headerBytes,
    },
    frameworkErrors: (_error, request, reply) => {
      sendProblem(request, reply, 'BAD_REQUEST')
    },
  })
    .withTypeProvider<TypeBoxTypeProvider>()
    .setValidatorCompiler(TypeBoxValidatorCompiler)
}

/** The table's code for what went wrong in a call: ours, or what fastify's own errors come down to. */
function problemCode(error: FastifyError): ErrorCode {
  if (error instanceof GatewayError) return codeOf(error)
  if (error.statusCode === 413) return 'FRAME_TOO_LONG'
  return error.statusCode !== undefined && error.statusCode < 500 ? 'BAD_REQUEST' : 'INTERNAL'
}

function where(request: FastifyRequest): `#${string}` {
  return `#${request.id} ${request.method} ${request.routeOptions.url ?? 'unknown path'}`
}

function answerErrors(server: Server, log: Log): void {
  server.setErrorHandler<FastifyError>((error, request, reply) => {
    const code = problemCode(error)
    const fields = { code, route: where(request), peer: request.ip }
    if (code === 'INTERNAL') log.error('http.failed', fields, error)
    const errors = error.validation?.map(({ instancePath, keyword }) => ({
      at: `/${error.validationContext ?? 'request'}${instancePath}`,
      rule: keyword,
    }))
    return sendProblem(request, reply, code, errors)
  })
}

/**
 * The HTTP door: health, metrics, the API and the page. Nothing it logs holds a URL or a body.
 * `open` throws {GatewayError} CONFIG_INVALID for a plain door beyond loopback without `allowPlain`. */
export function createConsole(parts: ConsoleParts): Entrance & { readonly server: FastifyInstance } {
  const server = makeServer()
  const sockets = server.server
  sockets.maxConnections = HTTP_LIMITS.connections
  answerErrors(server, parts.log)
  const ready = (async () => {
    await server.register(helmet, {
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'none'"],
          scriptSrc: ["'self'"],
          styleSrc: ["'self'"],
          imgSrc: ["'self'"],
          connectSrc: ["'self'"],
          baseUri: ["'none'"],
          formAction: ["'none'"],
          frameAncestors: ["'none'"],
        },
      },
      // A plain door: a promise of TLS for this host name would lock other services of the machine out.
      strictTransportSecurity: false,
      referrerPolicy: { policy: 'no-referrer' },
    })
    await server.register(rateLimit, { global: false })
    const guards = guard(server, parts)
    server.addHook('onSend', async (_request, reply) => {
      if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
    })
    server.setNotFoundHandler({ preHandler: guards.failure }, (request, reply) =>
      sendProblem(request, reply, 'NOT_FOUND'),
    )
    healthRoutes(server, parts, guards)
    messageRoutes(server, parts, guards)
    actRoutes(server, parts, guards)
    pageRoutes(server, parts, guards)
  })()
  // Whoever opens the door learns of it; an unopened one must not end the process.
  ready.catch(() => {})

  return { name: 'http', server: server as unknown as FastifyInstance, ...doorOf(server, ready, parts) }
}

function doorOf(server: Server, ready: Promise<void>, parts: ConsoleParts): Omit<Entrance, 'name'> {
  const sockets = server.server
  let closing: Promise<void> | null = null
  let open = 0
  sockets.on('connection', (socket) => {
    open += 1
    socket.once('close', () => {
      open -= 1
    })
  })
  return {
    async open() {
      const { host, port, allowPlain } = parts.door
      if (!allowPlain && !isLoopback(host)) {
        throw new GatewayError('CONFIG_INVALID', `http: a plain door on ${host} needs allowPlain: true`)
      }
      await ready
      await server.listen({ host, port })
      const address = sockets.address()
      if (address === null || typeof address === 'string') throw new GatewayError('INTERNAL')
      parts.log.info('http.open', { peer: `${address.address}:${address.port}` })
      return { host: address.address, port: address.port }
    },
    close(drainMs) {
      closing ??= (async () => {
        const cancel = parts.clock.after(drainMs, () => sockets.closeAllConnections())
        await ready.catch(() => {})
        await server.close()
        cancel()
      })()
      return closing
    },
    connections: () => open,
  }
}
