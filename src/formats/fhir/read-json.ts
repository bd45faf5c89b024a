/**
 * A strict reader of JSON (RFC 8259) over UTF-8 bytes, in one pass that can be interrupted. What two readers might
 * understand differently is refused, because the bytes go on to others as they came: a name that stands twice in an
 * object, a lone surrogate, bytes that are no UTF-8, a byte order mark (§8.1 lets a reader ignore it; we do not). */
import { isUtf8 } from 'node:buffer'
import type { ErrorCode } from '../../core/errors.ts'
import { emptyObject, JsonNumber, type JsonObject, type JsonValue } from './json-value.ts'

/** Bounds of what is read, so that memory and time follow the number of bytes. */
export interface JsonLimits {
  /** Arrays and objects inside each other. */
  readonly maxDepth: number
  /** Names of all objects together. */
  readonly maxKeys: number
  /** Values of all arrays and objects together. */
  readonly maxValues: number
}

/** The limits unless told otherwise. */
export const JSON_LIMITS: JsonLimits = { maxDepth: 100, maxKeys: 100_000, maxValues: 1_000_000 }

/** Why bytes are refused. */
export type JsonFault = 'syntax' | 'utf8' | 'surrogate' | 'duplicate' | 'depth' | 'keys' | 'values'

/** What was read, or where it went wrong: `at` is a FHIRPath such as `Patient.name[0]`, or ''; `offset` counts bytes. */
export type JsonReading =
  | { readonly ok: true; readonly value: JsonValue }
  | {
      readonly ok: false
      readonly code: ErrorCode
      readonly fault: JsonFault
      readonly at: string
      readonly offset: number
    }

/** Above this a reading is done in slices, between which others run (bytes). */
const SLICED_ABOVE = 1 << 20
/** Five to ten milliseconds of work (bytes). */
const SLICE_BYTES = 1 << 18

/** Reads bytes. Any bytes may come; never throws. */
export function parseStrict(bytes: Buffer, limits: Partial<JsonLimits> = {}): JsonReading {
  const reader = new Reader(bytes, { ...JSON_LIMITS, ...limits })
  reader.run(Number.POSITIVE_INFINITY)
  return reader.reading()
}

/** The same, but above 1 MiB it lets others run every 256 KiB: no slice holds the thread over 50 ms. */
export async function parseStrictAsync(bytes: Buffer, limits: Partial<JsonLimits> = {}): Promise<JsonReading> {
  if (bytes.length <= SLICED_ABOVE) return parseStrict(bytes, limits)
  const reader = new Reader(bytes, { ...JSON_LIMITS, ...limits })
  while (!reader.run(SLICE_BYTES)) await new Promise<void>((resolve) => setImmediate(resolve))
  return reader.reading()
}

/** Strings up to this long are looked up among those read before: names and codes come again and again (bytes). */
const KNOWN_BYTES = 48
const KNOWN_SLOTS = 256
/** No number that JavaScript writes is longer. */
const MAX_PLAIN_NUMBER = 25
/** Integers of up to 15 digits are exact. */
const EXACT_DIGITS = 15
/** What may stand in `at`: longer or other names are shown as `?`, for they may hold anything. */
const SHOWN_NAME = /^[A-Za-z]\w{0,63}$/
const MAX_SHOWN_DEPTH = 20

/** The reader stands before a value; before a value or `]`; before a name; before a name or `}`; after a value. */
const VALUE = 0
const FIRST_VALUE = 1
const NAME = 2
const FIRST_NAME = 3
const AFTER = 4
const DONE = 5

class Stop {
  readonly fault: JsonFault
  readonly offset: number
  constructor(fault: JsonFault, offset: number) {
    this.fault = fault
    this.offset = offset
  }
}

class Reader {
  readonly #bytes: Buffer
  readonly #limits: JsonLimits
  /** When false, each string is looked at on its own, so that the place of the wrong one is known. */
  readonly #allUtf8: boolean
  readonly #known: (string | undefined)[] = new Array(KNOWN_SLOTS)
  readonly #containers: (JsonValue[] | JsonObject)[] = []
  /** Name under which each container on the way stands in the one before it. */
  readonly #names: string[] = []
  #at = 0
  #state: number = VALUE
  #container: JsonValue[] | JsonObject | null = null
  #isArray = false
  #name = ''
  #keys = 0
  #values = 0
  #root: JsonValue = null
  #stop: Stop | null = null

  constructor(bytes: Buffer, limits: JsonLimits) {
    this.#bytes = bytes
    this.#limits = limits
    this.#allUtf8 = isUtf8(bytes)
  }

  reading(): JsonReading {
    if (this.#stop === null) return { ok: true, value: this.#root }
    const { fault, offset } = this.#stop
    return { ok: false, code: 'NOT_JSON', fault, at: this.#place(), offset }
  }

  /** Reads on for about `budget` bytes (a token is never interrupted); true when all is read or refused. */
  run(budget: number): boolean {
    const limit = this.#at + budget
    try {
      while (this.#state !== DONE) {
        this.#step()
        if (this.#at >= limit && this.#state !== DONE) return false
      }
      return true
    } catch (stop) {
      if (!(stop instanceof Stop)) throw stop
      this.#stop = stop
      return true
    }
  }

  #step(): void {
    const byte = this.#next()
    const state = this.#state
    if (state === AFTER) this.#after(byte)
    else if (state === VALUE) this.#value(byte)
    else if (state === NAME) this.#member(byte)
    else if (byte === (state === FIRST_VALUE ? 0x5d : 0x7d)) this.#close()
    else if (state === FIRST_VALUE) this.#value(byte)
    else this.#member(byte)
  }

  /** The next byte that is no white space, without taking it; −1 at the end. */
  #next(): number {
    const bytes = this.#bytes
    for (let at = this.#at; at < bytes.length; at++) {
      const byte = bytes[at]!
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) {
        this.#at = at
        return byte
      }
    }
    this.#at = bytes.length
    return -1
  }

  #fail(fault: JsonFault = 'syntax', offset = this.#at): never {
    throw new Stop(fault, offset)
  }

  #after(byte: number): void {
    if (this.#container === null) {
      if (byte !== -1) this.#fail()
      this.#state = DONE
    } else if (byte === 0x2c) {
      this.#at++
      this.#name = ''
      this.#state = this.#isArray ? VALUE : NAME
    } else if (byte === (this.#isArray ? 0x5d : 0x7d)) {
      this.#close()
    } else {
      this.#fail()
    }
  }

  #member(byte: number): void {
    if (byte !== 0x22) this.#fail()
    const start = this.#at
    const name = (this.#name = this.#string())
    if (name in (this.#container as JsonObject)) this.#fail('duplicate', start)
    if (++this.#keys > this.#limits.maxKeys) this.#fail('keys', start)
    if (this.#next() !== 0x3a) this.#fail()
    this.#at++
    this.#state = VALUE
  }

  #value(byte: number): void {
    if (++this.#values > this.#limits.maxValues) this.#fail('values')
    if (byte === 0x22) this.#put(this.#string())
    else if (byte === 0x7b) this.#open(emptyObject(), false)
    else if (byte === 0x5b) this.#open([], true)
    else if (byte === 0x2d || (byte >= 0x30 && byte <= 0x39)) this.#put(this.#number(byte))
    else if (byte === 0x74) this.#put(this.#literal('true', true))
    else if (byte === 0x66) this.#put(this.#literal('false', false))
    else if (byte === 0x6e) this.#put(this.#literal('null', null))
    else this.#fail()
  }

  #put(value: JsonValue): void {
    if (this.#container === null) this.#root = value
    else if (this.#isArray) (this.#container as JsonValue[]).push(value)
    else (this.#container as JsonObject)[this.#name] = value
    this.#state = AFTER
  }

  #open(container: JsonValue[] | JsonObject, isArray: boolean): void {
    if (this.#containers.length >= this.#limits.maxDepth) this.#fail('depth')
    this.#put(container)
    this.#names.push(this.#name)
    this.#containers.push(container)
    this.#container = container
    this.#isArray = isArray
    this.#name = ''
    this.#state = isArray ? FIRST_VALUE : FIRST_NAME
    this.#at++
  }

  #close(): void {
    this.#at++
    this.#containers.pop()
    this.#name = this.#names.pop()!
    this.#container = this.#containers.at(-1) ?? null
    this.#isArray = Array.isArray(this.#container)
    this.#state = AFTER
  }

  #literal<T extends boolean | null>(word: string, value: T): T {
    for (let i = 1; i < word.length; i++) {
      if (this.#bytes[this.#at + i] !== word.charCodeAt(i)) this.#fail('syntax', this.#at + i)
    }
    this.#at += word.length
    return value
  }

  /** The grammar of §6, then the cheapest value that is written again with the same text. */
  #number(first: number): number | JsonNumber {
    const bytes = this.#bytes
    const start = this.#at
    let at = first === 0x2d ? start + 1 : start
    const digits = at
    at = this.#digits(at)
    if (bytes[digits] === 0x30 && at > digits + 1) this.#fail('syntax', digits + 1)
    const isInteger = bytes[at] !== 0x2e && bytes[at] !== 0x65 && bytes[at] !== 0x45
    if (bytes[at] === 0x2e) at = this.#digits(at + 1)
    if (bytes[at] === 0x65 || bytes[at] === 0x45) {
      at++
      at = this.#digits(bytes[at] === 0x2b || bytes[at] === 0x2d ? at + 1 : at)
    }
    this.#at = at
    if (isInteger && first !== 0x2d && at - digits <= EXACT_DIGITS) {
      let value = 0
      for (let i = digits; i < at; i++) value = value * 10 + bytes[i]! - 0x30
      return value
    }
    const text = bytes.toString('latin1', start, at)
    if (text.length > MAX_PLAIN_NUMBER) return new JsonNumber(text)
    const value = Number(text)
    return String(value) === text ? value : new JsonNumber(text)
  }

  /** Passes at least one digit. */
  #digits(from: number): number {
    const bytes = this.#bytes
    let at = from
    while (bytes[at]! >= 0x30 && bytes[at]! <= 0x39) at++
    if (at === from) this.#fail('syntax', at)
    return at
  }

  /** Reads the string whose quotation mark is at `#at`. */
  #string(): string {
    const bytes = this.#bytes
    const start = this.#at + 1
    let at = start
    let hash = 0
    let high = 0
    for (; at < bytes.length; at++) {
      const byte = bytes[at]!
      if (byte === 0x22) break
      if (byte < 0x20) this.#fail('syntax', at)
      if (byte === 0x5c) return this.#escaped(start)
      hash = (Math.imul(hash, 31) + byte) | 0
      high |= byte
    }
    if (at >= bytes.length) this.#fail('syntax', at)
    this.#at = at + 1
    if (high >= 0x80) return this.#unicode(start, at)
    const size = at - start
    if (size === 0) return ''
    if (size > KNOWN_BYTES) return bytes.toString('latin1', start, at)
    const slot = (hash ^ (hash >>> 15)) & (KNOWN_SLOTS - 1)
    const known = this.#known[slot]
    if (known !== undefined && known.length === size && this.#isText(known, start)) return known
    return (this.#known[slot] = bytes.toString('latin1', start, at))
  }

  #isText(known: string, start: number): boolean {
    for (let i = 0; i < known.length; i++) {
      if (known.charCodeAt(i) !== this.#bytes[start + i]) return false
    }
    return true
  }

  #unicode(start: number, end: number): string {
    if (!this.#allUtf8 && !isUtf8(this.#bytes.subarray(start, end))) this.#fail('utf8', start)
    return this.#bytes.toString('utf8', start, end)
  }

  /** A string with escapes: its end is found here, its escapes are the language's own reader's. */
  #escaped(start: number): string {
    const bytes = this.#bytes
    let at = start
    for (; at < bytes.length; at++) {
      const byte = bytes[at]!
      if (byte === 0x22) break
      if (byte < 0x20) this.#fail('syntax', at)
      if (byte === 0x5c) at++
    }
    if (at >= bytes.length) this.#fail('syntax', bytes.length)
    const quoted = this.#unicode(start - 1, at + 1)
    let value: string
    try {
      value = JSON.parse(quoted) as string
    } catch {
      return this.#fail('syntax', start)
    }
    // §8.2: what such a string means is unpredictable.
    if (!value.isWellFormed()) this.#fail('surrogate', start)
    this.#at = at + 1
    return value
  }

  /** Where the reader stands, in the words of FHIRPath. */
  #place(): string {
    const [root] = this.#containers
    if (root === undefined || Array.isArray(root)) return ''
    const type = Object.hasOwn(root, 'resourceType') ? root['resourceType'] : null
    let place = typeof type === 'string' && SHOWN_NAME.test(type) ? type : '%resource'
    for (let i = 0; i < this.#containers.length && i < MAX_SHOWN_DEPTH; i++) {
      const container = this.#containers[i]!
      const name = this.#names[i + 1] ?? this.#name
      if (Array.isArray(container)) {
        place += `[${i + 1 < this.#containers.length ? container.length - 1 : container.length}]`
      } else if (name !== '') {
        place += SHOWN_NAME.test(name) ? `.${name}` : '.?'
      }
    }
    return place
  }
}
