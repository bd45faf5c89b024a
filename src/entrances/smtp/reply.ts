import { ERRORS, type ErrorCode } from '../../core/errors.ts'
import { HELP_EN } from '../../core/help-en.ts'

/** A reply (RFC 5321 §4.2) with its enhanced code (RFC 2034), and its CRLF. */
export function reply(code: string, text: string): string {
  return `${code} ${text}\r\n`
}

/** What is said for a code of the table: its numbers, what to do about it, and its name for machines. */
export function refusal(code: ErrorCode): string {
  const { smtp } = ERRORS[code]
  return reply(smtp, `${ascii(HELP_EN[code])} (${code})`)
}

/** Several lines with one code. */
export function lines(code: string, texts: readonly string[]): string {
  return texts.map((text, i) => `${code}${i === texts.length - 1 ? ' ' : '-'}${text}\r\n`).join('')
}

function ascii(text: string): string {
  return text.replaceAll('’', "'").replace(/[^\x20-\x7e]/g, '?')
}
