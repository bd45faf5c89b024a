import type { SystemTarget } from '../../../core/config.ts'
import type { Endpoint, FoundFault, ProbeFacts } from '../../../core/probes.ts'
import { revocationFault } from '../../../formats/x509/revocation.ts'
import { readRevocationLists } from '../../../formats/x509/revocation-list.ts'
import { nameOf, refusal } from '../connection.ts'
import { addressOf, type ProbeAddress } from '../endpoints.ts'
import { type Asking, type Finding, fault, found } from '../parts.ts'
import type { TlsSettings } from '../settings.ts'
import { type ChainParts, certificateFaults, commonName, verdictFaults } from './certificates.ts'
import { filesOf, type Handshake, type Shaken, shake } from './handshake.ts'

/** Weak keys and signatures must be let through to be looked at. */
const ANY = 'ALL:@SECLEVEL=0'
/** Suites of TLS 1.2 that encrypt and authenticate apart, or badly (RFC 9325 §4.1). */
const WEAK = 'ALL:!AESGCM:!AESCCM:!CHACHA20:!ARIAGCM:!aNULL:!eNULL:@SECLEVEL=0'
const GOOD: Handshake = { least: 'TLSv1.2', most: 'TLSv1.3', ciphers: `DEFAULT:@SECLEVEL=0` }
const OLD = ['TLSv1', 'TLSv1.1'] as const
/** What a peer answers in the clear reads as to OpenSSL. */
const PLAIN = /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|BAD_RECORD_TYPE|RECORD_LAYER_FAILURE/
const NO_VERSION = /UNSUPPORTED_PROTOCOL|ALERT_PROTOCOL_VERSION|VERSION_TOO_LOW|NO_PROTOCOLS_AVAILABLE/

type Good = Extract<Shaken, { ok: true }>

/**
 * Looks at the TLS of an endpoint by handshakes alone: one as senders make it, then those that must not succeed (TLS 1.0 and
 * 1.1, suites that do not authenticate, no certificate of ours). At most six connections. Never rejects. */
export async function probeTls(endpoint: Endpoint, settings: TlsSettings, asking: Asking): Promise<Finding> {
  const address = addressOf(endpoint.target as SystemTarget)
  if (!address.secure) return found([fault('NO_TLS')])
  const first = await shake(address, GOOD, asking)
  if (!first.ok && !first.tcp) {
    return { faults: [fault('NO_CONNECTION', { reason: nameOf(first.code) })], facts: {}, reached: false }
  }
  if (!first.ok && !NO_VERSION.test(first.code)) return found([notShaken(first.code, first.own, asking)])
  const old = await oldVersions(address, asking)
  if (!first.ok) return found([fault('TLS_OLD_ONLY'), ...old])
  const faults = [
    ...old,
    ...(await weakSuites(address, asking)),
    ...(settings.mutual ? await withoutUs(address, first, asking) : []),
    ...lacking(first, settings),
    ...chainFaults(address, first, settings, asking),
  ]
  return found(faults, factsOf(first))
}

/** Why there was no handshake at all. */
function notShaken(code: string, own: boolean, { limits }: Asking): FoundFault {
  if (own) return fault('OWN_FILES', { reason: nameOf(code) })
  if (code === 'TIMEOUT') return fault('NO_ANSWER', { ms: limits.totalMs })
  if (PLAIN.test(code)) return fault('NOT_TLS')
  return refusal(code) ?? fault('TLS_FAILED', { reason: nameOf(code) })
}

async function oldVersions(address: ProbeAddress, asking: Asking): Promise<FoundFault[]> {
  const accepted: FoundFault[] = []
  for (const version of OLD) {
    const tried = await shake(address, { least: version, most: version, ciphers: ANY }, asking)
    if (tried.ok) accepted.push(fault('TLS_OLD_ACCEPTED', { version: version === 'TLSv1' ? 'TLS 1.0' : 'TLS 1.1' }))
  }
  return accepted
}

async function weakSuites(address: ProbeAddress, asking: Asking): Promise<FoundFault[]> {
  const tried = await shake(address, { least: 'TLSv1.2', most: 'TLSv1.2', ciphers: WEAK }, asking)
  return tried.ok ? [fault('TLS_WEAK_SUITE', { suite: tried.suite })] : []
}

async function withoutUs(address: ProbeAddress, { version }: Good, asking: Asking): Promise<FoundFault[]> {
  // Under TLS 1.2 a finished handshake is an answer already, and needs no waiting.
  const older = await shake(address, { ...GOOD, most: 'TLSv1.2', silent: true }, asking)
  const tried = older.ok || version !== 'TLSv1.3' ? older : await shake(address, { ...GOOD, silent: true }, asking)
  return tried.ok ? [fault('CLIENT_NOT_ASKED')] : []
}

function lacking({ version }: Good, { offers }: TlsSettings): FoundFault[] {
  return offers === 'TLSv1.3' && version !== 'TLSv1.3'
    ? [fault('TLS_VERSION_LACKING', { wanted: 'TLS 1.3', found: version.replace('v', ' ') })]
    : []
}

function chainFaults(address: ProbeAddress, shaken: Good, settings: TlsSettings, { clock }: Asking): FoundFault[] {
  const { chain, peer, verdict } = shaken
  const files = filesOf(address)
  const parts: ChainParts = { host: address.host, ca: files.ca, settings, nowMs: clock.nowMs() }
  const faults = [...verdictFaults(verdict, chain, parts), ...certificateFaults(chain, parts)]
  // Where lists that are past their time are let pass, OpenSSL was not asked.
  const ours = verdict === null ? revocationFault(peer, files) : null
  if (ours === 'CERT_REVOKED') faults.push(fault('CERTIFICATE_REVOKED'))
  if (ours === 'UNABLE_TO_GET_CRL') faults.push(fault('REVOCATION_UNKNOWN'))
  if (files.crlStale === 'warn' && isStale(files.crl, parts.nowMs)) faults.push(fault('REVOCATION_STALE'))
  if (settings.revocation && files.crl.length === 0) faults.push(fault('REVOCATION_UNKNOWN'))
  return faults
}

function isStale(crl: readonly string[], nowMs: number): boolean {
  return crl
    .flatMap((text) => readRevocationLists(text))
    .some(({ nextUpdateMs }) => nextUpdateMs !== null && nextUpdateMs <= nowMs)
}

function factsOf({ version, suite, chain: [own] }: Good): ProbeFacts {
  const shown = { tls: version, suite }
  if (own === undefined) return shown
  return {
    ...shown,
    certificateEndMs: own.validToDate.getTime(),
    subject: commonName(own),
    issuer: commonName(own, 'issuer'),
  }
}
