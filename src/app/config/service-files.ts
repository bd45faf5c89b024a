import { careFaults } from './check/care.ts'
import { serviceFaults } from './check/routes.ts'
import { FormFiles } from './form-files.ts'
import type { Fault } from './problem.ts'
import { servicePiece } from './schema/route.ts'
import type { Source } from './source.ts'
import type { WrittenService } from './written.ts'

/** One file of `profiles/services`, read. */
interface ServiceFile {
  readonly source: Source
  /** With its defaults; null: its form is not good. */
  readonly filled: WrittenService | null
  /** What is wrong with its form, each with its line. */
  readonly faults: readonly string[]
}

const files = new FormFiles<ServiceFile>(servicePiece, (source, validate) => {
  const filled = structuredClone(source.value)
  const faults =
    source.problems.length > 0
      ? source.problems.map(({ line, message }) => `line ${line}: ${message}`)
      : validate(filled).map((fault) => told(fault, source))
  return { source, filled: faults.length === 0 ? (filled as WrittenService) : null, faults }
})

/** What a service file is checked against. */
export interface ServiceCheck {
  /** Services of region.yaml: one with a `kind` stands in place of the whole file, a rule in place of its rule. */
  readonly own: Readonly<Record<string, WrittenService>>
  readonly establishments: ReadonlySet<string>
  readonly tableProblem: (name: string) => { found: boolean; message: string } | null
}

/** Services of `services/NAME.yaml` in the folders; the first folder that has a name wins. */
export class ServiceFiles {
  readonly #files: ReadonlyMap<string, ServiceFile>

  constructor(folders: readonly string[]) {
    this.#files = files.read(folders, 'services')
  }

  /** Names of all files, those that cannot be used too: what is wrong with them is told once, and not as an unknown name. */
  names(): string[] {
    return [...this.#files.keys()]
  }

  /** The files of good form as they are written, without defaults. */
  written(): Record<string, WrittenService> {
    const sound = [...this.#files].filter(([, { filled }]) => filled !== null)
    return Object.fromEntries(sound.map(([name, { source }]) => [name, source.value as WrittenService]))
  }

  /** Everything wrong with the files, each with its file and line. */
  problems({ own, establishments, tableProblem }: ServiceCheck): string[] {
    return [...this.#files].flatMap(([name, { source, filled, faults }]) => {
      const instead = own[name]
      const isRule = (source.value as Partial<WrittenService> | undefined)?.kind === undefined
      if (instead !== undefined && (instead.kind !== undefined || isRule)) return []
      const place = `profiles/services/${name}.yaml`
      if (filled === null) return faults.map((fault) => `${place} ${fault}`)
      const found = [...serviceFaults(filled, [], tableProblem), ...careFaults(filled, [], establishments)]
      return found.map((fault) => `${place} ${told(fault, source)}`)
    })
  }
}

/** Services of the folders as they are written, those of good form. */
export function serviceFiles(folders: readonly string[]): Readonly<Record<string, WrittenService>> {
  return new ServiceFiles(folders).written()
}

function told(fault: Fault, source: Source): string {
  const { line, message } = source.locate(fault)
  return `line ${line}: ${message}`
}
