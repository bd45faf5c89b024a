/** Content transfer encodings (RFC 2045 §6): decoding in chunks, as tolerantly as mail readers do, and encoding. Pure. */

/** Takes the octets of a body in chunks of any size and gives the decoded ones. */
export interface BodyDecoder {
  push(chunk: Uint8Array): Buffer
  /** What was held back. */
  end(): Buffer
}

const NOTHING = Buffer.alloc(0)

/** The decoder for a Content-Transfer-Encoding; 7bit, 8bit, binary and what is not known give the octets as they are. */
export function decodeBody(encoding: string): BodyDecoder {
  const name = encoding.trim().toLowerCase()
  if (name === 'base64') return base64Decoder()
  if (name === 'quoted-printable') return new QuotedPrintable()
  return { push: (chunk) => Buffer.from(chunk), end: () => NOTHING }
}

/** A whole body at once. */
export function decoded(encoding: string, bytes: Uint8Array): Buffer {
  const decoder = decodeBody(encoding)
  return Buffer.concat([decoder.push(bytes), decoder.end()])
}

/** What is no letter of the alphabet is read over; behind padding it begins anew, as where bodies were joined. */
function base64Decoder(): BodyDecoder {
  let rest = ''
  const take = (text: string, last: boolean): Buffer => {
    const letters = rest + text
    const whole = last ? letters.length : letters.length - (letters.length % 4)
    rest = letters.slice(whole)
    return Buffer.from(letters.slice(0, whole), 'base64')
  }
  return {
    push(chunk) {
      const letters = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
        .toString('latin1')
        .replace(/[^A-Za-z\d+/=]+/g, '')
      if (!letters.includes('=')) return take(letters, false)
      const parts = letters.split(/=+/)
      return Buffer.concat(parts.map((part, i) => take(part, i < parts.length - 1)))
    },
    end: () => take('', true),
  }
}

const EQUALS = 61
const SPACE = 32
const TAB = 9
const CR = 13
const LF = 10
/** White space that is held back until it is known whether the line ends behind it. */
const MOST_SPACE = 1_000

/** Octet by octet, since a line may end in any chunk. */
class QuotedPrintable implements BodyDecoder {
  #out = NOTHING
  #length = 0
  /** What cannot be judged yet: white space, `=`, `=X`, `=` and white space, each perhaps with a CR behind. */
  #held: number[] = []

  push(chunk: Uint8Array): Buffer {
    this.#begin(chunk.length + this.#held.length)
    for (const octet of chunk) this.#take(octet)
    return this.#out.subarray(0, this.#length)
  }

  end(): Buffer {
    this.#begin(this.#held.length)
    // Behind the last line it is as before a line break.
    if (this.#held.length > 1 && hex(this.#held[1]!) >= 0) this.#flush()
    this.#held = []
    return this.#out.subarray(0, this.#length)
  }

  #begin(most: number): void {
    this.#out = Buffer.alloc(most)
    this.#length = 0
  }

  #put(octet: number): void {
    this.#out[this.#length] = octet
    this.#length += 1
  }

  #flush(): void {
    for (const one of this.#held) this.#put(one)
    this.#held = []
  }

  #take(octet: number): void {
    const held = this.#held
    const last = held.at(-1)
    if (octet === LF) this.#endLine()
    else if (last === undefined) this.#plain(octet)
    else if (this.#mayHold(octet)) {
      held.push(octet)
      if (held.length < 3 || hex(octet) < 0) return
      this.#put(hex(last) * 16 + hex(octet))
      this.#held = []
    } else {
      this.#flush()
      this.#plain(octet)
    }
  }

  #plain(octet: number): void {
    if (octet === EQUALS || octet === SPACE || octet === TAB || octet === CR) this.#held.push(octet)
    else this.#put(octet)
  }

  /** May this octet still belong to what is held? */
  #mayHold(octet: number): boolean {
    const held = this.#held
    const last = held.at(-1)!
    if (last === CR) return false
    const escaped = held[0] === EQUALS
    if (hex(octet) >= 0) return escaped && (held.length === 1 || (held.length === 2 && hex(last) >= 0))
    const digit = escaped && held.length > 1 && hex(last) >= 0
    return (octet === SPACE || octet === TAB || octet === CR) && !digit && held.length < MOST_SPACE
  }

  #endLine(): void {
    const [first] = this.#held
    const crlf = this.#held.at(-1) === CR
    const digit = first === EQUALS && this.#held.length > 1 && hex(this.#held[1]!) >= 0
    if (digit) this.#flush()
    this.#held = []
    // `=` hides the line break; white space before one was put there on the way (§6.7 rule 3).
    if (first === EQUALS && !digit) return
    if (crlf && !digit) this.#put(CR)
    this.#put(LF)
  }
}

function hex(octet: number): number {
  if (octet >= 48 && octet <= 57) return octet - 48
  const letter = octet | 32
  return letter >= 97 && letter <= 102 ? letter - 87 : -1
}

/** Characters of a line of base64 (§6.8). */
const LINE = 76

/** Base64 in lines of 76 characters, each with its CRLF. */
export function base64Lines(bytes: Buffer): Buffer {
  const letters = Buffer.from(bytes.toString('base64'), 'latin1')
  const lines = Math.ceil(letters.length / LINE)
  const out = Buffer.alloc(letters.length + 2 * lines)
  for (let line = 0; line < lines; line += 1) {
    const at = line * (LINE + 2)
    const end = at + letters.copy(out, at, line * LINE, (line + 1) * LINE)
    out[end] = CR
    out[end + 1] = LF
  }
  return out
}

/** A text in quoted-printable: UTF-8, every line break CRLF, lines of at most 76 characters. */
export function quotedPrintable(text: string): Buffer {
  const lines = text.split(/\r\n|\r|\n/).map(quotedLine)
  return Buffer.from(lines.join('\r\n'), 'latin1')
}

function quotedLine(text: string): string {
  let out = ''
  let length = 0
  const octets = Buffer.from(text)
  octets.forEach((octet, i) => {
    const isLast = i === octets.length - 1
    const space = octet === SPACE || octet === TAB
    const plain = (octet > SPACE && octet < 127 && octet !== EQUALS) || (space && !isLast)
    const sign = plain ? String.fromCharCode(octet) : `=${octet.toString(16).toUpperCase().padStart(2, '0')}`
    if (length + sign.length > 75) {
      out += '=\r\n'
      length = 0
    }
    out += sign
    length += sign.length
  })
  return out
}
