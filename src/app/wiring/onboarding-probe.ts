import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import type { Config, TlsFiles } from '../../core/config.ts'
import type { Probe, ProbeAddress, ProbeStep } from '../../core/onboarding.ts'
import type { Clock } from '../../core/ports.ts'
import { dial, standing } from '../../senders/dial.ts'

/** The whole trial takes no longer than this (ms). */
const PROBE_MS = 10_000
/** Ports below this are services of systems, save those of the web. */
const SYSTEM_PORTS = 1024
const WEB_PORTS = [80, 443]
/** Databases, caches, desktops and engines, which no establishment exchanges messages by. */
const SERVICES = new Set([1433, 1521, 2049, 2375, 2376, 3306, 3389, 5432, 5900, 5984, 6379, 9200, 11211, 27017])

/** Never tried unless the region's own file names them: this machine, the link, metadata services, and what is no one host. */
const CLOSED = new BlockList()
for (const [address, prefix] of [
  ['0.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['192.0.0.0', 24],
  ['100.100.100.200', 32],
  ['224.0.0.0', 3],
] as const) {
  CLOSED.addSubnet(address, prefix, 'ipv4')
}
for (const [address, prefix] of [
  ['::', 127],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
  ['fd00:ec2::', 32],
  ['64:ff9b::', 96],
  ['2002::', 16],
] as const) {
  CLOSED.addSubnet(address, prefix, 'ipv6')
}

/** May this address be tried from here? An IPv4 address inside an IPv6 one counts as what it is. Pure. */
export function isClosed(address: string): boolean {
  const inside = /^::(?:ffff:)?(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (inside !== undefined) return CLOSED.check(inside, 'ipv4')
  // ::ffff:7f00:1 is the same in other letters.
  if (/^::(ffff:)?[0-9a-f]{1,4}:[0-9a-f]{1,4}$/i.test(address)) return true
  return CLOSED.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

/** What probes are made with. `tls`: what this node shows to others, or null. */
export interface ProbeParts {
  readonly config: () => Config
  readonly tls: () => TlsFiles | null
  readonly clock: Clock
}

/**
 * Tries addresses that somebody types: TCP, and TLS with the gateway's own certificate. A name is resolved once, every address
 * of it is looked at, and the one looked at is the one connected to. What region.yaml names as a destination may be tried
 * wherever it is. Never rejects. */
export function prober({ config, tls, clock }: ProbeParts): Probe {
  return async (address) => {
    const declared = isDeclared(address, config())
    if (!declared && isService(address.port)) return 'address'
    const at = await addressesOf(address.host)
    const [first] = at
    if (first === undefined) return 'name'
    if (!declared && at.some(isClosed)) return 'address'
    return attempt(address, first, tls(), clock)
  }
}

function isService(port: number): boolean {
  return (port < SYSTEM_PORTS && !WEB_PORTS.includes(port)) || SERVICES.has(port)
}

/** Does a destination of the region stand exactly there? */
function isDeclared({ host, port }: ProbeAddress, { destinations }: Config): boolean {
  return [...destinations.values()].some(({ target }) => {
    if (target.type === 'mllp') return target.host === host && target.port === port
    const url = new URL(target.url)
    return url.hostname === host && (Number(url.port) || (url.protocol === 'https:' ? 443 : 80)) === port
  })
}

async function addressesOf(host: string): Promise<readonly string[]> {
  const bare = host.replace(/^\[|\]$/g, '')
  try {
    return isIP(bare) === 0 ? (await lookup(bare, { all: true })).map(({ address }) => address) : [bare]
  } catch {
    return []
  }
}

async function attempt(
  { host, port, secure }: ProbeAddress,
  at: string,
  tls: TlsFiles | null,
  clock: Clock,
): Promise<ProbeStep> {
  const giveUp = new AbortController()
  const cancel = clock.after(PROBE_MS, () => giveUp.abort())
  const dialled = await dial({ host, at, port, secure, tls }, clock, giveUp.signal)
  cancel()
  if (!dialled.ok) return dialled.code === 'TLS_FAILED' ? 'tls' : 'connect'
  const { socket } = dialled
  await standing(socket, secure, clock)
  const cut = socket.destroyed || socket.readableEnded
  socket.destroy()
  return cut ? (secure ? 'tls' : 'connect') : 'done'
}
