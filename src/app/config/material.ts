import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

/** Where key material or a secret is: a path, or a file or environment variable by name. */
export type Reference = string | { readonly file: string } | { readonly env: string }

/**
 * Gives the text behind a reference; relative paths count from the region file's folder.
 * @throws the file system's error, or {RangeError} when the variable is not set */
export type ReadMaterial = (reference: Reference) => string

/** Makes the reader for a region file that stands in `folder`, with the environment given; files read are noted in `files`. */
export function materialReader(
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
  files: Set<string> = new Set(),
): ReadMaterial {
  return (reference) => {
    if (typeof reference === 'object' && 'env' in reference) {
      const text = env[reference.env]
      if (!text) throw new RangeError(`the environment variable ${reference.env} is not set`)
      return text
    }
    const file = resolve(folder, typeof reference === 'string' ? reference : reference.file)
    files.add(file)
    return readFileSync(file, 'utf8')
  }
}

/** How a reference is named in messages; never its content. */
export function referenceText(reference: Reference): string {
  if (typeof reference === 'string') return reference
  return 'env' in reference ? `environment variable ${reference.env}` : reference.file
}
