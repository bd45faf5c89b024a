/** Extractions of FINESS, invented: structures that do not exist, with numbers that have 99 behind their department. */
import { readStructures } from '../../src/app/structures/rules.ts'
import type { ImportFile } from '../../src/core/imports/imported.ts'
import type { StructureProfile } from '../../src/core/structures.ts'

/** The profile that is shipped. */
export const PROFILE: StructureProfile = readStructures([new URL('../../profiles', import.meta.url).pathname]).profile

/** The first line of an extraction. */
export const FIRST = 'finess;etalab;98;2026-11-03'

/** The key of the first eight digits (Luhn). */
export function keyOf(eight: string): number {
  const sum = [...eight].reduce((total, digit, i) => {
    const doubled = Number(digit) * (i % 2 === 0 ? 1 : 2)
    return total + (doubled > 9 ? doubled - 9 : doubled)
  }, 0)
  return (10 - (sum % 10)) % 10
}

/** An invented number: department, 99, four digits and its key. */
export function finess(department: string, n: number): string {
  const eight = `${department}99${String(n).padStart(4, '0')}`
  return `${eight}${keyOf(eight)}`
}

/** A line of a section by the names of its columns; what is not named is empty. */
export function line(section: string, cells: Readonly<Record<string, string>>): string {
  const columns = PROFILE.sections[section]?.columns ?? []
  return columns.map((name) => (name === 'section' ? section : (cells[name] ?? ''))).join(';')
}

/** A place. */
export function place(number: string, ej: string, name: string, more: Readonly<Record<string, string>> = {}): string {
  return line('structureet', {
    ...{ nofinesset: number, nofinessej: ej, rs: name.slice(0, 38), rslongue: name, numvoie: '3', typvoie: 'R' },
    ...{ voie: 'DE L EXEMPLE', departement: '53', libdepartement: 'MAYENNE', ligneacheminement: '53000 LAVAL CEDEX 9' },
    ...{
      telephone: '0199001234',
      categetab: '500',
      libcategetab: 'EHPAD',
      siret: '12345678900011',
      dateouv: '2001-02-03',
    },
    ...more,
  })
}

/** A legal entity. */
export function entity(number: string, name: string, more: Readonly<Record<string, string>> = {}): string {
  return line('structureej', {
    ...{ nofiness: number, rs: name.slice(0, 38), rslongue: name, departement: '53', ligneacheminement: '53000 LAVAL' },
    ...{ statutjuridique: '13', libstatutjuridique: 'Etablissement public', siren: '123456789', ...more },
  })
}

/** Where a place stands. */
export function located(
  number: string,
  x: string,
  y: string,
  projection = '1,ATLASANTE,100,IGN,BD_ADRESSE,V2.2,LAMBERT_93',
): string {
  return line('geolocalisation', {
    nofinesset: number,
    coordxet: x,
    coordyet: y,
    sourcecoordet: projection,
    datemaj: '2026-11-03',
  })
}

/** Lines as a file comes to an import, some bytes at a time. */
export function fileOf(
  lines: readonly string[] | Buffer,
  name = 'etalab-cs1100507-stock-20261103-0338.csv',
): ImportFile {
  const bytes = Buffer.isBuffer(lines) ? lines : Buffer.from(`${lines.join('\n')}\n`)
  return { name, bytes: bytes.length, chunks: chunked(bytes, 1_000) }
}

async function* chunked(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
