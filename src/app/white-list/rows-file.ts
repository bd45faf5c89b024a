/** Rows of a lab's list, as a person writes them. */
import { parse } from 'yaml'
import type { LabRow } from './lab.ts'

/** What a lab has when nobody says otherwise. */
export const LAB_ROWS: readonly LabRow[] = [
  { domain: 'op.mssante.test', operator: 'op', description: 'EXEMPLE opérateur' },
  { domain: 'a.mssante.test', operator: 'a', description: 'EXEMPLE pair' },
]
const COLUMNS = ['domain', 'operator', 'subject', 'description', 'responsible', 'support'] as const

/**
 * Reads rows from YAML (a list of mappings) or CSV (a header of these names; values that hold commas in double quotes).
 * @throws {RangeError} when it is neither, or a row has no domain */
export function readRows(text: string): LabRow[] {
  const rows = /^\s*(?:#|-|\[|---)/.test(text) ? yamlRows(text) : csvRows(text)
  return rows.map((row, index) => {
    if (typeof row.domain !== 'string' || row.domain === '') throw new RangeError(`row ${index + 1} has no domain`)
    if (!row.operator && !row.subject) throw new RangeError(`row ${index + 1} has neither operator nor subject`)
    if (row.operator !== undefined && !/^[a-z0-9-]{1,40}$/.test(row.operator)) {
      throw new RangeError(`row ${index + 1}: an operator is named with letters, digits and hyphens`)
    }
    return row as unknown as LabRow
  })
}

type Loose = Partial<Record<(typeof COLUMNS)[number], string>>

function yamlRows(text: string): Loose[] {
  const read = readYaml(text)
  if (!Array.isArray(read)) throw new RangeError('rows are a list')
  return read.map((row: Readonly<Record<string, unknown>> | null) => only((name) => row?.[name]))
}

function readYaml(text: string): unknown {
  try {
    return parse(text)
  } catch {
    throw new RangeError('rows are YAML or CSV')
  }
}

function csvRows(text: string): Loose[] {
  const [header, ...lines] = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  const names = fields(header ?? '')
  if (!names.includes('domain')) throw new RangeError('the header of rows has a column domain')
  return lines.map((line) => {
    const values = fields(line)
    return only((name) => values[names.indexOf(name)])
  })
}

function only(value: (name: string) => unknown): Loose {
  const row: Loose = {}
  for (const name of COLUMNS) {
    const said = value(name)
    if (typeof said === 'string' && said !== '') row[name] = said
  }
  return row
}

/** The values of a line; quotes are doubled inside quotes (RFC 4180). */
function fields(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, bare = '']) =>
    quoted === undefined ? bare.trim() : quoted.replaceAll('""', '"'),
  )
}
