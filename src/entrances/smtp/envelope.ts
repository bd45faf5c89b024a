import type { ErrorCode } from '../../core/errors.ts'
import type { MailEnvelope, MailRecipient, NotifyOn } from '../../core/mail.ts'
import { parsePath, written } from '../../formats/mail/address.ts'
import { type ParameterFault, readMailParameters, readRcptParameters } from '../../formats/mail/esmtp.ts'

/** What a MAIL or RCPT command said, or what is wrong with it. */
export type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly code: ErrorCode }

const no = (code: ErrorCode) => ({ ok: false, code }) as const
const fault = ({ smtp }: ParameterFault) => no(smtp.startsWith('552') ? 'MAIL_TOO_LARGE' : 'MAIL_PARAMETER')

/** `FROM:<path> parameters` (RFC 5321 §4.1.1.2), with the size that it announces. */
export function readMail(argument: string, signedIn: boolean): Read<{ envelope: MailEnvelope; bytes: number | null }> {
  const parts = /^FROM:[ ]?<([^<>]*)>(?: (.*))?$/is.exec(argument)
  if (parts === null) return no('MAIL_PARAMETER')
  const parameters = readMailParameters(parts[2] ?? '', { auth: signedIn })
  if (!parameters.ok) return fault(parameters.fault)
  const { size, body, utf8, ret, envid } = parameters.values
  const sender = parts[1] === '' ? '' : addressOf(parts[1]!, utf8)
  if (sender === null) return no('MAIL_SENDER_ADDRESS')
  const returns = ret === null ? null : ret === 'FULL' ? 'full' : 'headers'
  return {
    ok: true,
    value: { bytes: size, envelope: { sender, returns, id: envid, eightBit: body === '8BITMIME', utf8 } },
  }
}

/** `TO:<path> parameters` (RFC 5321 §4.1.1.3). */
export function readRcpt(argument: string, utf8: boolean): Read<MailRecipient> {
  const parts = /^TO:[ ]?<([^<>]*)>(?: (.*))?$/is.exec(argument)
  if (parts === null) return no('MAIL_PARAMETER')
  const parameters = readRcptParameters(parts[2] ?? '', { utf8 })
  if (!parameters.ok) return fault(parameters.fault)
  const address = addressOf(parts[1]!, utf8)
  if (address === null) return no('MAIL_ADDRESS')
  const { notify, orcpt } = parameters.values
  const asked = (notify ?? []).map((one) => one.toLowerCase() as NotifyOn)
  return { ok: true, value: { address, notify: asked, original: orcpt?.parameter ?? null } }
}

function addressOf(path: string, utf8: boolean): string | null {
  const address = parsePath(path, { utf8 })
  return address === null ? null : written(address)
}
