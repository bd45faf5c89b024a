import type { DirectoryFile, DirectoryImport, DirectorySettings } from '../../core/directory.ts'
import {
  type BegunFile,
  beginFile,
  type ImportingParts,
  type Reading,
  type Register,
  tidyRegister,
} from '../../core/imports/import.ts'
import { Ledger } from '../../core/imports/ledger.ts'
import type { Dialect } from '../../core/journal.ts'
import { ExtractionReader, type ExtractionRow, generatedAt } from '../../formats/directory/extraction.ts'
import { unpacked } from '../../formats/directory/packed.ts'
import { wordsOfEntry } from '../../formats/directory/words.ts'
import { Seen } from '../../formats/seen.ts'
import { shownName } from './names.ts'
import { BATCH, entryRows, removeRow, SPAN } from './rows.ts'

/** What a file is imported with. */
export interface ImportParts extends ImportingParts {
  readonly settings: () => DirectorySettings
}

/** Entries that are taken away in one commit. */
const REMOVED = 50

/** What is told of the imports of the directory. */
export const DIRECTORY_LEDGER: Ledger<DirectoryImport> = new Ledger('directory_import', { badLines: [], problems: [] })

/** Begins an import, and ends one that ended without saying so. @throws {GatewayError} DIRECTORY_BUSY while another runs */
export function beginImport(
  parts: ImportParts,
  file: Pick<DirectoryFile, 'name' | 'bytes'>,
  act: { readonly who: string; readonly why: string },
): Promise<BegunFile<DirectoryImport>> {
  return beginFile(directoryRegister(parts), parts, file, act)
}

/**
 * Ends what a process left that is no more, and takes away what is in use no longer. `alone`: nobody else works on this
 * store, so that whatever runs is such. */
export function tidyImports(parts: ImportParts, alone: boolean, stopped: () => boolean): Promise<void> {
  return tidyRegister(directoryRegister(parts), parts, alone, stopped)
}

function directoryRegister({ journal, settings }: ImportParts): Register<ExtractionRow, DirectoryImport> {
  return {
    ledger: DIRECTORY_LEDGER,
    span: SPAN,
    batch: BATCH,
    acts: { begin: 'import-directory', take: 'take-directory' },
    codes: { file: 'DIRECTORY_FILE', cut: 'DIRECTORY_CUT', busy: 'DIRECTORY_BUSY', tooLarge: 'DIRECTORY_TOO_LARGE' },
    generatedAt,
    reading: (changedAtMs) => reading(settings(), journal.dialect, changedAtMs),
    async remove(look, generation) {
      const from = generation * SPAN
      const rows = await look<{ n: number }>({
        sql: 'SELECT n FROM directory_entry WHERE n >= ? AND n < ? ORDER BY n LIMIT ?',
        parameters: [from, from + SPAN, REMOVED],
      })
      const last = rows.at(-1)
      return last === undefined ? null : [removeRow(from, Number(last.n) + 1)]
    },
  }
}

function reading(
  { columns, maxBytes }: DirectorySettings,
  dialect: Dialect,
  changedAtMs: number,
): Reading<ExtractionRow, DirectoryImport> {
  const seen = new Seen()
  return {
    reader: new ExtractionReader(columns),
    text: (chunks) => unpacked(chunks, maxBytes),
    repeats: ({ facts: { address, person, structure } }) => !seen.add(`${address}|${person ?? ''}|${structure ?? ''}`),
    write(rows, first) {
      const entries = rows.map(({ facts, more }, i) => ({
        ...{ n: first + i, facts, name: shownName(facts), establishment: null, red: false },
        ...{ changedAtMs, words: wordsOfEntry(facts, more) },
      }))
      return entryRows(entries, dialect)
    },
    counts: () => true,
    told: () => ({}),
  }
}
