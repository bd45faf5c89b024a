import { Resolver } from 'node:dns/promises'
import type { SmtpTarget } from '../../core/config.ts'

/** A host to try. */
export interface MailHost {
  readonly host: string
  readonly port: number
}

/** Where a domain's mail goes, best first; or that it goes nowhere, or that nobody knows now. */
export type HostsFound = { readonly hosts: readonly MailHost[] } | { readonly none: 'no-mail' | 'unknown' }

/** Longest wait for a name server, and how often each is asked (ms). */
const ASK_MS = 5_000
const TRIES = 2
/** Hosts that are tried at most. */
const MOST_HOSTS = 5

/** Looks up the hosts of a domain (RFC 5321 §5.1): the one that is set, its MX by preference, else the domain itself. Never rejects. */
export async function hostsOf({ host, port, domain, nameServers }: SmtpTarget): Promise<HostsFound> {
  if (host !== null) return { hosts: [{ host, port }] }
  const resolver = new Resolver({ timeout: ASK_MS, tries: TRIES })
  if (nameServers.length > 0) resolver.setServers([...nameServers])
  try {
    const found = (await resolver.resolveMx(domain)).sort((a, b) => a.priority - b.priority)
    // A null MX stands alone (RFC 7505).
    if (found.length === 1 && found[0]!.exchange === '') return { none: 'no-mail' }
    const named = found.filter(({ exchange }) => exchange !== '').slice(0, MOST_HOSTS)
    if (named.length > 0)
      return {
        hosts: await addresses(
          named.map(({ exchange }) => exchange),
          port,
          resolver,
        ),
      }
  } catch (fault) {
    const code = (fault as NodeJS.ErrnoException).code
    if (code !== 'ENODATA' && code !== 'ENOTFOUND') return { none: 'unknown' }
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
