import type { NotifyChannel } from '../../core/config.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { Clock } from '../../core/ports.ts'
import type { Notice, Told } from '../../formats/alert/notice.ts'
import { sendMail } from './mail.ts'
import { postSms } from './sms.ts'
import { postWebhook } from './webhook.ts'

/** Notices whose recipients are remembered. */
const REMEMBERED = 100

/** What came of telling by a channel. */
export type Telling = { readonly ok: true } | { readonly ok: false; readonly code: ErrorCode }

/**
 * Tells by whatever a channel is; never rejects. Each address and number is told by itself, and not again when only others
 * of the same notice (`key`) failed. */
export function notices(
  clock: Clock,
): (
  channel: NotifyChannel,
  notice: Notice,
  told: readonly Told[],
  key: string,
  signal: AbortSignal,
) => Promise<Telling> {
  const done = new Map<string, Set<string>>()
  const each = async (to: readonly string[], key: string, send: (one: string) => Promise<ErrorCode | null>) => {
    const had = done.get(key) ?? new Set<string>()
    done.delete(key)
    done.set(key, had)
    if (done.size > REMEMBERED) done.delete(done.keys().next().value ?? '')
    let failed: ErrorCode | null = null
    for (const one of to) {
      if (had.has(one)) continue
      const code = await send(one)
      if (code === null) had.add(one)
      else failed ??= code
    }
    if (failed === null) done.delete(key)
    return failed
  }
  return async ({ name, target }, notice, told, key, signal) => {
    const place = `${name} ${key}`
    const code =
      target.type === 'webhook'
        ? await postWebhook(target, notice, told, key, clock, signal)
        : target.type === 'sms'
          ? await each(target.to, place, (to) => postSms(target, notice, to, clock, signal))
          : await each(target.to, place, (to) => sendMail(target, notice, to, key))
    return code === null ? { ok: true } : { ok: false, code }
  }
}
