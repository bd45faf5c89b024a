import { lookup as resolve } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { Agent, request } from 'undici'
import { isLoopback } from '../../core/address.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { Clock } from '../../core/ports.ts'

/** Time for everything, from the name to the end of the answer (ms). */
export const PATIENCE_MS = 10_000

/** Addresses where nothing is ever told: this network's own, which is where clouds keep their secrets, and no single machine's. */
const NEVER = new BlockList()
/** Addresses of private networks, to which a name may lead only by leave. */
const PRIVATE = new BlockList()
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['224.0.0.0', 3],
] as const)
  NEVER.addSubnet(net, bits, 'ipv4')
for (const [net, bits] of [
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  NEVER.addSubnet(net, bits, 'ipv6')
NEVER.addAddress('::', 'ipv6')
for (const [net, bits] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  PRIVATE.addSubnet(net, bits, 'ipv4')
PRIVATE.addAddress('::1', 'ipv6')
PRIVATE.addSubnet('fc00::', 7, 'ipv6')
// What carries an IPv4 address inside may lead to any of the above.
for (const [net, bits] of [
  ['64:ff9b::', 96],
  ['2002::', 16],
] as const)
  PRIVATE.addSubnet(net, bits, 'ipv6')

/** May a name lead to this address? Pure. */
export function mayLeadTo(address: string, allowPrivate: boolean): boolean {
  const family = isIP(address)
  if (family === 0) return false
  const kind = family === 4 ? 'ipv4' : 'ipv6'
  return !NEVER.check(address, kind) && (allowPrivate || !PRIVATE.check(address, kind))
}

/** What is posted, and where. */
export interface Post {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly allowPrivate: boolean
}

/**
 * Posts to the one address that is declared: the name is resolved once and the connection goes to the address that was
 * checked, no redirect is followed, no proxy of the environment is used. Null: it was taken (2xx). Never rejects. */
export async function post(
  { url, headers, body, allowPrivate }: Post,
  clock: Clock,
  signal: AbortSignal,
): Promise<ErrorCode | null> {
  const { hostname } = new URL(url)
  const bare = hostname.replace(/^\[|\]$/g, '')
  // An address that is written out was declared by whoever wrote it.
  if (isIP(bare) !== 0 && !mayLeadTo(bare, true)) return 'CONNECT_FAILED'
  const agent = new Agent({
    connect: { lookup: checkedLookup(allowPrivate || isLoopback(bare)), timeout: PATIENCE_MS },
  })
  const late = new AbortController()
  const cancel = clock.after(PATIENCE_MS, () => late.abort())
  try {
    const answer = await request(url, {
      method: 'POST',
      headers,
      body,
      dispatcher: agent,
      signal: AbortSignal.any([signal, late.signal]),
    })
    await answer.body.dump({ limit: 65_536 })
    return codeOfStatus(answer.statusCode)
  } catch (fault) {
    return faultCode(fault)
  } finally {
    cancel()
    await agent.destroy().catch(() => {})
  }
}

function checkedLookup(allowPrivate: boolean): LookupFunction {
  return (hostname, options, done) => {
    resolve(hostname, { ...options, all: true }, (fault, found) => {
      if (fault !== null) return done(fault, '')
      const [first] = found
      // One address that may not be is enough: who answers both is not to be trusted with either.
      if (first === undefined || !found.every(({ address }) => mayLeadTo(address, allowPrivate)))
        return done(Object.assign(new Error('address not allowed'), { code: 'EACCES' }), '')
      if (options.all === true) done(null, found)
      else done(null, first.address, first.family)
    })
  }
}

function codeOfStatus(status: number): ErrorCode | null {
  if (status >= 200 && status < 300) return null
  if ([401, 403, 404].includes(status)) return 'DESTINATION_REFUSES_US'
  return 'DESTINATION_FAULT'
}

function faultCode(fault: unknown): ErrorCode {
  const { code } = fault as { code?: unknown }
  return typeof code === 'string' && /CERT|TLS|SSL|SELF_SIGNED|ISSUER/.test(code) ? 'TLS_FAILED' : 'CONNECT_FAILED'
}
