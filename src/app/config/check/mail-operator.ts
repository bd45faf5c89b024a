import { isIP } from 'node:net'
import { isLoopback } from '../../../core/address.ts'
import { durationMs } from '../../../core/units.ts'
import { mailDomain } from '../../../formats/mail/address.ts'
import { error, type Fault, type Path, warning } from '../problem.ts'
import type { WrittenRegion } from '../written.ts'
import type { WrittenMailOperator } from '../written-mail.ts'
import { addressProblem } from './destinations.ts'
import { type MaterialCheck, tlsFaults } from './material.ts'
import { type knownNames, present } from './sound.ts'

const AT = ['mail', 'operator']

type KnownNames = Pick<ReturnType<typeof knownNames>, 'establishments' | 'destinations'>

/** What of `mail.operator` the schema cannot say: names that fit, servers that are not plain beyond loopback, a lab that stays one. */
export function mailOperatorFaults(region: WrittenRegion, known: KnownNames, check: MaterialCheck): Fault[] {
  const operator = region.mail?.operator
  const { smtp, submission } = region.entrances
  if (operator === undefined) {
    return Object.entries({ smtp, submission }).flatMap(([name, door]) =>
      door === undefined
        ? []
        : [warning(['entrances', name], 'MISSING', 'without mail.operator this door takes no mail')],
    )
  }
  return [
    ...(region.mail?.whiteList === undefined
      ? [warning(AT, 'MISSING', 'without mail.whiteList no mail is taken or sent: it says who the peers are')]
      : []),
    ...domainFaults(operator, known.establishments),
    ...hostFaults(operator),
    ...documentFaults(operator, region.establishments, known),
    ...signInFaults(operator, submission?.host),
    ...tlsFaults(operator.tls, [...AT, 'tls'], check),
    ...operator.domains.flatMap(({ server }, i) =>
      server?.tls === undefined ? [] : tlsFaults(server.tls, [...AT, 'domains', i, 'server', 'tls'], check),
    ),
  ]
}

function domainFaults(
  { domains, retry, patientDomain }: WrittenMailOperator,
  establishments: ReadonlySet<string>,
): Fault[] {
  const faults: Fault[] = []
  for (const [i, { name, establishment, server }] of present(domains)) {
    const at: Path = [...AT, 'domains', i]
    if (present(domains).some(([n, one]) => n < i && one.name === name)) {
      faults.push(error([...at, 'name'], 'NAME_TWICE', `${name} stands here twice`))
    }
    if (mailDomain(name) !== name) faults.push(error([...at, 'name'], 'BAD_VALUE', `${name} is no domain of mail`))
    if (name === patientDomain) {
      faults.push(error([...at, 'name'], 'BAD_VALUE', 'patients’ mailboxes are not kept here'))
    }
    if (!establishments.has(establishment)) {
      faults.push(
        error([...at, 'establishment'], 'UNKNOWN_ESTABLISHMENT', `there is no establishment ${establishment}`),
      )
    }
    if (server !== undefined && server.tls === undefined && !isLoopback(server.host)) {
      faults.push(
        error([...at, 'server'], 'PLAIN_DESTINATION', `mail would go to ${server.host} in the clear: set tls`),
      )
    }
  }
  if (durationMs(retry.delayed) >= durationMs(retry.expires)) {
    faults.push(error([...AT, 'retry', 'expires'], 'RETRY_ORDER', 'expires comes after delayed'))
  }
  return faults
}

function documentFaults(
  { documents, domains }: WrittenMailOperator,
  establishments: WrittenRegion['establishments'],
  known: KnownNames,
): Fault[] {
  const deaf = new Set(present(establishments).flatMap(([, one]) => (one.answersTo === undefined ? [one.id] : [])))
  const own = new Set(domains.map(({ name }) => name))
  return documents.flatMap(({ establishment, mailbox, dmp, receive }, i) => {
    const at = [...AT, 'documents', i]
    const faults: Fault[] = []
    if (!known.establishments.has(establishment)) {
      faults.push(
        error([...at, 'establishment'], 'UNKNOWN_ESTABLISHMENT', `there is no establishment ${establishment}`),
      )
    }
    if (deaf.has(establishment)) {
      const message = `${establishment} has no answersTo: acknowledgements of its documents (ZAM) are kept here and go to nobody`
      faults.push(warning([...at, 'establishment'], 'MISSING', message))
    }
    if (present(documents).some(([n, one]) => n < i && one.establishment === establishment)) {
      faults.push(error([...at, 'establishment'], 'NAME_TWICE', `${establishment} stands here twice`))
    }
    if (!own.has(mailbox.slice(mailbox.indexOf('@') + 1))) {
      faults.push(error([...at, 'mailbox'], 'BAD_VALUE', `${mailbox} is of no domain of ours`))
    }
    for (const [key, way] of [
      ['dmp', dmp],
      ['receive', receive?.to],
    ] as const) {
      if (way !== undefined && !known.destinations.has(way)) {
        faults.push(error([...at, key], 'UNKNOWN_DESTINATION', `there is no destination ${way}`))
      }
    }
    return faults
  })
}

function hostFaults({ hosts, domains, nameServers }: WrittenMailOperator): Fault[] {
  const own = new Set(domains.map(({ name }) => name))
  return [
    ...hosts.flatMap(({ domain }, i) => {
      const at = [...AT, 'hosts', i, 'domain']
      if (own.has(domain)) return [error(at, 'BAD_VALUE', `${domain} is a domain of ours: it has domains[].server`)]
      const twice = present(hosts).some(([n, one]) => n < i && one.domain === domain)
      return twice ? [error(at, 'NAME_TWICE', `${domain} stands here twice`)] : []
    }),
    ...nameServers.flatMap((text, i) => {
      const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+|[\da-f:]+?))(?::(\d{1,5}))?$/i.exec(text) ?? []
      const good = isIP(bracketed ?? plain ?? '') !== 0 && Number(port ?? 53) <= 65_535
      return good
        ? []
        : [error([...AT, 'nameServers', i], 'BAD_VALUE', 'this is no address such as 10.0.0.1 or 127.0.0.1:5353')]
    }),
  ]
}

function signInFaults({ tokens, passwords, domains }: WrittenMailOperator, submission: string | undefined): Fault[] {
  const own = new Set(domains.map(({ name }) => name))
  const faults = tokens.flatMap(({ issuer }, i): Fault[] => {
    const at = [...AT, 'tokens', i, 'issuer']
    const problem = addressProblem(issuer)
    if (problem !== null) return [error(at, 'BAD_URL', problem)]
    const { protocol, hostname } = new URL(issuer)
    return protocol === 'https:' || isLoopback(hostname) ? [] : [error(at, 'BAD_URL', 'a provider speaks https')]
  })
  if (passwords.length > 0 && submission !== undefined && !isLoopback(submission)) {
    const message = `passwords are for a lab: the submission door listens on ${submission}`
    faults.push(error([...AT, 'passwords'], 'DEMO_REACHABLE', message))
  }
  for (const [i, { addresses }] of present(passwords)) {
    for (const [n, address] of present(addresses)) {
      if (own.has(address.slice(address.indexOf('@') + 1))) continue
      faults.push(error([...AT, 'passwords', i, 'addresses', n], 'BAD_VALUE', `${address} is of no domain of ours`))
    }
  }
  return faults
}
