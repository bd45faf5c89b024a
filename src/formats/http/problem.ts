import { ERRORS, type ErrorCode } from '../../core/errors.ts'
import { HELP_EN } from '../../core/help-en.ts'
import { HELP_FR } from '../../core/help-fr.ts'
import type { Language } from './language.ts'

/** An error as the API tells it (RFC 9457): `code` is stable, `detail` is the help sentence in the caller's language. */
export interface ProblemDetails {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: ErrorCode
  readonly detail: string
  /** The request's number, the same as in the log. */
  readonly instance: string
  /** JSON pointers of what is wrong in a request; never the value. */
  readonly errors?: readonly { readonly at: string; readonly rule: string }[]
}

/** The help sentence of a code. */
export function helpOf(code: ErrorCode, language: Language): string {
  return (language === 'fr' ? HELP_FR : HELP_EN)[code]
}

/** The problem of a code, for one request. Nothing of the request is repeated in it. */
export function problemDetails(code: ErrorCode, language: Language, requestId: string): ProblemDetails {
  return {
    type: 'about:blank',
    title: code,
    status: ERRORS[code].http,
    code,
    detail: helpOf(code, language),
    instance: `urn:passerelle:request:${requestId}`,
  }
}

/** A problem as an answer of HTTP (RFC 9457). `more` stands beside the details. */
export function problemAnswer(
  code: ErrorCode,
  language: Language,
  requestId: string,
  more: Readonly<Record<string, unknown>> = {},
): { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string } {
  return {
    status: ERRORS[code].http,
    headers: { ...headersOf(code, language), 'content-type': 'application/problem+json; charset=utf-8' },
    body: JSON.stringify({ ...problemDetails(code, language, requestId), ...more }),
  }
}

/** Headers that go with a status and code, whatever the form of the answer: how to sign in, when to come again. */
export function headersOf(code: ErrorCode, language: Language): Readonly<Record<string, string>> {
  return {
    'content-language': language,
    vary: 'Accept-Language',
    ...(code === 'UNAUTHORIZED' ? { 'www-authenticate': 'Bearer' } : {}),
    ...(ERRORS[code].http === 503 ? { 'retry-after': '5' } : {}),
  }
}
