/** Identifiers of professionals: RPPS, the national id IdNPS that contains it, and ADELI, which is no longer given. Pure. */
import type { IdentifierFault } from './fault.ts'
import { luhnHolds } from './luhn.ts'

const RPPS = /^\d{11}$/
const ADELI = /^[0-9A-Z]{9}$/
/** As people write it: its department may hold a letter. */
const WRITTEN_ADELI = /^\d[0-9A-Z]\d{7}$/
const IDNPS = /^[0-9][0-9A-Z./-]{8,40}$/

/** What is wrong with an RPPS number (11 digits, the last a Luhn key); null when nothing is. */
export function rppsFault(rpps: string): IdentifierFault | null {
  if (!RPPS.test(rpps)) return 'form'
  return luhnHolds(rpps) ? null : 'key'
}

/** What an IdNPS contains: a number of the national directory, or one that a structure gave (`FINESS/internal`). */
export interface IdNps {
  readonly of: 'RPPS' | 'ADELI' | 'structure' | 'other'
  readonly number: string
}

/** What is in an IdNPS: `8` and an RPPS, `0` and an ADELI, `3` and a structure's own; null when it has not the form. */
export function readIdNps(idNps: string): IdNps | null {
  if (!IDNPS.test(idNps)) return null
  const number = idNps.slice(1)
  switch (idNps[0]) {
    case '8':
      return RPPS.test(number) ? { of: 'RPPS', number } : null
    case '0':
      return ADELI.test(number) ? { of: 'ADELI', number } : null
    case '3':
      return { of: 'structure', number }
    default:
      return { of: 'other', number }
  }
}

/** What is wrong with an IdNPS; null when nothing is. Only the key of an RPPS inside can be judged. */
export function idNpsFault(idNps: string): IdentifierFault | null {
  const read = readIdNps(idNps)
  if (read === null) return 'form'
  return read.of === 'RPPS' ? rppsFault(read.number) : null
}

/** What is wrong with an ADELI number (nine characters); null when nothing is. */
export function adeliFault(adeli: string): IdentifierFault | null {
  return ADELI.test(adeli) ? null : 'form'
}

/**
 * The IdNPS that a person means by an RPPS number (11 digits), an ADELI number (nine characters) or an IdNPS of one of
 * these or of a structure; null when it is none of them. `keyHolds` false: the RPPS in it has a wrong key. */
export function idNpsOf(text: string): { readonly idNps: string; readonly keyHolds: boolean } | null {
  const plain = text.replaceAll(/\s/g, '').toUpperCase()
  const idNps = RPPS.test(plain) ? `8${plain}` : WRITTEN_ADELI.test(plain) ? `0${plain}` : plain
  const read = readIdNps(idNps)
  if (read === null || read.of === 'other') return null
  return { idNps, keyHolds: read.of !== 'RPPS' || luhnHolds(read.number) }
}
