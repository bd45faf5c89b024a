import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { frameworkOf } from '../../conformity/framework/compile.ts'
import { frameworkProblems } from '../../conformity/framework/problems.ts'
import type { WrittenFramework } from '../../conformity/framework/written.ts'
import { type Framework, frameworkName } from '../../core/conformity.ts'
import { ERRORS } from '../../core/errors.ts'
import { caseNames } from './case-names.ts'
import { error, type Fault, type Problem } from './problem.ts'
import { filesOf } from './profile-files.ts'
import { RuleFiles, ruleIds } from './rule-files.ts'
import { frameworkPiece } from './schema/framework.ts'
import { readSource, type Source } from './source.ts'
import { ownFileFaults, placedProblems, writtenFiles } from './written-file.ts'

/** A file of a framework, read. `framework` null: it has problems, and nothing of it is used. */
export interface FrameworkFile {
  readonly file: string
  readonly framework: Framework | null
  /** Everything wrong with it, in the order of its lines. */
  readonly problems: readonly Problem[]
  readonly locate: Source['locate']
}

/** Stands where a value of the head is at fault. */
const HEAD = {
  id: 'none',
  version: '0',
  name: { fr: '-', en: '-' },
  publisher: '-',
  status: 'draft',
  valid: { from: '2000-01-01' },
  appliesTo: ['hospital'],
  source: '-',
}

const read = writtenFiles<WrittenFramework>(frameworkPiece, HEAD)

/** Ids of the rules in the folders, a region's and the shipped ones, every code of the error table, and cases of test books. */
export function findingNames(folders: readonly string[]): ReadonlySet<string> {
  // Folder by folder: a shipped framework may name a rule whose file the region has replaced.
  const ids = folders.flatMap((folder) => [...ruleIds(new RuleFiles([folder]).written())])
  return new Set([...Object.keys(ERRORS), ...ids, ...caseNames(folders)])
}

/** Reads the text of one file; `file` is its name for people, `findings` what it may name (null: anything). Throws nothing. */
export function readFramework(file: string, text: string, findings: ReadonlySet<string> | null): FrameworkFile {
  const { source, form, sound } = read(text)
  const requirements = new Set(idsIn(source.value))
  const inside = sound === null ? [] : frameworkProblems(sound, { findings, requirements })
  const problems = placedProblems(
    { source, form },
    inside.map(({ path, message }) => error(path, 'BAD_FRAMEWORK', message)),
  )
  const good = problems.length === 0 && sound !== null
  return { file, framework: good ? frameworkOf(sound) : null, problems, locate: source.locate }
}

/** A file that cannot be read. */
export function unreadable(file: string, { code }: NodeJS.ErrnoException): FrameworkFile {
  const problem = `cannot be read (${code ?? 'unknown'})`
  const { locate } = readSource('')
  return { file, framework: null, problems: [locate(error([], 'UNREADABLE', problem))], locate }
}

/** Ids of the requirements of a value, whatever its form. */
function idsIn(value: unknown): string[] {
  const listed = (of: unknown, key: string): unknown[] => {
    const list: unknown = (of as Readonly<Record<string, unknown>> | null | undefined)?.[key]
    return Array.isArray(list) ? list : []
  }
  return listed(value, 'domains')
    .flatMap((domain) => listed(domain, 'requirements'))
    .map((one) => (one as { readonly id?: unknown } | null | undefined)?.id)
    .filter((id) => typeof id === 'string')
}

/**
 * Files that say another thing under the name and version of an earlier one get a problem and lose their framework: a
 * version never changes. Pure. */
export function withoutClashes(files: readonly FrameworkFile[]): FrameworkFile[] {
  const first = new Map<string, FrameworkFile>()
  return files.map((one) => {
    if (one.framework === null) return one
    const name = frameworkName(one.framework)
    const before = first.get(name)
    if (before === undefined) first.set(name, one)
    if (before === undefined || isDeepStrictEqual(before.framework, one.framework)) return one
    const message = `${name} stands in ${before.file} and says another thing: a version never changes, so this one needs another`
    return { ...one, framework: null, problems: [one.locate(error(['version'], 'BAD_FRAMEWORK', message))] }
  })
}

/** Texts of `frameworks` in the folders, unread, the last folder first: what is shipped stands, a region's files beside it. */
export function frameworkTexts(folders: readonly string[]): { readonly file: string; readonly yaml: string }[] {
  const places = new Set([...folders].reverse().map((folder) => resolve(folder, 'frameworks')))
  return [...places].flatMap((place) =>
    filesOf(place)
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => ({ file: join(place, name), yaml: readFileSync(join(place, name), 'utf8') })),
  )
}

/** The same, read. */
export function frameworkFiles(folders: readonly string[]): FrameworkFile[] {
  const findings = findingNames(folders)
  return withoutClashes(frameworkTexts(folders).map(({ file, yaml }) => readFramework(file, yaml, findings)))
}

/** Frameworks of the folders, each once, those whose files are good: shipped ones first. */
export function frameworks(folders: readonly string[]): Framework[] {
  const good = frameworkFiles(folders).flatMap(({ framework }) => (framework === null ? [] : [framework]))
  return [...new Map(good.map((one) => [frameworkName(one), one])).values()]
}

/** Faults of the files in a region's own folder, the first of `folders`, told at the region file's beginning. */
export function frameworkFaults(folders: readonly string[]): Fault[] {
  return ownFileFaults(folders, 'frameworks', 'BAD_FRAMEWORK', () => frameworkFiles(folders))
}
