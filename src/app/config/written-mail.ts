import type { MonthColumn, XMssCodes } from '../../core/mail-indicators.ts'
import type { Reference } from './material.ts'
import type { WrittenTls } from './written.ts'

/** `mail` as written, with its defaults. */
export interface WrittenMail {
  readonly whiteList?: WrittenWhiteList
  readonly operator?: WrittenMailOperator
  readonly directory?: WrittenDirectory
}

/** `mail.directory` as written, with its defaults. */
export interface WrittenDirectory {
  readonly columns: Readonly<Partial<Record<string, string>>>
  readonly maxSize: string
}

/** `mail.operator` as written, with its defaults. */
export interface WrittenMailOperator {
  readonly host: string
  readonly domains: readonly {
    readonly name: string
    readonly establishment: string
    readonly server?: {
      readonly protocol: 'lmtp' | 'smtp'
      readonly host: string
      readonly port: number
      readonly tls?: WrittenTls
    }
  }[]
  readonly tls: WrittenTls
  readonly patientDomain: string
  readonly hosts: readonly { readonly domain: string; readonly host: string; readonly port: number }[]
  readonly nameServers: readonly string[]
  readonly port: number
  readonly limits: {
    readonly size: string
    readonly patientSize: string
    readonly recipients: number
    readonly hops: number
    readonly parts: number
    readonly nesting: number
    readonly zipEntries: number
    readonly zipSize: string
    readonly zipRatio: number
  }
  readonly retry: {
    readonly steps: readonly string[]
    readonly delayed: string
    readonly expires: string
    readonly atOnce: number
    /** Absent in revisions that were stored before it was there. */
    readonly lookup?: string
    readonly timeout: string
  }
  readonly antivirus?: {
    readonly host: string
    readonly port: number
    readonly timeout: string
    readonly down: 'wait' | 'pass'
  }
  readonly documents: readonly {
    readonly establishment: string
    readonly mailbox: string
    readonly dmp?: string
    readonly receive?: { readonly to: string; readonly as: 'hl7v2' | 'fhir' }
  }[]
  readonly tokens: readonly {
    readonly issuer: string
    readonly audience?: string
    readonly claim: string
    readonly userinfo: boolean
  }[]
  readonly passwords: readonly {
    readonly name: string
    readonly passwordSha256: Reference
    readonly addresses: readonly string[]
  }[]
  readonly softwareId?: string
  /** Absent in revisions that were stored before it was there. */
  readonly testDomains?: readonly string[]
  readonly traces: string
  readonly indicators: {
    readonly xMss: XMssCodes
    readonly columns?: readonly { readonly column: MonthColumn; readonly name?: string }[]
  }
  readonly maxConnectionsPerPeer: number
  readonly nullSenderPerMinute: number
  readonly submissionsPerMinute: number
}

/** `mail.whiteList` as written, with its defaults. */
export interface WrittenWhiteList {
  readonly url: string
  readonly file?: string
  readonly ca: Reference
  /** Absent in revisions that were stored before it was there. */
  readonly crl?: readonly Reference[]
  readonly crlStale?: 'refuse' | 'warn'
  readonly signer: { readonly issuer: string; readonly commonName: string; readonly email?: string }
  readonly every: string
  readonly timeout: string
  readonly maxSize: string
  readonly shrink: number
  readonly stale: string
  readonly old: string
  readonly closed: string
}
