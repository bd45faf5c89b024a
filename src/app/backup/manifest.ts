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
  readonly files: readonly ManifestFile[]
}

/** A file of a backup; `sha256` in lower-case hex. */
export interface ManifestFile {
  readonly name: string
  readonly bytes: number
  readonly sha256: string
}

/** Files of a backup by what they are: bodies of messages, mail in mailboxes, images. */
export interface ManifestCounts {
  readonly bodies: number
  readonly mails: number
  readonly images: number
}

/** How many files of each kind there are. Pure. */
export function countsOf(files: readonly Pick<ManifestFile, 'name'>[]): ManifestCounts {
  const like = (pattern: RegExp): number => files.filter(({ name }) => pattern.test(name)).length
  return {
    bodies: like(/^bodies\//),
    mails: like(/^mailboxes\/.*\/(new|cur)\/[^/]+$/),
    images: like(/^images\/(?!id$)/),
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
