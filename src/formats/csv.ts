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

/** The text of a cell that was made safe for spreadsheets; null: nothing stands there. */
export function unguarded(text: string): string | null {
  const plain = /^'[=+\-@]/.test(text) ? text.slice(1) : text
  return plain.trim() === '' ? null : plain.trim()
}

/** A record of a file, with the line it begins on (from 1). */
export interface CsvRecord {
  readonly line: number
  readonly cells: readonly string[]
}

/** Records with something in them, each with the line it begins on. A quote that is not closed runs to the end. */
export function csvRecords(file: string): CsvRecord[] {
  const text = file.startsWith(BOM) ? file.slice(1) : file
  const [first = ''] = text.split(/\r?\n/, 1)
  const separator = first.includes(';') ? ';' : ','
  const records: CsvRecord[] = []
  let cells: string[] = []
  let [value, quoted, line, began] = ['', false, 1, 1]
  const end = (): void => {
    cells.push(value)
    if (cells.some((one) => one.trim() !== '')) records.push({ line: began, cells })
    cells = []
    value = ''
  }
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at] as string
    if (sign === '\n') line += 1
    if (quoted) {
      if (sign !== '"') value += sign
      else if (text[at + 1] === '"') {
        value += sign
        at += 1
      } else quoted = false
    } else if (sign === '"' && value.trim() === '') [quoted, value] = [true, '']
    else if (sign === separator) {
      cells.push(value)
      value = ''
    } else if (sign === '\n') {
      end()
      began = line
    } else if (sign !== '\r') value += sign
  }
  end()
  return records
}
