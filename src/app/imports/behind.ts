import { codeOf, type ErrorCode } from '../../core/errors.ts'
import type { BegunFile } from '../../core/imports/import.ts'
import type { FileImport, ImportFile } from '../../core/imports/imported.ts'
import type { Log } from '../../core/ports.ts'
import { spool } from './spool.ts'

/** What a log calls the imports of a register. */
type Name = 'directory' | 'structures'

/** Work on a register behind the answer, one thing after the other, until it is stopped. */
export class BehindImports {
  readonly #name: Name
  readonly #log: Log
  #stopping = false
  #work: Promise<unknown> = Promise.resolve()

  constructor(name: Name, log: Log) {
    this.#name = name
    this.#log = log
  }

  readonly stopped = (): boolean => this.#stopping

  /** Does something when all before it is done; a failure is logged. */
  apart(what: 'import' | 'tidy', doing: () => Promise<unknown>): void {
    const before = this.#work
    this.#work = before
      .then(doing)
      .catch((fault: unknown) => this.#log.warn(`${this.#name}.${what}`, { code: codeOf(fault) }))
  }

  /**
   * Keeps a file on disk, begins its import and runs it behind that. Gives the import's number.
   * @throws {GatewayError} `tooLarge` above `maxBytes`, and what `begin` throws */
  async begin<Import extends FileImport>(
    file: ImportFile,
    { maxBytes, tooLarge }: { readonly maxBytes: number; readonly tooLarge: ErrorCode },
    begin: (kept: ImportFile) => Promise<BegunFile<Import>>,
  ): Promise<number> {
    const kept = await spool(file, maxBytes, tooLarge)
    try {
      const begun = await begin(kept.file)
      this.apart('import', async () => {
        const done = await begun.run(kept.file, this.stopped).finally(kept.end)
        this.#log.info(`${this.#name}.import`, { count: done.rows, ...(done.code && { code: done.code }) })
      })
      return begun.generation
    } catch (fault) {
      await kept.end()
      throw fault
    }
  }

  /** Cuts off an import that runs, and waits for it. */
  async stop(): Promise<void> {
    this.#stopping = true
    await this.#work
  }
}
