import { join, resolve } from 'node:path'
import { soundPart } from './check/sound.ts'
import { error, type Fault, type Problem, type ProblemCode } from './problem.ts'
import { filesOf } from './profile-files.ts'
import type { Piece } from './schema/piece.ts'
import { readSource, type Source } from './source.ts'
import { validator } from './validate.ts'

/** What a text is before anything beside it is looked at. */
export interface WrittenFile<Written> {
  readonly source: Source
  readonly form: readonly Fault[]
  /** Without what is at fault, with defaults; null: too little is left. */
  readonly sound: Written | null
}

/** Reading a file takes milliseconds, and the same ones are read whenever a region is. */
const MOST_REMEMBERED = 100

/**
 * Reads texts of one kind of file. `head` stands where a value of the head is at fault, so that what is wrong further down is told
 * at once too. The reader throws nothing. */
export function writtenFiles<Written>(piece: Piece, head: object): (text: string) => WrittenFile<Written> {
  const validate = validator(piece)
  const remembered = new Map<string, WrittenFile<Written>>()
  return (text) => {
    const known = remembered.get(text)
    if (known !== undefined) return known
    const source = withoutLoop(readSource(text))
    const readable = source.problems.length === 0
    const form = readable ? validate(structuredClone(source.value)) : []
    const sound = readable ? soundPart<Written>(withHead(source.value, form, head), validate) : null
    const made = { source, form, sound }
    if (remembered.size >= MOST_REMEMBERED) remembered.clear()
    remembered.set(text, made)
    return made
  }
}

function withHead(value: unknown, form: readonly Fault[], head: object): unknown {
  if (typeof value !== 'object' || value === null) return value
  const faulty = new Set(form.map(({ path }) => path[0]))
  const missing = Object.entries(head).filter(([key]) => faulty.has(key) || !Object.hasOwn(value, key))
  return { ...value, ...Object.fromEntries(missing) }
}

/** The source with a problem, where an alias stands inside what it names: such a value has no end. */
function withoutLoop(source: Source): Source {
  try {
    JSON.stringify(source.value)
    return source
  } catch {
    const loop = source.locate(error([], 'YAML', 'an alias stands inside what it names'))
    return { ...source, value: undefined, problems: [...source.problems, loop] }
  }
}

/** Everything wrong with a file, by line: of its form, and inside it what is not only an echo of a fault of form. */
export function placedProblems(
  { source, form }: Pick<WrittenFile<unknown>, 'source' | 'form'>,
  inside: readonly Fault[],
): readonly Problem[] {
  const own = inside.filter(({ path }) => !form.some((fault) => path.every((part, i) => part === fault.path[i])))
  return [...source.problems, ...[...form, ...own].map(source.locate)].sort(
    (a, b) => a.line - b.line || a.column - b.column,
  )
}

/**
 * Faults of the files in a region's own folder of one kind, below the first of `folders`, told at the region file's beginning. `read`: the
 * files of that kind in all folders; not asked where the region has none of its own. */
export function ownFileFaults(
  folders: readonly string[],
  kind: string,
  code: ProblemCode,
  read: () => readonly { readonly file: string; readonly problems: readonly Problem[] }[],
): Fault[] {
  const own = resolve(folders[0] ?? '', kind)
  if (filesOf(own).length === 0) return []
  return read()
    .filter(({ file }) => file.startsWith(join(own, '/')))
    .flatMap(({ file, problems }) =>
      problems.map(({ line, column, message }) =>
        error([], code, `profiles/${kind}/${file.slice(own.length + 1)} line ${line} column ${column}: ${message}`),
      ),
    )
}
