/** The parts of a message (RFC 2045, 2046), found while it streams by: what they are and where, never what they hold. Pure. */
import { HEADER_LIMITS, type HeaderLimits, type MailHeader, readHeader } from './header.ts'
import { fileNameOf, type Parameterized, readParameterized } from './parameters.ts'

/** One part; the first is the message itself. */
export interface MailPart {
  /** Its place in the list of parts. */
  readonly index: number
  /** The multipart or message it stands in; null: it is the message. */
  readonly parent: number | null
  /** 0: the message. */
  readonly depth: number
  /** `text/plain`, in lower case. */
  readonly type: string
  /** Of Content-Type: `charset`, `boundary`, `report-type`. */
  readonly parameters: ReadonlyMap<string, string>
  /** Content-Transfer-Encoding in lower case. */
  readonly encoding: string
  /** Content-Disposition without its parameters; null: none. */
  readonly disposition: string | null
  /** Decoded, without folders; null: none. It may name a patient. */
  readonly fileName: string | null
  /** Content-ID without its angle brackets. */
  readonly contentId: string | null
  /** Where its header begins, in octets of the message. */
  readonly headerAt: number
  /** Where its body begins. */
  readonly bodyAt: number
  /** Octets of its body, encoded; the line break before a boundary is not one of them. */
  readonly length: number
}

/** How much structure is read. */
export interface MimeBudget extends HeaderLimits {
  readonly maxParts: number
  /** Parts inside each other. */
  readonly maxDepth: number
}

/** More than any mail reader writes; mailparser stops at as many parts. */
export const MIME_BUDGET: MimeBudget = { ...HEADER_LIMITS, maxParts: 1_000, maxDepth: 50 }

/** What went beyond the budget. */
export type MimeFault = 'parts' | 'depth' | 'header'

/** What was found. With a fault: what was found before it. */
export interface MimeStructure {
  readonly parts: readonly MailPart[]
  readonly fault: MimeFault | null
  /** Octets of the message. */
  readonly bytes: number
}

type Growing = { -readonly [K in keyof MailPart]: MailPart[K] }
/** A multipart or message that is not over. `boundary` null: a message inside, or a part that holds none. */
interface Open {
  readonly part: Growing
  boundary: string | null
}

/** A line that is a boundary: of which open multipart, and whether it ends it. */
interface Mark {
  readonly at: number
  readonly last: boolean
}

const LF = 10
const CR = 13
const DASH = 45
/** Octets of a line that may be a boundary: 70 for its name in the standard, with indulgence, and what stands around it. */
const LONGEST_BOUNDARY = 250
const LONGEST_LINE = LONGEST_BOUNDARY + 100
const AT_DASHES = Buffer.from('\n--')

/**
 * Finds the parts of a message that is pushed in chunks of any size. It keeps one header at a time and what `MailPart`
 * says of each part; it never throws. Lines may end in LF alone. */
export class MimeScan {
  readonly #budget: MimeBudget
  readonly #parts: Growing[] = []
  readonly #open: Open[] = []
  readonly #marks = new Map<string, Mark>()
  #fault: MimeFault | null = null
  #bytes = 0
  /** Lines of the header that is being read; null: a body is. */
  #header: Buffer[] | null = []
  #headerAt = 0
  #headerBytes = 0
  #headerLines = 0
  /** Pieces of the line so far; null: it can be no boundary and is skipped. */
  #line: Buffer[] | null = []
  #lineBytes = 0
  /** The octet before the next, and the line break before this line. */
  #last = LF
  #breakBytes = 0

  constructor(budget: MimeBudget = MIME_BUDGET) {
    this.#budget = budget
  }

  /** What went beyond the budget so far; once it did, nothing more is looked at. */
  get fault(): MimeFault | null {
    return this.#fault
  }

  /** The parts found so far; the length of one that is not over is 0. */
  get parts(): readonly MailPart[] {
    return this.#parts
  }

  /** The part whose body is being read; null: a header is. */
  get current(): MailPart | null {
    return this.#header === null ? (this.#open.at(-1)?.part ?? null) : null
  }

  /** Up to here it is known what each octet belongs to: behind it may stand a boundary, and the line break before it. */
  get decided(): number {
    if (this.#header !== null) return this.#bytes
    if (this.#line === null) return this.#bytes - (this.#last === CR ? 1 : 0)
    return this.#bytes - this.#lineBytes - this.#breakBytes
  }

  push(chunk: Uint8Array): void {
    const octets = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    let at = 0
    while (at < octets.length && this.#fault === null) at = this.#advance(octets, at)
    this.#bytes += octets.length
    if (octets.length > 0) this.#last = octets.at(-1)!
  }

  /** All that was found. Call it once, behind the last chunk. */
  end(): MimeStructure {
    if (this.#fault === null && this.#lineBytes > 0) this.#endLine(this.#bytes)
    while (this.#fault === null && this.#header !== null) this.#endHeader(this.#bytes)
    this.#closeDownTo(0, this.#bytes)
    return { parts: this.#parts, fault: this.#fault, bytes: this.#bytes }
  }

  /** Takes one line, or as much of it as there is; lines of a body that cannot be boundaries many at once. */
  #advance(octets: Buffer, at: number): number {
    if (this.#header === null && this.#lineBytes === 0 && !mayBegin(octets, at)) return this.#skip(octets, at)
    const lineFeed = octets.indexOf(LF, at)
    const next = lineFeed < 0 ? octets.length : lineFeed + 1
    this.#lineBytes += next - at
    const most = this.#header === null ? LONGEST_LINE : this.#budget.maxBytes
    if (this.#lineBytes > most) {
      if (this.#header !== null) this.#fault = 'header'
      this.#line = null
    }
    if (lineFeed < 0) {
      // A copy: whoever pushes may use the chunk again.
      this.#line?.push(Buffer.from(octets.subarray(at, next)))
      return next
    }
    this.#line?.push(octets.subarray(at, next))
    const before = lineFeed > 0 ? octets[lineFeed - 1] : this.#last
    if (this.#fault === null) this.#endLine(this.#bytes + next)
    this.#nextLine(before === CR ? 2 : 1)
    return next
  }

  /** Goes to the next line that may be a boundary, or to the end of the chunk. */
  #skip(octets: Buffer, at: number): number {
    const found = octets.indexOf(AT_DASHES, at)
    const lineFeed = found < 0 ? octets.lastIndexOf(LF) : found
    if (lineFeed >= at) this.#nextLine((lineFeed > 0 ? octets[lineFeed - 1] : this.#last) === CR ? 2 : 1)
    const begun = lineFeed >= at ? lineFeed + 1 : at
    // A dash that ends the chunk may be followed by another.
    if (found >= 0 || (begun > at && mayBegin(octets, begun))) return begun
    this.#lineBytes = octets.length - begun
    this.#line = this.#lineBytes === 0 ? [] : null
    return octets.length
  }

  #nextLine(breakBytes: number): void {
    this.#breakBytes = breakBytes
    this.#line = []
    this.#lineBytes = 0
  }

  /** `end`: where the next line begins. */
  #endLine(end: number): void {
    const line = this.#line?.length === 1 ? this.#line[0]! : this.#line && Buffer.concat(this.#line)
    const start = end - this.#lineBytes
    const hit = line === null ? null : this.#boundary(line)
    if (hit !== null) this.#atBoundary(hit, start, end)
    else if (this.#header !== null && line !== null) this.#headerLine(this.#header, line, end)
  }

  #headerLine(lines: Buffer[], line: Buffer, end: number): void {
    this.#headerBytes += line.length
    this.#headerLines += 1
    const blank = line[0] === LF || (line[0] === CR && line[1] === LF)
    if (blank) this.#endHeader(end)
    else if (this.#headerBytes > this.#budget.maxBytes || this.#headerLines > this.#budget.maxLines)
      this.#fault = 'header'
    else lines.push(Buffer.from(line))
  }

  /** The boundary that this line is. */
  #boundary(line: Buffer): Mark | null {
    if (line[0] !== DASH || line[1] !== DASH || this.#marks.size === 0) return null
    let end = line.length
    while (end > 2 && isSpace(line[end - 1]!)) end -= 1
    return this.#marks.get(line.toString('latin1', 2, end)) ?? null
  }

  /** Boundaries of the open multiparts; of two that are the same the inner one counts. */
  #markAgain(): void {
    this.#marks.clear()
    this.#open.forEach(({ boundary }, at) => {
      if (boundary === null) return
      this.#marks.set(boundary, { at, last: false })
      this.#marks.set(`${boundary}--`, { at, last: true })
    })
  }

  #atBoundary({ at, last }: Mark, start: number, end: number): void {
    const contentEnd = start - this.#breakBytes
    // More than once where a message begins that is not there.
    while (this.#header !== null && this.#fault === null) this.#endHeader(start)
    if (this.#fault !== null) return
    this.#closeDownTo(at + 1, contentEnd)
    if (last) {
      this.#open[at]!.boundary = null
      this.#markAgain()
    } else this.#startHeader(end)
  }

  #startHeader(at: number): void {
    this.#header = []
    this.#headerAt = at
    this.#headerBytes = 0
    this.#headerLines = 0
  }

  /** The part whose header this was; what stands inside it begins. */
  #endHeader(bodyAt: number): void {
    const header = readHeader(Buffer.concat(this.#header ?? []), this.#budget)
    this.#header = null
    const around = this.#open.at(-1)
    const depth = around === undefined ? 0 : around.part.depth + 1
    if (this.#parts.length >= this.#budget.maxParts) this.#fault = 'parts'
    else if (depth > this.#budget.maxDepth) this.#fault = 'depth'
    if (this.#fault !== null) return
    const type = readParameterized(header.first('content-type')?.value ?? '')
    const part = partOf(header, type, around?.part)
    Object.assign(part, { index: this.#parts.length, depth, headerAt: this.#headerAt, bodyAt })
    this.#parts.push(part)
    const boundary = part.type.startsWith('multipart/') ? (type.parameters.get('boundary') ?? null) : null
    const usable = boundary !== null && boundary !== '' && boundary.length <= LONGEST_BOUNDARY
    this.#open.push({ part, boundary: usable ? Buffer.from(boundary).toString('latin1').trimEnd() : null })
    if (usable) this.#markAgain()
    if (isMessage(part)) this.#startHeader(bodyAt)
  }

  /** Ends all parts inside the first `count` open ones. */
  #closeDownTo(count: number, contentEnd: number): void {
    const over = this.#open.splice(count)
    for (const { part } of over) part.length = Math.max(0, contentEnd - part.bodyAt)
    if (over.some(({ boundary }) => boundary !== null)) this.#markAgain()
  }
}

/** May a boundary begin here, as far as the octets go? */
function mayBegin(octets: Buffer, at: number): boolean {
  return octets[at] === DASH && (at + 1 >= octets.length || octets[at + 1] === DASH)
}

function isSpace(octet: number): boolean {
  return octet === LF || octet === CR || octet === 32 || octet === 9
}

/** Does its body hold parts, and nothing else? */
export function holdsParts(part: MailPart): boolean {
  return part.type.startsWith('multipart/') || isMessage(part)
}

/** Is it a message whose own parts are looked for? An encoded one is none (RFC 2046 §5.2.1). */
function isMessage({ type, encoding }: MailPart): boolean {
  return (type === 'message/rfc822' || type === 'message/global') && /^(?:7bit|8bit|binary)$/.test(encoding)
}

function partOf(header: MailHeader, type: Parameterized, around: MailPart | undefined): Growing {
  const disposition = header.first('content-disposition')
  const { value, parameters } = readParameterized(disposition?.value ?? '')
  const usual = around?.type === 'multipart/digest' ? 'message/rfc822' : 'text/plain'
  return {
    index: 0,
    parent: around?.index ?? null,
    depth: 0,
    type: /^[^\s/]+\/[^\s/]+$/.test(type.value) ? type.value.slice(0, 200) : usual,
    parameters: type.parameters,
    encoding: (header.first('content-transfer-encoding')?.value ?? '7bit')
      .split(/[\s;(]/)[0]!
      .toLowerCase()
      .slice(0, 40),
    disposition: disposition === null ? null : value.slice(0, 40),
    fileName: fileNameOf(parameters.get('filename') ?? type.parameters.get('name')),
    contentId: header.first('content-id')?.value.replace(/^<|>$/g, '').slice(0, 250) ?? null,
    headerAt: 0,
    bodyAt: 0,
    length: 0,
  }
}

/** Is it a text that a page can show, and no file? */
export function isText({ type, disposition, fileName }: MailPart): boolean {
  return (type === 'text/plain' || type === 'text/html') && disposition !== 'attachment' && fileName === null
}

/**
 * The parts that a person reads: the first text/plain that is no attachment and stands in no message inside, and the
 * first such text/html, which is read where the other is blank. Empty: there is none. */
export function textPartsOf(parts: readonly MailPart[]): readonly MailPart[] {
  const inside = new Set<number>()
  const readable = parts.filter((part) => {
    const { parent } = part
    const within = parent !== null && (inside.has(parent) || parts[parent]!.type.startsWith('message/'))
    if (within) inside.add(part.index)
    return !within && isText(part)
  })
  const ofType = (type: string): MailPart[] => readable.filter((part) => part.type === type).slice(0, 1)
  return [...ofType('text/plain'), ...ofType('text/html')]
}
