import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Caller, callerOf, isLocalCall, isLoopback } from './caller.ts'
import { type ConsoleParts, HTTP_LIMITS, type Server } from './console.ts'
import { sendProblem } from './problem.ts'

type Hook = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>

/** What stands before a route. Each answers by itself when the call may not pass. */
export interface Guards {
  /** A valid key, of anybody: else 401, or 429 after too many failures from one address. */
  readonly known: Hook
  /** An operator's key: an establishment's gets 403. */
  readonly admin: Hook
  /** A call from this machine itself, or an operator's key. */
  readonly local: Hook
  /** Counts a failed call; 429 when there were too many. */
  readonly failure: Hook
  /** Who called, on a route behind `known` or `admin`. */
  callerOf(request: FastifyRequest): Caller
}

/** Makes the guards of a server on which the rate limit is registered. Calls with a valid key are never limited. */
export function guard(server: Server, { config, door, log }: ConsoleParts): Guards {
  const callers = new WeakMap<FastifyRequest, Caller>()
  const beyondLoopback = !isLoopback(door.host)
  const failures = server.createRateLimit({ max: HTTP_LIMITS.failuresPerMinute, timeWindow: 60_000 })
  const opens = server.createRateLimit({ max: HTTP_LIMITS.openPerMinute, timeWindow: 60_000 })

  const limited = async (
    limit: typeof failures,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply | undefined> => {
    const state = await limit(request)
    if (state.isAllowed || !state.isExceeded) return undefined
    reply.header('retry-after', String(state.ttlInSeconds))
    return sendProblem(request, reply, 'RATE_LIMITED')
  }
  const failure: Hook = (request, reply) => limited(failures, request, reply)
  const identify = (request: FastifyRequest): Caller | null => {
    const caller = callerOf(request.headers.authorization, config(), beyondLoopback)
    if (caller !== null) callers.set(request, caller)
    return caller
  }
  const unknown: Hook = async (request, reply) => {
    const answered = await failure(request, reply)
    if (answered !== undefined) return answered
    log.warn('http.unauthorized', { code: 'UNAUTHORIZED', peer: request.ip })
    return sendProblem(request, reply, 'UNAUTHORIZED')
  }
  const admin: Hook = async (request, reply) => {
    const caller = identify(request)
    if (caller === null) return unknown(request, reply)
    return caller.role === 'admin' ? undefined : sendProblem(request, reply, 'FORBIDDEN')
  }
  return {
    known: async (request, reply) => (identify(request) === null ? unknown(request, reply) : undefined),
    admin,
    local: async (request, reply) =>
      isLocalCall(request.raw) ? limited(opens, request, reply) : admin(request, reply),
    failure,
    callerOf(request) {
      const caller = callers.get(request)
      if (caller === undefined) throw new Error('no guard stands before this route')
      return caller
    },
  }
}
