import { isIPv6 } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Config, HttpDoor } from '../../core/config.ts'
import { codeOf, type ErrorCode, GatewayError } from '../../core/errors.ts'
import type { Journal } from '../../core/journal.ts'
import type { Clock, Log, Meter } from '../../core/ports.ts'
import type { UseOnce } from '../../entrances/http/assertion.ts'
import type { Guards } from '../../entrances/http/guard.ts'
import { cookieLine, isOwnPage, sessionCookie } from '../../entrances/http/session.ts'
import type { Attempts } from './attempts.ts'
import type { Providers } from './provider.ts'
import type { Sessions } from './sessions.ts'

/** What sign-in is served with. */
export interface SignInParts {
  readonly config: () => Config
  readonly sessions: Sessions
  readonly journal: Pick<Journal, 'apply'>
  /** Loaded when somebody first takes that way. */
  readonly providers: () => Promise<Providers>
  readonly attempts: Attempts
  readonly useOnce: UseOnce
  /** Of the region: seals what browsers keep for us. */
  readonly secret: string
  readonly clock: Pick<Clock, 'nowMs'>
  readonly log: Log
  readonly meter: Meter
  readonly version: string
}

/** What routes of sign-in have at hand at one door. */
export interface AtDoor extends SignInParts {
  readonly door: HttpDoor
  readonly guards: Guards
}

/** Puts the cookie of a session into the answer. */
export function setSession(reply: FastifyReply, door: HttpDoor, cookie: string): void {
  addCookie(reply, cookieLine(door, 'session', cookie, { sameSite: 'Strict', maxAgeS: null }))
}

/** Takes the cookie of a session out of the browser. */
export function clearSession(reply: FastifyReply, door: HttpDoor): void {
  addCookie(reply, cookieLine(door, 'session', '', { sameSite: 'Strict', maxAgeS: 0 }))
}

/** One header line each: a second of the same name would take the place of the first. */
export function addCookie(reply: FastifyReply, line: string): void {
  const before = reply.getHeader('set-cookie')
  const lines = before === undefined ? [] : [before].flat().map(String)
  reply.removeHeader('set-cookie').header('set-cookie', [...lines, line])
}

/** A form of ours, from a page of ours. @throws {GatewayError} CROSS_SITE */
export function ownForm(request: FastifyRequest, door: HttpDoor): void {
  if (!isOwnPage(request.raw, door)) throw new GatewayError('CROSS_SITE')
}

/** Whoever signs in anew leaves the session they had. */
export async function leave(request: FastifyRequest, { sessions, door }: AtDoor): Promise<void> {
  const cookie = sessionCookie(request.raw, door)
  if (cookie !== null) await sessions.signOut(cookie)
}

/** Failures per minute that an address or an account may have. */
export function limitOf({ config }: AtDoor): number {
  return config().signIn?.limits.attemptsPerMinute ?? 1
}

/** @throws {GatewayError} RATE_LIMITED when the address has failed too often lately */
export function paced(request: FastifyRequest, reply: FastifyReply, at: AtDoor): void {
  hold(reply, at.attempts.wait(addressOf(request), limitOf(at)))
}

const addressOf = (request: FastifyRequest): string => `address ${sourceOf(request)}`

/** Where a request comes from: its IPv4 address, or of an IPv6 one the network (/64), all of which is one customer's. */
export function sourceOf({ ip }: Pick<FastifyRequest, 'ip'>): string {
  const plain = ip.replace(/^::ffff:(?=\d+\.)/i, '')
  if (!isIPv6(plain)) return plain
  const [before = '', after] = plain.replace(/%.*$/, '').split('::')
  const [first, last] = [before, after ?? ''].map((part) => part.split(':').filter((group) => group !== ''))
  const missing = after === undefined ? 0 : 8 - first!.length - last!.length
  const groups = [...first!, ...Array<string>(missing).fill('0'), ...last!]
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}

/** @throws {GatewayError} RATE_LIMITED unless there is nothing to wait for */
export function hold(reply: FastifyReply, waitMs: number): void {
  if (waitMs <= 0) return
  reply.header('retry-after', String(Math.ceil(waitMs / 1_000)))
  throw new GatewayError('RATE_LIMITED')
}

/** Notes that somebody was not let in, and counts it. A store that cannot write lets nobody in either way. */
export async function refused(
  request: FastifyRequest,
  { code, who = 'unknown', detail }: { readonly code: ErrorCode; readonly who?: string; readonly detail: string },
  { journal, clock, log, attempts }: AtDoor,
): Promise<void> {
  attempts.failed(addressOf(request), false)
  const event = { what: 'refuse-sign-in', why: null, message: null, delivery: null } as const
  try {
    await journal.apply({ events: [{ ...event, atMs: clock.nowMs(), who, code, detail }] })
  } catch (fault) {
    log.warn('sign-in.unwritten', { code: codeOf(fault) })
  }
}
