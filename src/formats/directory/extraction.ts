/** The national extraction of mailboxes, read as it comes: UTF-8, `|` between cells, one line each, a header line. Pure. */
import type {
  BadLine,
  BadLineCode,
  DirectoryColumns,
  DirectoryFacts,
  DirectoryFileProblem,
} from '../../core/directory.ts'
import { MAILBOX_KINDS } from '../../core/mailboxes.ts'
import { readTime } from '../clock/read.ts'
import { Lines } from '../lines.ts'
import { parsePath, written } from '../mail/address.ts'
import { type ColumnField, type Places, placesOf } from './columns.ts'

/** A good line. `more`: what it is found by beside what is shown. */
export interface ExtractionRow {
  readonly line: number
  readonly facts: DirectoryFacts
  readonly more: readonly (string | null)[]
}

/** Longest line (bytes); real ones have some 170. */
export const LONGEST_LINE = 16_384
const LONGEST_CELL = 300
const BOM = Buffer.from([0xef, 0xbb, 0xbf])

/** What one piece of the file told. */
export interface ExtractionPiece {
  readonly rows: readonly ExtractionRow[]
  readonly bad: readonly BadLine[]
}

/**
 * Takes the file in chunks of any size and gives rows in their order. Once `problems` has something the file is none, and
 * nothing more is read. No more than one line is kept between chunks. */
export class ExtractionReader {
  readonly #named: DirectoryColumns
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  #problems: readonly DirectoryFileProblem[] = []
  #places: Places | null = null
  #cells = 0
  #line = 0
  readonly #lines = new Lines(LONGEST_LINE)

  /** `named`: headers of columns, before those that are known. */
  constructor(named: DirectoryColumns = {}) {
    this.#named = named
  }

  /** What is wrong with the file as a whole. */
  get problems(): readonly DirectoryFileProblem[] {
    return this.#problems
  }

  /** Takes a chunk, which may be written over afterwards. */
  push(chunk: Uint8Array): ExtractionPiece {
    return this.#piece(this.#lines.push(chunk))
  }

  /** The end of the file: a last line without its end, and whether there was a header at all. */
  end(): ExtractionPiece {
    const piece = this.#piece(this.#lines.end())
    if (this.#places === null && this.#problems.length === 0)
      this.#problems = [{ code: 'DIRECTORY_FILE', column: null }]
    return piece
  }

  #piece(lines: Iterable<Buffer | null>): ExtractionPiece {
    const rows: ExtractionRow[] = []
    const bad: BadLine[] = []
    for (const octets of lines) {
      if (this.#problems.length > 0) break
      this.#take(octets, rows, bad)
    }
    return { rows, bad }
  }

  #take(octets: Buffer | null, rows: ExtractionRow[], bad: BadLine[]): void {
    this.#line += 1
    const text = octets === null ? null : this.#text(octets)
    if (this.#places === null) this.#header(text)
    else if (text !== '') {
      const row = this.#row(text, this.#places)
      if (typeof row === 'string') bad.push({ line: this.#line, code: row })
      else rows.push(row)
    }
  }

  #row(text: string | null, places: Places): ExtractionRow | BadLineCode {
    const cells = text?.split('|', this.#cells + 1) ?? []
    return cells.length === this.#cells ? rowOf(cells, places, this.#line) : 'DIRECTORY_LINE'
  }

  #header(text: string | null): void {
    const header = text?.split('|') ?? []
    const { places, problems } = placesOf(header, this.#named)
    this.#problems = text === null || header.length < 2 ? [{ code: 'DIRECTORY_FILE', column: null }] : problems
    this.#places = places
    this.#cells = header.length
  }

  /** Null: no UTF-8, or a sign that no line has. */
  #text(octets: Buffer): string | null {
    const from = this.#line === 1 && octets.subarray(0, 3).equals(BOM) ? 3 : 0
    try {
      const text = this.#decoder.decode(octets.subarray(from))
      return /[\x00-\x08\x0b-\x1f\x7f]/.test(text) ? null : text
    } catch {
      return null
    }
  }
}

function rowOf(cells: readonly string[], places: Places, line: number): ExtractionRow | BadLineCode {
  const cell = (field: ColumnField): string | null => {
    const place = places.get(field)
    const text = place === undefined ? '' : (cells[place]?.trim() ?? '')
    return text === '' ? null : text.slice(0, LONGEST_CELL)
  }
  const kind = MAILBOX_KINDS.find((one) => one === cell('kind')?.toUpperCase())
  if (kind === undefined) return 'DIRECTORY_KIND'
  const address = parsePath((cell('address') ?? '').toLowerCase(), { utf8: true })
  if (address === null) return 'DIRECTORY_ADDRESS'
  const [organisation, sign] = [cell('organisation'), cell('sign')]
  const [postcode, delivery] = [cell('postcode'), cell('delivery')]
  const facts: DirectoryFacts = {
    ...{ address: written(address), kind },
    person: nationalId(cell('person'), cell('personType'), cell('personNumber'), /^[03568]/),
    ...{ title: cell('title'), family: cell('family'), given: cell('given') },
    structure: nationalId(null, cell('structureType'), cell('structure'), /^[0-4]$/),
    organisation: organisation ?? sign,
    ...{ service: cell('service'), description: null },
    ...{ profession: cell('profession'), professionCode: cell('professionCode') },
    ...{ speciality: cell('speciality'), specialityCode: cell('specialityCode') },
    ...{ postcode, town: townOf(delivery, postcode), department: cell('department') },
    digital: flagOf(cell('digital')),
  }
  return { line, facts, more: [sign] }
}

/** The national identifier: as it stands, or its type before the number, where the number has not got it. */
function nationalId(whole: string | null, type: string | null, number: string | null, types: RegExp): string | null {
  if (whole !== null) return whole.toUpperCase()
  if (number === null) return null
  const plain = number.toUpperCase()
  if (type === null || !types.test(type)) return plain
  // Some columns have the type in the number already: nine or eleven signs of a number of that kind are without it.
  const isWhole = plain.startsWith(type) && [10, 12, 15].includes(plain.length)
  return isWhole ? plain : `${type}${plain}`
}

/** The line of delivery without its postcode, and without the number of a post office behind a `CEDEX`. */
export function townOf(delivery: string | null, postcode: string | null): string | null {
  if (delivery === null) return null
  const town = delivery.replace(/^\d{5}\s+/, '').replace(/\s+CEDEX(\s+\d+)?$/i, '')
  return town === '' || town === postcode ? null : town
}

function flagOf(text: string | null): boolean | null {
  if (text === null) return null
  if (/^(1|o|oui|y|yes|true|vrai)$/i.test(text)) return true
  return /^(0|n|non|no|false|faux)$/i.test(text) ? false : null
}

/** When an extraction was made, by its name (`…_AAAAMMJJhhmm.txt`, French time); null: it does not say. */
export function generatedAt(name: string): number | null {
  const written = /_(\d{12})\.(?:txt|zip)$/i.exec(name)?.[1]
  return written === undefined ? null : (readTime(written, 'Europe/Paris')?.atMs ?? null)
}
