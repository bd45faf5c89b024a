import type { BadLine, DirectoryFile, DirectoryImport, DirectorySettings } from '../../core/directory.ts'
import { codeOf, GatewayError } from '../../core/errors.ts'
import type { Journal, NewEvent, Statement } from '../../core/journal.ts'
import type { Clock } from '../../core/ports.ts'
import {
  type ExtractionPiece,
  ExtractionReader,
  type ExtractionRow,
  generatedAt,
} from '../../formats/directory/extraction.ts'
import { unpacked } from '../../formats/directory/packed.ts'
import { wordsOfEntry } from '../../formats/directory/words.ts'
import { beginRow, clear, failRow, type ImportReport, readImports, SILENT_MS, swapRows, touchRow } from './imports.ts'
import { shownName } from './names.ts'
import { BATCH, entryRows, SPAN } from './rows.ts'
import { Seen } from './seen.ts'

/** What a file is imported with. */
export interface ImportParts {
  readonly journal: Pick<Journal, 'look' | 'apply' | 'dialect'>
  readonly settings: () => DirectorySettings
  readonly clock: Pick<Clock, 'nowMs'>
  /** Lets others have their turn, between two commits of this. */
  readonly breathe: () => Promise<void>
  /** The same while what is in use no more is taken away, for which nobody waits. */
  readonly rest: () => Promise<void>
}

/** An import that has begun: nothing of the file was read yet. */
export interface BegunImport {
  readonly generation: number
  /** Reads all of it and takes it into use; else the directory stays as it was. Never rejects: what became of it is kept. */
  run(file: DirectoryFile, stopped: () => boolean): Promise<DirectoryImport>
}

/** Lines whose fault is told one by one. */
const TOLD = 100
/** Behind the last entry, one more step for so many of them, each of which merges a little of the index. */
const ROWS_PER_MERGE = 250

/**
 * Begins an import, and ends one that ended without saying so. `alone`: nobody else works on this store, so that one that runs
 * is one that ended. @throws {GatewayError} DIRECTORY_BUSY while another runs */
export async function beginImport(
  parts: ImportParts,
  file: Pick<DirectoryFile, 'name' | 'bytes'>,
  { who, why }: { readonly who: string; readonly why: string },
): Promise<BegunImport> {
  const { journal, clock } = parts
  const { running, last } = await readImports(journal)
  const atMs = clock.nowMs()
  if (running !== null) {
    const ended = await journal.apply({ rows: [failRow(running.generation, 'DIRECTORY_CUT', atMs, atMs - SILENT_MS)] })
    if (!ended) throw new GatewayError('DIRECTORY_BUSY')
  }
  const generation = (last[0]?.generation ?? 0) + 1
  const about = { name: file.name, who, bytes: file.bytes, generatedAtMs: generatedAt(file.name) }
  const event = eventOf('import-directory', atMs, who, why, file.name)
  const rows = [beginRow(generation, about, atMs)]
  if (!(await journal.apply({ rows, events: [event] }))) throw new GatewayError('DIRECTORY_BUSY')
  const changedAtMs = about.generatedAtMs ?? atMs
  return { generation, run: (whole, stopped) => new Import(parts, generation, changedAtMs, stopped).run(whole, who) }
}

function eventOf(what: string, atMs: number, who: string, why: string | null, detail: string): NewEvent {
  return { atMs, who, what, why, code: null, message: null, delivery: null, detail }
}

/** One import, from the first byte to the last. */
class Import {
  readonly #parts: ImportParts
  readonly #generation: number
  readonly #changedAtMs: number
  readonly #seen = new Seen()
  readonly #badLines: BadLine[] = []
  readonly #stopped: () => boolean
  #waiting: ExtractionRow[] = []
  #bytesRead = 0
  #rows = 0
  #repeated = 0
  #bad = 0

  constructor(parts: ImportParts, generation: number, changedAtMs: number, stopped: () => boolean) {
    this.#stopped = stopped
    this.#parts = parts
    this.#generation = generation
    this.#changedAtMs = changedAtMs
  }

  async run(file: DirectoryFile, who: string): Promise<DirectoryImport> {
    const { journal, clock, settings, rest } = this.#parts
    const { columns, maxBytes } = settings()
    const reader = new ExtractionReader(columns)
    try {
      for await (const chunk of unpacked(this.#counted(file.chunks), maxBytes)) {
        await this.#take(reader.push(chunk), BATCH)
        if (reader.problems.length > 0) break
      }
      await this.#take(reader.end(), 1)
      const [problem] = reader.problems
      const report = this.#report(reader)
      if (problem !== undefined) return await this.#fail(new GatewayError(problem.code), report)
      if (this.#rows === 0) return await this.#fail(new GatewayError('DIRECTORY_FILE'), report)
      const merges = journal.dialect === 'sqlite' ? Math.floor(this.#rows / ROWS_PER_MERGE) : 0
      for (let i = 0; i < merges && !this.#stopped(); i += 1) {
        await this.#apply([])
      }
      const atMs = clock.nowMs()
      const event = eventOf('take-directory', atMs, who, null, `${file.name} ${this.#rows}`)
      if (!(await journal.apply({ rows: swapRows(this.#generation, atMs), events: [event] })))
        throw new GatewayError('DIRECTORY_CUT')
    } catch (fault) {
      return await this.#fail(fault, this.#report(reader))
    }
    await clear(journal, rest, this.#stopped)
    return this.#told()
  }

  async *#counted(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      if (this.#stopped()) throw new GatewayError('DIRECTORY_CUT')
      this.#bytesRead += chunk.length
      yield chunk
    }
  }

  /** Takes rows in, and writes them as soon as `least` wait. */
  async #take({ rows, bad }: ExtractionPiece, least: number): Promise<void> {
    this.#bad += bad.length
    this.#badLines.push(...bad.slice(0, TOLD - this.#badLines.length))
    for (const row of rows) {
      const { address, person, structure } = row.facts
      if (!this.#seen.add(`${address}|${person ?? ''}|${structure ?? ''}`)) this.#repeated += 1
      else this.#waiting.push(row)
    }
    while (this.#waiting.length >= least) await this.#write(this.#waiting.splice(0, BATCH))
  }

  async #write(rows: readonly ExtractionRow[]): Promise<void> {
    const { dialect } = this.#parts.journal
    const first = this.#generation * SPAN + this.#rows + 1
    if (this.#rows + rows.length >= SPAN) throw new GatewayError('DIRECTORY_TOO_LARGE')
    const entries = rows.map(({ facts, more }, i) => ({
      ...{ n: first + i, facts, name: shownName(facts), establishment: null, red: false },
      ...{ changedAtMs: this.#changedAtMs, words: wordsOfEntry(facts, more) },
    }))
    this.#rows += rows.length
    await this.#apply(entryRows(entries, dialect))
  }

  async #apply(rows: readonly Statement[]): Promise<void> {
    const { journal, clock, breathe } = this.#parts
    const touch = touchRow(this.#generation, this.#counts(), { badLines: this.#badLines, problems: [] }, clock.nowMs())
    if (!(await journal.apply({ rows: [touch, ...rows] }))) throw new GatewayError('DIRECTORY_CUT')
    await breathe()
  }

  #counts() {
    return { bytesRead: this.#bytesRead, rows: this.#rows, repeated: this.#repeated, bad: this.#bad }
  }

  #report(reader: ExtractionReader): ImportReport {
    return { badLines: this.#badLines, problems: reader.problems }
  }

  async #fail(fault: unknown, report: ImportReport): Promise<DirectoryImport> {
    const { journal, clock, rest } = this.#parts
    const atMs = clock.nowMs()
    const rows = [
      touchRow(this.#generation, this.#counts(), report, atMs),
      failRow(this.#generation, codeOf(fault), atMs, null),
    ]
    await journal.apply({ rows })
    await clear(journal, rest, this.#stopped)
    return this.#told()
  }

  async #told(): Promise<DirectoryImport> {
    const { last } = await readImports(this.#parts.journal)
    const own = last.find(({ generation }) => generation === this.#generation)
    if (own === undefined) throw new GatewayError('NOT_FOUND')
    return own
  }
}

/**
 * Ends what a process left that is no more, and takes away what is in use no longer. `alone`: nobody else works on this
 * store, so that whatever runs is such. */
export async function tidyImports(parts: ImportParts, alone: boolean, stopped: () => boolean): Promise<void> {
  const { journal, clock, rest } = parts
  const { running } = await readImports(journal)
  if (running !== null) {
    const atMs = clock.nowMs()
    const silent = alone ? null : atMs - SILENT_MS
    await journal.apply({ rows: [failRow(running.generation, 'DIRECTORY_CUT', atMs, silent)] })
  }
  await clear(journal, rest, stopped)
}
