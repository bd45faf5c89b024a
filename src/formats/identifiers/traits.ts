/** Traits of an identity held against each other, as RNIV 1 (version 2.0) asks. What is found is for people to look at. Pure. */
import { matriculeKey, readMatricule } from './ins.ts'

/** Written as comparisons take names: without accents, in capitals; hyphen and apostrophe are a space (RNIV EXI SI 29, EXI PP 20). */
function comparable(name: string): string {
  return name
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .toUpperCase()
    .replaceAll('Œ', 'OE')
    .replaceAll('Æ', 'AE')
    .replaceAll(/[-'’ʼ\s]+/g, ' ')
    .trim()
}

/** Is the first given name the beginning of the list of given names (RNIV EXI SI 29)? One that is not there agrees with anything. */
export function givenNamesAgree(first: string, all: string): boolean {
  const [one, list] = [comparable(first), comparable(all)]
  return one === '' || list === '' || list === one || list.startsWith(`${one} `)
}

/** Sex (`M`, `F`) and birth date (`YYYY`, `YYYYMM`, longer) of an identity, as far as they are known. */
export interface SexAndBirth {
  readonly sex: string
  readonly birth: string
}

/**
 * With which trait a matricule disagrees (RNIV EXI PP 20): it begins with the sex (odd: M), year and month of birth; months beyond 12
 * stand for civil records that are not complete, and say nothing. Null: with none, or it has not the form or not its key. */
export function matriculeDisagrees(matricule: string, { sex, birth }: SexAndBirth): 'sex' | 'birth' | null {
  const { body = '', key = null } = readMatricule(matricule) ?? {}
  if (body === '' || (key !== null && key !== matriculeKey(body))) return null
  const written = Number(body[0]) % 2 === 1 ? 'M' : 'F'
  if ((sex === 'M' || sex === 'F') && sex !== written) return 'sex'
  const [year, month] = [body.slice(1, 3), body.slice(3, 5)]
  if (/^\d{4}/.test(birth) && birth.slice(2, 4) !== year) return 'birth'
  return Number(month) <= 12 && /^\d{6}/.test(birth) && birth.slice(4, 6) !== month ? 'birth' : null
}
