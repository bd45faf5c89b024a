import type { SmsTarget } from '../../core/config.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { Clock } from '../../core/ports.ts'
import type { Notice } from '../../formats/alert/notice.ts'
import { post } from './guarded.ts'

/** Has the service send a notice to one number. Null: it was taken. Never rejects. */
export function postSms(
  { url, body, contentType, bearer, allowPrivate }: SmsTarget,
  { short }: Notice,
  to: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<ErrorCode | null> {
  const headers = {
    'content-type': contentType,
    'user-agent': 'passerelle',
    ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
  }
  return post({ url, headers, body: filled(body, contentType, { to, text: short }), allowPrivate }, clock, signal)
}

/** The body with number and text (and the id, where one is given) in their places, escaped so that none can leave it. Pure. */
export function filled(
  template: string,
  contentType: SmsTarget['contentType'],
  values: { readonly to: string; readonly text: string; readonly id?: string },
): string {
  const escaped = (value: string): string =>
    contentType === 'application/json' ? JSON.stringify(value).slice(1, -1) : encodeURIComponent(value)
  return template.replace(/\{(to|text|id)\}/g, (found, name: 'to' | 'text' | 'id') => escaped(values[name] ?? found))
}
