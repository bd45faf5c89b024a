/** CSV as French spreadsheets read it: UTF-8 with a byte order mark, `;`, decimal comma. */

const BOM = '\ufeff'

/** What a cell may hold. */
export type CsvCell = string | number | null

/** A file of these rows, the names of its columns first. What a spreadsheet would take for a formula is made text. Pure. */
export function csv(rows: readonly (readonly CsvCell[])[]): string {
  return `${BOM}${rows.map((row) => `${row.map(cell).join(';')}\r\n`).join('')}`
}

/** Quoted where it must be. */
function cell(value: CsvCell): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value).replace('.', ',')
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[";\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
