import type { MailDomain, MailDoor, MailOperator } from '../../core/mail.ts'
import { type IndicatorSettings, MONTH_COLUMNS } from '../../core/mail-indicators.ts'
import { durationMs, sizeBytes } from '../../core/units.ts'
import type { ReadMaterial, Reference } from './material.ts'
import { tlsFiles } from './tls.ts'
import type { WrittenMailDoor } from './written.ts'
import type { WrittenMailOperator } from './written-mail.ts'

/** The mail operator of a revision. @throws {GatewayError} CONFIG_INVALID if a file cannot be read */
export function mailOperatorOf(
  written: WrittenMailOperator,
  read: ReadMaterial,
  text: (reference: Reference) => string,
): MailOperator {
  const { host, hosts, nameServers, port, limits, retry, antivirus, tokens } = written
  return {
    host,
    domains: new Map(written.domains.map((one) => [one.name, domain(one, read)])),
    patientDomain: written.patientDomain,
    tls: tlsFiles(written.tls, read)!,
    hosts: new Map(hosts.map((one) => [one.domain, { host: one.host, port: one.port }])),
    nameServers,
    port,
    limits: {
      maxBytes: sizeBytes(limits.size),
      maxPatientBytes: sizeBytes(limits.patientSize),
      maxRecipients: limits.recipients,
      maxHops: limits.hops,
      maxParts: limits.parts,
      maxNesting: limits.nesting,
      zip: { entries: limits.zipEntries, bytes: sizeBytes(limits.zipSize), ratio: limits.zipRatio },
    },
    retry: {
      stepsMs: retry.steps.map(durationMs),
      expiresMs: durationMs(retry.expires),
      delayedMs: durationMs(retry.delayed),
      atOnce: retry.atOnce,
      lookupMs: durationMs(retry.lookup ?? '10 s'),
      timeoutMs: durationMs(retry.timeout),
    },
    antivirus: antivirus === undefined ? null : { ...antivirus, timeoutMs: durationMs(antivirus.timeout) },
    documents: new Map(
      written.documents.map((one) => [
        one.establishment,
        { ...one, dmp: one.dmp ?? null, receive: one.receive ?? null },
      ]),
    ),
    tokens: tokens.map((one) => ({ ...one, audience: one.audience ?? null })),
    passwords: written.passwords.map(({ name, passwordSha256, addresses }) => ({
      name,
      sha256: typeof passwordSha256 === 'string' ? passwordSha256 : text(passwordSha256).trim(),
      addresses,
    })),
    softwareId: written.softwareId ?? null,
    testDomains: new Set((written.testDomains ?? []).map((one) => one.toLowerCase())),
    tracesMs: durationMs(written.traces),
    indicators: indicatorsOf(written.indicators),
    maxConnectionsPerPeer: written.maxConnectionsPerPeer,
    nullSenderPerMinute: written.nullSenderPerMinute,
    submissionsPerMinute: written.submissionsPerMinute,
  }
}

/** Without columns: all of them by their own names. */
function indicatorsOf({ xMss, columns }: WrittenMailOperator['indicators']): IndicatorSettings {
  const chosen: NonNullable<typeof columns> = columns ?? MONTH_COLUMNS.map((column) => ({ column }))
  return { xMss, columns: chosen.map((one) => ({ column: one.column, name: one.name ?? one.column })) }
}

function domain(
  { name, establishment, server }: WrittenMailOperator['domains'][number],
  read: ReadMaterial,
): MailDomain {
  if (server === undefined) return { name, establishment, store: { kind: 'maildir' } }
  const { protocol: kind, host, port, tls } = server
  return { name, establishment, store: { kind, host, port, tls: tlsFiles(tls, read) } }
}

/** A mail door of this node. @throws {GatewayError} CONFIG_INVALID if a file cannot be read */
export function mailDoor(name: MailDoor['name'], door: WrittenMailDoor, read: ReadMaterial): MailDoor {
  return {
    name,
    host: door.host,
    port: door.port,
    tls: tlsFiles(door.tls, read)!,
    idleMs: durationMs(door.idle),
    handshakeMs: durationMs(door.handshake),
    mailMs: durationMs(door.mailTime),
    maxConnections: door.maxConnections,
    maxConnectionsPerPeer: door.maxConnectionsPerPeer,
  }
}
