import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Folder `profiles/fhir`, with a slash at its end. */
export const FHIR: string = fileURLToPath(new URL('../../profiles/fhir/', import.meta.url))

/** Texts of a folder of `profiles/fhir` by file name, in the order that the build makes them in. */
export function committed(folder: string): Map<string, string> {
  const names = readdirSync(FHIR + folder).sort()
  return new Map(names.map((name) => [name, readFileSync(`${FHIR}${folder}/${name}`, 'utf8')]))
}

/** A StructureDefinition as far as tests look. */
export interface Definition {
  readonly url: string
  readonly type: string
  readonly baseDefinition: string
  readonly snapshot: { readonly element: readonly Record<string, unknown>[] }
}

/** A ValueSet as a list of codes. */
export interface Listed {
  readonly url: string
  readonly compose: { readonly include: readonly { system: string; concept?: readonly { code: string }[] }[] }
}

/** Definitions of a file. */
export function read<T = Definition>(folder: string, name: string): T[] {
  return JSON.parse(committed(folder).get(name) ?? '[]') as T[]
}

/** Names of files whose text is not the same in both, or that only one has. */
export function differences(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): string[] {
  return [...new Set([...one.keys(), ...other.keys()])].filter((name) => one.get(name) !== other.get(name))
}
