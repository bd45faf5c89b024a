import type { Journal, Statement } from '../../core/journal.ts'

const formats = new Map<string, Intl.DateTimeFormat>()

/** Made once for each zone: a format is dear to make. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat('en-GB', { timeZone, year: '2-digit', month: '2-digit', day: '2-digit' })
  formats.set(timeZone, made)
  return made
}

/** The day of a moment in a time zone, as numbers of cases have it: `261126`. */
export function dayOf(atMs: number, timeZone: string): string {
  const of = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(atMs)
      .map(({ type, value }) => [type, value]),
  )
  return `${of['year']}${of['month']}${of['day']}`
}

/**
 * The next number of a series, `AVC-261126-0042`, and the row that takes it: refused when somebody else took it meanwhile. */
export async function nextNumber(
  journal: Pick<Journal, 'look'>,
  series: string,
): Promise<{ readonly number: string; readonly row: Statement }> {
  const [known] = await journal.look<{ n: number }>({
    sql: 'SELECT n FROM care_number WHERE series = ?',
    parameters: [series],
  })
  const n = Number(known?.n ?? 0)
  const row: Statement =
    known === undefined
      ? {
          sql: 'INSERT INTO care_number (series, n) VALUES (?, 1) ON CONFLICT DO NOTHING',
          parameters: [series],
          rows: 1,
        }
      : { sql: 'UPDATE care_number SET n = ? WHERE series = ? AND n = ?', parameters: [n + 1, series, n], rows: 1 }
  return { number: `${series}-${String(n + 1).padStart(4, '0')}`, row }
}
