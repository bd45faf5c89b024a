/** Members and elements taken out of JSON text by cutting its bytes: all others stay as they came. Pure. */
import type { JsonPath } from './ins-places.ts'
import { isObject, type JsonObject, type JsonValue } from './json-value.ts'

/** Half-open range of bytes. */
export interface JsonCut {
  readonly start: number
  readonly end: number
}

/** What goes: all of a value, or parts of it by name or index. */
type Cutting = 'all' | Map<string | number, Cutting>

/**
 * The bytes to leave out so that nothing stands at these paths, in order. What would be left empty goes too, since FHIR
 * has no empty array or object. `bytes` is the text that `value` was read from by the strict reader. */
export function cutsOf(bytes: Buffer, value: JsonObject, paths: readonly JsonPath[]): JsonCut[] {
  const root: Cutting = new Map()
  for (const path of paths) mark(root, path)
  const cutting = pruned(value, root)
  if (cutting === 'all') throw new RangeError('nothing would be left')
  const scan = new Scan(bytes)
  scan.value(cutting)
  return scan.cuts
}

function mark(root: Map<string | number, Cutting>, path: JsonPath): void {
  let at = root
  for (const [i, step] of path.entries()) {
    if (i === path.length - 1) {
      at.set(step, 'all')
      return
    }
    const inner = at.get(step)
    if (inner === 'all') return
    const next = inner ?? new Map<string | number, Cutting>()
    at.set(step, next)
    at = next
  }
}

/** The same, with what loses all its parts going as a whole. */
function pruned(value: JsonValue, cutting: Cutting): Cutting {
  if (cutting === 'all') return cutting
  const parts = Array.isArray(value) ? value : isObject(value) ? value : {}
  for (const [step, inner] of cutting) cutting.set(step, pruned((parts as Record<string, JsonValue>)[step]!, inner))
  const count = Array.isArray(value) ? value.length : Object.keys(parts).length
  return cutting.size === count && [...cutting.values()].every((one) => one === 'all') ? 'all' : cutting
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const OPEN = [0x7b, 0x5b]
const CLOSE = [0x7d, 0x5d]
/** Ends of a number or literal: comma, closings, white space. */
const ENDS = [0x2c, 0x7d, 0x5d, 0x20, 0x09, 0x0a, 0x0d]

/** A walk over text that was read before: nothing is checked again. */
class Scan {
  readonly cuts: JsonCut[] = []
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** Passes a value, and notes what goes of it. */
  value(cutting: Cutting | undefined): void {
    this.#blanks()
    if (cutting === undefined || cutting === 'all') this.#skip()
    else this.#container(cutting)
  }

  #container(cutting: Map<string | number, Cutting>): void {
    const isArray = this.#bytes[this.#at] === OPEN[1]
    this.#at++
    /** End of the last part that stays; null before there is one. */
    let kept: number | null = null
    let opened: number | null = null
    for (let i = 0; ; i++) {
      this.#blanks()
      if (CLOSE.includes(this.#bytes[this.#at]!)) break
      const start = this.#at
      // What goes before the first that stays takes the comma behind it along.
      if (opened !== null) {
        this.cuts.push({ start: opened, end: start })
        opened = null
      }
      const step = isArray ? i : this.#name()
      const inner = cutting.get(step)
      this.value(inner)
      if (inner !== 'all') kept = this.#at
      else if (kept === null) opened = start
      else this.cuts.push({ start: kept, end: this.#at })
      if (inner === 'all' && kept !== null) kept = this.#at
      this.#blanks()
      if (this.#bytes[this.#at] === 0x2c) this.#at++
    }
    if (opened !== null) this.cuts.push({ start: opened, end: this.#at })
    this.#at++
  }

  #blanks(): void {
    while ([0x20, 0x09, 0x0a, 0x0d].includes(this.#bytes[this.#at]!)) this.#at++
  }

  #name(): string {
    const start = this.#at
    this.#string()
    const name = JSON.parse(this.#bytes.toString('utf8', start, this.#at)) as string
    this.#blanks()
    if (this.#bytes[this.#at] === COLON) this.#at++
    return name
  }

  #string(): void {
    this.#at++
    while (this.#bytes[this.#at] !== QUOTE) this.#at += this.#bytes[this.#at] === BACKSLASH ? 2 : 1
    this.#at++
  }

  #skip(): void {
    const bytes = this.#bytes
    if (bytes[this.#at] === QUOTE) {
      this.#string()
      return
    }
    if (!OPEN.includes(bytes[this.#at]!)) {
      while (this.#at < bytes.length && !ENDS.includes(bytes[this.#at]!)) this.#at++
      return
    }
    for (let depth = 0; ; ) {
      const byte = bytes[this.#at]!
      if (byte === QUOTE) {
        this.#string()
        continue
      }
      if (OPEN.includes(byte)) depth++
      if (CLOSE.includes(byte)) depth--
      this.#at++
      if (depth === 0) return
    }
  }
}
