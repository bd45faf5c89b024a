import type { ErrorCode } from '../../core/errors.ts'
import type { Outgoing } from '../../core/notices.ts'
import type { Clock } from '../../core/ports.ts'
import { post } from './guarded.ts'
import { filled } from './sms.ts'
import { SIGNATURE, signature } from './webhook.ts'

/** Sends notices of cases: one request for each, within the time of its target. Null: it was taken. Never rejects. */
export function careNotices(clock: Clock): (notice: Outgoing, signal: AbortSignal) => Promise<ErrorCode | null> {
  return async (notice, signal) => {
    if (notice.by === 'webhook') {
      const { url, secret, allowPrivate } = notice.hook
      const body = JSON.stringify(notice.told)
      const headers = {
        'content-type': 'application/json',
        [SIGNATURE]: signature(secret, clock.nowMs(), body),
        'user-agent': 'passerelle',
      }
      return post({ url, headers, body, allowPrivate }, clock, signal)
    }
    const { url, body, contentType, bearer, allowPrivate, timeoutMs } = notice.target
    const headers = {
      'content-type': contentType,
      'user-agent': 'passerelle',
      ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
    }
    const late = new AbortController()
    const cancel = clock.after(timeoutMs, () => late.abort())
    try {
      const { to, text, id } = notice
      const asked = { url, headers, body: filled(body, contentType, { to, text, id }), allowPrivate }
      return await post(asked, clock, AbortSignal.any([signal, late.signal]))
    } finally {
      cancel()
    }
  }
}
