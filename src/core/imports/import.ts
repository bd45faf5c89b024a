/** Reads a file of a register and takes it into use: written in small commits, swapped in at once, or nothing is changed. */
import { codeOf, type ErrorCode, GatewayError } from '../errors.ts'
import type { Journal, NewEvent, Statement } from '../journal.ts'
import type { Clock } from '../ports.ts'
import type { FileImport, ImportFile, ImportLine, ImportProblem } from './imported.ts'
import { type ImportReport, type Ledger, SILENT_MS } from './ledger.ts'

/** Lines whose fault is told one by one. */
const TOLD = 100
/** Behind the last entry, one more step for so many of them, each of which merges a little of the index. */
const ROWS_PER_MERGE = 250

/** What one piece of a file told. */
export interface ImportPiece<Row> {
  readonly rows: readonly Row[]
  readonly bad: readonly ImportLine[]
}

/** Takes a file in chunks of any size and gives rows in their order; once `problems` has something the file is none. */
export interface ImportReader<Row> {
  readonly problems: readonly ImportProblem[]
  push(chunk: Uint8Array): ImportPiece<Row>
  end(): ImportPiece<Row>
}

/** How one file of a register is read and written. */
export interface Reading<Row, Import extends FileImport> {
  readonly reader: ImportReader<Row>
  /** The text of the file, where it is packed. @throws {GatewayError} */
  text(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>
  /** What makes two rows the same; each new one is noted. True: it was there. */
  repeats(row: Row): boolean
  /** Statements that write rows; the first is numbered `first`. */
  write(rows: readonly Row[], first: number): readonly Statement[]
  /** Is it an entry, that people count? */
  counts(row: Row): boolean
  /** Rows of the register in use that the file leaves as they are; asked once all of it was read. Absent: none. */
  carry?(): AsyncIterable<readonly Row[]>
  /** What is told of it beside its lines. */
  told(): Omit<ImportReport<Import>, 'badLines' | 'problems'>
}

/** A register that files are imported into. */
export interface Register<Row, Import extends FileImport> {
  readonly ledger: Ledger<Import>
  /** Entries of one import have the numbers from `generation * span` on; `batch`: of one commit. */
  readonly span: number
  readonly batch: number
  /** What the audit calls the import, and its being taken into use. */
  readonly acts: { readonly begin: string; readonly take: string }
  readonly codes: Readonly<Record<'file' | 'cut' | 'busy' | 'tooLarge', ErrorCode>>
  /** When a file was made, by its name; null: it does not say. */
  generatedAt(name: string): number | null
  /** Begins to read a file, which counts as made at `changedAtMs`. */
  reading(changedAtMs: number, generation: number): Reading<Row, Import>
  /** Takes away some entries of a generation; null: there are none. */
  remove(look: Journal['look'], generation: number): Promise<readonly Statement[] | null>
}

/** What a file is imported with. */
export interface ImportingParts {
  readonly journal: Pick<Journal, 'look' | 'apply' | 'dialect'>
  readonly clock: Pick<Clock, 'nowMs'>
  /** Lets others have their turn, between two commits of this. */
  readonly breathe: () => Promise<void>
  /** The same while what is in use no more is taken away, for which nobody waits. Absent: as `breathe`. */
  readonly rest?: () => Promise<void>
}

/** An import that has begun: nothing of the file was read yet. */
export interface BegunFile<Import extends FileImport> {
  readonly generation: number
  /** Reads all of it and takes it into use; else the register stays as it was. Never rejects: what became of it is kept. */
  run(file: ImportFile, stopped: () => boolean): Promise<Import>
}

/** Begins an import, and ends one that ended without saying so. @throws {GatewayError} `busy` while another runs */
export async function beginFile<Row, Import extends FileImport>(
  register: Register<Row, Import>,
  parts: ImportingParts,
  file: Pick<ImportFile, 'name' | 'bytes'>,
  { who, why }: { readonly who: string; readonly why: string },
): Promise<BegunFile<Import>> {
  const { journal, clock } = parts
  const { ledger, codes } = register
  const { running, last } = await ledger.read(journal)
  const atMs = clock.nowMs()
  if (running !== null) {
    const rows = [ledger.fail(running.generation, codes.cut, atMs, atMs - SILENT_MS)]
    if (!(await journal.apply({ rows }))) throw new GatewayError(codes.busy)
  }
  const generation = (last[0]?.generation ?? 0) + 1
  const generatedAtMs = register.generatedAt(file.name)
  const about = { name: file.name, who, bytes: file.bytes, generatedAtMs }
  const events = [eventOf(register.acts.begin, atMs, who, why, file.name)]
  if (!(await journal.apply({ rows: [ledger.begin(generation, about, atMs)], events })))
    throw new GatewayError(codes.busy)
  const reading = register.reading(generatedAtMs ?? atMs, generation)
  return {
    generation,
    run: (whole, stopped) => new Importing(register, reading, parts, generation, stopped).run(whole, who),
  }
}

function eventOf(what: string, atMs: number, who: string, why: string | null, detail: string): NewEvent {
  return { atMs, who, what, why, code: null, message: null, delivery: null, detail }
}

/** One import, from the first byte to the last. */
class Importing<Row, Import extends FileImport> {
  readonly #register: Register<Row, Import>
  readonly #reading: Reading<Row, Import>
  readonly #parts: ImportingParts
  readonly #generation: number
  readonly #badLines: ImportLine[] = []
  readonly #stopped: () => boolean
  #waiting: Row[] = []
  #bytesRead = 0
  #numbered = 0
  #rows = 0
  #repeated = 0
  #bad = 0

  constructor(
    register: Register<Row, Import>,
    reading: Reading<Row, Import>,
    parts: ImportingParts,
    generation: number,
    stopped: () => boolean,
  ) {
    this.#register = register
    this.#reading = reading
    this.#parts = parts
    this.#generation = generation
    this.#stopped = stopped
  }

  async run(file: ImportFile, who: string): Promise<Import> {
    const { batch, codes } = this.#register
    const { reader, text, carry } = this.#reading
    try {
      for await (const chunk of text(this.#counted(file.chunks))) {
        await this.#take(reader.push(chunk), batch)
        if (reader.problems.length > 0) break
      }
      await this.#take(reader.end(), 1)
      const code = reader.problems[0]?.code ?? (this.#rows === 0 ? codes.file : null)
      if (code !== null) return await this.#fail(new GatewayError(code))
      for await (const rows of carry?.() ?? []) {
        if (this.#stopped()) throw new GatewayError(codes.cut)
        await this.#take({ rows, bad: [] }, batch)
      }
      await this.#take({ rows: [], bad: [] }, 1)
      await this.#use(file, who)
    } catch (fault) {
      return await this.#fail(fault)
    }
    await clearRegister(this.#register, this.#parts, this.#stopped)
    return this.#told()
  }

  async #use({ name }: ImportFile, who: string): Promise<void> {
    const { journal, clock } = this.#parts
    const { ledger, acts, codes } = this.#register
    const merges = journal.dialect === 'sqlite' ? Math.floor(this.#rows / ROWS_PER_MERGE) : 0
    for (let i = 0; i < merges && !this.#stopped(); i += 1) await this.#apply([])
    const atMs = clock.nowMs()
    const touch = ledger.touch(this.#generation, this.#counts(), this.#report(), atMs)
    const events = [eventOf(acts.take, atMs, who, null, `${name} ${this.#rows}`)]
    if (!(await journal.apply({ rows: [touch, ...ledger.swap(this.#generation, atMs)], events })))
      throw new GatewayError(codes.cut)
  }

  async *#counted(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      if (this.#stopped()) throw new GatewayError(this.#register.codes.cut)
      this.#bytesRead += chunk.length
      yield chunk
    }
  }

  /** Takes rows in, and writes them as soon as `least` wait. */
  async #take({ rows, bad }: ImportPiece<Row>, least: number): Promise<void> {
    this.#bad += bad.length
    this.#badLines.push(...bad.slice(0, TOLD - this.#badLines.length))
    for (const row of rows) {
      if (this.#reading.repeats(row)) this.#repeated += 1
      else this.#waiting.push(row)
    }
    while (this.#waiting.length >= least) await this.#write(this.#waiting.splice(0, this.#register.batch))
  }

  async #write(rows: readonly Row[]): Promise<void> {
    const { span, codes } = this.#register
    const first = this.#generation * span + this.#numbered + 1
    this.#numbered += rows.length
    if (this.#numbered >= span) throw new GatewayError(codes.tooLarge)
    const statements = this.#reading.write(rows, first)
    this.#rows += rows.filter((row) => this.#reading.counts(row)).length
    await this.#apply(statements)
  }

  async #apply(rows: readonly Statement[]): Promise<void> {
    const { journal, clock, breathe } = this.#parts
    const { ledger, codes } = this.#register
    const touch = ledger.touch(this.#generation, this.#counts(), this.#report(), clock.nowMs())
    if (!(await journal.apply({ rows: [touch, ...rows] }))) throw new GatewayError(codes.cut)
    await breathe()
  }

  #counts() {
    return { bytesRead: this.#bytesRead, rows: this.#rows, repeated: this.#repeated, bad: this.#bad }
  }

  #report(): ImportReport<Import> {
    const { reader, told } = this.#reading
    return { ...told(), badLines: this.#badLines, problems: reader.problems } as unknown as ImportReport<Import>
  }

  async #fail(fault: unknown): Promise<Import> {
    const { journal, clock } = this.#parts
    const { ledger } = this.#register
    const atMs = clock.nowMs()
    const rows = [
      ledger.touch(this.#generation, this.#counts(), this.#report(), atMs),
      ledger.fail(this.#generation, codeOf(fault), atMs, null),
    ]
    await journal.apply({ rows })
    await clearRegister(this.#register, this.#parts, this.#stopped)
    return this.#told()
  }

  async #told(): Promise<Import> {
    const { last } = await this.#register.ledger.read(this.#parts.journal)
    const own = last.find(({ generation }) => generation === this.#generation)
    if (own === undefined) throw new GatewayError('NOT_FOUND')
    return own
  }
}

/**
 * Ends what a process left that is no more, and takes away what is in use no longer. `alone`: nobody else works on this
 * store, so that whatever runs is such. */
export async function tidyRegister<Row, Import extends FileImport>(
  register: Register<Row, Import>,
  parts: ImportingParts,
  alone: boolean,
  stopped: () => boolean,
): Promise<void> {
  const { journal, clock } = parts
  const { running } = await register.ledger.read(journal)
  if (running !== null) {
    const atMs = clock.nowMs()
    const silent = alone ? null : atMs - SILENT_MS
    await journal.apply({ rows: [register.ledger.fail(running.generation, register.codes.cut, atMs, silent)] })
  }
  await clearRegister(register, parts, stopped)
}

/**
 * Takes away what imports left that are in use no more, a few entries at a time. What is gone before `stopped` says so stays
 * gone; the rest goes with the next call. */
async function clearRegister<Row, Import extends FileImport>(
  { ledger, remove }: Register<Row, Import>,
  { journal, breathe, rest = breathe }: ImportingParts,
  stopped: () => boolean,
): Promise<void> {
  for (const generation of await ledger.left(journal)) {
    for (let more = true; more; ) {
      if (stopped()) return
      const rows = await remove(journal.look, generation)
      more = rows !== null
      await journal.apply({ rows: [...(rows ?? []), ledger.kept(generation, more)] })
      await rest()
    }
  }
}
