import type { IncomingMessage } from 'node:http'
import type { HttpDoor } from '../../core/config.ts'
import { cookiesOf } from '../../formats/http/cookies.ts'
import { originOf } from './origin.ts'

/** What a session's cookie holds: 256 bits, base64url. */
const VALUE = /^[A-Za-z0-9_-]{43}$/

/** True where a browser reaches the door over TLS, at the door itself or at what stands before it. */
function isSecure({ tls, publicUrl }: HttpDoor): boolean {
  return publicUrl === undefined ? tls !== null : /^https:/i.test(publicUrl)
}

/** A cookie of a door: `__Host-` binds it to this host and to TLS (RFC 6265bis §4.1.3.2); on plain loopback that is not to be had. */
export function cookieName(door: HttpDoor, name: string): string {
  return isSecure(door) ? `__Host-${name}` : name
}

/** A line `Set-Cookie` of a door that script cannot read. `maxAgeS` null: until the browser closes; 0 removes it. */
export function cookieLine(
  door: HttpDoor,
  name: string,
  value: string,
  { sameSite, maxAgeS }: { readonly sameSite: 'Strict' | 'Lax'; readonly maxAgeS: number | null },
): string {
  const age = maxAgeS === null ? '' : `; Max-Age=${maxAgeS}`
  const secure = isSecure(door) ? '; Secure' : ''
  return `${cookieName(door, name)}=${value}; Path=/; HttpOnly; SameSite=${sameSite}${secure}${age}`
}

/** What the session cookie of a request holds; null: it has none, or none of that form. */
export function sessionCookie(request: IncomingMessage, door: HttpDoor): string | null {
  const { cookie } = request.headers
  if (cookie === undefined) return null
  const value = cookiesOf(cookie).get(cookieName(door, 'session'))
  return value !== undefined && VALUE.test(value) ? value : null
}

/**
 * May this request change something for whoever's cookie it carries? Only a page of our own may ask: by `Sec-Fetch-Site`
 * (Fetch Metadata), else by `Origin` (RFC 6454 §7); a request that has neither is of no browser, and needs no cookie. */
export function isOwnPage(request: IncomingMessage, door: HttpDoor): boolean {
  const { 'sec-fetch-site': site, origin } = request.headers
  if (site !== undefined) return site === 'same-origin'
  if (origin === undefined) return false
  const own = originOf(request, door)
  return own.ours && origin.toLowerCase() === own.url.toLowerCase()
}

/** What a page may send to another site unasked (Fetch, "CORS-safelisted request-header"); a body of no type told is bare. */
const UNASKED = /^(application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)\b|^$/i

/** Does a browser send this for a page that is not ours? What browsers ask us about before they send it is not meant. */
export function isForeignForm(request: IncomingMessage, door: HttpDoor): boolean {
  const { 'sec-fetch-site': site, origin, 'content-type': type = '' } = request.headers
  if (isSafe(request) || (site === undefined && origin === undefined)) return false
  return UNASKED.test(type.trim()) && !isOwnPage(request, door)
}

/** Methods that change nothing (RFC 9110 §9.2.1). */
export function isSafe({ method = '' }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
}

/**
 * Is it what a person does: a form, or a page they go to? What a page asks by itself, every few seconds or as a stream, is
 * not (`Sec-Fetch-Mode`, Fetch Metadata): an unwatched screen must not keep its session. */
export function isOfPerson(request: IncomingMessage): boolean {
  const mode = request.headers['sec-fetch-mode']
  return mode === undefined || mode === 'navigate' || !isSafe(request)
}
