import { createHash } from 'node:crypto'
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { borrowSlab, giveBackSlab } from '../../core/slabs.ts'
import { syncFolder, write } from './files.ts'

/** The bytes of a mail in a file. */
export interface FileBody {
  readonly path: string
  readonly bytes: number
  /** Lower-case hex. */
  readonly sha256: string
}

/** One mail for one mailbox, as a thread can be given it. */
export interface Deposit {
  /** Of the mailbox. */
  readonly folder: string
  /** Of the file. */
  readonly name: string
  /** What is put before the mail. */
  readonly trace: Uint8Array
  readonly bytes: number
  /** The most that the mailbox may hold (bytes); null: no limit. */
  readonly quota: number | null
  /** It was tried before, and may be there. */
  readonly again: boolean
}

/** What came of it: it is there; the mailbox has no room; the mail is not what was accepted; or what the system said (ENOSPC…). */
export type Deposited = 'there' | 'full' | 'damaged' | { readonly errno: string }

/** What a body throws that is not what was accepted. */
export class Damaged extends Error {}

/**
 * Puts a mail into a mailbox, as Maildir has it: written and synced in `tmp`, then moved into `new` under a name of its own.
 * @throws what the body throws but `Damaged` */
export async function deposit(one: Deposit, body: () => AsyncIterable<Uint8Array>, isFirst = true): Promise<Deposited> {
  const { folder, name, trace, bytes, quota, again } = one
  const tmp = join(folder, 'tmp', name)
  try {
    await makeFolders(folder)
    if (again && (await holds(folder, name))) return 'there'
    if (quota !== null && (await usedBytes(folder)) + bytes > quota) return 'full'
    await writeWhole(tmp, [trace], body())
    // Of an attempt before this one it replaces the same bytes.
    await rename(tmp, join(folder, 'new', name))
    await syncFolder(join(folder, 'new'))
    return 'there'
  } catch (fault) {
    if (fault instanceof Damaged) return 'damaged'
    const errno = (fault as NodeJS.ErrnoException).errno === undefined ? null : (fault as NodeJS.ErrnoException).code
    if (typeof errno !== 'string') throw fault
    // The folders that were made are no more: a person took the mailbox away, to restore it.
    if (errno === 'ENOENT' && isFirst && made.delete(folder)) return deposit(one, body, false)
    return { errno }
  }
}

/** Reads a body's file, each piece only until the next is asked for. @throws {Damaged} when it is missing or another */
export async function* fileBody({ path, bytes, sha256 }: FileBody): AsyncIterable<Uint8Array> {
  const digest = createHash('sha256')
  const slab = borrowSlab()
  let read = 0
  try {
    const from = await open(path, 'r').catch((cause: unknown) => {
      throw new Damaged(path, { cause })
    })
    try {
      for (let more = true; more; ) {
        const most = Math.min(bytes + 1 - read, slab.length)
        const { bytesRead } = await from.read(slab, 0, most, read)
        digest.update(slab.subarray(0, bytesRead))
        read += bytesRead
        more = bytesRead === most && read <= bytes
        if (bytesRead > 0) yield slab.subarray(0, bytesRead)
      }
    } finally {
      await from.close()
    }
  } finally {
    giveBackSlab(slab)
  }
  if (read !== bytes || digest.digest('hex') !== sha256) throw new Damaged(path)
}

/** Writes a file whole, or leaves none: a disk that is full needs the room. */
async function writeWhole(...[path, head, body]: Required<Parameters<typeof write>>): Promise<void> {
  try {
    await write(path, head, body)
  } catch (fault) {
    await rm(path, { force: true }).catch(() => {})
    throw fault
  }
}

const made = new Set<string>()

async function makeFolders(folder: string): Promise<void> {
  if (made.has(folder)) return
  for (const part of ['tmp', 'new', 'cur']) await mkdir(join(folder, part), { recursive: true, mode: 0o700 })
  await syncFolder(folder)
  made.add(folder)
}

/** Is it there, read or unread? A reader that took it has added its flags behind a colon. */
async function holds(folder: string, name: string): Promise<boolean> {
  const lists = await Promise.all([readdir(join(folder, 'new')), readdir(join(folder, 'cur'))])
  return lists.some((names) => names.some((one) => one === name || one.startsWith(`${name}:`)))
}

/** Bytes that the mailbox holds, by the sizes in the names of its files (Maildir++). */
async function usedBytes(folder: string): Promise<number> {
  const lists = await Promise.all([readdir(join(folder, 'new')), readdir(join(folder, 'cur'))])
  return lists.flat().reduce((sum, name) => sum + Number(/,S=(\d+)/.exec(name)?.[1] ?? 0), 0)
}
