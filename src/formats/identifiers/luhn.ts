/** The Luhn key (ISO/IEC 7812-1 annex B), as RPPS, FINESS, SIREN and SIRET use it. Pure. */

/** Is the last digit the Luhn key of the others? False when it is not digits alone. */
export function luhnHolds(digits: string): boolean {
  if (!/^\d+$/.test(digits)) return false
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 0x30
    const weighed = i % 2 === 1 ? digit * 2 : digit
    sum += weighed > 9 ? weighed - 9 : weighed
  }
  return sum % 10 === 0
}
