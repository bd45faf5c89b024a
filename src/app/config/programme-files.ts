import { readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { programmeOf } from '../../conformity/programme/compile.ts'
import { type ProgrammeNames, programmeProblems } from '../../conformity/programme/problems.ts'
import type { WrittenProgramme } from '../../conformity/programme/written.ts'
import { frameworkName } from '../../core/conformity.ts'
import type { Programme } from '../../core/programmes.ts'
import { findingNames, frameworks } from './framework-files.ts'
import { error, type Fault, type Problem } from './problem.ts'
import { filesOf } from './profile-files.ts'
import { programmePiece } from './schema/programme.ts'
import { readSource, type Source } from './source.ts'
import { ownFileFaults, placedProblems, writtenFiles } from './written-file.ts'

/** A file of a programme, read. `programme` null: it has problems, and nothing of it is used. */
export interface ProgrammeFile {
  readonly file: string
  readonly programme: Programme | null
  /** Everything wrong with it, in the order of its lines. */
  readonly problems: readonly Problem[]
  readonly locate: Source['locate']
}

/** Stands where a value of the head is at fault. */
const HEAD = {
  id: 'none',
  name: { fr: '-', en: '-' },
  publisher: '-',
  period: { from: '2000-01-01' },
  source: '-',
  kinds: ['hospital'],
  domains: [{ id: 'none', name: { fr: '-', en: '-' } }],
  payment: { use: '100 %', source: '-' },
}

const read = writtenFiles<WrittenProgramme>(programmePiece, HEAD)

/** Rules, codes and requirements that a programme of these folders may name. */
export function programmeNames(folders: readonly string[]): ProgrammeNames {
  const requirements = frameworks(folders).flatMap((framework) =>
    framework.domains.flatMap((domain) => domain.requirements.map(({ id }) => `${frameworkName(framework)} ${id}`)),
  )
  return { findings: findingNames(folders), requirements: new Set(requirements) }
}

/** Reads the text of one file; `file` is its name for people. Throws nothing. */
export function readProgramme(file: string, text: string, names: ProgrammeNames): ProgrammeFile {
  const { source, form, sound } = read(text)
  const headless = new Set(form.map(({ path }) => path[0]))
  const inside = sound === null ? [] : programmeProblems(sound, names)
  const problems = placedProblems(
    { source, form },
    // What only follows from a value of the head that is missing needs no second line.
    inside
      .filter(({ path }) => !headless.has(path[0]!) || path.length > 1)
      .map(({ path, message }) => error(path, 'BAD_PROGRAMME', message)),
  )
  const good = problems.length === 0 && sound !== null
  return { file, programme: good ? programmeOf(sound) : null, problems, locate: source.locate }
}

/** A file that cannot be read. */
export function unreadableProgramme(file: string, { code }: NodeJS.ErrnoException): ProgrammeFile {
  const { locate } = readSource('')
  const problem = locate(error([], 'UNREADABLE', `cannot be read (${code ?? 'unknown'})`))
  return { file, programme: null, problems: [problem], locate }
}

/**
 * Files of `programmes` in the folders, the first folder first. The first file with an id counts: a region's own stands in the place of
 * the shipped one. A second one of the same folder gets a problem. `given`: what they may name; absent: what stands in the folders. */
export function programmeFiles(folders: readonly string[], given?: ProgrammeNames): ProgrammeFile[] {
  const places = [...new Set(folders.map((folder) => resolve(folder, 'programmes')))]
  const files = places.map((place) => filesOf(place).filter((name) => name.endsWith('.yaml')))
  if (files.every((names) => names.length === 0)) return []
  const names = given ?? programmeNames(folders)
  return places.flatMap((place, i) =>
    withoutTwins(
      files[i]!.map((name) => {
        const file = join(place, name)
        return readProgramme(file, readFileSync(file, 'utf8'), names)
      }),
    ),
  )
}

/** Files that bear the id of an earlier one get a problem and lose their programme. Pure. */
export function withoutTwins(files: readonly ProgrammeFile[]): ProgrammeFile[] {
  const first = new Map<string, ProgrammeFile>()
  return files.map((one) => {
    if (one.programme === null) return one
    const { id } = one.programme
    const before = first.get(id)
    if (before === undefined) first.set(id, one)
    if (before === undefined) return one
    const twin = one.locate(error(['id'], 'BAD_PROGRAMME', `${id} stands in ${before.file} too`))
    return { ...one, programme: null, problems: [twin] }
  })
}

/** A programme that runs needs no look at every rule and framework for names that were checked when the region was. */
const ANY_NAME: ProgrammeNames = { findings: null, requirements: null }

/** Programmes of the folders, each once, those whose files are good whatever they name; by their first day. */
export function programmes(folders: readonly string[]): Programme[] {
  return inOrder(programmeFiles(folders, ANY_NAME).flatMap(({ programme }) => programme ?? []))
}

/** How long files are not looked at again (ms). */
const LOOK_MS = 10_000

/**
 * Programmes of the folders as their files are: looked at when they are asked for, every ten seconds at most, and read when one changed.
 * A file that became bad counts as it was before, until it is mended or goes; `bad` is told of it. */
export function programmeShelf(
  folders: readonly string[],
  nowMs: () => number,
  bad: (file: string) => void,
): () => readonly Programme[] {
  const good = new Map<string, Programme>()
  let [stamp, lookedAtMs, all]: [string | null, number, readonly Programme[]] = [null, 0, []]
  return () => {
    if (stamp !== null && nowMs() - lookedAtMs < LOOK_MS) return all
    lookedAtMs = nowMs()
    const now = stampOf(folders)
    if (now === stamp) return all
    stamp = now
    const files = programmeFiles(folders, ANY_NAME)
    for (const { file, programme } of files) {
      if (programme === null) bad(file)
      else good.set(file, programme)
    }
    all = inOrder(files.flatMap(({ file, programme }) => programme ?? good.get(file) ?? []))
    return all
  }
}

/** What tells that a file came, went or was written. */
function stampOf(folders: readonly string[]): string {
  const files = folders.flatMap((folder) =>
    filesOf(resolve(folder, 'programmes')).map((name) => resolve(folder, 'programmes', name)),
  )
  return files
    .map((file) => {
      const { mtimeMs, size } = statSync(file, { throwIfNoEntry: false }) ?? { mtimeMs: 0, size: 0 }
      return `${file} ${mtimeMs} ${size}`
    })
    .join('\n')
}

/** The first of each id counts. */
function inOrder(all: readonly Programme[]): Programme[] {
  const byId = new Map<string, Programme>()
  for (const programme of all) if (!byId.has(programme.id)) byId.set(programme.id, programme)
  return [...byId.values()].sort((a, b) =>
    a.period.from === b.period.from ? (a.id < b.id ? -1 : 1) : a.period.from < b.period.from ? -1 : 1,
  )
}

/** Faults of the files in a region's own folder, the first of `folders`, told at the region file's beginning. */
export function programmeFaults(folders: readonly string[]): Fault[] {
  return ownFileFaults(folders, 'programmes', 'BAD_PROGRAMME', () => programmeFiles(folders))
}
