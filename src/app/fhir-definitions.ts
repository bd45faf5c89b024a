import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { linesSource } from '../formats/fhir/validate/source.ts'
import { FhirDefinitions, loadEngine } from '../formats/fhir/validate/validate.ts'
import { shippedProfiles } from './config/profile-files.ts'
import { readDefinitions } from './definitions/definitions.ts'
import type { DefinitionProblem } from './definitions/packages.ts'

/** What is loaded, for who only asks which profiles there are. */
export interface Loaded {
  readonly profiles: readonly { readonly url: string; readonly type: string }[]
  readonly problems: readonly DefinitionProblem[]
}

/** Makes the definitions of the folders (`profileFolders`). */
export async function readyDefinitions(folders: readonly string[]): Promise<FhirDefinitions> {
  return new FhirDefinitions(linesSource(readDefinitions(folders).texts), await loadEngine())
}

/**
 * Makes the definitions when they are first asked for, with their rules read in slices, and keeps them. Without folders: of
 * what is shipped. */
export function definitionsOf(folders: readonly string[] = shippedProfiles()): () => Promise<FhirDefinitions> {
  let made: Promise<FhirDefinitions> | null = null
  return () =>
    (made ??= readyDefinitions(folders).then(async (definitions) => {
      await definitions.warm()
      return definitions
    }))
}

/** Which profiles the folders give, and what is wrong with their files. */
export function loadedProfiles(folders: readonly string[]): Loaded {
  const { texts, problems } = readDefinitions(folders)
  return { profiles: linesSource(texts).profiles, problems }
}

/** Does the region bring packages of its own? */
export function hasPackages(folders: readonly string[]): boolean {
  return folders.some((folder) => existsSync(join(folder, 'packages')))
}
