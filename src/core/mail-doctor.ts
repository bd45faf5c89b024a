/** What stands between us and another mail operator, step by step. */
import type { ErrorCode } from './errors.ts'

/** One host of a domain, as far as we came. */
export interface DoctorHost {
  readonly host: string
  readonly port: number
  /** The rule that failed; null: mail would be taken. */
  readonly code: ErrorCode | null
  /** Numbers of what it answered; null: nothing, or all was well. */
  readonly answer: string | null
  /** Subject of its certificate; null: none was shown, or it never came so far. */
  readonly subject: string | null
  readonly tls: string | null
  /** Its extensions behind EHLO. */
  readonly extensions: readonly string[]
  readonly ms: number
}

/** What was found of a domain. */
export interface DoctorReport {
  readonly domain: string
  /** The first rule that keeps mail from going there; null: none. */
  readonly code: ErrorCode | null
  /** Subjects that the white list names for it. */
  readonly listed: readonly string[]
  readonly hosts: readonly DoctorHost[]
}

/**
 * Goes the way that mail for a domain would, up to where the mail would begin, and lets go.
 * @throws {GatewayError} BAD_REQUEST (no domain), MAIL_NO_OPERATOR, MAIL_DOMAIN_HERE (there is no way out to it) */
export type AskDoctor = (domain: string) => Promise<DoctorReport>
