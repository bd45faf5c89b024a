import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { linesSource } from '../formats/fhir/validate/source.ts'
import { type DefinitionSource, FhirDefinitions, loadEngine } from '../formats/fhir/validate/validate.ts'

/** Where definitions lie below a folder of profiles; what comes later replaces what came before. */
const PARTS = ['fhir/r4', 'fhir/compiled', 'fhir/own'] as const

/**
 * The definitions of the folders (`profileFolders`: the region's own first, then those shipped): FHIR R4, the profiles that
 * the gateway ships, and in `fhir/own` those of the region, each file one resource, an array or a Bundle. */
export function profileSource(folders: readonly string[]): DefinitionSource {
  return linesSource(folders.toReversed().flatMap((folder) => PARTS.flatMap((part) => texts(join(folder, part)))))
}

/** Makes the definitions when they are first asked for, and keeps them. A fault is told to each who asks. */
export function definitionsOf(folders: readonly string[]): () => Promise<FhirDefinitions> {
  let made: Promise<FhirDefinitions> | null = null
  return () => (made ??= loadEngine().then((engine) => new FhirDefinitions(profileSource(folders), engine)))
}

function texts(folder: string): string[] {
  return filesOf(folder).map((file) => lines(readFileSync(join(folder, file), 'utf8')))
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .sort()
  } catch {
    return []
  }
}

/** One resource a line, as the files that we ship are written; others are brought into that form. */
function lines(text: string): string {
  if (text.startsWith('[\n{')) return text
  const value = JSON.parse(text) as { resourceType?: string; entry?: { resource: unknown }[] } | unknown[]
  const all = Array.isArray(value) ? value : value.resourceType === 'Bundle' ? entries(value.entry) : [value]
  return all.map((one) => JSON.stringify(headFirst(one as Record<string, unknown>))).join('\n')
}

const entries = (entry: readonly { resource: unknown }[] = []): unknown[] => entry.map(({ resource }) => resource)

function headFirst({ resourceType, url, ...rest }: Record<string, unknown>): object {
  return { resourceType, url, ...rest }
}
