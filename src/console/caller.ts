import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Config } from '../core/config.ts'

/** Who calls, as far as the key proves it. An `admin` sees the region without content, an establishment its own messages. */
export type Caller =
  | { readonly role: 'admin'; readonly who: string }
  | { readonly role: 'establishment'; readonly who: string; readonly establishment: string }

/** True for an address or host name of this machine itself. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').replace(/^::ffff:/i, '')
  return bare === '::1' || bare.toLowerCase() === 'localhost' || /^127(\.\d{1,3}){3}$/.test(bare)
}

/**
 * True when the call comes from this machine and was meant for it: a loopback peer, no proxy in between, and a Host that
 * is this machine. The last stops a page of another site from reading us through a name it points here (DNS rebinding). */
export function isLocalCall(request: IncomingMessage): boolean {
  const { forwarded, 'x-forwarded-for': forwardedFor, host = '' } = request.headers
  if (forwarded !== undefined || forwardedFor !== undefined) return false
  return isLoopback(request.socket.remoteAddress ?? '') && isLoopback(host.replace(/:\d+$/, ''))
}

function bearer(header: string | undefined): string | null {
  return /^Bearer +([\x21-\x7e]{1,512})$/i.exec(header ?? '')?.[1] ?? null
}

/**
 * The caller that an `Authorization` header proves, or null. Every known key is compared, each in constant time, so that
 * the time taken tells nothing. `beyondLoopback`: the door listens for others, and keys starting with `demo-` are void. */
export function callerOf(header: string | undefined, config: Config, beyondLoopback: boolean): Caller | null {
  const key = bearer(header)
  if (key === null || (beyondLoopback && key.startsWith('demo-'))) return null
  const given = createHash('sha256').update(key).digest()
  const isKey = (sha256: string) => {
    const known = Buffer.from(sha256, 'hex')
    return known.length === given.length && timingSafeEqual(known, given)
  }
  let found: Caller | null = null
  for (const { name, keySha256 } of config.operators) {
    if (isKey(keySha256)) found ??= { role: 'admin', who: name }
  }
  for (const { id, keys } of config.establishments.values()) {
    for (const sha256 of keys) if (isKey(sha256)) found ??= { role: 'establishment', who: id, establishment: id }
  }
  return found
}
