import { ERRORS, type ErrorCode } from '../../core/errors.ts'
import { HELP_EN } from '../../core/help-en.ts'
import { domainOf, type MailOperator } from '../../core/mail.ts'
import { keptAddress } from '../../formats/mail/address.ts'
import type { DsnReport } from '../../formats/mail/dsn.ts'
import { readRcptParameters } from '../../formats/mail/esmtp.ts'
import type { Returned } from './head.ts'
import type { KeptRecipient } from './rows.ts'

/** What became of a recipient, in the words of RFC 3464. */
export type Action = 'failed' | 'delayed' | 'delivered' | 'relayed'

/** What a report is made of. */
export interface ToldParts {
  readonly row: KeptRecipient
  readonly action: Action
  readonly id: string
  readonly nowMs: number
  readonly original: Returned
  readonly operator: MailOperator
  readonly timeZone: string
}

/** The report for one recipient. Pure. */
export function dsnOf({ row, action, id, nowMs, original, operator, timeZone }: ToldParts): DsnReport {
  const arrivedAtMs = Number(row.at_ms)
  const read = readRcptParameters(row.original === null ? '' : `ORCPT=${row.original}`, { utf8: true })
  const { bytes, whole } = original
  return {
    domain: ownDomain(row, operator),
    reportingMta: operator.host,
    to: keptAddress(row.sender),
    envid: row.envid,
    arrivedAtMs,
    atMs: nowMs,
    timeZone,
    messageId: `<${id}@${operator.host}>`,
    recipients: [
      {
        address: keptAddress(row.address),
        original: read.ok ? read.values.orcpt : null,
        action,
        ...verdict(row, action),
        unsure: Number(row.unsure) === 1,
        lastAttemptMs: row.ended_at_ms === null ? null : Number(row.ended_at_ms),
        willRetryUntilMs: action === 'delayed' ? Number(row.queued_at_ms) + operator.retry.expiresMs : null,
      },
    ],
    original: { header: headerOf(bytes), whole: whole ? bytes : null },
  }
}

/** A domain of ours, so that the white list knows who writes: that of the recipient where it is one. */
function ownDomain({ address }: KeptRecipient, { domains, host }: MailOperator): string {
  const domain = domainOf(address)
  return domains.has(domain) ? domain : (domains.keys().next().value ?? host)
}

function headerOf(bytes: Buffer): Buffer {
  const end = bytes.indexOf('\r\n\r\n')
  return end < 0 ? bytes : bytes.subarray(0, end + 4)
}

/** Status and diagnostic: the far side's own where it said something, else those of our code (RFC 3463). */
function verdict(
  row: KeptRecipient,
  action: Action,
): { status: string; diagnostic: string | null; remoteMta: string | null } {
  if (action === 'delivered' || action === 'relayed') return { status: '2.0.0', diagnostic: null, remoteMta: null }
  const [remoteMta = null, ...words] = (row.diagnostic ?? '').split('\n')
  const said = words.join(' ')
  const code = (row.code ?? 'DELIVERY_EXPIRED') as ErrorCode
  // What we refuse ourselves is no matter of time.
  const late = !said.startsWith('5') && !(code in ERRORS && ERRORS[code].class === 'refused')
  const expired = action === 'failed' && row.ended_at_ms !== null && late
  const ours = code in ERRORS ? ERRORS[code].smtp : '451 4.4.1'
  const theirs = /^[245]\d\d[ -]([245]\.\d{1,3}\.\d{1,3})/.exec(said)?.[1]
  const enhanced = theirs ?? ours.slice(4)
  const klass = action === 'delayed' ? '4' : '5'
  return {
    status: expired ? (Number(row.unsure) === 1 ? '4.4.7' : '5.4.7') : `${klass}${enhanced.slice(1)}`,
    diagnostic: said === '' ? `${ours} ${code in ERRORS ? HELP_EN[code] : code}` : said,
    remoteMta: remoteMta === '' ? null : remoteMta,
  }
}
