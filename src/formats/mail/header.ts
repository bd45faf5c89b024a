/** The header of a message (RFC 5322 §2.2): its fields in order, byte for byte, and what they say. Pure. */
import type { MailAddress } from './address.ts'
import { type NamedMailbox, readAddressList } from './address-list.ts'
import { headerText, shown } from './header-text.ts'

/** One field. */
export interface HeaderField {
  /** As written. */
  readonly name: string
  /** What stands between the colon and the final line break, folds and all. */
  readonly raw: Buffer
  /** Unfolded and trimmed; encoded words as they are. */
  readonly value: string
  /** Its octets in what was read, line breaks and all: from `at`, up to but not with `end`. */
  readonly at: number
  readonly end: number
}

/** What is wrong with a header. `line` counts from 1. */
export interface HeaderFault {
  readonly kind: 'too-large' | 'too-many-lines' | 'malformed-line'
  readonly line: number
}

/** How much of a header is read. */
export interface HeaderLimits {
  readonly maxBytes: number
  readonly maxLines: number
}

/** More than any mail reader writes. */
export const HEADER_LIMITS: HeaderLimits = { maxBytes: 65_536, maxLines: 1_000 }

const LF = 10
const CR = 13
const SPACE = 32
const TAB = 9

/** A header that was read. */
export class MailHeader {
  readonly fields: readonly HeaderField[]
  /** The first; the fields are those that could be read all the same. */
  readonly fault: HeaderFault | null
  /** Where the body begins: behind the blank line, or the end of what was read when there was none. */
  readonly bodyAt: number
  /** The blank line was there. */
  readonly ended: boolean
  readonly #byName = new Map<string, HeaderField[]>()

  constructor(fields: readonly HeaderField[], fault: HeaderFault | null, bodyAt: number, ended: boolean) {
    this.fields = fields
    this.fault = fault
    this.bodyAt = bodyAt
    this.ended = ended
    for (const field of fields) {
      const name = field.name.toLowerCase()
      const others = this.#byName.get(name)
      if (others === undefined) this.#byName.set(name, [field])
      else others.push(field)
    }
  }

  /** Fields of a name, in order; upper and lower case are one. */
  all(name: string): readonly HeaderField[] {
    return this.#byName.get(name.toLowerCase()) ?? []
  }

  /** The first field of a name; null: none. */
  first(name: string): HeaderField | null {
    return this.all(name)[0] ?? null
  }

  /** The first field of a name as people read it (RFC 2047), without controls; empty: none. */
  text(name: string): string {
    return shown(this.first(name)?.value ?? '')
  }

  /** How many servers the message went through (RFC 5321 §6.3). */
  get received(): number {
    return this.all('received').length
  }
}

/** Reads a header from the first octets of a message. Lines may end in LF alone: what is on the wire is judged elsewhere. */
export function readHeader(bytes: Buffer, limits: HeaderLimits = HEADER_LIMITS): MailHeader {
  const fields: HeaderField[] = []
  let fault: HeaderFault | null = null
  // Where the field began that the next line may go on with; -1: none.
  let begun = -1
  let at = 0
  const close = (): boolean => {
    const field = begun < 0 ? null : fieldOf(bytes, begun, at)
    if (field !== null) fields.push(field)
    const right = begun < 0 || field !== null
    begun = -1
    return right
  }
  let line = 1
  for (; at < bytes.length; line += 1) {
    const lineFeed = bytes.indexOf(LF, at)
    const next = lineFeed < 0 ? bytes.length : lineFeed + 1
    if (lineFeed === at || (bytes[at] === CR && lineFeed === at + 1)) {
      if (!close()) fault ??= { kind: 'malformed-line', line: line - 1 }
      return new MailHeader(fields, fault, next, true)
    }
    if (next > limits.maxBytes || line > limits.maxLines) {
      close()
      fault ??= { kind: line > limits.maxLines ? 'too-many-lines' : 'too-large', line }
      return new MailHeader(fields, fault, at, false)
    }
    const goesOn = bytes[at] === SPACE || bytes[at] === TAB
    if (goesOn && begun < 0) fault ??= { kind: 'malformed-line', line }
    if (!goesOn) {
      if (!close()) fault ??= { kind: 'malformed-line', line: line - 1 }
      begun = at
    }
    at = next
  }
  if (!close()) fault ??= { kind: 'malformed-line', line: line - 1 }
  return new MailHeader(fields, fault, bytes.length, false)
}

/** The field in these octets; null: it has no colon, or no name before it. */
function fieldOf(bytes: Buffer, at: number, end: number): HeaderField | null {
  const colon = bytes.indexOf(':', at)
  if (colon < 0 || colon >= end) return null
  // Space before the colon is obsolete (§4.5) and some readers take it: the field must not hide behind it.
  let nameEnd = colon
  while (nameEnd > at && (bytes[nameEnd - 1] === SPACE || bytes[nameEnd - 1] === TAB)) nameEnd -= 1
  const name = bytes.toString('latin1', at, nameEnd)
  if (!/^[\x21-\x39\x3b-\x7e]+$/.test(name)) return null
  let last = end
  if (bytes[last - 1] === LF) last -= bytes[last - 2] === CR ? 2 : 1
  const raw = bytes.subarray(colon + 1, Math.max(last, colon + 1))
  const value = headerText(raw)
    .replace(/\r?\n(?=[ \t])/g, '')
    .trim()
  return { name, raw, value, at, end }
}

/** From, or why it counts for nothing. `sender`: who wrote it, or of several who sent it. */
export type FromRead =
  | {
      readonly ok: true
      readonly mailboxes: readonly NamedMailbox[]
      readonly sender: MailAddress
      readonly group: boolean
    }
  | { readonly ok: false; readonly fault: 'none' | 'two-fields' | 'syntax' | 'no-sender' }

/** The mailboxes of From (RFC 5322 §3.6.2). Of several, Sender must name one mailbox. */
export function fromAddresses(header: MailHeader): FromRead {
  const [field, second] = header.all('from')
  if (field === undefined) return { ok: false, fault: 'none' }
  if (second !== undefined) return { ok: false, fault: 'two-fields' }
  const { mailboxes, whole, group } = readAddressList(field.value)
  if (!whole) return { ok: false, fault: 'syntax' }
  if (mailboxes.length === 0) return { ok: false, fault: 'none' }
  const sender = mailboxes.length === 1 ? mailboxes[0]!.address : onlyAddress(header.all('sender'))
  return sender === null ? { ok: false, fault: 'no-sender' } : { ok: true, mailboxes, sender, group }
}

function onlyAddress(fields: readonly HeaderField[]): MailAddress | null {
  if (fields.length !== 1) return null
  const { mailboxes, whole } = readAddressList(fields[0]!.value)
  return whole && mailboxes.length === 1 ? mailboxes[0]!.address : null
}

const MESSAGE_ID = /<[^<>\s\x00-\x1f\x7f-\x9f]{1,990}>/g
/** Ids of a thread that are kept: the last ones. */
const MOST_IDS = 100

/** Message-ID with its angle brackets; null: none, or none of that form. */
export function messageIdOf(header: MailHeader): string | null {
  return idsOf(header, 'message-id')[0] ?? null
}

/** Ids of the messages that this one answers, oldest first, each once: References, then what In-Reply-To adds. */
export function referencesOf(header: MailHeader): readonly string[] {
  return [...new Set([...idsOf(header, 'references'), ...idsOf(header, 'in-reply-to')])].slice(-MOST_IDS)
}

function idsOf(header: MailHeader, name: string): readonly string[] {
  return header.first(name)?.value.match(MESSAGE_ID) ?? []
}

/** Who asks to be told that the message was read (Disposition-Notification-To, RFC 8098 §2.1); empty: nobody. */
export function dispositionOf(header: MailHeader): readonly NamedMailbox[] {
  return readAddressList(header.first('disposition-notification-to')?.value ?? '').mailboxes
}

/** Did a program write it without being asked to (RFC 3834 §5)? Such mail is never answered by a program. */
export function isAutomatic(header: MailHeader): boolean {
  return header.all('auto-submitted').some(({ value }) => !/^no(?:[\s;(]|$)/i.test(value))
}

/** What the sending software says of a message for the figures of the network; null: it does not. */
export interface XMss {
  /** X-MSS-CODECDA: codes of the CDA documents inside. */
  readonly codeCda: readonly string[] | null
  /** X-MSS-INS: `O` when the INS is qualified, `N`; other values as they stand. */
  readonly ins: string | null
  /** X-MSS-NIL: the product. */
  readonly nil: string | null
  /** X-MSS-MES: `FIN` when the patient shall not answer. */
  readonly mes: string | null
}

/** The X-MSS headers; values over 200 characters are cut. */
export function xMss(header: MailHeader): XMss {
  const textOf = (name: string): string | null =>
    header
      .first(name)
      ?.value.slice(0, 200)
      .replace(/[\x00-\x1f\x7f]/g, '') ?? null
  const codes = textOf('x-mss-codecda')
  return {
    codeCda:
      codes === null
        ? null
        : codes
            .split(',')
            .map((code) => code.trim())
            .filter((code) => code !== ''),
    ins: textOf('x-mss-ins'),
    nil: textOf('x-mss-nil'),
    mes: textOf('x-mss-mes'),
  }
}
