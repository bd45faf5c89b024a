import { constants } from 'node:fs'
import { link, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { GatewayError } from '../../core/errors.ts'
import type { MailFile, MailFiles, MailFolder, MailPlace } from '../../core/webmail.ts'
import { syncFolder, write } from './files.ts'
import { mailboxFolder } from './names.ts'

/** Read at a time (bytes). */
const PIECE = 65_536
/** A folder changed so lately may have changed again since, and its time would not tell (ms). */
const LATELY_MS = 2_000

/**
 * The folders of mailboxes (Maildir++: the mailbox is INBOX, `.NAME` in it the others). Names come from listings and are
 * looked for anew when another reader has changed their flags. `folder` null: this node keeps no mailboxes. */
export function mailFolders(folder: string | null): MailFiles {
  return new Folders(folder)
}

class Folders implements MailFiles {
  readonly #folder: string | null

  constructor(folder: string | null) {
    this.#folder = folder
  }

  get open(): boolean {
    return this.#folder !== null
  }

  async list(address: string, of: MailFolder): Promise<readonly MailFile[]> {
    const path = this.#at(address, of)
    const [fresh, taken] = await Promise.all([names(join(path, 'new')), names(join(path, 'cur'))])
    return [...fresh.map((one) => fileOf(one, true)), ...taken.map((one) => fileOf(one, false))]
  }

  async stamp(address: string, of: MailFolder): Promise<string | null> {
    const path = this.#at(address, of)
    const times = await Promise.all([changed(join(path, 'new')), changed(join(path, 'cur'))])
    return times.some((one) => Date.now() - Number(one / 1_000_000n) < LATELY_MS) ? null : times.join()
  }

  async size(place: MailPlace): Promise<number> {
    return (await this.#opened(place, async (path) => stat(path))).size
  }

  async *read(place: MailPlace, from: number, to: number): AsyncIterable<Buffer> {
    const file = await this.#opened(place, (path) => open(path, constants.O_RDONLY | constants.O_NOFOLLOW))
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

  flag(place: MailPlace, flags: string): Promise<boolean> {
    return this.#moved(place, this.#at(place.address, place.folder), flags)
  }

  move(place: MailPlace, to: MailFolder, flags: string): Promise<boolean> {
    return this.#moved(place, this.#at(place.address, to), flags)
  }

  async put({ address, folder, name }: MailPlace, flags: string, bytes: Uint8Array): Promise<void> {
    const path = this.#at(address, folder)
    await makeFolders(path)
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

  /** Where a file is now; null: gone. */
  async #find({ address, folder, name }: MailPlace): Promise<string | null> {
    const path = this.#at(address, folder)
    for (const part of ['cur', 'new', 'cur']) {
      const found = (await names(join(path, part))).find((one) => fileOf(one, false).name === name)
      if (found !== undefined) return join(path, part, found)
    }
    return null
  }

  /** Opens a file, or asks for it; one whose flags change meanwhile is looked for once more. */
  async #opened<T>(place: MailPlace, how: (path: string) => Promise<T>): Promise<T> {
    for (let tries = 0; tries < 2; tries += 1) {
      const path = await this.#find(place)
      if (path === null) break
      try {
        return await how(path)
      } catch (fault) {
        if (!isGone(fault)) throw fault
      }
    }
    throw new GatewayError('NOT_FOUND')
  }

  async #moved(place: MailPlace, to: string, flags: string): Promise<boolean> {
    const from = await this.#find(place)
    if (from === null) return false
    await makeFolders(to)
    try {
      await rename(from, join(to, 'cur', flagged(place.name, flags)))
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

async function names(path: string): Promise<readonly string[]> {
  try {
    // Other programs keep files of their own behind a dot.
    return (await readdir(path)).filter((one) => !one.startsWith('.'))
  } catch (fault) {
    if (isGone(fault)) return []
    throw fault
  }
}

async function changed(path: string): Promise<bigint> {
  try {
    return (await stat(path, { bigint: true })).mtimeNs
  } catch (fault) {
    if (isGone(fault)) return 0n
    throw fault
  }
}

function fileOf(file: string, fresh: boolean): MailFile {
  const at = file.indexOf(':2,')
  if (at < 0) return { name: file, flags: '', fresh }
  return { name: file.slice(0, at), flags: [...file.slice(at + 3)].sort().join(''), fresh }
}

/** With its flags, in the order that Maildir asks for. */
function flagged(name: string, flags: string): string {
  return `${name}:2,${[...new Set(flags)].sort().join('')}`
}

async function makeFolders(path: string): Promise<void> {
  for (const part of ['tmp', 'new', 'cur']) await mkdir(join(path, part), { recursive: true, mode: 0o700 })
  // By this file other readers know a folder of Maildir++.
  if (/\/\.[A-Z][a-z]+$/.test(path)) {
    const mark = await open(join(path, 'maildirfolder'), 'a', 0o600)
    await mark.close()
  }
}
