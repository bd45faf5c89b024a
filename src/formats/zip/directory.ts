/** What an archive says of its files twice: before each, and in its central directory. Both must say the same. Pure. */
import { type CentralRecord, type EndRecord, isSecret } from './record.ts'

/** A file whose local header was seen. Null: not known. */
export interface SeenFile {
  readonly name: Buffer
  readonly method: number
  /** Encrypted. */
  readonly secret: boolean
  compressed: number | null
  size: number | null
}

/**
 * Compares the central directory with the files that were seen, so that nobody who reads it finds other files. Positions
 * are octets of the archive; an archive may stand behind something else, then its own count from where it begins. */
export class ZipDirectory {
  readonly #files = new Map<number, SeenFile>()
  /** Where this archive begins, and its central directory; null: not seen yet. */
  #base: number | null = null
  #central: number | null = null
  #end64: number | null = null

  /** A local header at this position. */
  file(at: number, file: SeenFile): void {
    this.#base ??= at
    this.#files.set(at, file)
  }

  /** The file that a central record at this position speaks of; null: there is none such, or it was spoken of before. */
  claim(at: number, { offset, name, flags, method, compressed, size }: CentralRecord): SeenFile | null {
    this.#central ??= at
    const secret = isSecret(flags)
    for (const place of [offset, offset + (this.#base ?? 0)]) {
      const file = this.#files.get(place)
      if (file === undefined || !file.name.equals(name)) continue
      this.#files.delete(place)
      const sizes = (file.compressed ?? compressed) === compressed && (file.size ?? size) === size
      return sizes && file.method === method && file.secret === secret ? file : null
    }
    return null
  }

  /** A zip64 end at this position: does it lead to the directory that was seen? */
  end64(at: number, end: EndRecord): boolean {
    this.#end64 = at
    return this.#leads(at, end)
  }

  /** Does a locator lead to the zip64 end that was seen? */
  locates(offset: number): boolean {
    return this.#end64 !== null && this.#isAt(offset, this.#end64)
  }

  /** The end at this position: does it lead to the directory that was seen? What follows is another archive. */
  end(at: number, { offset, size }: EndRecord): boolean {
    const leads =
      this.#end64 === null
        ? this.#leads(at, { offset, size })
        : offset === null || this.#central === null || this.#isAt(offset, this.#central)
    this.#files.clear()
    this.#base = null
    this.#central = null
    this.#end64 = null
    return leads
  }

  #leads(at: number, { offset, size }: EndRecord): boolean {
    if (offset === null || size === null) return false
    if (this.#central === null) return size === 0
    return this.#isAt(offset, this.#central) && this.#central + size === at
  }

  #isAt(offset: number, at: number): boolean {
    return offset === at || offset + (this.#base ?? 0) === at
  }
}
