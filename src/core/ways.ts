/** Every way out of the gateway, by its destination: those of region.yaml, and one for each domain of secure mail. */
import type { Config, MailTarget, Way } from './config.ts'
import { type MailOperator, mailDestination, mailDomainOf } from './mail.ts'
import type { DestinationId } from './message.ts'

/** How a destination is treated; undefined: the configuration has no such one. */
export function wayOf(config: Pick<Config, 'destinations' | 'mail'>, id: DestinationId): Way | undefined {
  const named = config.destinations.get(id)
  if (named !== undefined) return named
  const domain = mailDomainOf(id)
  const operator = config.mail?.operator
  return domain === null || operator === undefined ? undefined : mailWay(operator, domain)
}

/** Ways that are served whether or not anything waits for them: those of the file, and of the domains whose mailboxes are ours. */
export function standingWays(config: Pick<Config, 'destinations' | 'mail'>): readonly Way[] {
  const operator = config.mail?.operator
  const domains = operator === undefined ? [] : [...operator.domains.keys()]
  return [...config.destinations.values(), ...domains.map((domain) => mailWay(operator!, domain))]
}

function mailWay(operator: MailOperator, domain: string): Way {
  const { retry } = operator
  const own = operator.domains.get(domain)
  return {
    id: mailDestination(domain),
    establishment: own?.establishment ?? 'mail',
    use: 'production',
    target: mailTarget(operator, domain),
    maxInFlight: own?.store.kind === 'maildir' ? OWN_AT_ONCE : retry.atOnce,
    urgentInFlight: 0,
    timeoutMs: retry.timeoutMs,
    retry: {
      firstMs: retry.stepsMs[0]!,
      factor: 1,
      maxMs: retry.stepsMs.at(-1)!,
      expiresMs: retry.expiresMs,
      stepsMs: retry.stepsMs,
    },
    order: 'none',
    onUnknown: 'resend',
    onRefused: 'continue',
    ackPolicy: {},
  }
}

/** Mails written into our own mailboxes at once: each waits for the disk. */
const OWN_AT_ONCE = 16

function mailTarget(operator: MailOperator, domain: string): MailTarget {
  const own = operator.domains.get(domain)
  if (own?.store.kind === 'maildir') return { type: 'maildir', domain, tls: null }
  const { host: hello } = operator
  if (own !== undefined) {
    const { kind, host, port, tls } = own.store as Exclude<typeof own.store, { kind: 'maildir' }>
    return {
      type: 'smtp',
      how: kind,
      domain,
      hello,
      host,
      port,
      tls,
      nameServers: [],
      lookupMs: operator.retry.lookupMs,
    }
  }
  const fixed = operator.hosts.get(domain)
  const { tls, nameServers } = operator
  return {
    type: 'smtp',
    how: 'operator',
    domain,
    hello,
    host: fixed?.host ?? null,
    port: fixed?.port ?? operator.port,
    tls,
    nameServers,
    lookupMs: operator.retry.lookupMs,
  }
}
