import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import { isLoopback } from '../../core/address.ts'
import type { Caller } from '../../core/caller.ts'
import type { Config, HttpDoor } from '../../core/config.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { SessionOf } from '../../core/sign-in.ts'
import { identify } from '../mllp/certificate.ts'
import { chainFault } from '../mllp/handshake.ts'
import { isForeignForm, isOfPerson, isOwnPage, isSafe, sessionCookie } from './session.ts'
import type { AccessTokens } from './tokens.ts'

/** Who calls, or why nobody is recognised. */
export type Identified =
  | { readonly ok: true; readonly caller: Caller }
  /** `certificate`: subject and issuer, when it is one that no establishment declares. */
  | { readonly ok: false; readonly code: ErrorCode; readonly certificate?: string }

/** What identifying needs. */
export interface IdentityParts {
  readonly config: () => Config
  readonly door: HttpDoor
  readonly tokens: AccessTokens
  /** Absent: nobody signs in at this door. */
  readonly sessions?: SessionOf
}

/** Derived from an immutable revision, and gone with it. */
const keysOf = new WeakMap<Config, ReadonlyMap<string, Caller>>()

/**
 * Tells who sends a request, each time by the running configuration: an access token or a key (`Authorization: Bearer`,
 * RFC 6750), else the session of its cookie, else the client certificate. A key and a certificate of two establishments are
 * SENDER_MISMATCH; what a session or a certificate is asked to change by a page that is not ours is CROSS_SITE. */
export function identifier(parts: IdentityParts): (request: IncomingMessage) => Promise<Identified> {
  const { config, door, tokens, sessions } = parts
  const beyondLoopback = !isLoopback(door.host)
  return async (request) => {
    const shown = certificateOf(request, config())
    const header = request.headers.authorization
    if (header === undefined) {
      const { cookie } = request.headers
      const signedIn = sessions && cookie !== undefined ? await sessionOf(request, door, sessions) : null
      if (signedIn !== null) return signedIn
      // A browser shows a certificate by itself, as it does a cookie.
      if (shown?.ok === true && isForeignForm(request, door)) return { ok: false, code: 'CROSS_SITE' }
      return shown ?? { ok: false, code: 'UNAUTHORIZED' }
    }
    const caller = callerOf(header, config(), beyondLoopback) ?? (await tokens.callerOf(bearer(header) ?? '', config()))
    if (caller === null) return { ok: false, code: 'UNAUTHORIZED' }
    const other = shown?.ok === true && shown.caller.who !== caller.who
    return other && caller.role === 'establishment' ? { ok: false, code: 'SENDER_MISMATCH' } : { ok: true, caller }
  }
}

/** Whoever's session the cookie is; null: there is none, and whatever else tells who calls counts. */
async function sessionOf(request: IncomingMessage, door: HttpDoor, sessions: SessionOf): Promise<Identified | null> {
  const cookie = sessionCookie(request, door)
  const caller = cookie === null ? null : await sessions(cookie, isOfPerson(request))
  if (caller === null) return null
  return isSafe(request) || isOwnPage(request, door) ? { ok: true, caller } : { ok: false, code: 'CROSS_SITE' }
}

/** Names read from a connection's certificate, for one revision. */
const shownBy = new WeakMap<TLSSocket, { readonly config: Config; readonly found: Identified | null }>()

/** The establishment whose certificate the connection showed; null when it showed none. */
function certificateOf({ socket }: IncomingMessage, config: Config): Identified | null {
  if (!(socket instanceof TLSSocket)) return null
  const known = shownBy.get(socket)
  if (known?.config === config) return known.found
  const found = mappedCertificate(socket, config)
  shownBy.set(socket, { config, found })
  return found
}

function mappedCertificate(socket: TLSSocket, config: Config): Identified | null {
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return null
  const found = identify(certificate, chainFault(socket), config)
  if (!found.ok) return { ok: false, code: found.code, certificate: found.certificate }
  const { establishment } = found
  return { ok: true, caller: { role: 'establishment', who: establishment, establishment, scope: null } }
}

function bearer(header: string | undefined): string | null {
  return /^Bearer +([\x21-\x7e]{1,4096})$/i.exec(header ?? '')?.[1] ?? null
}

/**
 * The caller whose key an `Authorization` header shows, or null. Keys are looked up by their SHA-256, so that the time taken tells nothing of
 * them. `beyondLoopback`: the door listens for others, and keys starting with `demo-` are void. */
export function callerOf(header: string | undefined, config: Config, beyondLoopback: boolean): Caller | null {
  const key = bearer(header)
  if (key === null || (beyondLoopback && key.startsWith('demo-'))) return null
  let known = keysOf.get(config)
  if (known === undefined) {
    known = callersByKey(config)
    keysOf.set(config, known)
  }
  return known.get(createHash('sha256').update(key).digest('hex')) ?? null
}

/** An operator's key is an operator's, whoever else declares it. */
function callersByKey(config: Config): ReadonlyMap<string, Caller> {
  const callers = new Map<string, Caller>()
  for (const { id, keys } of config.establishments.values()) {
    for (const sha256 of keys) callers.set(sha256, { role: 'establishment', who: id, establishment: id, scope: null })
  }
  for (const { name, role, keySha256, reach, content, identifier } of config.operators)
    callers.set(keySha256, { role, who: name, reach, content, ...(identifier !== undefined && { identifier }) })
  return callers
}

/**
 * True when the call comes from this machine and was meant for it: a loopback peer, no proxy in between, and a Host that
 * is this machine. The last stops a page of another site from reading us through a name it points here (DNS rebinding). */
export function isLocalCall(request: IncomingMessage): boolean {
  const { forwarded, 'x-forwarded-for': forwardedFor, host = '' } = request.headers
  if (forwarded !== undefined || forwardedFor !== undefined) return false
  return isLoopback(request.socket.remoteAddress ?? '') && isLoopback(host.replace(/:\d+$/, ''))
}
