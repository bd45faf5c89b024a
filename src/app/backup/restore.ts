import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { chmod, type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { syncFolder } from '../../pipeline/journal/folder.ts'
import { assureDisk } from '../../pipeline/journal/sqlite/lock.ts'
import { BesideSum, MANIFEST, MAX_MANIFEST_BYTES, type Manifest, type ManifestFile, readManifest } from './manifest.ts'
import { readTar, type TarEntry } from './tar.ts'

const DATABASE = 'store.db'
/** Names that a backup may hold; a body's is made of its id. Anything else could write outside the folder. */
const NAMES = /^(store\.db|bodies\/\d{4}-\d\d-\d\d\/[0-9a-zA-Z-]{1,64})$/
const IMAGE = /^images\/[\w-][\w.-]{0,128}$/
/** A mail is below a domain, a mailbox, perhaps a folder of it, and `new` or `cur`; `.` and `..` are no names there. */
const MAIL = /^mailboxes(\/(?!\.{1,2}\/)[^/\0]{1,255}){2,3}\/((new|cur)\/(?!\.)[^/\0]{1,255}|maildirfolder)$/

const NOTHING = new BesideSum().done()
/** What the system says in a folder that was empty, when names of an archive stand in each other's way. */
const CLASHES = ['EEXIST', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG']

/** Why a backup cannot be restored, in a word; `file` names the one at fault. */
export class RestoreError extends Error {
  readonly why: 'not-empty' | 'damaged' | 'incomplete' | 'other-kind'
  readonly file: string
  constructor(why: RestoreError['why'], file: string, options?: ErrorOptions) {
    super(`${why}: ${file}`, options)
    this.why = why
    this.file = file
  }
}

/**
 * Puts a backup into a folder that is empty (but for `lost+found`) or not there, 0700 from then on, checking every file
 * against the manifest. The database has its name only when all is there and synced; on any failure nothing is left there.
 * @throws {RestoreError} when the folder is not empty, or the backup is damaged, cut short or of another kind */
export async function restoreBackup(
  file: string,
  dir: string,
  progress: (done: number, total: number) => void,
): Promise<Manifest> {
  const total = (await stat(file)).size
  const there = await namesIn(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (there !== null && there.length > 0) throw new RestoreError('not-empty', dir)
  assureDisk(dir)
  await mkdir(dir, { recursive: true, mode: 0o700 })
  await chmod(dir, 0o700)
  try {
    let read = 0
    const chunks = createReadStream(file, { highWaterMark: 1024 ** 2 }).on('data', (chunk) => {
      read += chunk.length
      progress(read, total)
    })
    const manifest = await extract(chunks, dir)
    await rename(join(dir, `${DATABASE}.part`), join(dir, DATABASE))
    for (const folder of [dir, dirname(dir)]) await syncFolder(folder)
    return manifest
  } catch (error) {
    for (const name of await namesIn(dir)) await rm(join(dir, name), { recursive: true, force: true })
    if (there === null) await rm(dir, { recursive: true, force: true })
    const isBad = error instanceof RangeError || CLASHES.includes((error as NodeJS.ErrnoException).code ?? '')
    throw isBad ? new RestoreError('damaged', file, { cause: error }) : error
  }
}

/** What lies in a folder, but for what a disk of its own is made with. */
async function namesIn(dir: string): Promise<string[]> {
  return (await readdir(dir)).filter((name) => name !== 'lost+found')
}

async function extract(chunks: AsyncIterable<Buffer>, dir: string): Promise<Manifest> {
  const found = new Map<string, ManifestFile>()
  const folders = new Set<string>()
  const beside = new BesideSum()
  let manifest: Manifest | null = null
  for await (const entry of readTar(chunks)) {
    const { name } = entry
    if (manifest !== null || found.has(name)) throw new RestoreError('damaged', name)
    if (name === MANIFEST) {
      manifest = readManifest(await whole(entry))
      if (manifest === null) throw new RestoreError('damaged', name)
      continue
    }
    if (name === 'store.dump') throw new RestoreError('other-kind', name)
    if (!NAMES.test(name) && !MAIL.test(name) && !IMAGE.test(name)) throw new RestoreError('damaged', name)
    const path = join(dir, name === DATABASE ? `${DATABASE}.part` : name)
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    for (let at = dirname(path); at !== dir; at = dirname(at)) folders.add(at)
    const one = { name, bytes: entry.bytes, sha256: await put(entry, path) }
    if (NAMES.test(name)) found.set(name, one)
    else beside.add(one)
  }
  if (manifest === null || !found.has(DATABASE))
    throw new RestoreError('incomplete', manifest === null ? MANIFEST : DATABASE)
  compare(manifest, found)
  if ((manifest.beside ?? NOTHING).sha256 !== beside.done().sha256)
    throw new RestoreError('damaged', 'mailboxes, images')
  for (const folder of folders) await syncFolder(folder)
  return manifest
}

function compare(manifest: Manifest, found: ReadonlyMap<string, ManifestFile>): void {
  for (const { name, bytes, sha256 } of manifest.files) {
    const one = found.get(name)
    if (one === undefined) throw new RestoreError('incomplete', name)
    if (one.bytes !== bytes || one.sha256 !== sha256) throw new RestoreError('damaged', name)
  }
  if (manifest.files.length !== found.size) throw new RestoreError('damaged', MANIFEST)
}

async function whole({ name, bytes, content }: TarEntry): Promise<Buffer> {
  if (bytes > MAX_MANIFEST_BYTES) throw new RestoreError('damaged', name)
  return Buffer.concat(await Array.fromAsync(content))
}

/** Writes and syncs a file; resolves with its SHA-256. */
async function put({ content, atMs }: TarEntry, path: string): Promise<string> {
  const digest = createHash('sha256')
  const file: FileHandle = await open(path, 'wx', 0o600)
  try {
    for await (const chunk of content) {
      digest.update(chunk)
      await file.writeFile(chunk)
    }
    // The time of a mail's file is when it came, for those who read it by IMAP.
    await file.utimes(atMs / 1_000, atMs / 1_000)
    await file.sync()
  } finally {
    await file.close()
  }
  return digest.digest('hex')
}
