import type { Stats } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { IMAGES, MAILBOXES } from '../store.ts'

/** The file in the folder of images that says which folder it is, whatever node it is mounted on. */
const IMAGES_ID = 'id'
/** By this file readers know a folder of Maildir++. */
const FOLDER_MARK = 'maildirfolder'
/** A mail that its reader moves while the folder is listed may be seen in neither place: then it is listed again, so many times. */
const LISTINGS = 5

/** A file as it was when it was listed. */
export interface BesideFile {
  /** Below the store's folder, with `/`. */
  readonly name: string
  readonly bytes: number
  readonly atMs: number
}

/**
 * The mail of all mailboxes below the store's folder (Maildir++), each once. What was written after `takenMs` (wall clock) is left
 * out: the store of that time does not know it, and delivers it again. So are files that other readers keep for themselves. */
export async function* mailFiles(dir: string, takenMs: number): AsyncGenerator<BesideFile> {
  for (const domain of await listed(join(dir, MAILBOXES))) {
    for (const local of await listed(join(dir, MAILBOXES, domain))) {
      const mailbox = `${MAILBOXES}/${domain}/${local}`
      for (const name of (await mailIn(dir, mailbox)).values()) {
        const found = (await fileAt(dir, name)) ?? (await movedTo(dir, name))
        if (found !== null && found.atMs <= takenMs) yield found
      }
    }
  }
}

/** The files of images of these names (below `images`), and the one that names their folder. */
export async function* imageFiles(dir: string, names: AsyncIterable<string>): AsyncGenerator<BesideFile> {
  const id = await fileAt(dir, `${IMAGES}/${IMAGES_ID}`)
  if (id === null) return
  yield id
  for await (const name of names) {
    const found = await fileAt(dir, `${IMAGES}/${name}`)
    if (found !== null) yield found
  }
}

/** Where a mail is now that was listed as `name`: its reader may have moved it, or changed its flags. Null: it is gone. */
export async function mailNow(dir: string, name: string): Promise<string | null> {
  const parts = name.split('/')
  return (await mailIn(dir, parts.slice(0, 3).join('/'))).get(keyOf(parts.at(-1)!)) ?? null
}

async function movedTo(dir: string, name: string): Promise<BesideFile | null> {
  const now = await mailNow(dir, name)
  return now === null ? null : fileAt(dir, now)
}

/** The files of a mailbox by what stays of their names whatever their flags. */
async function mailIn(dir: string, mailbox: string): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (let left = LISTINGS, more = true; more && left > 0; left -= 1) {
    const before = found.size
    for (const folder of ['', ...(await listed(join(dir, mailbox))).filter((name) => /^\.[^.]/.test(name))]) {
      const path = folder === '' ? mailbox : `${mailbox}/${folder}`
      if ((await fileAt(dir, `${path}/${FOLDER_MARK}`)) !== null)
        found.set(`${folder}/${FOLDER_MARK}`, `${path}/${FOLDER_MARK}`)
      for (const part of ['new', 'cur']) {
        for (const name of await listed(join(dir, path, part))) {
          if (!name.startsWith('.')) found.set(keyOf(name), `${path}/${part}/${name}`)
        }
      }
    }
    more = found.size > before
  }
  return found
}

function keyOf(name: string): string {
  return name.split(':2,', 1)[0]!
}

async function fileAt(dir: string, name: string): Promise<BesideFile | null> {
  const stats = await unlessGone<Stats>(lstat(join(dir, name)))
  return stats?.isFile() === true ? { name, bytes: stats.size, atMs: stats.mtimeMs } : null
}

async function listed(path: string): Promise<readonly string[]> {
  return (await unlessGone(readdir(path))) ?? []
}

/** What `what` gives; null where there is no such file or folder. */
export async function unlessGone<T>(what: Promise<T>): Promise<T | null> {
  try {
    return await what
  } catch (fault) {
    const { code } = fault as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw fault
  }
}
