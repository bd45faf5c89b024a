import { createHash } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
  writevSync,
} from 'node:fs'
import { join } from 'node:path'

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

/** A body that is not what was accepted. */
class Damaged extends Error {}

/** Read and written at a time. */
const SLAB_BYTES = 512 * 1024

/**
 * Puts a mail into a mailbox, as Maildir has it: written and synced in `tmp`, then moved into `new` under a name of its own. Holds
 * its thread until it is done, some milliseconds. @throws what is no fault of body or disk */
export function deposit(one: Deposit, body: Uint8Array | FileBody, isFirst = true): Deposited {
  const { folder, name, bytes, quota, again } = one
  try {
    makeFolders(folder)
    if (again && holds(folder, name)) return 'there'
    if (quota !== null && usedBytes(folder) + bytes > quota) return 'full'
    writeWhole(join(folder, 'tmp', name), one.trace, body)
    // Of an attempt before this one it replaces the same bytes.
    renameSync(join(folder, 'tmp', name), join(folder, 'new', name))
    syncFolder(join(folder, 'new'))
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
    if (body instanceof Uint8Array) writeAll(file, [trace, body])
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
      writeAll(to, read === 0 ? [trace, some] : [some])
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

function writeAll(file: number, parts: readonly Uint8Array[]): void {
  const total = parts.reduce((sum, { length }) => sum + length, 0)
  const written = writevSync(file, parts)
  if (written === total) return
  const rest = Buffer.concat(parts).subarray(written)
  for (let at = 0; at < rest.length; ) at += writeSync(file, rest, at)
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

const made = new Set<string>()

function makeFolders(folder: string): void {
  if (made.has(folder)) return
  for (const part of ['tmp', 'new', 'cur']) mkdirSync(join(folder, part), { recursive: true, mode: 0o700 })
  syncFolder(folder)
  made.add(folder)
}

const namesIn = (folder: string): readonly string[] => [
  ...readdirSync(join(folder, 'new')),
  ...readdirSync(join(folder, 'cur')),
]

/** Is it there, read or unread? A reader that took it has added its flags behind a colon. */
function holds(folder: string, name: string): boolean {
  return namesIn(folder).some((one) => one === name || one.startsWith(`${name}:`))
}

/** Bytes that the mailbox holds, by the sizes in the names of its files (Maildir++). */
function usedBytes(folder: string): number {
  return namesIn(folder).reduce((sum, name) => sum + Number(/,S=(\d+)/.exec(name)?.[1] ?? 0), 0)
}
