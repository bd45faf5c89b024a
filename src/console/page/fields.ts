import { GatewayError } from '../../core/errors.ts'

/** No line breaks and no control characters: it stands in one line of the timeline and of the audit. */
const REASON = /^(?=.*\S)[^\u0000-\u001f\u007f-\u009f\u2028\u2029]{1,500}$/

/** Why somebody does something, as a form says it. @throws {GatewayError} BAD_REQUEST when it says nothing */
export function reasonOf(fields: URLSearchParams): string {
  const reason = fields.get('reason')?.trim() ?? ''
  if (!REASON.test(reason)) throw new GatewayError('BAD_REQUEST')
  return reason
}
