import { X509Certificate } from 'node:crypto'
import { stat } from 'node:fs/promises'
import type { Config, NodeConfig, TlsFiles } from '../../core/config.ts'
import { codeOf, type ErrorCode } from '../../core/errors.ts'
import type { Journal } from '../../core/journal.ts'
import type { Clock, Log, Meter } from '../../core/ports.ts'
import { standingWays } from '../../core/ways.ts'
import { readRevocationLists } from '../../formats/x509/revocation-list.ts'
import { alertEvent } from '../../pipeline/alerts.ts'
import { UnusableFiles } from './usable-files.ts'

/** Files are looked at this often (ms). */
export const LOOK_MS = 60_000
const DAY_MS = 86_400_000
/** An alert is raised when fewer than so many days are left, and when none is. */
export const WARN_DAYS = [60, 30, 7, 0]

/** A part of the gateway that shows a certificate: `mllps`, or a destination. */
export interface CertifiedPart {
  readonly part: string
  readonly tls: TlsFiles
}

/** The parts of a node and a region that show a certificate. Pure. */
export function certifiedParts({ mllp, http, mail = [] }: NodeConfig, config: Config): CertifiedPart[] {
  const doors = [...mllp, ...http, ...mail].map(({ name, tls }) => ({ part: name as string, tls }))
  const ways = standingWays(config).map(({ id, target }) => ({ part: id, tls: target.tls }))
  const operator = config.mail?.operator
  const peer = operator === undefined ? [] : [{ part: 'mail', tls: operator.tls }]
  return [...doors, ...ways, ...peer].flatMap(({ part, tls }) => (tls === null ? [] : [{ part, tls }]))
}

/** What the watch works with. */
export interface CertificateParts {
  readonly journal: Pick<Journal, 'apply'>
  readonly parts: () => readonly CertifiedPart[]
  /** Files that material was read from. */
  readonly files: () => ReadonlySet<string>
  /** Takes changed files over. @throws when they cannot be used; then it is tried again */
  readonly renew: () => void | Promise<void>
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

/** The watch over certificates. */
export interface CertificateWatch {
  /** Looks now: takes changed files over, and raises what is due. Never rejects. */
  look(): Promise<void>
  /** When each part's certificate is over, ms since 1970. */
  expiries(): ReadonlyMap<string, number>
  stop(): void
}

/**
 * Takes renewed certificates over within a minute, without dropping a connection, and warns 60, 30 and 7 days before one
 * is over, and when a revocation list is past its next update. Each warning once per certificate and run. */
export function watchCertificates(watched: CertificateParts): CertificateWatch {
  const { clock, log, files } = watched
  const told = new Set<string>()
  let seen: string | null = null
  let stopped = false
  let cancel = clock.after(LOOK_MS, again)

  function again(): void {
    void look().then(() => {
      if (!stopped) cancel = clock.after(LOOK_MS, again)
    })
  }
  async function look(): Promise<void> {
    const stamp = await stampOf(files())
    if (seen !== null && stamp !== seen) {
      try {
        await watched.renew()
        seen = stamp
        log.info('certificates.renewed', { count: files().size })
      } catch (fault) {
        const of = fault instanceof UnusableFiles ? { route: fault.part } : {}
        log.error('certificates.unusable', { code: codeOf(fault), ...of }, fault)
      }
    }
    seen ??= stamp
    for (const due of warnings(watched.parts(), clock.nowMs())) {
      if (told.has(due.key)) continue
      told.add(due.key)
      await raise(due, watched)
    }
  }
  return {
    look,
    expiries: () => new Map(watched.parts().map(({ part, tls }) => [part, endOf(tls)])),
    stop() {
      stopped = true
      cancel()
    },
  }
}

interface Warning {
  readonly key: string
  readonly part: string
  readonly code: ErrorCode
  readonly detail: string
}

/** What is to be said of these certificates at this time. Pure. */
export function warnings(parts: readonly CertifiedPart[], nowMs: number): Warning[] {
  return parts.flatMap(({ part, tls }): Warning[] => {
    const endMs = endOf(tls)
    const left = WARN_DAYS.filter((days) => endMs - nowMs < days * DAY_MS).at(-1)
    const stale = tls.crl.flatMap(readRevocationLists).filter((list) => (list.nextUpdateMs ?? nowMs) < nowMs)
    const end = new Date(endMs).toISOString()
    return [
      ...(left === undefined
        ? []
        : [{ key: `${part} ${end} ${left}`, part, code: 'CERTIFICATE_EXPIRES' as const, detail: `${part} ${end}` }]),
      ...stale.map(({ nextUpdateMs }) => {
        const due = new Date(nextUpdateMs!).toISOString()
        return { key: `${part} crl ${due}`, part, code: 'REVOCATION_STALE' as const, detail: `${part} ${due}` }
      }),
    ]
  })
}

function endOf({ cert }: TlsFiles): number {
  return Date.parse(new X509Certificate(cert).validTo)
}

async function raise({ part, code, detail }: Warning, { journal, clock, log, meter }: CertificateParts): Promise<void> {
  log.warn('certificate.alert', { code, certificate: detail, route: part })
  meter.count('alert_total', { code })
  const event = alertEvent(clock.nowMs(), code, { detail })
  await journal.apply({ events: [event] }).catch((fault: unknown) => log.error('certificate.unrecorded', {}, fault))
}

/** One text that changes when a file does; a file that is gone for a moment is a change too. */
async function stampOf(files: ReadonlySet<string>): Promise<string> {
  const stamps = await Promise.all(
    [...files].sort().map(async (file) => {
      const found = await stat(file).catch(() => null)
      return `${file} ${found?.mtimeMs ?? '-'} ${found?.size ?? '-'} ${found?.ino ?? '-'}`
    }),
  )
  return stamps.join('\n')
}
