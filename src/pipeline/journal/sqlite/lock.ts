import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { GatewayError } from '../../../core/errors.ts'
import type { Clock } from '../../../core/ports.ts'

/** Who has a store open: shown to whoever comes second, and where its HTTP interface is. */
export interface Holder {
  readonly pid: number
  readonly node: string
  /** Wall clock, ms since 1970. */
  readonly sinceMs: number
  /** Base address of its HTTP door, or null. */
  readonly url: string | null
}

/** A store held by this process. */
export interface Lock {
  /** Lets go. Twice is harmless. */
  release(): void
}

const HOLDER_FILE = 'holder.json'

/** Who held the folder last, or null. After a crash it is out of date: believe it only when opening says STORE_HELD. */
export function readHolder(dir: string): Holder | null {
  try {
    const found: unknown = JSON.parse(readFileSync(join(dir, HOLDER_FILE), 'utf8'))
    const { pid, node, sinceMs, url } = found as Partial<Holder>
    if (typeof pid !== 'number' || typeof node !== 'string' || typeof sinceMs !== 'number') return null
    return { pid, node, sinceMs, url: typeof url === 'string' ? url : null }
  } catch {
    return null
  }
}

/** Folders of the system that hold no files of ours; below /dev, /dev/shm alone is a disk, if one of memory. */
const NO_DISK = /^\/(proc|sys|dev(?!\/shm(\/|$)))(\/|$)/

/**
 * Makes sure that a folder, there or yet to be made, would be on a disk: below /proc Node never ends making one.
 * @throws {GatewayError} STORE_UNSAFE */
export function assureDisk(dir: string): void {
  let there = resolve(dir)
  while (!existsSync(there) && there !== dirname(there)) there = dirname(there)
  const [, folder] = NO_DISK.exec(realpathSync(there)) ?? []
  if (folder === undefined) return
  throw new GatewayError('STORE_UNSAFE', `A store cannot be in /${folder}, which keeps nothing: ${dir}.`)
}

/**
 * Makes the folder (0700) and holds it for the life of the process. The lock is an open exclusive transaction on a file
 * of its own: the system frees it however the process dies, so none is ever left behind.
 * @throws {GatewayError} STORE_HELD when another process, or another journal of this one, has it; STORE_UNSAFE where nothing is kept */
export function lockStore(dir: string, holder: { node: string; url: string | null }, clock: Clock): Lock {
  assureDisk(dir)
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  chmodSync(dir, 0o700)
  const db = new DatabaseSync(join(dir, 'lock.db'), { timeout: 0 })
  try {
    db.exec('PRAGMA journal_mode = MEMORY')
    db.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    db.close()
    const code = (error as { errcode?: number }).errcode ?? 0
    if ((code & 0xff) !== 5 && (code & 0xff) !== 6) throw error
    const holder = readHolder(dir)
    throw new GatewayError('STORE_HELD', heldBy(holder), { cause: error, french: heldByInFrench(holder) })
  }
  const file = join(dir, HOLDER_FILE)
  const mine: Holder = { pid: process.pid, node: holder.node, sinceMs: clock.nowMs(), url: holder.url }
  writeFileSync(`${file}.new`, `${JSON.stringify(mine)}\n`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
  let held = true
  return {
    release() {
      if (!held) return
      held = false
      rmSync(file, { force: true })
      db.close()
    },
  }
}

function heldBy(holder: Holder | null): string {
  if (!holder) return 'The store is held by another process.'
  const where = holder.url === null ? '' : `, at ${holder.url}`
  return `The store is held by process ${holder.pid} (node ${holder.node}${where}).`
}

function heldByInFrench(holder: Holder | null): string {
  if (!holder) return 'Le dépôt est tenu par un autre processus.'
  const where = holder.url === null ? '' : `, à l'adresse ${holder.url}`
  return `Le dépôt est tenu par le processus ${holder.pid} (nœud ${holder.node}${where}).`
}
