/** Which profile stands for which, in YAML: an official one for ours, or ours for one that no package brings. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CANONICAL, type PackedDefinition } from '../../formats/fhir/package/package.ts'
import { readSource } from '../config/source.ts'
import type { DefinitionProblem } from './packages.ts'

/** Address of our profiles (docs/profiles.md). */
export const OUR_PROFILES = 'https://passerelle.example/fhir/StructureDefinition/'

/** What a file says, by canonical, and what is wrong with it. */
export interface Choices {
  readonly chosen: ReadonlyMap<string, string>
  readonly problems: readonly DefinitionProblem[]
}

/** What is known: types that profiles constrain, by canonical. */
export interface KnownProfiles {
  readonly ours: ReadonlyMap<string, string>
  readonly official: ReadonlyMap<string, PackedDefinition>
}

/** Lines `NAME: VALUE` of the first folder that has the file; null when none has. A value that is no text is ''. */
function readLines(folders: readonly string[], file: string): [string, string][] | string | null {
  const text = firstText(folders, file)
  if (text === null) return null
  const { value, problems } = readSource(text)
  if (problems.length > 0) return `line ${problems[0]!.line}: ${problems[0]!.message}`
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'must be lines of NAME: VALUE'
  return Object.entries(value).map(([name, one]) => [name, typeof one === 'string' ? one : ''])
}

function firstText(folders: readonly string[], file: string): string | null {
  for (const folder of folders) {
    try {
      return readFileSync(join(folder, file), 'utf8')
    } catch (fault) {
      if ((fault as NodeJS.ErrnoException).code !== 'ENOENT') throw fault
    }
  }
  return null
}

function choices(
  folders: readonly string[],
  file: string,
  choose: (name: string, value: string) => readonly [string, string] | string,
): Choices {
  const chosen = new Map<string, string>()
  const problems: DefinitionProblem[] = []
  const wrong = (message: string) => problems.push({ severity: 'error', file: `profiles/${file}`, message })
  const lines = readLines(folders, file)
  if (typeof lines === 'string') wrong(lines)
  else {
    for (const [name, value] of lines ?? []) {
      const one = choose(name, value)
      if (typeof one === 'string') wrong(one)
      else chosen.set(...one)
    }
  }
  return { chosen, problems }
}

/** `packages/answers.yaml`: names of our profiles, each with the canonical of the official one that stands for it. */
export function readAnswers(folders: readonly string[], { ours, official }: KnownProfiles): Choices {
  return choices(folders, 'packages/answers.yaml', (name, value) => {
    const type = ours.get(OUR_PROFILES + name)
    const theirs = official.get(value)
    if (type === undefined) return `${name} is none of our profiles`
    if (theirs === undefined || theirs.type === '') return `${name}: no package brings the profile ${value}`
    if (theirs.type !== type) return `${name} is about ${type}, but ${value} about ${theirs.type}`
    return [OUR_PROFILES + name, value]
  })
}

/** `fhir/stands-for.yaml`: canonicals of others, each with the name of our profile that stands for it. */
export function readStandIns(folders: readonly string[], ours: KnownProfiles['ours']): Choices {
  return choices(folders, 'fhir/stands-for.yaml', (canonical, name) => {
    if (!CANONICAL.test(canonical)) return `${canonical} is no canonical`
    return ours.has(OUR_PROFILES + name) ? [canonical, OUR_PROFILES + name] : `${name} is none of our profiles`
  })
}
