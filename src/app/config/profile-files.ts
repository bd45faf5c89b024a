import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { NOT_UTF8, notUtf8At } from './source.ts'

const SHIPPED = fileURLToPath(new URL('../../../profiles', import.meta.url))

/** Folders searched for tables and services: `profiles` beside the region file first, then what the gateway ships. */
export function profileFolders(regionFolder: string): readonly string[] {
  return [join(regionFolder, 'profiles'), SHIPPED]
}

/** The folder that the gateway ships. */
export function shippedProfiles(): readonly string[] {
  return [SHIPPED]
}

/** A table or service file that cannot be used; `found` false when there is none. */
export type Unusable = { readonly ok: false; readonly found: boolean; readonly message: string }

/**
 * Codes of `tables/NAME.csv` (header `code,system,display`; `I6*` is a prefix), in file order. The first folder that
 * has the table wins. */
export function readTable(folders: readonly string[], name: string): { ok: true; codes: string[] } | Unusable {
  const read = rowsOf(folders, join('tables', `${name}.csv`), 'code,system,display')
  if (!read.ok) return read
  const { file, rows } = read
  const codes: string[] = []
  for (const [i, row] of rows.entries()) {
    const code = row[0] ?? ''
    const wrong =
      row.length !== 3
        ? 'three columns are needed'
        : !/^[^*\s]+\*?$/.test(code)
          ? 'the code is empty or malformed'
          : null
    if (wrong) return { ok: false, found: true, message: `profiles/${file} row ${i + 2}: ${wrong}` }
    codes.push(code)
  }
  if (codes.length === 0) return { ok: false, found: true, message: `profiles/${file} has no code` }
  return { ok: true, codes }
}

/** Rows of the map `tables/NAME.csv` (header `from,to`), in file order. The first folder that has the table wins. */
export function readMap(folders: readonly string[], name: string): { ok: true; rows: Map<string, string> } | Unusable {
  const read = rowsOf(folders, join('tables', `${name}.csv`), 'from,to')
  if (!read.ok) return read
  const { file, rows } = read
  const unusable = (message: string): Unusable => ({ ok: false, found: true, message: `profiles/${file} ${message}` })
  const map = new Map<string, string>()
  for (const [i, [from = '', to, ...more]] of rows.entries()) {
    if (to === undefined || more.length > 0 || from === '')
      return unusable(`row ${i + 2}: two columns are needed, the first not empty`)
    if (map.has(from)) return unusable(`row ${i + 2}: this value stands there twice`)
    map.set(from, to)
  }
  return map.size === 0 ? unusable('has no row') : { ok: true, rows: map }
}

/** Names of the tables that stand in the folders, whatever their header. */
export function mapNames(folders: readonly string[]): string[] {
  const files = folders.flatMap((folder) => filesOf(join(folder, 'tables')))
  return [...new Set(files.filter((name) => name.endsWith('.csv')).map((name) => name.slice(0, -'.csv'.length)))]
}

/** Rows of a table below its header, from the first folder that has it. */
function rowsOf(
  folders: readonly string[],
  file: string,
  header: string,
): { readonly ok: true; readonly file: string; readonly rows: string[][] } | Unusable {
  const text = firstFile(folders, file)
  if (text === null) return { ok: false, found: false, message: `there is no profiles/${file}` }
  const unusable = (message: string): Unusable => ({ ok: false, found: true, message: `profiles/${file} ${message}` })
  const foreign = notUtf8At(text)
  if (foreign !== null) return unusable(`line ${text.slice(0, foreign).split('\n').length}: ${NOT_UTF8}`)
  const rows: string[][] = []
  for (const [i, row] of csvRows(text).entries()) {
    if (row === null) return unusable(`row ${i + 1}: a quotation mark is not closed`)
    rows.push(row)
  }
  if (rows[0]?.join(',') !== header) return unusable(`line 1: the header must be ${header}`)
  return { ok: true, file, rows: rows.slice(1) }
}

function firstFile(folders: readonly string[], file: string): string | null {
  for (const folder of folders) {
    try {
      return readFileSync(join(folder, file), 'utf8').replace(/^\uFEFF/, '')
    } catch (fault) {
      if ((fault as NodeJS.ErrnoException).code !== 'ENOENT') throw fault
    }
  }
  return null
}

/** Names in a folder, sorted; none where there is no folder. */
export function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

/** Rows of RFC 4180 text; blank lines are left out. Null in the place of a row whose quotation marks do not close. */
function csvRows(text: string): (string[] | null)[] {
  return text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const cells = [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"(?=,|\s*$)|([^,]*))/g)]
      if (cells.some(([, , bare]) => bare?.startsWith('"'))) return null
      return cells.map(([, quoted, bare]) => (quoted?.replaceAll('""', '"') ?? bare ?? '').trim())
    })
}
