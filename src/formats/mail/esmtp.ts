/** Parameters of MAIL and RCPT: SIZE, BODY, SMTPUTF8 and delivery status notifications (RFC 1870, 6152, 6531, 3461). Pure. */
import { unescaped } from './unicode-text.ts'

/** When a sender wants to be told (RFC 3461 §4.1). NEVER stands alone. */
export type Notify = 'NEVER' | 'SUCCESS' | 'FAILURE' | 'DELAY'

/** What MAIL said behind the path. */
export interface MailParameters {
  /** Octets declared; null: none were. */
  readonly size: number | null
  readonly body: '7BIT' | '8BITMIME'
  readonly utf8: boolean
  /** How much of the message a failure report shall hold; null: not said. */
  readonly ret: 'FULL' | 'HDRS' | null
  /** Decoded, printable ASCII. */
  readonly envid: string | null
}

/** The recipient as it was first named. */
export interface OriginalRecipient {
  /** Lower case: `rfc822`, `utf-8`. */
  readonly type: string
  /** Decoded; without control characters. */
  readonly address: string
  /** `type;xtext` as it came, for the next hop. */
  readonly parameter: string
}

/** What RCPT said behind the path. */
export interface RcptParameters {
  /** Null: not said, which means FAILURE and, if the server likes, DELAY. */
  readonly notify: readonly Notify[] | null
  readonly orcpt: OriginalRecipient | null
}

/** A parameter that is not taken. */
export interface ParameterFault {
  /** Reply and enhanced code. */
  readonly smtp: '501 5.5.4' | '504 5.5.4' | '552 5.3.4'
  /** Its name if it is one that is known here, else empty. */
  readonly parameter: string
}

/** Parameters, or the first that is wrong. */
export type ParametersRead<T> =
  | { readonly ok: true; readonly values: T }
  | { readonly ok: false; readonly fault: ParameterFault }

/** What is taken. */
export interface MailParameterRules {
  /** Largest SIZE; left out: any. */
  readonly maxBytes?: number
  /** AUTH= (RFC 4954 §5) is read over rather than refused. */
  readonly auth?: boolean
}

const LONGEST = { envid: 100, orcpt: 500 }
/** Characters of all parameters (RFC 5321 §4.5.3.1.4 and what the extensions add). */
const LONGEST_TEXT = 2_048
const NOTIFY: ReadonlySet<string> = new Set<Notify>(['NEVER', 'SUCCESS', 'FAILURE', 'DELAY'])

/** Reads what stands behind the path of MAIL FROM. */
export function readMailParameters(text: string, rules: MailParameterRules = {}): ParametersRead<MailParameters> {
  const values: { -readonly [K in keyof MailParameters]: MailParameters[K] } = {
    size: null,
    body: '7BIT',
    utf8: false,
    ret: null,
    envid: null,
  }
  const fault = eachParameter(text, (name, value) => {
    switch (name) {
      case 'SIZE': {
        if (value === null || !/^\d{1,20}$/.test(value)) return '501 5.5.4'
        values.size = Math.min(Number(value), Number.MAX_SAFE_INTEGER)
        return values.size > (rules.maxBytes ?? Number.MAX_SAFE_INTEGER) ? '552 5.3.4' : null
      }
      case 'BODY': {
        const body = value?.toUpperCase()
        if (body !== '7BIT' && body !== '8BITMIME') return '501 5.5.4'
        values.body = body
        return null
      }
      case 'SMTPUTF8':
        values.utf8 = true
        return value === null ? null : '501 5.5.4'
      case 'RET': {
        const ret = value?.toUpperCase()
        if (ret !== 'FULL' && ret !== 'HDRS') return '501 5.5.4'
        values.ret = ret
        return null
      }
      case 'ENVID':
        values.envid = value === null || value.length > LONGEST.envid ? null : fromXtext(value)
        return values.envid !== null && /^[\x20-\x7e]+$/.test(values.envid) ? null : '501 5.5.4'
      case 'AUTH':
        if (rules.auth !== true) return '504 5.5.4'
        return value === null || fromXtext(value) === null ? '501 5.5.4' : null
      default:
        return '504 5.5.4'
    }
  })
  return fault === null ? { ok: true, values } : { ok: false, fault }
}

/** Reads what stands behind the path of RCPT TO. `utf8`: MAIL said SMTPUTF8, so ORCPT may hold letters as they are. */
export function readRcptParameters(text: string, { utf8 = false } = {}): ParametersRead<RcptParameters> {
  let notify: readonly Notify[] | null = null
  let orcpt: OriginalRecipient | null = null
  const fault = eachParameter(
    text,
    (name, value) => {
      if (name === 'NOTIFY') {
        notify = value === null ? null : notifyOf(value)
        return notify === null ? '501 5.5.4' : null
      }
      if (name !== 'ORCPT') return '504 5.5.4'
      orcpt = value === null || value.length > LONGEST.orcpt ? null : originalOf(value)
      return orcpt === null ? '501 5.5.4' : null
    },
    utf8,
  )
  return fault === null ? { ok: true, values: { notify, orcpt } } : { ok: false, fault }
}

/** A text as xtext (RFC 3461 §4): printable ASCII but `+` and `=` stands for itself, every other octet is `+HH`. */
export function xtext(text: string): string {
  let out = ''
  for (const octet of Buffer.from(text)) {
    const plain = octet > 0x20 && octet < 0x7f && octet !== 0x2b && octet !== 0x3d
    out += plain ? String.fromCharCode(octet) : `+${octet.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return out
}

/** The text of an xtext; null: it is none, or no UTF-8. May hold control characters. */
export function fromXtext(text: string): string | null {
  // Letters beyond ASCII stand for themselves where SMTPUTF8 was said; the caller has looked.
  if (!/^(?:[^\x00-\x20\x7f+=]|\+[\dA-F]{2})*$/i.test(text)) return null
  if (!text.includes('+')) return text
  const octets = Buffer.from(
    text.replace(/\+(..)|[^+]+/g, (part, hex) => hex ?? Buffer.from(part).toString('hex')),
    'hex',
  )
  const read = octets.toString('utf8')
  return Buffer.from(read).equals(octets) ? read : null
}

type Refused = ParameterFault['smtp'] | null

/** Gives each parameter with its upper-case name to `take`; the first fault, or null. */
function eachParameter(
  text: string,
  take: (name: string, value: string | null) => Refused,
  utf8 = false,
): ParameterFault | null {
  const allowed = utf8 ? /^[^\x00-\x1f\x7f]*$/ : /^[\x20-\x7e]*$/
  if (text.length > LONGEST_TEXT || !allowed.test(text)) return { smtp: '501 5.5.4', parameter: '' }
  const seen = new Set<string>()
  for (const word of text.split(' ')) {
    if (word === '') continue
    const [, keyword, , value] = /^([A-Z\d][A-Z\d-]*)(=(.+))?$/i.exec(word) ?? []
    if (keyword === undefined) return { smtp: '501 5.5.4', parameter: '' }
    const name = keyword.toUpperCase()
    const smtp = seen.has(name) ? '501 5.5.4' : take(name, value ?? null)
    if (smtp !== null) return { smtp, parameter: smtp === '504 5.5.4' && name !== 'AUTH' ? '' : name }
    seen.add(name)
  }
  return null
}

function notifyOf(value: string): readonly Notify[] | null {
  const words = [...new Set(value.toUpperCase().split(','))]
  if (!words.every((word): word is Notify => NOTIFY.has(word))) return null
  return words.includes('NEVER') && words.length > 1 ? null : words
}

function originalOf(value: string): OriginalRecipient | null {
  const [, type, encoded] = /^([A-Za-z\d][A-Za-z\d.-]{0,63});(.+)$/.exec(value) ?? []
  const text = encoded === undefined ? null : fromXtext(encoded)
  if (type === undefined || text === null) return null
  const address = type.toLowerCase() === 'utf-8' ? unescaped(text) : text
  return /[\p{Cc}\p{Cs}]/u.test(address) ? null : { type: type.toLowerCase(), address, parameter: value }
}
