/** Files of a national register that are read as they come and taken into use at once: how an import goes, or went. */
import type { ErrorCode } from '../errors.ts'

/** A line that was not taken, from 1. */
export interface ImportLine<Code extends ErrorCode = ErrorCode> {
  readonly line: number
  readonly code: Code
}

/** What is wrong with a file as a whole. */
export interface ImportProblem<Code extends ErrorCode = ErrorCode> {
  readonly code: Code
  /** The column that was looked for; null: it is about the file. */
  readonly column: string | null
}

/** How an import goes, or went. */
export interface FileImport<Line extends ImportLine = ImportLine, Problem extends ImportProblem = ImportProblem> {
  /** Numbers of imports rise. */
  readonly generation: number
  readonly state: 'running' | 'current' | 'replaced' | 'failed'
  /** Name of the file. */
  readonly name: string
  readonly who: string
  readonly startedAtMs: number
  readonly endedAtMs: number | null
  /** When the file was made, by its name; null: it does not say. */
  readonly generatedAtMs: number | null
  /** Bytes of the file, and how many of them were read. */
  readonly bytes: number | null
  readonly bytesRead: number
  /** Entries that were taken, lines that say what was said before, and lines that say nothing good. */
  readonly rows: number
  readonly repeated: number
  readonly bad: number
  /** The first of those lines. */
  readonly badLines: readonly Line[]
  readonly code: ErrorCode | null
  /** What is wrong with the file. */
  readonly problems: readonly Problem[]
}

/** Imports: the one in use, the one that runs, the last ones. */
export interface ImportState<Import extends FileImport = FileImport> {
  readonly current: Import | null
  readonly running: Import | null
  readonly last: readonly Import[]
}

/** A file as it comes. */
export interface ImportFile {
  readonly name: string
  /** Null: not known. */
  readonly bytes: number | null
  readonly chunks: AsyncIterable<Uint8Array>
}
