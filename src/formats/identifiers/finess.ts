/** FINESS numbers of French health structures: nine characters, the last a Luhn key. Pure. */
import type { IdentifierFault } from './fault.ts'
import { luhnHolds } from './luhn.ts'

/** What a FINESS number looks like; `2A` and `2B` begin those of Corsica. */
export const FINESS_PATTERN = '^([0-9]{2}|2[AB])[0-9]{7}$'

const FORM = new RegExp(FINESS_PATTERN)

/** Is the last digit the Luhn key of the others? For Corsica the letter counts as 0 (not confirmed by a public text,
 * so a wrong key is a warning and never an error). */
export function finessKeyHolds(finess: string): boolean {
  return luhnHolds(finess.replace(/^2[AB]/, '20'))
}

/** What is wrong with a FINESS number; null when nothing is. */
export function finessFault(finess: string): IdentifierFault | null {
  if (!FORM.test(finess)) return 'form'
  return finessKeyHolds(finess) ? null : 'key'
}
