import { createHmac } from 'node:crypto'
import type { WebhookTarget } from '../../core/config.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { Clock } from '../../core/ports.ts'
import type { Notice, Told } from '../../formats/alert/notice.ts'
import { post } from './guarded.ts'

/** Header with the time (ms since 1970) and the HMAC-SHA-256 of `time.body`, hex: `t=…,v1=…`. */
export const SIGNATURE = 'passerelle-signature'

/** Posts a notice as JSON, signed. Null: it was taken. Never rejects. */
export function postWebhook(
  { url, secret, allowPrivate }: WebhookTarget,
  { subject, text }: Notice,
  told: readonly Told[],
  key: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<ErrorCode | null> {
  const body = JSON.stringify({
    id: key,
    subject,
    text,
    // What a person wrote beside an act stays here.
    alerts: told.map(({ what, alert: { who: _who, why: _why, ...alert } }) => ({ what, ...alert })),
  })
  const headers = {
    'content-type': 'application/json',
    [SIGNATURE]: signature(secret, clock.nowMs(), body),
    'user-agent': 'passerelle',
  }
  return post({ url, headers, body, allowPrivate }, clock, signal)
}

/** The signature of a body at a time. Pure. */
export function signature(secret: string, atMs: number, body: string): string {
  return `t=${atMs},v1=${createHmac('sha256', secret).update(`${atMs}.${body}`).digest('hex')}`
}
