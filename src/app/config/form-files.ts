import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesOf } from './profile-files.ts'
import type { Piece } from './schema/piece.ts'
import { readSource, type Source } from './source.ts'
import { type Validate, validatorFor } from './validate.ts'

/** Reading and checking a file takes milliseconds, and the same ones are read whenever a region is. */
const MOST_REMEMBERED = 100

/** The YAML files of one kind (services, rules), each read once for its text and all checked by one compiled schema. */
export class FormFiles<Read extends { readonly source: Source }> {
  readonly #piece: Piece
  readonly #judge: (source: Source, validate: Validate) => Read
  readonly #remembered = new Map<string, Read>()

  /** `judge` is called for a file whose YAML is sound or not; `validate` finds what is wrong with a sound one's form. */
  constructor(piece: Piece, judge: (source: Source, validate: Validate) => Read) {
    this.#piece = piece
    this.#judge = judge
  }

  /** `NAME.yaml` of this folder within each of the folders, by name; the first that has a name wins. */
  read(folders: readonly string[], folder: string): Map<string, Read> {
    const texts = new Map<string, string>()
    for (const path of folders.map((one) => join(one, folder))) {
      for (const file of filesOf(path).filter((one) => one.endsWith('.yaml'))) {
        const name = file.slice(0, -'.yaml'.length)
        if (!texts.has(name)) texts.set(name, readFileSync(join(path, file), 'utf8'))
      }
    }
    return this.#judged(texts)
  }

  #judged(texts: ReadonlyMap<string, string>): Map<string, Read> {
    const files = [...texts].map(([name, text]) => ({ name, text, known: this.#remembered.get(text) }))
    const fresh = files.flatMap((file) => (file.known ? [] : [{ ...file, source: readSource(file.text) }]))
    const sound = fresh.filter(({ source }) => source.problems.length === 0).map(({ source }) => source.value)
    const validate = sound.length === 0 ? () => [] : validatorFor(this.#piece, sound)
    const judged = new Map(fresh.map(({ text, source }) => [text, this.#judge(source, validate)]))
    if (this.#remembered.size + judged.size > MOST_REMEMBERED) this.#remembered.clear()
    for (const [text, read] of judged) this.#remembered.set(text, read)
    return new Map(files.map(({ name, text, known }) => [name, known ?? judged.get(text)!]))
  }
}
