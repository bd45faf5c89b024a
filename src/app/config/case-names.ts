import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readSource } from './source.ts'

/** Cases of the test books in the folders, `identities/TWOINS`: what frameworks may name. A book that cannot be read has none. */
export function caseNames(folders: readonly string[]): readonly string[] {
  return folders.flatMap((folder) =>
    booksIn(join(folder, 'test-books')).flatMap((file) => {
      const value: unknown = readSource(readFileSync(join(folder, 'test-books', file), 'utf8')).value
      const cases = (value as { readonly cases?: unknown } | null | undefined)?.cases
      return Array.isArray(cases)
        ? cases.map((one: { readonly id?: unknown } | null) => `${file.slice(0, -'.yaml'.length)}/${one?.id}`)
        : []
    }),
  )
}

function booksIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.yaml'))
  } catch {
    return []
  }
}
