/** Batches of messages (HL7 v2.5.1 §2.10.3): `[FHS] { [BHS] { MSH … } [BTS] } [FTS]`, and their answers. */
import type { Finding } from '../../core/message.ts'
import { encodeText } from './charset.ts'
import { type Delimiters, mayDelimit } from './delimiters.ts'
import { escapeText } from './escape.ts'
import { readHeaderFields } from './message.ts'
import { hl7Timestamp } from './timestamp.ts'

const CR = 0x0d
const LF = 0x0a
const [LETTER_B, LETTER_F, LETTER_M] = [0x42, 0x46, 0x4d]
/** Messages of one batch: each is read, routed and answered in the same commit. */
const MAX_MESSAGES = 10_000
/** Longest header field copied into an answer (bytes). */
const MAX_COPIED = 1024
const CONTROLS = /[\x00-\x1f\x7f]+/g

/** A batch or a file of batches. Messages are slices of the bytes read, exactly as they came. */
export interface Batch {
  readonly messages: readonly Buffer[]
  /**
   * Counts that do not agree, trailers that lack, segments that belong to no message. Class `safety`: what came cannot be
   * told apart into messages, and none is to be taken. */
  readonly problems: readonly Finding[]
  /** FHS, when there is one. */
  readonly file: BatchHeader | null
  /** Each batch of the file; messages that follow no BHS are a batch without header. */
  readonly batches: readonly { readonly header: BatchHeader | null; readonly messages: number }[]
}

/** FHS or BHS: fields as they stand, one byte per character; index 0 is the name, index n−1 is field n. */
export interface BatchHeader {
  readonly fields: readonly string[]
  readonly delimiters: Delimiters
}

type Mark = 'FHS' | 'BHS' | 'MSH' | 'BTS' | 'FTS'
const MARKS: ReadonlySet<string> = new Set<Mark>(['FHS', 'BHS', 'MSH', 'BTS', 'FTS'])

/** Reads a batch in one pass; null when the bytes begin with neither FHS nor BHS. Never throws. */
export function readBatch(bytes: Buffer): Batch | null {
  const begins = markAt(bytes, 0)
  if (begins !== 'FHS' && begins !== 'BHS') return null
  const reading = new Reading(bytes)
  for (let at = 0; at < bytes.length; at = nextLine(bytes, at)) {
    if (!isLineEnd(bytes[at])) reading.segment(markAt(bytes, at), at)
  }
  return reading.end()
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === CR || byte === LF
}

/** The mark that a line begins with: three letters, and then a delimiter or nothing. */
function markAt(bytes: Buffer, at: number): Mark | null {
  // The first letter leaves most segments out, and costs a fiftieth of a text.
  const first = bytes[at]
  if (first !== LETTER_M && first !== LETTER_B && first !== LETTER_F) return null
  const name = bytes.toString('latin1', at, at + 3)
  const after = bytes[at + 3]
  const isWhole = after === undefined || isLineEnd(after) || mayDelimit(after)
  return isWhole && MARKS.has(name) ? (name as Mark) : null
}

/** Where the line after the one at `from` begins. */
function nextLine(bytes: Buffer, from: number): number {
  let at = from
  while (at < bytes.length && !isLineEnd(bytes[at])) at++
  return at + 1
}

/** What was seen so far. */
class Reading {
  readonly #bytes: Buffer
  readonly #messages: Buffer[] = []
  readonly #problems: Finding[] = []
  readonly #batches: { header: BatchHeader | null; messages: number }[] = []
  #file: BatchHeader | null = null
  /** Where the message being read began; −1: none is. */
  #start = -1
  #inBatch = false
  #ended = false
  #stray = false

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  segment(mark: Mark | null, at: number): void {
    if (mark === null) {
      if (this.#start < 0 && !this.#stray) this.#found('FIELD_MALFORMED', 'safety', this.#ended ? 'FTS' : 'BHS')
      if (this.#start < 0) this.#stray = true
      return
    }
    this.#endMessage(at)
    if (this.#ended) this.#found('FIELD_MALFORMED', 'safety', 'FTS')
    if (mark === 'MSH') this.#message(at)
    else if (mark === 'FHS') this.#openFile(at)
    else if (mark === 'BHS') this.#openBatch(at)
    else if (mark === 'BTS') this.#closeBatch(at)
    else this.#closeFile(at)
  }

  end(): Batch {
    this.#endMessage(this.#bytes.length)
    if (this.#inBatch) this.#found('FIELD_MISSING', 'contract', 'BTS')
    if (this.#file !== null && !this.#ended) this.#found('FIELD_MISSING', 'contract', 'FTS')
    return { messages: this.#messages, problems: this.#problems, file: this.#file, batches: this.#batches }
  }

  #found(code: Finding['code'], cls: Finding['class'], at: string, params?: Finding['params']): void {
    const same = this.#problems.some((one) => one.code === code && one.at === at && one.class === cls)
    if (!same) this.#problems.push({ code, class: cls, at, ...(params === undefined ? {} : { params }) })
  }

  #endMessage(at: number): void {
    if (this.#start < 0) return
    if (this.#messages.length < MAX_MESSAGES) this.#messages.push(this.#bytes.subarray(this.#start, at))
    else this.#found('FRAME_TOO_LONG', 'safety', 'BHS', { most: MAX_MESSAGES })
    this.#start = -1
  }

  #message(at: number): void {
    if (this.#batches.length === 0 || (!this.#inBatch && this.#batches.at(-1)!.header !== null)) {
      this.#batches.push({ header: null, messages: 0 })
    }
    this.#batches.at(-1)!.messages++
    this.#start = at
  }

  #openFile(at: number): void {
    if (at > 0) this.#found('FIELD_MALFORMED', 'safety', 'FHS')
    this.#file = headerAt(this.#bytes, at)
    if (this.#file === null) this.#found('FIELD_MALFORMED', 'safety', 'FHS')
  }

  #openBatch(at: number): void {
    if (this.#inBatch) this.#found('FIELD_MISSING', 'contract', 'BTS')
    const header = headerAt(this.#bytes, at)
    if (header === null) this.#found('FIELD_MALFORMED', 'safety', 'BHS')
    if (this.#batches.length < MAX_MESSAGES) this.#batches.push({ header, messages: 0 })
    else this.#found('FRAME_TOO_LONG', 'safety', 'BHS', { most: MAX_MESSAGES })
    this.#inBatch = true
  }

  #closeBatch(at: number): void {
    if (!this.#inBatch) this.#found('FIELD_MALFORMED', 'contract', 'BTS')
    this.#inBatch = false
    this.#compare('BTS-1', at, this.#batches.at(-1)?.messages ?? 0)
  }

  #closeFile(at: number): void {
    if (this.#file === null) this.#found('FIELD_MALFORMED', 'contract', 'FTS')
    if (this.#inBatch) this.#found('FIELD_MISSING', 'contract', 'BTS')
    this.#inBatch = false
    this.#ended = true
    this.#compare('FTS-1', at, this.#batches.length)
  }

  /** The count that a trailer tells, when it tells one. */
  #compare(path: 'BTS-1' | 'FTS-1', at: number, counted: number): void {
    const header = path === 'FTS-1' ? this.#file : (this.#batches.at(-1)?.header ?? this.#file)
    const end = nextLine(this.#bytes, at) - 1
    const told = this.#bytes
      .toString('latin1', at, Math.min(end, at + MAX_COPIED))
      .split(header === null ? '|' : separator(header), 2)[1]
      ?.trim()
    if (told === undefined || told === '' || told === '""') return
    if (!/^\d{1,9}$/.test(told)) this.#found('FIELD_MALFORMED', 'contract', path)
    else if (Number(told) !== counted) {
      this.#found('FIELD_MALFORMED', 'contract', path, { told: Number(told), counted })
    }
  }
}

/** FHS or BHS at a place; null when its delimiters make no sense. */
function headerAt(bytes: Buffer, at: number): BatchHeader | null {
  const segment = bytes.subarray(at, nextLine(bytes, at) - 1)
  const read = readHeaderFields(segment, segment.length)
  return typeof read === 'string' ? null : read
}

/** What the answer's headers say. */
export interface BatchAnswerParts {
  /** Wall clock, ms since 1970. */
  readonly atMs: number
  /** IANA name. */
  readonly timeZone: string
  /** Becomes BHS-11 (and FHS-11), with `.1`, `.2` … behind it when there are several batches. */
  readonly controlId: string
}

/**
 * One answer to all: for each batch that came with a BHS a BHS…BTS with sender and receiver swapped and its BHS-11 as
 * reference in BHS-12, around the answers to its messages (of each
 * none, one, or the two of the enhanced mode) in order; FHS…FTS around all when
 * the file had them. Answers are the bytes of whole messages.
 * @throws {RangeError} when there is not one entry of `answers` for each message, or the time zone is unknown */
export function batchAnswer(
  batch: Batch,
  answers: readonly (Buffer | readonly Buffer[] | null)[],
  parts: BatchAnswerParts,
): Buffer {
  if (answers.length !== batch.messages.length) throw new RangeError('answers or null for each message')
  const written: Buffer[] = []
  const several = batch.batches.length > 1
  let next = 0
  if (batch.file !== null) written.push(header('FHS', batch.file, parts))
  for (const [i, { header: asked, messages }] of batch.batches.entries()) {
    const given = answers.slice(next, next + messages).flatMap((one) => one ?? [])
    next += messages
    const controlId = several ? `${parts.controlId}.${i + 1}` : parts.controlId
    if (asked !== null) written.push(header('BHS', asked, { ...parts, controlId }))
    for (const one of given) written.push(one, one.at(-1) === CR ? Buffer.alloc(0) : Buffer.from('\r'))
    if (asked !== null) written.push(trailer('BTS', asked, given.length))
  }
  if (batch.file !== null) written.push(trailer('FTS', batch.file, batch.batches.length))
  return Buffer.concat(written)
}

function separator({ delimiters }: BatchHeader): string {
  return String.fromCharCode(delimiters.field)
}

function trailer(name: 'BTS' | 'FTS', asked: BatchHeader, count: number): Buffer {
  return Buffer.from(`${name}${separator(asked)}${count}\r`, 'latin1')
}

/** FHS or BHS of an answer (§2.15.3, §2.15.6): fields 3 to 6 swapped, 7, 11 ours, 12 what is answered. */
function header(name: 'FHS' | 'BHS', asked: BatchHeader, parts: BatchAnswerParts): Buffer {
  const copied = (n: number): string => {
    const one = asked.fields[n - 1] ?? ''
    return one.length > MAX_COPIED ? '' : one.replace(CONTROLS, '')
  }
  const ours = (text: string): string =>
    encodeText(escapeText(text, asked.delimiters), 'ASCII')?.toString('latin1') ?? ''
  const fields = [name, copied(2), copied(5), copied(6), copied(3), copied(4)]
  fields.push(ours(hl7Timestamp(parts.atMs, parts.timeZone)), '', '', '', ours(parts.controlId), copied(11))
  return Buffer.from(`${fields.join(separator(asked))}\r`, 'latin1')
}
