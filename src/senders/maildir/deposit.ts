import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { reachedBy, syncFolderSync, writeAllSync } from './files.ts'

/** The bytes of a mail in a file. */
export interface FileBody {
  readonly path: string
  readonly bytes: number
  /** Lower-case hex. */
  readonly sha256: string
}

/** One mail for one mailbox, as a thread can be given it. */
export interface Deposit {
  /** Of all mailboxes. */
  readonly top: string
  /** Of the mailbox. */
  readonly folder: string
  /** Of the file. */
  readonly name: string
  /** What is put before the mail. */
  readonly trace: Uint8Array
  readonly bytes: number
  /** The most that the mailbox may hold in all its folders (bytes); null: no limit. */
  readonly quota: number | null
  /** It was tried before, and may be there. */
  readonly again: boolean
}

/** What came of it: it is there; the mailbox has no room; the mail is not what was accepted; or what the system said (ENOSPC…). */
export type Deposited = 'there' | 'full' | 'damaged' | { readonly errno: string }

/** A body that is not what was accepted. */
class Damaged extends Error {}

/** Read and written at a time. */
const SLAB_BYTES = 512 * 1024

/**
 * Puts a mail into a mailbox, as Maildir has it: written and synced in `tmp`, then moved into `new` under a name of its own. Holds
 * its thread until it is done, some milliseconds. @throws what is no fault of body or disk */
export function deposit(one: Deposit, body: Uint8Array | FileBody, isFirst = true): Deposited {
  const { top, folder, name, bytes, quota, again } = one
  try {
    makeFolders(folder, top)
    const there = again ? holderOf(folder, name) : undefined
    if (there !== undefined) {
      // The attempt that put it may have ended before it could do so.
      syncFolderSync(there)
      return 'there'
    }
    if (quota !== null && usedBytes(folder) + bytes > quota) return 'full'
    writeWhole(join(folder, 'tmp', name), one.trace, body)
    // Of an attempt before this one it replaces the same bytes.
    renameSync(join(folder, 'tmp', name), join(folder, 'new', name))
    syncFolderSync(join(folder, 'new'))
    return 'there'
  } catch (fault) {
    if (fault instanceof Damaged) return 'damaged'
    const { errno, code } = fault as NodeJS.ErrnoException
    if (errno === undefined || code === undefined) throw fault
    // The folders that were made are no more: a person took the mailbox away, to restore it.
    if (code === 'ENOENT' && isFirst && made.delete(folder)) return deposit(one, body, false)
    return { errno: code }
  }
}

/** Writes a file whole and synced, or leaves none: a disk that is full needs the room. What an attempt that broke off has left goes. */
function writeWhole(path: string, trace: Uint8Array, body: Uint8Array | FileBody): void {
  rmSync(path, { force: true })
  const file = openSync(path, 'wx', 0o600)
  try {
    if (body instanceof Uint8Array) writeAllSync(file, [trace, body])
    else copyFrom(body, file, trace)
    fsyncSync(file)
    closeSync(file)
  } catch (fault) {
    closeSync(file)
    rmSync(path, { force: true })
    throw fault
  }
}

let slab: Buffer | null = null

/** Writes what a file holds behind the trace. @throws {Damaged} when it is missing or another */
function copyFrom({ path, bytes, sha256 }: FileBody, to: number, trace: Uint8Array): void {
  slab ??= Buffer.allocUnsafeSlow(SLAB_BYTES)
  const digest = createHash('sha256')
  const from = openBody(path)
  let read = 0
  try {
    for (let more = true; more; ) {
      // One byte more than there should be is asked for, so that a file that is too long is seen.
      const most = Math.min(bytes + 1 - read, slab.length)
      const some = slab.subarray(0, readSync(from, slab, 0, most, read))
      digest.update(some)
      writeAllSync(to, read === 0 ? [trace, some] : [some])
      read += some.length
      more = some.length === most && read <= bytes
    }
  } finally {
    closeSync(from)
  }
  if (read !== bytes || digest.digest('hex') !== sha256) throw new Damaged(path)
}

function openBody(path: string): number {
  try {
    return openSync(path, 'r')
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code !== 'ENOENT') throw fault
    throw new Damaged(path, { cause: fault })
  }
}

const made = new Set<string>()

function makeFolders(folder: string, top: string): void {
  if (made.has(folder)) return
  for (const part of ['tmp', 'new', 'cur']) mkdirSync(join(folder, part), { recursive: true, mode: 0o700 })
  for (const one of reachedBy(folder, top)) syncFolderSync(one)
  made.add(folder)
}

/**
 * Where it is, read or unread, in whatever folder of the mailbox. Behind the first comma of a name stand sizes, which readers
 * add to and an earlier attempt may have told otherwise, and behind a colon flags. */
function holderOf(folder: string, name: string): string | undefined {
  const own = nameWithout(name)
  return keptIn(folder).find((part) => names(part).some((one) => nameWithout(one) === own))
}

function nameWithout(sizes: string): string {
  return sizes.replace(/[,:].*$/s, '')
}

/** Bytes that the mailbox holds in all its folders: by the sizes in the names of its files (Maildir++), else by the files. */
function usedBytes(folder: string): number {
  let used = 0
  for (const part of keptIn(folder)) {
    for (const name of names(part)) {
      const size = /,S=(\d+)/.exec(name)?.[1]
      used += size === undefined ? (statSync(join(part, name), { throwIfNoEntry: false })?.size ?? 0) : Number(size)
    }
  }
  return used
}

/** `new` and `cur` of the mailbox and of every folder in it (`.NAME`, Maildir++). */
function keptIn(folder: string): readonly string[] {
  const others = names(folder).filter((name) => /^\.[^.]/.test(name))
  return ['', ...others].flatMap((one) => ['new', 'cur'].map((part) => join(folder, one, part)))
}

/** What is in a folder; nothing where there is none. */
function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch (fault) {
    const { code } = fault as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return []
    throw fault
  }
}
