/** Everything that FHIR resources are validated by: R4, our profiles, and the official packages of the region. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readAnswers, readStandIns } from './choices.ts'
import { type DefinitionProblem, readPackages, type UsedPackage } from './packages.ts'

const SHIPPED = fileURLToPath(new URL('../../../profiles/fhir/', import.meta.url))

/** What a region validates by. */
export interface Definitions {
  /** Texts with one definition on each line; of two with one canonical the later counts. */
  readonly texts: readonly string[]
  /** Ours that an official profile stands for, with its canonical. */
  readonly answers: ReadonlyMap<string, string>
  /** Packages in use, in the order of their file names. */
  readonly packages: readonly UsedPackage[]
  readonly problems: readonly DefinitionProblem[]
}

function shipped(folder: string): string[] {
  const names = readdirSync(SHIPPED + folder).filter((name) => name.endsWith('.json'))
  return names.sort().map((name) => readFileSync(`${SHIPPED}${folder}/${name}`, 'utf8'))
}

/** A definition under another canonical: whatever asks for that is given it. */
function renamed(line: string, canonical: string): string {
  return line.replace(/"url":"[^"]*"/, () => `"url":${JSON.stringify(canonical)}`)
}

/** A profile of ours: the type that it constrains, and its line. */
interface Own {
  readonly type: string
  readonly line: string
}

const PROFILE = /^\{"resourceType":"StructureDefinition","url":"([^"]+)".{0,500}?"type":"([A-Za-z]+)"/

function ownProfiles(texts: readonly string[]): Map<string, Own> {
  const lines = texts.flatMap((text) => text.split('\n')).map((line) => [line, PROFILE.exec(line)] as const)
  return new Map(
    lines.flatMap(([line, found]) =>
      found === null ? [] : [[found[1]!, { type: found[2]!, line: line.replace(/,$/, '') }] as const],
    ),
  )
}

/**
 * Reads them. `folders` are those of `profiles`, the region's first, what is shipped last: of the .tgz files in `packages`,
 * `packages/answers.yaml` and `fhir/stands-for.yaml` the first counts. An official definition replaces ours of the same
 * canonical, and what ours only stands for.
 * @throws {Error} when what is shipped cannot be read */
export function readDefinitions(folders: readonly string[]): Definitions {
  const packages = readPackages(folders)
  const compiled = shipped('compiled')
  const own = ownProfiles(compiled)
  const ours = new Map([...own].map(([url, { type }]) => [url, type]))
  const answers = readAnswers(folders, { ours, official: packages.definitions })
  const standIns = readStandIns(folders, ours)
  const lines = [
    ...[...standIns.chosen].map(([theirs, name]) => renamed(own.get(name)!.line, theirs)),
    ...[...packages.definitions.values()].map(({ line }) => line),
    ...[...answers.chosen].map(([name, theirs]) => renamed(packages.definitions.get(theirs)!.line, name)),
  ]
  return {
    texts: [...shipped('r4'), ...compiled, lines.join('\n')],
    answers: answers.chosen,
    packages: packages.used,
    problems: [...packages.problems, ...answers.problems, ...standIns.problems],
  }
}
