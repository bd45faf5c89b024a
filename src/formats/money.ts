/** Amounts in euros as whole cents: read from what people write, and written again. No fraction on the way. Pure. */

/** `828 526,26 €`, `828526.26`, `400 000 000 EUR`: groups of three may be parted by spaces, the last two digits by a comma or a dot. */
const AMOUNT = /^(\d{1,3}(?:[ \u00a0\u202f]\d{3})+|\d{1,12})(?:[.,](\d{2}))?(?:[ \u00a0\u202f]?(?:€|EUR))?$/

/** Cents of an amount that somebody wrote; null: it is none. */
export function centsOf(text: string): number | null {
  const found = AMOUNT.exec(text.trim())
  if (found === null) return null
  const euros = Number(found[1]!.replaceAll(/[ \u00a0\u202f]/g, ''))
  return euros > 999_999_999_999 ? null : euros * 100 + Number(found[2] ?? '0')
}

/** `828526,26`: as files for French spreadsheets have it. @throws {RangeError} when it is no whole number from 0 on */
export function eurosText(cents: number, mark: ',' | '.' = ','): string {
  if (!Number.isSafeInteger(cents) || cents < 0) throw new RangeError(`no amount: ${cents}`)
  const text = String(cents).padStart(3, '0')
  return `${text.slice(0, -2)}${mark}${text.slice(-2)}`
}
