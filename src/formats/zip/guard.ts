import { type SeenFile, ZipDirectory } from './directory.ts'
import { isXdmXml, leadsOut } from './entry-name.ts'
import { Inflating } from './inflating.ts'
import { hasDoctype, PROLOG_BYTES } from './prolog.ts'
import {
  type CentralRecord,
  isPlausible,
  isSecret,
  LENGTH,
  type LocalHeader,
  METHOD,
  readCentral,
  readEnd,
  readEnd64,
  readLocal,
  readLocator,
  SIGNATURE,
} from './record.ts'

/** What an archive may hold. */
export interface ZipBudget {
  readonly entries: number
  /** Unpacked. */
  readonly bytes: number
  /** How many times its own size; what holds less than a mebibyte may be packed as well as it can. */
  readonly ratio: number
  /** Every XML document counts as one of the mail's (IHE XDM), not only those in its folder. */
  readonly allXml: boolean
}

/** What speaks against an archive. `disagrees`: its directory speaks of other files than stand in it. */
export type ZipFault = 'entries' | 'bytes' | 'ratio' | 'name' | 'symlink' | 'doctype' | 'disagrees'

/** A file that is being passed. `left`: octets of it to come; null: until it says itself that it ends. */
interface Open {
  readonly seen: SeenFile
  readonly begin: number
  readonly inflating: Inflating | null
  readonly unread: boolean
  left: number | null
  made: number
  /** Beginning of an XML document; null: it is none, or enough was seen. */
  prolog: Buffer[] | null
  prologBytes: number
}

const NOTHING = Buffer.alloc(0)
const RATIO_FREE = 2 ** 20
const PK = Buffer.from('PK')
const PK_END = Buffer.from('PK\x05\x06')
const PK_DESCRIPTOR = Buffer.from('PK\x07\x08')

/**
 * Reads a zip archive that comes in chunks, once, without keeping it: unpacks every file as far as it must to count what it
 * holds, and opens no archive inside it. What is encrypted or packed otherwise passes unread; what is broken passes too, but
 * not what two readers would see differently. Never throws. */
export class ZipGuard {
  readonly #budget: ZipBudget
  readonly #directory = new ZipDirectory()
  #fault: ZipFault | null = null
  #held = NOTHING
  /** Position of what is read next; octets pushed, unpacked. */
  #at = 0
  #bytes = 0
  #total = 0
  #files = 0
  #records = 0
  #open: Open | null = null
  /** Nothing is where a record should be: the next one is looked for. */
  #lost = false
  /** The last octets of a file, and whether an end of an archive was seen inside one that none followed. */
  #tail = NOTHING
  #hiddenEnd = false

  constructor(budget: ZipBudget) {
    this.#budget = budget
  }

  /** What speaks against it so far; once something does, no more is read. */
  get fault(): ZipFault | null {
    return this.#fault
  }

  /** Octets unpacked so far. */
  get unpacked(): number {
    return this.#total
  }

  async push(octets: Uint8Array): Promise<void> {
    if (this.#fault !== null) return
    this.#bytes += octets.length
    const chunk = Buffer.from(octets.buffer, octets.byteOffset, octets.length)
    let rest = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
    for (let used: number | null = 0; used !== null && this.#fault === null; ) {
      used =
        this.#open !== null ? await this.#inFile(this.#open, rest) : this.#lost ? this.#seek(rest) : this.#record(rest)
      this.#at += used ?? 0
      rest = rest.subarray(used ?? 0)
    }
    this.#held = Buffer.from(rest)
  }

  /** What speaks against it, all of it seen. Call it once. */
  end(): ZipFault | null {
    if (this.#open !== null) this.#close(this.#open)
    const end = this.#held.indexOf(PK_END)
    if (end >= 0 && end + LENGTH.end <= this.#held.length) this.#hiddenEnd = true
    if (this.#fault === null && this.#hiddenEnd) this.#fault = 'disagrees'
    if (this.#fault === null && this.#total > Math.max(RATIO_FREE, this.#bytes * this.#budget.ratio))
      this.#fault = 'ratio'
    return this.#fault
  }

  /** Gives it up. */
  drop(): void {
    this.#open?.inflating?.close()
  }

  /** Reads what should be a record; the octets it has, null: more are needed. */
  #record(octets: Buffer): number | null {
    if (octets.length < 4) return null
    switch (octets.readUInt32LE(0)) {
      case SIGNATURE.local: {
        const header = readLocal(octets)
        if (header === null) return null
        this.#begin(header)
        return this.#whole(octets, header.length)
      }
      case SIGNATURE.central: {
        const central = readCentral(octets)
        if (central === null) return null
        this.#listed(central)
        return this.#whole(octets, central.length)
      }
      case SIGNATURE.end: {
        const end = readEnd(octets)
        if (end === null) return null
        this.#hiddenEnd = false
        if (!this.#directory.end(this.#at, end)) this.#fault = 'disagrees'
        this.#lost = true
        return LENGTH.end
      }
      case SIGNATURE.end64: {
        const end = readEnd64(octets)
        if (end === null) return null
        if (!this.#directory.end64(this.#at, end)) this.#fault = 'disagrees'
        this.#lost = true
        return LENGTH.end64
      }
      case SIGNATURE.locator64: {
        const offset = readLocator(octets)
        if (offset === null) return null
        if (!this.#directory.locates(offset)) this.#fault = 'disagrees'
        return LENGTH.locator64
      }
      default:
        this.#lost = true
        return this.#at === 0 && octets.readUInt32LE(0) === SIGNATURE.spanned ? 4 : 0
    }
  }

  /** A record of this length, with whatever its free fields hold. */
  #whole(octets: Buffer, length: number): number {
    if (octets.subarray(0, length).includes(PK_END)) this.#hiddenEnd = true
    return length
  }

  /** Goes to what may be the next record. */
  #seek(octets: Buffer): number | null {
    let at = octets.indexOf(PK)
    for (; at >= 0 && octets.length - at >= 4; at = octets.indexOf(PK, at + 1)) {
      const plausible = isPlausible(octets.subarray(at), octets.readUInt32LE(at))
      if (plausible === null) break
      if (!plausible) continue
      this.#lost = false
      return at
    }
    const used = at >= 0 ? at : octets.length - (octets.at(-1) === PK[0] ? 1 : 0)
    return used === 0 ? null : used
  }

  #begin({ flags, method, compressed, size, name, length }: LocalHeader): void {
    const { entries, bytes, allXml } = this.#budget
    this.#files += 1
    if (this.#files > entries) this.#fault = 'entries'
    else if (leadsOut(name)) this.#fault = 'name'
    else if (this.#total + (size ?? 0) > bytes) this.#fault = 'bytes'
    if (this.#fault !== null) return
    const secret = isSecret(flags)
    const seen: SeenFile = { name, method, secret, compressed, size }
    const open: Open = {
      seen,
      begin: this.#at + length,
      inflating: method === METHOD.deflated && !secret ? new Inflating((slice) => this.#take(open, slice)) : null,
      unread: secret || (method !== METHOD.deflated && method !== METHOD.stored),
      left: compressed,
      made: 0,
      prolog: !secret && isXdmXml(name, allXml) ? [] : null,
      prologBytes: 0,
    }
    if (open.unread) this.#total += size ?? 0
    this.#directory.file(this.#at, seen)
    this.#tail = NOTHING
    this.#open = open
  }

  #listed(central: CentralRecord): void {
    this.#records += 1
    const file = this.#directory.claim(this.#at, central)
    if (this.#records > this.#budget.entries) this.#fault = 'entries'
    else if (leadsOut(central.name)) this.#fault = 'name'
    else if (central.symlink) this.#fault = 'symlink'
    else if (file === null) this.#fault = 'disagrees'
    else if (file.size === null) this.#total += central.size
    if (this.#fault === null && this.#total > this.#budget.bytes) this.#fault = 'bytes'
  }

  /** Passes octets of a file; how many of these were its own, null: more are needed. */
  async #inFile(open: Open, octets: Buffer): Promise<number | null> {
    const { inflating, left } = open
    if (left === 0) {
      this.#close(open)
      return 0
    }
    if (octets.length === 0) return null
    if (left === null && inflating === null) return this.#toDescriptor(open, octets)
    const own = left === null ? octets : octets.subarray(0, left)
    let used = own.length
    if (inflating === null) {
      if (!open.unread) this.#take(open, own)
    } else {
      const read = await inflating.push(own)
      if (left === null && inflating.over) {
        used = read
        if (!inflating.broken) open.seen.compressed = this.#at + used - open.begin
        this.#lost = true
        this.#close(open)
      }
    }
    this.#pass(own.subarray(0, used))
    if (left !== null) open.left = left - used
    return used
  }

  /** Passes a file of unknown length, up to the descriptor behind it that names the very length it has (§4.3.9). */
  #toDescriptor(open: Open, octets: Buffer): number | null {
    let at = octets.indexOf(PK_DESCRIPTOR)
    for (; at >= 0 && octets.length - at >= 12; at = octets.indexOf(PK_DESCRIPTOR, at + 1)) {
      const length = this.#at + at - open.begin
      if (octets.readUInt32LE(at + 8) !== length) continue
      if (!open.unread) this.#take(open, octets.subarray(0, at))
      this.#pass(octets.subarray(0, at))
      open.seen.compressed = length
      this.#lost = true
      this.#close(open)
      return at + 12
    }
    const used = at >= 0 ? at : octets.length - 3
    if (used <= 0) return null
    if (!open.unread) this.#take(open, octets.subarray(0, used))
    this.#pass(octets.subarray(0, used))
    return used
  }

  /** Counts what a file holds; false: no more is wanted of it. */
  #take(open: Open, slice: Buffer): boolean {
    open.made += slice.length
    this.#total += slice.length
    if (this.#total > this.#budget.bytes) this.#fault ??= 'bytes'
    if (open.prolog !== null) {
      open.prolog.push(Buffer.from(slice.subarray(0, PROLOG_BYTES)))
      open.prologBytes += slice.length
      if (open.prologBytes >= PROLOG_BYTES) this.#judgeProlog(open)
    }
    return this.#fault === null
  }

  #judgeProlog(open: Open): void {
    if (open.prolog !== null && hasDoctype(Buffer.concat(open.prolog))) this.#fault ??= 'doctype'
    open.prolog = null
  }

  /** The file is over. */
  #close(open: Open): void {
    const { inflating, seen } = open
    inflating?.close()
    this.#judgeProlog(open)
    if (!open.unread && inflating?.broken !== true) seen.size = open.made
    this.#open = null
  }

  /** Looks whether an archive ends inside a file: who reads archives from their end would go by it. */
  #pass(octets: Buffer): void {
    const joined = Buffer.concat([this.#tail, octets.subarray(0, 3)])
    if (joined.includes(PK_END) || octets.includes(PK_END)) this.#hiddenEnd = true
    this.#tail = Buffer.from(octets.length >= 3 ? octets.subarray(-3) : joined.subarray(-3))
  }
}
