import type { ErrorCode } from '../../../core/errors.ts'
import type { MailLimits } from '../../../core/mail.ts'
import { type BodyPiece, BodyScan } from '../../../formats/mail/bodies.ts'
import { HEADER_LIMITS } from '../../../formats/mail/header.ts'
import type { MailPart, MimeBudget, MimeFault } from '../../../formats/mail/structure.ts'
import { type BodyDecoder, decodeBody } from '../../../formats/mail/transfer.ts'
import { type ZipFault, ZipGuard } from '../../../formats/zip/guard.ts'

/** How much structure a mail and its archives may have. */
export type ContentBudget = Pick<MailLimits, 'maxParts' | 'maxNesting' | 'zip'>

/** What speaks against the content of a mail. */
export interface ContentFault {
  readonly code: Extract<ErrorCode, 'MAIL_TOO_COMPLEX' | 'MAIL_ARCHIVE'>
  readonly rule: MimeFault | ZipFault
}

/** Encoded octets that are decoded at a time to see how a body begins. */
const FIRST = 256
const ZIP_MAGIC = Buffer.from('PK\x03\x04')
const ZIP_TYPES = /^(?:application|multipart)\/(?:x-)?zip(?:-compressed)?$/
/** Office documents are archives of many small files: what is one by its first octets alone may hold so many times as many. */
const OFFICE_ENTRIES = 10

const mimeBudget = ({ maxParts, maxNesting }: ContentBudget): MimeBudget => ({
  ...HEADER_LIMITS,
  maxParts,
  maxDepth: maxNesting,
})

/** Is it an archive by what its header says? */
function saysZip({ type, fileName }: MailPart): boolean {
  return ZIP_TYPES.test(type) || (fileName ?? '').toLowerCase().endsWith('.zip')
}

/** Looks how a body begins. */
class Beginning {
  readonly #part: MailPart
  readonly decoder: BodyDecoder
  #first = Buffer.alloc(0)

  constructor(part: MailPart) {
    this.#part = part
    this.decoder = decodeBody(part.encoding)
  }

  /**
   * Decodes until it is known whether it is an archive (null: more is needed): what was decoded, and of the octets given the
   * first that were not. */
  see(octets: Buffer): { readonly zip: boolean | null; readonly decoded: Buffer; readonly used: number } {
    const said = saysZip(this.#part)
    let used = 0
    while (!said && this.#first.length < ZIP_MAGIC.length && used < octets.length) {
      this.#first = Buffer.concat([this.#first, this.decoder.push(octets.subarray(used, used + FIRST))])
      used = Math.min(octets.length, used + FIRST)
    }
    const known = said || this.#first.length >= ZIP_MAGIC.length
    const zip = known ? said || this.#first.subarray(0, ZIP_MAGIC.length).equals(ZIP_MAGIC) : null
    return { zip, decoded: this.#first, used }
  }
}

/** The body that is being read: not known yet what it is, or an archive; null: nothing to look at. */
type Reading =
  | { readonly part: MailPart; readonly beginning: Beginning; readonly guard: ZipGuard | null }
  | { readonly part: MailPart; readonly beginning: null }

/** Looks at a mail that comes in chunks: its parts, and its archives while they are unpacked in passing. Never throws. */
export class ContentScan {
  readonly #budget: ContentBudget
  readonly #bodies: BodyScan
  #reading: Reading | null = null
  #fault: ContentFault | null = null
  /** Octets that archives before this one held. */
  #unpacked = 0

  constructor(budget: ContentBudget) {
    this.#budget = budget
    this.#bodies = new BodyScan(mimeBudget(budget))
  }

  /** What speaks against it so far; once something does, no more is looked at. */
  get fault(): ContentFault | null {
    return this.#fault
  }

  async push(chunk: Uint8Array): Promise<void> {
    if (this.#fault !== null) return
    await this.#take(this.#bodies.push(chunk))
    this.#structure()
  }

  /** What speaks against it, all of it seen. Call it once. */
  async end(): Promise<ContentFault | null> {
    if (this.#fault !== null) return this.#fault
    await this.#take(this.#bodies.end().pieces)
    this.#structure()
    return this.#fault
  }

  /** Gives it up. */
  drop(): void {
    if (this.#reading?.beginning != null) this.#reading.guard?.drop()
  }

  #structure(): void {
    const rule = this.#bodies.fault
    if (rule !== null) this.#fault ??= { code: 'MAIL_TOO_COMPLEX', rule }
  }

  async #take(pieces: readonly BodyPiece[]): Promise<void> {
    for (const { part, octets, last } of pieces) {
      if (this.#fault !== null) return
      if (this.#reading?.part !== part) this.#reading = { part, beginning: new Beginning(part), guard: null }
      await this.#read(this.#reading, octets)
      if (last) await this.#close()
    }
  }

  async #read(reading: Reading, octets: Buffer): Promise<void> {
    const { part, beginning } = reading
    if (beginning === null) return
    if (reading.guard !== null) {
      await this.#unpack(reading.guard, beginning.decoder.push(octets))
      return
    }
    const { zip, decoded, used } = beginning.see(octets)
    if (zip === null) return
    if (!zip) {
      this.#reading = { part, beginning: null }
      return
    }
    const guard = new ZipGuard(this.#zipBudget(part))
    this.#reading = { part, beginning, guard }
    await this.#unpack(guard, Buffer.concat([decoded, beginning.decoder.push(octets.subarray(used))]))
  }

  #zipBudget(part: MailPart) {
    const { entries, bytes, ratio } = this.#budget.zip
    return {
      entries: saysZip(part) ? entries : entries * OFFICE_ENTRIES,
      bytes: bytes - this.#unpacked,
      ratio,
      allXml: /^ihe_xdm/i.test(part.fileName ?? ''),
    }
  }

  async #unpack(guard: ZipGuard, octets: Buffer): Promise<void> {
    await guard.push(octets)
    if (guard.fault !== null) this.#fault ??= { code: 'MAIL_ARCHIVE', rule: guard.fault }
  }

  async #close(): Promise<void> {
    const reading = this.#reading
    this.#reading = null
    if (reading?.beginning == null || reading.guard === null) return
    await this.#unpack(reading.guard, reading.beginning.decoder.end())
    const rule = reading.guard.end()
    if (rule !== null) this.#fault ??= { code: 'MAIL_ARCHIVE', rule }
    this.#unpacked += reading.guard.unpacked
  }
}

/** Looks at a small mail at once: what speaks against it, or that it has an archive and must be looked at in a thread. */
export function scanAtOnce(bytes: Buffer, budget: ContentBudget): ContentFault | 'archive' | null {
  const bodies = new BodyScan(mimeBudget(budget))
  const pushed = bodies.push(bytes)
  const { pieces } = bodies.end()
  const rule = bodies.fault
  if (rule !== null) return { code: 'MAIL_TOO_COMPLEX', rule }
  let [part, beginning]: [MailPart | null, Beginning | null] = [null, null]
  for (const piece of [...pushed, ...pieces]) {
    if (piece.part !== part) [part, beginning] = [piece.part, new Beginning(piece.part)]
    const zip = beginning?.see(piece.octets).zip
    if (zip === true) return 'archive'
    if (zip === false) beginning = null
  }
  return null
}
