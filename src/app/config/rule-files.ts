import type { CodeTable } from '../../core/config.ts'
import { ruleProblems } from '../../formats/hl7v2/rules/compile.ts'
import type { RuleClass, WrittenRuleFile } from '../../formats/hl7v2/rules/written.ts'
import { FormFiles } from './form-files.ts'
import type { Path } from './problem.ts'
import { ruleFilePiece } from './schema/rules.ts'
import type { Source } from './source.ts'

/** One file of `profiles/hl7v2`, read. */
interface RuleFile {
  readonly source: Source
  /** Its form is good. */
  readonly sound: boolean
  /** What is wrong with its form, each with its line. */
  readonly faults: readonly string[]
}

const files = new FormFiles<RuleFile>(ruleFilePiece, (source, validate) => {
  const faults = source.problems.length > 0 ? source.problems : validate(source.value).map(source.locate)
  return {
    source,
    sound: faults.length === 0,
    faults: faults.map(({ line, message }) => `line ${line}: ${message}`),
  }
})

/** Rule files of the folders, by name; the first folder that has a name wins. */
export class RuleFiles {
  readonly #files: ReadonlyMap<string, RuleFile>

  constructor(folders: readonly string[]) {
    this.#files = files.read(folders, 'hl7v2')
  }

  /** The files of good form as they are written. */
  written(): Record<string, WrittenRuleFile> {
    const sound = [...this.#files].filter(([, file]) => file.sound)
    return Object.fromEntries(sound.map(([name, { source }]) => [name, source.value as WrittenRuleFile]))
  }

  /** Everything wrong with the files, each with its file and line. */
  problems(tables: ReadonlyMap<string, CodeTable>): string[] {
    const ofForm = [...this.#files].flatMap(([name, { faults }]) =>
      faults.map((fault) => `profiles/hl7v2/${name}.yaml ${fault}`),
    )
    // Files may lean on one whose form is not good: those that do would be told of twice.
    if (ofForm.length > 0) return ofForm
    return ruleProblems({ files: this.written(), classes: {}, tables }).map(
      ({ file, path, message }) => `profiles/hl7v2/${file}.yaml ${this.#line(file, path)}: ${message}`,
    )
  }

  #line(file: string, path: Path): string {
    const located = this.#files.get(file)!.source.locate({ severity: 'error', path, code: 'BAD_RULES', message: '' })
    return `line ${located.line}`
  }
}

/** Names of the tables that a value of a rule file names, wherever in it. */
export function tablesNamed(value: unknown): string[] {
  if (typeof value === 'string') return value.startsWith('table:') ? [value.slice('table:'.length)] : []
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(tablesNamed) : []
}

/** Ids of every rule and structure of the files. */
export function ruleIds(files: Readonly<Record<string, WrittenRuleFile>>): Set<string> {
  return new Set(
    Object.values(files).flatMap(({ rules = [], structures = [] }) => [...rules, ...structures].map(({ id }) => id)),
  )
}

/** Classes that a region gives to rules that no file has. */
export function unknownRules(
  classes: Readonly<Record<string, RuleClass>>,
  files: Readonly<Record<string, WrittenRuleFile>>,
): string[] {
  const ids = ruleIds(files)
  return Object.keys(classes).filter((id) => !ids.has(id))
}
