import { Resolver } from 'node:dns/promises'
import type { SmtpTarget } from '../../core/config.ts'
import type { Clock } from '../../core/ports.ts'

/** A host to try. */
export interface MailHost {
  readonly host: string
  readonly port: number
}

/** Where a domain's mail goes, best first; or that it goes nowhere, or that nobody knows now. */
export type HostsFound = { readonly hosts: readonly MailHost[] } | { readonly none: 'no-mail' | 'unknown' }

/** Longest wait for one answer of a name server (ms), and how often each is asked. */
const ASK_MS = 5_000
const TRIES = 2
/** Hosts that are tried at most. */
const MOST_HOSTS = 5

/**
 * Looks up the hosts of a domain (RFC 5321 §5.1): the one that is set, its MX by preference, else the domain itself. Name
 * servers have the target's time for all of it, and are given up with the signal. Never rejects. */
export async function hostsOf(
  target: SmtpTarget,
  clock: Pick<Clock, 'after'>,
  signal?: AbortSignal,
): Promise<HostsFound> {
  const { host, port, nameServers, lookupMs } = target
  if (host !== null) return { hosts: [{ host, port }] }
  const resolver = new Resolver({ timeout: Math.min(ASK_MS, lookupMs), tries: TRIES })
  if (nameServers.length > 0) resolver.setServers([...nameServers])
  // A question asked behind this would wait anew.
  let late = false
  const giveUp = (): void => {
    late = true
    resolver.cancel()
  }
  const cancel = clock.after(lookupMs, giveUp)
  signal?.addEventListener('abort', giveUp, { once: true })
  const found = await ask(target, resolver, () => late)
  cancel()
  signal?.removeEventListener('abort', giveUp)
  return found
}

async function ask({ domain, port }: SmtpTarget, resolver: Resolver, late: () => boolean): Promise<HostsFound> {
  try {
    const found = (await resolver.resolveMx(domain)).sort((a, b) => a.priority - b.priority)
    // A null MX stands alone (RFC 7505).
    if (found.length === 1 && found[0]!.exchange === '') return { none: 'no-mail' }
    const names = found.flatMap(({ exchange }) => (exchange === '' ? [] : exchange)).slice(0, MOST_HOSTS)
    if (late()) return { none: 'unknown' }
    if (names.length > 0) return { hosts: await addresses(names, port, resolver) }
  } catch (fault) {
    const code = (fault as NodeJS.ErrnoException).code
    if (late() || (code !== 'ENODATA' && code !== 'ENOTFOUND')) return { none: 'unknown' }
  }
  const hosts = await addresses([domain], port, resolver)
  return hosts.length > 0 ? { hosts } : { none: 'unknown' }
}

/** Names as addresses, by the same name servers; those that have none are left out. */
async function addresses(names: readonly string[], port: number, resolver: Resolver): Promise<readonly MailHost[]> {
  const found = await Promise.all(
    names.map(async (name) => {
      const both = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)])
      return both.flatMap((one) => (one.status === 'fulfilled' ? one.value.slice(0, 2) : []))
    }),
  )
  return found.flat().map((host) => ({ host, port }))
}
