/** CSV as French spreadsheets write it (RFC 4180): UTF-8, `;` or `,`, values in double quotes where they must be. Pure. */

/** A cell as it was meant: what `csv` made text of a formula is itself again; null: nothing stands there. */
export function unguardedCell(text: string): string | null {
  const plain = /^'[=+\-@]/.test(text) ? text.slice(1) : text
  return plain.trim() === '' ? null : plain.trim()
}

/** A record, and the line that it begins on (from 1). */
export interface CsvRecord {
  readonly line: number
  readonly cells: readonly string[]
}

/**
 * Records with something in them. Cells are parted by `;`, or by `,` where the first line has none; a byte order mark is passed over,
 * and a quote that is not closed runs to the end. */
export function csvRecords(file: string): CsvRecord[] {
  const text = file.startsWith('\ufeff') ? file.slice(1) : file
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
