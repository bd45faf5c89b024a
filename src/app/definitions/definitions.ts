/** Everything that FHIR resources are validated by: R4, our profiles, and the official packages of the region. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { PackedDefinition } from '../../formats/fhir/package/package.ts'
import { readAnswers, readByType } from './choices.ts'
import { type DefinitionProblem, readPackages, type UsedPackage } from './packages.ts'

const SHIPPED = fileURLToPath(new URL('../../../profiles/fhir/', import.meta.url))

/** What a region validates by. */
export interface Definitions {
  /** Texts with one definition on each line; of two with one canonical the later counts. */
  readonly texts: readonly string[]
  /** The profile that every resource of a type is held against, by type. */
  readonly byType: ReadonlyMap<string, string>
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

/** The official profile under our canonical: whatever asks for ours is given it. */
function renamed({ line, url }: PackedDefinition, ours: string): string {
  return line.replace(`"url":${JSON.stringify(url)}`, () => `"url":${JSON.stringify(ours)}`)
}

/** Types that profiles constrain, by canonical, from the beginnings of their lines. */
function typesOf(texts: readonly string[]): Map<string, string> {
  const head = /^\{"resourceType":"StructureDefinition","url":"([^"]+)".{0,500}?"type":"([A-Za-z]+)"/gm
  return new Map(
    texts.flatMap((text) => [...text.matchAll(head)].map(([, url = '', type = '']) => [url, type] as const)),
  )
}

/**
 * Reads them. `folders` are those of `profiles`, the region's first, what is shipped last: of `packages/*.tgz`,
 * `packages/answers.yaml` and `fhir/by-type.yaml` the first counts. An official definition replaces ours of the same canonical.
 * @throws {Error} when what is shipped cannot be read */
export function readDefinitions(folders: readonly string[]): Definitions {
  const packages = readPackages(folders)
  const own = shipped('compiled')
  const known = { ours: typesOf(own), official: packages.definitions }
  const answers = readAnswers(folders, known)
  const byType = readByType(folders, known)
  const official = [...packages.definitions.values()].map(({ line }) => line)
  const standing = [...answers.chosen].map(([ours, theirs]) => renamed(packages.definitions.get(theirs)!, ours))
  const brought = [...official, ...standing].join('\n')
  return {
    texts: [...shipped('r4'), ...own, ...(brought === '' ? [] : [brought])],
    byType: byType.chosen,
    answers: answers.chosen,
    packages: packages.used,
    problems: [...packages.problems, ...answers.problems, ...byType.problems],
  }
}
