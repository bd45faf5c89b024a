import { constants } from 'node:fs'
import { type FileHandle, link, mkdir, open, opendir, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { GatewayError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports.ts'
import type { FlagChange, MailFile, MailFiles, MailFolder, MailPlace } from '../../core/webmail.ts'
import { reachedBy, syncFolder, write } from './files.ts'
import { mailboxFolder } from './names.ts'

/** Read at a time (bytes). */
const PIECE = 65_536
/** Names that are listed at a time. */
const SLICE = 1_000
/** A folder changed so lately may have changed again since, and its time would not tell (ms). */
const LATELY_MS = 2_000

/**
 * The folders of mailboxes (Maildir++: the mailbox is INBOX, `.NAME` in it the others). Names come from listings and are
 * looked for anew when another reader has changed their flags. `folder` null: this node keeps no mailboxes. */
export function mailFolders(folder: string | null, clock: Pick<Clock, 'nowMs'>): MailFiles {
  return new Folders(folder, clock)
}

class Folders implements MailFiles {
  readonly #folder: string | null
  readonly #clock: Pick<Clock, 'nowMs'>
  /** Folders whose names are synced. */
  readonly #made = new Set<string>()

  constructor(folder: string | null, clock: Pick<Clock, 'nowMs'>) {
    this.#folder = folder
    this.#clock = clock
  }

  get open(): boolean {
    return this.#folder !== null
  }

  async *list(address: string, of: MailFolder): AsyncIterable<readonly MailFile[]> {
    const path = this.#at(address, of)
    for (const part of ['new', 'cur'] as const) yield* slices(path, part)
  }

  async stamp(address: string, of: MailFolder): Promise<string | null> {
    const path = this.#at(address, of)
    const times = await Promise.all([changed(join(path, 'new')), changed(join(path, 'cur'))])
    const nowMs = this.#clock.nowMs()
    return times.some((one) => nowMs - Number(one / 1_000_000n) < LATELY_MS) ? null : times.join()
  }

  async head(place: MailPlace, most: number): Promise<{ readonly bytes: Buffer; readonly size: number }> {
    const file = await this.#opened(place)
    try {
      const { size } = await file.stat()
      const bytes = Buffer.allocUnsafe(Math.min(most, size))
      let read = 0
      for (let more = bytes.length > 0; more; ) {
        const { bytesRead } = await file.read(bytes, read, bytes.length - read, read)
        read += bytesRead
        more = bytesRead > 0 && read < bytes.length
      }
      return { bytes: bytes.subarray(0, read), size }
    } finally {
      await file.close()
    }
  }

  async *read(place: MailPlace, from: number, to: number): AsyncIterable<Buffer> {
    const file = await this.#opened(place)
    try {
      for (let next = from; next < to; ) {
        const length = Math.min(PIECE, to - next)
        const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, next)
        if (bytesRead === 0) return
        yield buffer.subarray(0, bytesRead)
        next += bytesRead
      }
    } finally {
      await file.close()
    }
  }

  flag(place: MailPlace, change: FlagChange): Promise<boolean> {
    return this.#moved(place, this.#at(place.address, place.folder), change)
  }

  move(place: MailPlace, to: MailFolder, change: FlagChange): Promise<boolean> {
    return this.#moved(place, this.#at(place.address, to), change)
  }

  async put({ address, folder, name }: MailPlace, flags: string, bytes: Uint8Array): Promise<void> {
    const path = this.#at(address, folder)
    await this.#makeFolders(path)
    const tmp = join(path, 'tmp', name)
    try {
      await write(tmp, [bytes])
      await link(tmp, join(path, 'cur', flagged(name, flags)))
    } finally {
      await rm(tmp, { force: true })
    }
    await syncFolder(join(path, 'cur'))
  }

  async remove(place: MailPlace): Promise<boolean> {
    const path = await this.#find(place)
    if (path === null) return false
    await rm(path, { force: true })
    return true
  }

  #at(address: string, of: MailFolder): string {
    if (this.#folder === null) throw new GatewayError('NOT_FOUND')
    return join(this.#folder, mailboxFolder(address), of === 'INBOX' ? '' : `.${of}`)
  }

  async #makeFolders(path: string): Promise<void> {
    let isNew = !this.#made.has(path)
    for (const part of ['tmp', 'new', 'cur']) {
      if ((await mkdir(join(path, part), { recursive: true, mode: 0o700 })) !== undefined) isNew = true
    }
    if (!isNew) return
    // By this file other readers know a folder of Maildir++.
    if (/\/\.[A-Z][a-z]+$/.test(path)) {
      const mark = await open(join(path, 'maildirfolder'), 'a', 0o600)
      await mark.close()
    }
    for (const one of reachedBy(path, this.#folder!)) await syncFolder(one)
    this.#made.add(path)
  }

  /** Where a file is now; null: gone. */
  async #find({ address, folder, name }: MailPlace): Promise<string | null> {
    const path = this.#at(address, folder)
    for (const part of ['cur', 'new', 'cur']) {
      const found = (await names(join(path, part))).find((one) => one === name || one.startsWith(`${name}:2,`))
      if (found !== undefined) return join(path, part, found)
    }
    return null
  }

  /** Opens a file where it was listed, else where it is found; one whose flags change meanwhile is looked for once more. */
  async #opened(place: MailPlace): Promise<FileHandle> {
    const listed = place.path === undefined ? null : join(this.#at(place.address, place.folder), place.path)
    for (let tries = listed === null ? 1 : 0; tries < 3; tries += 1) {
      const path = tries === 0 ? listed : await this.#find(place)
      if (path === null) break
      try {
        return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
      } catch (fault) {
        if (!isGone(fault)) throw fault
      }
    }
    throw new GatewayError('NOT_FOUND')
  }

  async #moved(place: MailPlace, to: string, change: FlagChange): Promise<boolean> {
    const from = await this.#find(place)
    if (from === null) return false
    await this.#makeFolders(to)
    try {
      await rename(from, join(to, 'cur', flagged(place.name, change(flagsOf(basename(from))))))
    } catch (fault) {
      if (isGone(fault)) return false
      throw fault
    }
    await syncFolder(join(to, 'cur'))
    return true
  }
}

function isGone(fault: unknown): boolean {
  return (fault as NodeJS.ErrnoException).code === 'ENOENT'
}

/** Files in `new` or `cur` as they are listed, each slice in a turn of its own: tens of thousands at once hold the loop. */
async function* slices(path: string, part: 'new' | 'cur'): AsyncIterable<readonly MailFile[]> {
  const folder = await unlessGone(opendir(join(path, part), { bufferSize: SLICE }))
  if (folder === null) return
  let some: MailFile[] = []
  for await (const { name } of folder) {
    if (!isOther(name)) some.push(fileOf(name, part))
    if (some.length < SLICE) continue
    yield some
    some = []
  }
  yield some
}

async function names(path: string): Promise<readonly string[]> {
  return ((await unlessGone(readdir(path))) ?? []).filter((one) => !isOther(one))
}

/** Other programs keep files of their own behind a dot. */
function isOther(name: string): boolean {
  return name.startsWith('.')
}

async function unlessGone<T>(what: Promise<T>): Promise<T | null> {
  try {
    return await what
  } catch (fault) {
    if (isGone(fault)) return null
    throw fault
  }
}

async function changed(path: string): Promise<bigint> {
  return (await unlessGone(stat(path, { bigint: true })))?.mtimeNs ?? 0n
}

/** What stands behind `:2,`. */
function flagsOf(file: string): string {
  const at = file.indexOf(':2,')
  return at < 0 ? '' : file.slice(at + 3)
}

function fileOf(file: string, part: 'new' | 'cur'): MailFile {
  const at = file.indexOf(':2,')
  const flags = flagsOf(file)
  return {
    name: at < 0 ? file : file.slice(0, at),
    flags: flags.length > 1 ? [...flags].sort().join('') : flags,
    fresh: part === 'new',
    path: `${part}/${file}`,
  }
}

/** With its flags, in the order that Maildir asks for. */
function flagged(name: string, flags: string): string {
  return `${name}:2,${[...new Set(flags)].sort().join('')}`
}
