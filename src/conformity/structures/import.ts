import {
  type BegunFile,
  beginFile,
  type ImportingParts,
  type Reading,
  type Register,
  tidyRegister,
} from '../../core/imports/import.ts'
import type { ImportFile } from '../../core/imports/imported.ts'
import { Ledger } from '../../core/imports/ledger.ts'
import type { Journal } from '../../core/journal.ts'
import type {
  StructureCounts,
  StructureFacts,
  StructureImport,
  StructureLevel,
  StructureProfile,
} from '../../core/structures.ts'
import { unpacked } from '../../formats/directory/packed.ts'
import { Seen } from '../../formats/seen.ts'
import { extractedAt, StructureReader, type StructureRow } from '../../formats/structures/extraction.ts'
import { BATCH, degreesOf, ENTRY_COLUMNS, type EntryRow, factsOf, lineRows, SPAN } from './rows.ts'

/** What a file is imported with. */
export interface StructureParts extends ImportingParts {
  /** Read when a file is. */
  readonly profile: () => StructureProfile
}

/** Longest file, unpacked (bytes): both extractions together have some 60 MB. */
export const MOST_BYTES = 268_435_456
const CODES = {
  file: 'STRUCTURE_FILE',
  cut: 'STRUCTURE_CUT',
  busy: 'STRUCTURE_BUSY',
  tooLarge: 'STRUCTURE_TOO_LARGE',
} as const
/** Rows that are taken away, or carried over, in one commit. */
const PIECE = 200

const NO_COUNTS: StructureCounts = { levels: { ej: 0, eg: 0 }, kinds: {}, departments: {} }

/** What is told of the imports of the register. */
export const STRUCTURE_LEDGER: Ledger<StructureImport> = new Ledger('structure_import', {
  ...{ badLines: [], problems: [], odd: 0, oddLines: [], counted: NO_COUNTS },
})

/** The text of a file that may be packed. @throws {GatewayError} STRUCTURE_TOO_LARGE, STRUCTURE_FILE */
export function structureText(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  return unpacked(chunks, MOST_BYTES, CODES)
}

/** Begins an import, and ends one that ended without saying so. @throws {GatewayError} STRUCTURE_BUSY while another runs */
export function beginStructures(
  parts: StructureParts,
  file: Pick<ImportFile, 'name' | 'bytes'>,
  act: { readonly who: string; readonly why: string },
): Promise<BegunFile<StructureImport>> {
  return beginFile(structureRegister(parts), parts, file, act)
}

/** Ends what a process left that is no more, and takes away what is in use no longer. `alone`: nobody else works on this store. */
export function tidyStructures(parts: StructureParts, alone: boolean, stopped: () => boolean): Promise<void> {
  return tidyRegister(structureRegister(parts), parts, alone, stopped)
}

function structureRegister(parts: StructureParts): Register<StructureRow, StructureImport> {
  return {
    ledger: STRUCTURE_LEDGER,
    span: SPAN,
    batch: BATCH,
    acts: { begin: 'import-structures', take: 'take-structures' },
    codes: CODES,
    generatedAt: extractedAt,
    reading: (_changedAtMs, generation) => reading(parts, generation),
    async remove(look, generation) {
      const from = generation * SPAN
      const rows = await look<{ n: number }>({
        sql: 'SELECT n FROM structure_entry WHERE n >= ? AND n < ? ORDER BY n LIMIT ?',
        parameters: [from, from + SPAN, PIECE],
      })
      const last = rows.at(-1)
      if (last !== undefined) {
        return [{ sql: 'DELETE FROM structure_entry WHERE n >= ? AND n <= ?', parameters: [from, Number(last.n)] }]
      }
      const places = await look<{ finess: string }>({
        sql: 'SELECT finess FROM structure_place WHERE generation = ? ORDER BY finess LIMIT ?',
        parameters: [generation, PIECE],
      })
      const end = places.at(-1)
      return end === undefined
        ? null
        : [
            {
              sql: 'DELETE FROM structure_place WHERE generation = ? AND finess <= ?',
              parameters: [generation, end.finess],
            },
          ]
    },
  }
}

function reading({ journal, profile }: StructureParts, generation: number): Reading<StructureRow, StructureImport> {
  const seen = new Seen()
  const reader = new StructureReader(profile())
  const counting = new Counting()
  return {
    reader,
    text: structureText,
    repeats: (row) => !seen.add(row.kind === 'place' ? `@${row.finess}` : row.facts.finess),
    write(rows, first) {
      for (const row of rows) if (row.kind === 'structure') counting.add(row.facts)
      return lineRows(rows, first, generation, journal.dialect)
    },
    counts: ({ kind }) => kind === 'structure',
    carry: () => carried(journal, counting.levels()),
    told: () => ({ ...reader.odd, counted: counting.counts() }),
  }
}

/** How many structures were put in, by level, kind and department. */
class Counting {
  readonly #levels: Record<StructureLevel, number> = { ej: 0, eg: 0 }
  readonly #kinds = new Map<string, number>()
  readonly #departments = new Map<string, number>()

  add({ level, kind, department }: StructureFacts): void {
    this.#levels[level] += 1
    if (level === 'ej') return
    const one = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1)
    one(this.#kinds, kind ?? 'other')
    if (department !== null) one(this.#departments, department)
  }

  levels(): Readonly<Record<StructureLevel, number>> {
    return { ...this.#levels }
  }

  counts(): StructureCounts {
    const sorted = (counts: Map<string, number>) => Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
    return { levels: this.levels(), kinds: sorted(this.#kinds), departments: sorted(this.#departments) }
  }
}

/** A file of one level leaves the other as it is: legal entities and places come in two files, which may be imported one by one. */
async function* carried(
  { look }: Pick<Journal, 'look'>,
  read: Readonly<Record<StructureLevel, number>>,
): AsyncGenerator<readonly StructureRow[]> {
  const level = read.eg === 0 ? 'eg' : read.ej === 0 ? 'ej' : null
  const current = level === null ? null : await STRUCTURE_LEDGER.current({ look })
  if (level === null || current === null) return
  const end = (current + 1) * SPAN
  for (let after = current * SPAN; ; ) {
    const rows = await look<EntryRow>({
      sql: `SELECT ${ENTRY_COLUMNS} FROM structure_entry AS e WHERE e.n > ? AND e.n < ? ORDER BY e.n LIMIT ?`,
      parameters: [after, end, PIECE],
    })
    yield rows.filter((row) => row.level === level).map((row) => ({ kind: 'structure', line: 0, facts: factsOf(row) }))
    const last = rows.at(-1)
    if (last === undefined || rows.length < PIECE) break
    after = Number(last.n)
  }
  if (level === 'eg') yield* carriedPlaces({ look }, current)
}

async function* carriedPlaces(
  { look }: Pick<Journal, 'look'>,
  generation: number,
): AsyncGenerator<readonly StructureRow[]> {
  for (let after = ''; ; ) {
    const rows = await look<{ finess: string; longitude: number; latitude: number }>({
      sql: `SELECT finess, longitude, latitude FROM structure_place WHERE generation = ? AND finess > ?
        ORDER BY finess LIMIT ?`,
      parameters: [generation, after, PIECE],
    })
    yield rows.map(({ finess, longitude, latitude }) => ({
      ...{ kind: 'place', finess, longitude: degreesOf(longitude) ?? 0, latitude: degreesOf(latitude) ?? 0 },
    }))
    const last = rows.at(-1)
    if (last === undefined || rows.length < PIECE) return
    after = last.finess
  }
}
