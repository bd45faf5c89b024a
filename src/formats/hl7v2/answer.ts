/** Acknowledgements: making ours, from any bytes, and reading theirs. */
import { ERRORS, type ErrorCode } from '../../core/errors.ts'
import { APPLICATION_CODES, TABLE_0357 } from './answer-code.ts'
import { type Charset, charsetOf, decodeText, encodeText } from './charset.ts'
import { type Delimiters, mayDelimit, USUAL_DELIMITERS } from './delimiters.ts'
import { escapeText, unescapeText } from './escape.ts'
import { DEFAULT_CHARSET, declaredCharset, type Hl7Message, readHeaderFields, readMessage } from './message.ts'
import { formatErr2 } from './path.ts'
import { firstSegment } from './segments.ts'
import { hl7Timestamp } from './timestamp.ts'

export { ackPolicyName, type NegativeCode, refusalCode } from './answer-code.ts'

/** Longest header field copied into an answer (bytes); a longer one is no value and is left out. */
const MAX_COPIED_BYTES = 1024
/** Help sentences are short; whatever comes is cut here (characters). */
const MAX_TEXT = 250
const CONTROLS = /[\x00-\x1f\x7f]+/g

/** What an answer takes from the message it answers: bytes as received, one per character. */
export interface AnswerSource {
  readonly delimiters: Delimiters
  /** MSH-1 and MSH-2 of the answer. */
  readonly encoding: string
  readonly charset: Charset
  readonly sendingApplication: string
  readonly sendingFacility: string
  readonly receivingApplication: string
  readonly receivingFacility: string
  /** MSH-9 component 2, or ''. */
  readonly event: string
  /** MSH-10. */
  readonly controlId: string
  /** MSH-11, MSH-12 and MSH-18. */
  readonly processingId: string
  readonly version: string
  readonly charsetField: string
}

/**
 * What there is to answer to; null when there is no MSH with a usable field separator, so that closing the connection is
 * all that can be said. Never throws. Where MSH-2 makes no sense the answer uses `^~\&`. Control characters are left out
 * of what is copied: at the end of a segment they could end the MLLP block. `defaultCharset` is the HL7 name assumed when
 * MSH-18 is empty. */
export function answerSource(bytes: Buffer, defaultCharset: string = DEFAULT_CHARSET): AnswerSource | null {
  if (bytes[0] !== 0x4d || bytes[1] !== 0x53 || bytes[2] !== 0x48 || !mayDelimit(bytes[3])) return null
  const header = readHeaderFields(bytes, firstSegment(bytes).end)
  const read = typeof header === 'string' ? withUsualEncoding(bytes) : header
  if (read === null) return null
  const { delimiters, fields } = read
  const copied = (n: number): string => {
    const field = fields[n - 1] ?? ''
    return field.length > MAX_COPIED_BYTES ? '' : field.replace(CONTROLS, '')
  }
  const declared = copied(2)
  return {
    delimiters,
    encoding: String.fromCharCode(delimiters.field) + (typeof header === 'string' ? '^~\\&' : declared),
    charset: charsetOf(declaredCharset(fields, delimiters) || defaultCharset),
    sendingApplication: copied(3),
    sendingFacility: copied(4),
    receivingApplication: copied(5),
    receivingFacility: copied(6),
    event: copied(9).split(String.fromCharCode(delimiters.component), 2)[1] ?? '',
    controlId: copied(10),
    processingId: copied(11),
    version: copied(12),
    charsetField: copied(18),
  }
}

function withUsualEncoding(bytes: Buffer): { delimiters: Delimiters; fields: readonly string[] } | null {
  const field = bytes[3]!
  if ('^~\\&'.includes(String.fromCharCode(field))) return null
  const fields = bytes.toString('latin1', 0, firstSegment(bytes).end).split(String.fromCharCode(field), 19)
  return { delimiters: { ...USUAL_DELIMITERS, field }, fields }
}

/** What an answer says. `text` goes to the peer as it is: no patient's data. `at`: an HL7 path, or anything, left out. */
export interface Acknowledgement {
  readonly code: 'AA' | 'AE' | 'AR' | 'CA' | 'CE' | 'CR'
  /** MSH-10 of the answer. */
  readonly controlId: string
  /** Wall clock, ms since 1970. */
  readonly atMs: number
  /** IANA name; MSH-7 is written in it, with its offset. */
  readonly timeZone: string
  readonly error?: AnswerError | undefined
  /** What else is wrong: an ERR each, after that of `error`. */
  readonly errors?: readonly AnswerError[]
}

/** What one ERR says. */
export interface AnswerError {
  readonly code: ErrorCode
  readonly at?: string | undefined
  /** ERR-7. */
  readonly text: string
  /** ERR-8. */
  readonly userText?: string
}

/**
 * The answer's bytes (HL7 v2.5.1 §2.9.2, §2.15): MSH with sender and receiver swapped, `ACK^event^ACK`, MSH-11, MSH-12
 * and MSH-18 as received, MSH-15 and MSH-16 empty; MSA with both fields; for an error, ERR in the form of 2.5.
 * @throws {RangeError} only if the time zone is unknown */
export function acknowledgement(source: AnswerSource, answer: Acknowledgement): Buffer {
  const { delimiters } = source
  const bar = String.fromCharCode(delimiters.field)
  const type =
    source.event === '' ? 'ACK' : ['ACK', source.event, 'ACK'].join(String.fromCharCode(delimiters.component))
  const header = [
    `MSH${source.encoding}`,
    source.receivingApplication,
    source.receivingFacility,
    source.sendingApplication,
    source.sendingFacility,
    // Escaped like the rest: a message may well delimit by + or -.
    written(hl7Timestamp(answer.atMs, answer.timeZone), source),
    '',
    type,
    written(answer.controlId, source),
    source.processingId,
    source.version,
  ]
  if (source.charsetField !== '') header.push('', '', '', '', '', source.charsetField)
  const acknowledged = ['MSA', answer.code, source.controlId]
  const segments = [header, acknowledged]
  if (answer.error !== undefined) segments.push(errorSegment(answer.error, source))
  for (const error of answer.errors ?? []) segments.push(errorSegment(error, source))
  return Buffer.from(`${segments.map((fields) => fields.join(bar)).join('\r')}\r`, 'latin1')
}

/** ERR (§2.15.5): location, code of table 0357, severity E, the application's code, and the sentences as ERR-7 and ERR-8. */
function errorSegment(error: AnswerError, source: AnswerSource): string[] {
  const separator = String.fromCharCode(source.delimiters.component)
  const { hl7 } = ERRORS[error.code]
  const code = [hl7, written(TABLE_0357[hl7] ?? '', source), 'HL70357'].join(separator)
  const place = errorPlace(error.at).replaceAll('^', separator)
  const application = APPLICATION_CODES[error.code]
  const ofOurs = application === undefined ? '' : [...application, 'applicationErrorCode'].join(separator)
  const fields = ['ERR', '', place, code, 'E', ofOurs, '', written(error.text, source)]
  return error.userText === undefined ? fields : [...fields, written(error.userText, source)]
}

function errorPlace(at: string | undefined): string {
  if (at === undefined) return ''
  try {
    return formatErr2(at)
  } catch {
    // A destination or other place that is none of the message's: ERR-2 stays empty.
    return ''
  }
}

/** Letters and digits: they delimit nothing, and stand in every character set. */
const PLAIN = /^[0-9A-Za-z]{1,64}$/

/** Text of ours as it stands in the answer, one byte per character. What the character set cannot hold loses its accents. */
function written(text: string, source: AnswerSource): string {
  if (PLAIN.test(text)) return text
  const escaped = escapeText(text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) : text, source.delimiters)
  const encoded = encodeText(escaped, source.charset)
  if (encoded !== null) return encoded.toString('latin1')
  return escaped
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^\x20-\x7e]/g, '?')
}

/** An acknowledgement as its sender needs it: protocol codes, never free text. */
export interface ReceivedAnswer {
  /** MSA-1. */
  readonly code: string
  /** MSA-2. */
  readonly controlId: string
  /** Codes of ERR-3 (2.5 form) or ERR-1 (older form), such as `101 207`; '' when there are none. */
  readonly errors: string
}

const MAX_ERRORS = 5

/** Reads an answer; null when the bytes are no acknowledgement (no MSH, no MSA-1). Never throws. */
export function readAnswer(bytes: Buffer): ReceivedAnswer | null {
  const read = readMessage(bytes)
  if (!read.ok) return null
  const { message } = read
  const code = message.text('MSA-1')
  if (code === null) return null
  const codes = message.segments('ERR') === 0 ? [] : [...message.values('ERR-3'), ...message.values('ERR-1.4')]
  // Anything longer than a code of a table may be free text, which may name a patient.
  const short = codes.filter((one) => /^[A-Z]?\d{1,3}$/.test(one)).slice(0, MAX_ERRORS)
  return { code, controlId: acknowledgedId(message), errors: short.join(' ') }
}

/** MSA-2 as the header of what it answers reads MSH-10: it has no subcomponents, and `&` is one of its characters. */
function acknowledgedId(message: Hl7Message): string {
  const written = message.raw('MSA-2.1')
  if (written === null || message.isNull('MSA-2.1')) return ''
  return unescapeText(decodeText(written, message.charset), message.delimiters, message.charset)
}
