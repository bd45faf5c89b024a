/**
 * Extractions of FINESS, read as they come: `;` between cells, lines of several sections told apart by their first cell, with or
 * without a header line, in UTF-8 or Windows-1252. Where the columns stand is data (`StructureProfile`). Pure. */
import type { ImportLine, ImportProblem } from '../../core/imports/imported.ts'
import type {
  StructureFacts,
  StructureField,
  StructureLineCode,
  StructureProfile,
  StructureSection,
} from '../../core/structures.ts'
import { townOf } from '../directory/extraction.ts'
import { finessFault } from '../identifiers/finess.ts'
import { Lines } from '../lines.ts'
import { fromLambert93 } from './lambert93.ts'

/** A good line: a structure, or where one stands. */
export type StructureRow =
  | { readonly kind: 'structure'; readonly line: number; readonly facts: StructureFacts }
  | { readonly kind: 'place'; readonly finess: string; readonly longitude: number; readonly latitude: number }

/** Longest line (bytes); real ones have some 400. */
export const LONGEST_LINE = 16_384
const LONGEST_CELL = 300
const BOM = Buffer.from([0xef, 0xbb, 0xbf])
/** Lines with a wrong key that are told one by one. */
const TOLD = 100

/** What one piece of the file told. */
export interface StructurePiece {
  readonly rows: readonly StructureRow[]
  readonly bad: readonly ImportLine<StructureLineCode>[]
}

/** Where the fields of a line stand, and of what level it is. */
interface Layout {
  readonly level: StructureSection['level']
  readonly places: ReadonlyMap<StructureField, readonly number[]>
  /** The last column that a line cannot do without. */
  readonly least: number
}

/** Takes the file in chunks of any size and gives rows in their order; once `problems` has something the file is none. */
export class StructureReader {
  readonly #profile: StructureProfile
  readonly #lines = new Lines(LONGEST_LINE)
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  readonly #latin = new TextDecoder('windows-1252')
  readonly #layouts: ReadonlyMap<string, Layout>
  #problems: readonly ImportProblem<'STRUCTURE_FILE' | 'STRUCTURE_COLUMN'>[] = []
  /** Of a file with a header line: lines that begin with no section are laid out so. */
  #headed: Layout | null = null
  #line = 0
  #known = 0
  #odd = 0
  readonly #oddLines: ImportLine<StructureLineCode>[] = []

  constructor(profile: StructureProfile) {
    this.#profile = profile
    this.#layouts = new Map(
      Object.entries(profile.sections).map(([word, { level, columns }]) => [
        word,
        layoutOf(level, columns, profile.fields),
      ]),
    )
  }

  /** What is wrong with the file as a whole. */
  get problems(): readonly ImportProblem<'STRUCTURE_FILE' | 'STRUCTURE_COLUMN'>[] {
    return this.#problems
  }

  /** Lines with a wrong key, and the first of them. */
  get odd(): { readonly odd: number; readonly oddLines: readonly ImportLine<StructureLineCode>[] } {
    return { odd: this.#odd, oddLines: this.#oddLines }
  }

  /** Takes a chunk, which may be written over afterwards. */
  push(chunk: Uint8Array): StructurePiece {
    return this.#piece(this.#lines.push(chunk))
  }

  /** The end of the file: a last line without its end, and whether there was a line of a known section at all. */
  end(): StructurePiece {
    const piece = this.#piece(this.#lines.end())
    if (this.#known === 0 && this.#problems.length === 0) this.#problems = [{ code: 'STRUCTURE_FILE', column: null }]
    return piece
  }

  #piece(lines: Iterable<Buffer | null>): StructurePiece {
    const rows: StructureRow[] = []
    const bad: ImportLine<StructureLineCode>[] = []
    for (const octets of lines) {
      if (this.#problems.length > 0) break
      this.#line += 1
      const row = this.#take(octets)
      if (typeof row === 'string') bad.push({ line: this.#line, code: row })
      else if (row !== null) rows.push(row)
    }
    return { rows, bad }
  }

  #take(octets: Buffer | null): StructureRow | StructureLineCode | null {
    const text = octets === null ? null : this.#text(octets)
    if (text === '') return null
    const cells = text === null ? null : cellsOf(text)
    if (cells === null) return 'STRUCTURE_LINE'
    const [word = ''] = cells
    if (this.#profile.skip.includes(word)) return null
    const layout = this.#layouts.get(word) ?? this.#headed
    if (layout === null) return this.#header(cells) ? null : 'STRUCTURE_LINE'
    this.#known += 1
    if (cells.length <= layout.least) return 'STRUCTURE_LINE'
    return layout.level === 'place' ? this.#place(cells, layout) : this.#structure(cells, layout)
  }

  /** Is it a header line? Only the first one may be. */
  #header(cells: readonly string[]): boolean {
    const { fields } = this.#profile
    const names = cells.map((cell) => cell.trim().toLowerCase())
    if (this.#line > 1 || !(fields.finess ?? []).some((name) => names.includes(name))) return false
    const layout = layoutOf(names.includes('nofinesset') ? 'eg' : 'ej', names, fields)
    const missing = (['finess', 'name'] as const).find((field) => !layout.places.has(field))
    if (missing !== undefined) this.#problems = [{ code: 'STRUCTURE_COLUMN', column: fields[missing]?.[0] ?? missing }]
    this.#headed = layout
    return true
  }

  #structure(cells: readonly string[], { level, places }: Layout): StructureRow | StructureLineCode {
    if (level === 'place') return 'STRUCTURE_LINE'
    const cell = reading(cells, places)
    const finess = cell('finess')?.toUpperCase() ?? ''
    const fault = finessFault(finess)
    if (fault === 'form') return 'STRUCTURE_FINESS'
    const name = cell('name')
    if (name === null) return 'STRUCTURE_LINE'
    if (fault !== null) this.#note()
    const category = cell('category')
    const delivery = cell('delivery')
    const postcode = /^\d{5}/.exec(delivery ?? '')?.[0] ?? null
    const facts: StructureFacts = {
      ...{ finess, level, ej: level === 'eg' ? (cell('ej')?.toUpperCase() ?? null) : null, name },
      ...{ category, categoryName: cell('categoryName') },
      kind: (category === null ? undefined : this.#profile.kinds[category]) ?? null,
      address: [cell('number'), cell('streetKind'), cell('street')].filter((part) => part !== null).join(' ') || null,
      ...{ postcode, commune: townOf(delivery, postcode), department: cell('department') },
      ...{ phone: digits(cell('phone')), siret: digits(cell('siret')), openedOn: dayOf(cell('openedOn')) },
      keyHolds: fault === null,
    }
    return { kind: 'structure', line: this.#line, facts }
  }

  #note(): void {
    this.#odd += 1
    if (this.#oddLines.length < TOLD) this.#oddLines.push({ line: this.#line, code: 'STRUCTURE_KEY' })
  }

  /** Null: in a projection that is not read, or nowhere in France. */
  #place(cells: readonly string[], { places }: Layout): StructureRow | StructureLineCode | null {
    const cell = reading(cells, places)
    const finess = cell('finess')?.toUpperCase() ?? ''
    if (finessFault(finess) === 'form') return 'STRUCTURE_FINESS'
    const projection = cell('projection')?.toUpperCase() ?? ''
    if (!this.#profile.lambert93.some((word) => projection.includes(word.toUpperCase()))) return null
    const [x, y] = [cell('x'), cell('y')].map((text) => Number(text ?? Number.NaN)) as [number, number]
    const place = Number.isFinite(x) && Number.isFinite(y) ? fromLambert93(x, y) : null
    return place === null ? null : { kind: 'place', finess, ...place }
  }

  /** Null: a sign that no line has. What is no UTF-8 is Windows-1252, line by line, so that files may be put together. */
  #text(octets: Buffer): string | null {
    const own = this.#line === 1 && octets.subarray(0, 3).equals(BOM) ? octets.subarray(3) : octets
    const text = this.#decoded(own)
    return /[\x00-\x08\x0b-\x1f\x7f]/.test(text) ? null : text
  }

  #decoded(octets: Buffer): string {
    try {
      return this.#utf8.decode(octets)
    } catch {
      return this.#latin.decode(octets)
    }
  }
}

function layoutOf(
  level: StructureSection['level'],
  columns: readonly string[],
  fields: StructureProfile['fields'],
): Layout {
  const places = new Map<StructureField, readonly number[]>()
  for (const [field, names] of Object.entries(fields) as [StructureField, readonly string[]][]) {
    const own = names.map((name) => columns.indexOf(name)).filter((at) => at >= 0)
    if (own.length > 0) places.set(field, own)
  }
  const needed = level === 'place' ? (['finess', 'y'] as const) : (['finess', 'name', 'delivery'] as const)
  return { level, places, least: Math.max(...needed.flatMap((field) => places.get(field) ?? [0])) }
}

function reading(cells: readonly string[], places: Layout['places']): (field: StructureField) => string | null {
  return (field) => {
    for (const at of places.get(field) ?? []) {
      const text = cells[at]?.trim() ?? ''
      if (text !== '') return text.slice(0, LONGEST_CELL)
    }
    return null
  }
}

/** The cells of a line; null: a quote is not closed. Cells in quotes may hold `;`, and quotes that are doubled. */
export function cellsOf(text: string): readonly string[] | null {
  if (!text.includes('"')) return text.split(';')
  const cells: string[] = []
  let at = 0
  for (;;) {
    if (text[at] === '"') {
      const [value, next] = quoted(text, at + 1)
      if (next === null) return null
      cells.push(value)
      at = next
    } else {
      const end = text.indexOf(';', at)
      cells.push(text.slice(at, end < 0 ? undefined : end))
      at = end < 0 ? text.length : end
    }
    if (at >= text.length) return cells
    at += 1
  }
}

/** The value behind an opening quote, and where the `;` behind it stands; null: nowhere. */
function quoted(text: string, from: number): [value: string, next: number | null] {
  let value = ''
  for (let at = from; at < text.length; at += 1) {
    if (text[at] !== '"') value += text[at]
    else if (text[at + 1] === '"') {
      value += '"'
      at += 1
    } else return [value, text[at + 1] === ';' || at + 1 >= text.length ? at + 1 : null]
  }
  return [value, null]
}

function digits(text: string | null): string | null {
  const found = text?.replaceAll(/\D/g, '') ?? ''
  return found === '' ? null : found.slice(0, 15)
}

function dayOf(text: string | null): string | null {
  return text !== null && /^\d{4}-\d{2}-\d{2}$/.test(text) ? text : null
}

/** When an extraction was made, by its name (`etalab-cs1100507-stock-AAAAMMJJ-hhmm.csv`); null: it does not say. */
export function extractedAt(name: string): number | null {
  const [, year, month, day] = /-(\d{4})(\d{2})(\d{2})-\d{4}\.(?:csv|zip)$/i.exec(name) ?? []
  const atMs = year === undefined ? Number.NaN : Date.UTC(Number(year), Number(month) - 1, Number(day))
  return Number.isFinite(atMs) ? atMs : null
}
