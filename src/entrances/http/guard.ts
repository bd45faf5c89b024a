import type { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AGAIN_HEADER, type Look, type LookedAt, type Looks } from '../../core/audit.ts'
import { type Caller, may } from '../../core/caller.ts'
import { type ErrorCode, GatewayError } from '../../core/errors.ts'
import type { Clock, Log } from '../../core/ports.ts'
import { type Admits, MAY, type Permission } from '../../core/roles.ts'
import { type Identified, isLocalCall } from './identity.ts'
import type { HttpLimits } from './limits.ts'
import { logged } from './problem.ts'
import type { HttpServer } from './server.ts'

/** Stands before a route, and says whom it lets pass. @throws {GatewayError} when the call may not pass */
export type Guard = Check & { readonly admits: Admits }

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the audit calls a good answer of the route; null: no look; absent: as whom it admits tells. */
    look?: Look['what'] | null
  }
}

/** @throws {GatewayError} */
type Check = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

/** A check as a guard. */
export function guardOf(admits: Admits, check: Check): Guard {
  return Object.assign((request: FastifyRequest, reply: FastifyReply) => check(request, reply), { admits })
}

/** Whom a route lets pass, by the first guard of its hooks; null: no guard stands before it. */
export function admitsOf(onRequest: unknown): Admits | null {
  for (const hook of [onRequest].flat())
    if (typeof hook === 'function' && 'admits' in hook) return hook.admits as Admits
  return null
}

/** No route is served that nobody thought about: a plugin that adds one without a guard stops the start. */
export function refuseUnguarded(server: HttpServer): void {
  server.addHook('onRoute', ({ method, url, onRequest }) => {
    if (admitsOf(onRequest) === null) throw new Error(`${String(method)} ${url}: no guard stands before this route`)
  })
}

/** What stands before routes: a caller nobody recognises is UNAUTHORIZED, and RATE_LIMITED after too many failures. */
export interface Guards {
  /** Anybody: said on purpose, for what shows nothing of anybody. */
  readonly open: Guard
  /** Who may do this, by the table of roles; anybody else that is recognised is FORBIDDEN. */
  may(permission: Permission): Guard
  /** A call from this machine itself, or one that may read the overview of the region. */
  readonly local: Guard
  /** An establishment, by key or certificate: operators have no content. */
  readonly establishment: Guard
  /** An establishment, also by an access token. */
  readonly client: Guard
  /** Anybody; RATE_LIMITED after too many calls of an address. */
  readonly visitor: Guard
  /** Counts a failed call; RATE_LIMITED when there were too many. */
  readonly failure: Check
  /** Is the call from this machine itself? */
  isLocal(request: FastifyRequest): boolean
  /** Who called, on a route behind one of the others. */
  callerOf(request: FastifyRequest): Caller
  /** Who called, as far as anybody is known. */
  knownOf(request: FastifyRequest): Caller | null
  /** Tells the audit what a call looked at, where its address does not. `patients`: `authority|identifier` each. */
  about(request: FastifyRequest, what: LookedAt): void
  /** Ends a stream some seconds after whoever called is no longer known as they were: in another role, or nobody. */
  whileKnown(request: FastifyRequest, stream: Readable): Readable
  /** Tells the audit of a caller that was not recognised, where no guard found out. */
  unrecognised(request: FastifyRequest, code: ErrorCode): Promise<void>
}

/** Makes the guards of a server on which the rate limit is registered. Calls of who is recognised are never limited. */
export function guards(
  server: HttpServer,
  identify: (request: FastifyRequest['raw']) => Promise<Identified>,
  limits: HttpLimits,
  { clock, log, looks }: { readonly clock: Pick<Clock, 'after'>; readonly log: Log; readonly looks: Looks },
): Guards {
  const calls = new WeakMap<FastifyRequest, Call>()
  const failures = server.createRateLimit({ max: limits.failuresPerMinute, timeWindow: 60_000 })
  const opens = server.createRateLimit({ max: limits.openPerMinute, timeWindow: 60_000 })

  const limited = async (limit: typeof failures, request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const state = await limit(request)
    if (state.isAllowed || !state.isExceeded) return
    reply.header('retry-after', String(state.ttlInSeconds))
    throw new GatewayError('RATE_LIMITED')
  }
  const failure: Check = (request, reply) => limited(failures, request, reply)
  const unrecognised = (request: FastifyRequest, code: ErrorCode): Promise<void> =>
    looks.note({ ...NOBODY, code, detail: request.ip })
  const who = async (request: FastifyRequest, reply: FastifyReply, admits: Admits): Promise<Caller> => {
    const found = await identify(request.raw)
    if (found.ok) {
      calls.set(request, { caller: found.caller, admits, about: {} })
      return found.caller
    }
    const { code, certificate } = found
    if (code === 'UNAUTHORIZED' && isVisit(request)) {
      await limited(opens, request, reply)
      throw new GatewayError(code)
    }
    await unrecognised(request, code)
    await failure(request, reply)
    log.warn('http.unauthorized', { code, ...logged(request), ...(certificate === undefined ? {} : { certificate }) })
    throw new GatewayError(code satisfies ErrorCode)
  }
  const only = (admits: Admits, passes: (caller: Caller) => boolean): Guard =>
    guardOf(admits, async (request, reply) => {
      if (!passes(await who(request, reply, admits))) throw new GatewayError('FORBIDDEN')
    })
  // Before the first byte of the answer. Most calls, and every message that is posted, have nothing to note.
  server.addHook('onSend', (request, reply, payload, done) => {
    const call = calls.get(request)
    const look = call === undefined ? null : lookOf(call, request, reply.statusCode)
    if (look === null) done(null, payload)
    else void looks.note(look).then(() => done(null, payload))
  })
  const overview = only('overview:read', (caller) => MAY[caller.role]['overview:read'] === 'region')
  return {
    open: guardOf('open', async () => {}),
    visitor: guardOf('open', (request, reply) => limited(opens, request, reply)),
    may: (permission) => only(permission, (caller) => may(caller, permission)),
    local: guardOf('machine', (request, reply) =>
      isLocalCall(request.raw) ? limited(opens, request, reply) : overview(request, reply),
    ),
    establishment: only('establishment', (caller) => caller.role === 'establishment' && caller.scope === null),
    client: only('client', ({ role }) => role === 'establishment'),
    failure,
    isLocal: (request) => isLocalCall(request.raw),
    callerOf: (request) => callOf(request).caller,
    knownOf: (request) => calls.get(request)?.caller ?? null,
    about(request, what) {
      Object.assign(callOf(request).about, what)
    },
    whileKnown: (request, stream) =>
      whileSame(
        stream,
        callOf(request).caller,
        () => identify(request.raw),
        (run) => clock.after(limits.knownMs, run),
      ),
    unrecognised,
  }

  function callOf(request: FastifyRequest): Call {
    const call = calls.get(request)
    if (call === undefined) throw new Error('no guard stands before this route')
    return call
  }
}

/** Asks again and again who calls, and ends the stream when it is no longer the caller that it was. */
function whileSame(
  stream: Readable,
  caller: Caller,
  ask: () => Promise<Identified>,
  later: (run: () => void) => () => void,
): Readable {
  const was = JSON.stringify(caller)
  let cancel = (): void => {}
  const wait = (): void => {
    if (!stream.destroyed) cancel = later(() => void look())
  }
  const look = async (): Promise<void> => {
    // A store that cannot be read says nothing of anybody.
    const found = await ask().catch(() => null)
    if (found !== null && !(found.ok && JSON.stringify(found.caller) === was)) stream.destroy()
    wait()
  }
  stream.once('close', () => cancel())
  wait()
  return stream
}

/** A call of somebody who is known. */
interface Call {
  readonly caller: Caller
  readonly admits: Admits
  readonly about: LookedAt
}

/** What the audit calls a good answer of a route, by whom it admits; the others are no looks, or have events of their own. */
const LOOKED_AT: Readonly<Partial<Record<Admits, Look['what']>>> = {
  'messages:read': 'list',
  'config:read': 'read-config',
  'audit:read': 'read-audit',
  'privacy:read': 'read-privacy',
  client: 'read-resource',
  'cases:read': 'list-cases',
  'cases:clinical': 'list-cases',
  'appointments:read': 'list-appointments',
}
const NOBODY = { what: 'unrecognised', who: null, system: true, message: null, patients: [] } as const

/** What an answer was that showed something of its own; undefined: its route tells. */
function shownBy({ case: number, mailbox }: LookedAt): Look['what'] | undefined {
  if (number !== undefined) return 'read-case'
  return mailbox === undefined ? undefined : 'list-mail'
}

function placesOf({ case: number, site, mailbox }: LookedAt): string {
  const places = { case: number, site, mailbox }
  return Object.entries(places)
    .map(([name, value]) => (value === undefined ? '' : `${name}:${value} `))
    .join('')
}

/** What the audit keeps of an answer; null: nothing. */
function lookOf({ caller, admits, about }: Call, request: FastifyRequest, status: number): Look | null {
  const { url = '', config } = request.routeOptions
  const seen = shownBy(about) ?? (config.look === undefined ? LOOKED_AT[admits] : config.look)
  const at = status === 403 ? 'refused' : status < 300 ? seen : null
  if (at === null || at === undefined) return null
  // Of what establishments' systems do on FHIR, only reads are looks.
  if (at === 'read-resource' && request.method !== 'GET' && !url.endsWith('/_search')) return null
  const params = request.params as { readonly id?: string; readonly type?: string }
  const own = at === 'list' ? params.id : undefined
  const { patients = [], patientKeys } = about
  return {
    what: own !== undefined ? 'read-message' : at === 'list' && patients.length > 0 ? 'search-patient' : at,
    who: caller.who,
    system: caller.role === 'establishment',
    message: own ?? about.message ?? null,
    patients,
    ...(patientKeys === undefined ? {} : { patientKeys }),
    code: status === 403 ? 'FORBIDDEN' : null,
    detail: `${placesOf(about)}${request.method} ${params.type === undefined ? url : url.replace(':type', params.type)}`,
    ...(request.headers[AGAIN_HEADER] === undefined ? {} : { again: true }),
  }
}

/** A browser that looks at a page without showing a key: it is led to sign-in, and guesses nothing. */
function isVisit({ method, headers }: FastifyRequest): boolean {
  return method === 'GET' && headers.authorization === undefined && (headers.accept ?? '').includes('text/html')
}
