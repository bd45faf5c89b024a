/** FINESS numbers of French health structures: nine characters, the last a Luhn key. Pure. */

/** What a FINESS number looks like; `2A` and `2B` begin those of Corsica. */
export const FINESS_PATTERN = '^([0-9]{2}|2[AB])[0-9]{7}$'

/** Is the last digit the Luhn key of the others? For Corsica the letter counts as 0 (not confirmed by a public text,
 * so a wrong key is a warning and never an error). */
export function finessKeyHolds(finess: string): boolean {
  const digits = finess.replace(/^2[AB]/, '20')
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i])
    const weighed = i % 2 === 1 ? digit * 2 : digit
    sum += weighed > 9 ? weighed - 9 : weighed
  }
  return sum % 10 === 0
}
