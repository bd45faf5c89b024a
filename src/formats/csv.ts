/** CSV as French spreadsheets read it: UTF-8 with a byte order mark, `;`, CRLF, values in double quotes where they must be. Pure. */

const BOM = '\ufeff'

/** What a file may hold in a cell; null: nothing. */
export type CsvValue = string | number | null

/** Numbers with a decimal comma; what a spreadsheet would take for a formula is made text. */
function cell(value: CsvValue): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value).replace('.', ',')
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[";\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** A file of these rows, the first of them its header. */
export function csv(rows: readonly (readonly CsvValue[])[]): string {
  return `${BOM}${rows.map((row) => `${row.map(cell).join(';')}\r\n`).join('')}`
}
