/** Identifiers of structures beside FINESS: SIREN, SIRET, and the national id IdNST that contains one of them. Pure. */
import type { IdentifierFault } from './fault.ts'
import { finessFault } from './finess.ts'
import { luhnHolds } from './luhn.ts'

/** SIREN of La Poste, whose establishments have a key of their own: the sum of the digits is a multiple of 5. */
const LA_POSTE = '356000000'

/** What is wrong with a SIREN (nine digits, the last a Luhn key); null when nothing is. */
export function sirenFault(siren: string): IdentifierFault | null {
  if (!/^\d{9}$/.test(siren)) return 'form'
  return luhnHolds(siren) ? null : 'key'
}

/** What is wrong with a SIRET (14 digits, the last a Luhn key); null when nothing is. */
export function siretFault(siret: string): IdentifierFault | null {
  if (!/^\d{14}$/.test(siret)) return 'form'
  if (luhnHolds(siret)) return null
  const sum = [...siret].reduce((total, digit) => total + Number(digit), 0)
  return siret.startsWith(LA_POSTE) && sum % 5 === 0 ? null : 'key'
}

/** What an IdNST contains, by its first digit. */
export interface IdNst {
  readonly of: 'ADELI-rank' | 'FINEG' | 'SIREN' | 'SIRET' | 'RPPS-rank'
  readonly number: string
}

const CONTENTS: Readonly<Record<string, { readonly of: IdNst['of']; readonly form: RegExp }>> = {
  '0': { of: 'ADELI-rank', form: /^[0-9A-Z]{9,14}$/ },
  '1': { of: 'FINEG', form: /^([0-9]{2}|2[AB])[0-9]{7}$/ },
  '2': { of: 'SIREN', form: /^\d{9}$/ },
  '3': { of: 'SIRET', form: /^\d{14}$/ },
  '4': { of: 'RPPS-rank', form: /^\d{11,16}$/ },
}
const PREFIX: Readonly<Record<'FINEG' | 'SIREN' | 'SIRET', string>> = { FINEG: '1', SIREN: '2', SIRET: '3' }

/** What is in an IdNST; null when it has not the form. */
export function readIdNst(idNst: string): IdNst | null {
  const content = CONTENTS[idNst[0] ?? '']
  const number = idNst.slice(1)
  return content?.form.test(number) === true ? { of: content.of, number } : null
}

/** The IdNST of a number that it may contain. */
export function idNstOf(of: keyof typeof PREFIX, number: string): string {
  return `${PREFIX[of]}${number}`
}

/** What is wrong with an IdNST; null when nothing is. Keys are those of the number inside. */
export function idNstFault(idNst: string): IdentifierFault | null {
  const read = readIdNst(idNst)
  if (read === null) return 'form'
  if (read.of === 'FINEG') return finessFault(read.number)
  if (read.of === 'SIREN') return sirenFault(read.number)
  return read.of === 'SIRET' ? siretFault(read.number) : null
}
