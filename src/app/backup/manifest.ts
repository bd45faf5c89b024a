import { createHash } from 'node:crypto'

/** What a backup says of itself, as its last file: whoever has it has everything before it. */
export interface Manifest {
  readonly format: 'passerelle-backup'
  readonly version: 1
  /** Release that wrote it, and when (ISO 8601). */
  readonly release: string
  readonly at: string
  /** Messages kept in the store. */
  readonly messages: number
  /** Of PostgreSQL: the schema that the tables are in. Absent: an embedded store, or written by a release that did not say. */
  readonly schema?: string
  /** The database, and bodies that are files. */
  readonly files: readonly ManifestFile[]
  /** Absent: nothing lies beside. */
  readonly beside?: Beside
}

/** A file of a backup; `sha256` in lower-case hex. */
export interface ManifestFile {
  readonly name: string
  readonly bytes: number
  readonly sha256: string
}

/** What lies beside the store: files of mailboxes and of images, of which there may be a million. */
export interface Beside {
  readonly mails: number
  readonly images: number
  /** SHA-256 of a line for each file in the order of the archive: name, size and checksum, each behind a NUL. */
  readonly sha256: string
}

/** Sums up what lies beside, file by file. */
export class BesideSum {
  readonly #digest = createHash('sha256')
  #mails = 0
  #images = 0

  add({ name, bytes, sha256 }: ManifestFile): void {
    if (/^mailboxes\/.*\/(new|cur)\/[^/]+$/.test(name)) this.#mails += 1
    if (/^images\/(?!id$)/.test(name)) this.#images += 1
    this.#digest.update(`\0${name}\0${bytes}\0${sha256}\n`)
  }

  done(): Beside {
    return { mails: this.#mails, images: this.#images, sha256: this.#digest.digest('hex') }
  }
}

/** Name of the manifest in the archive. */
export const MANIFEST = 'manifest.json'
/** Largest manifest that is read (bytes): some two million files. */
export const MAX_MANIFEST_BYTES = 256 * 1024 ** 2

/** The manifest of these bytes, or null when they are none. */
export function readManifest(bytes: Buffer): Manifest | null {
  let found: unknown
  try {
    found = JSON.parse(bytes.toString('utf8'))
  } catch {
    return null
  }
  const { format, version, files } = (found ?? {}) as Partial<Manifest>
  const named = (file: Partial<ManifestFile> | null) =>
    typeof file?.name === 'string' && typeof file.bytes === 'number' && typeof file.sha256 === 'string'
  const good = format === 'passerelle-backup' && version === 1 && Array.isArray(files) && files.every(named)
  return good ? (found as Manifest) : null
}
