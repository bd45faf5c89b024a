/** First start of a container: makes the administrator's key, keeps its SHA-256, shows the key once. */
import { createHash, randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, linkSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** Name of the file that region.yaml refers to: the SHA-256 of the key, lower-case hex. */
export const KEY_FILE = 'admin.sha256'

/**
 * A new random key whose hash is on disk in `folder` (0700, file 0600) when this returns, or null when there is a hash already.
 * The key itself is written nowhere. `random` gives that many bytes.
 * @throws what the file system throws when the folder cannot be written */
export function makeAdminKey(folder: string, random: (bytes: number) => Buffer): string | null {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, KEY_FILE)
  if (existsSync(file)) return null
  const key = random(24).toString('base64url')
  const draft = `${file}.new`
  rmSync(draft, { force: true })
  const handle = openSync(draft, 'wx', 0o600)
  writeSync(handle, createHash('sha256').update(key).digest('hex'))
  fsyncSync(handle)
  closeSync(handle)
  // A link is made whole or not at all, and never over a hash that another start has made meanwhile.
  linkSync(draft, file)
  rmSync(draft)
  return key
}

if (import.meta.main) {
  const folder = process.argv[2]
  if (folder === undefined) throw new Error('usage: node docker/first-start.ts FOLDER')
  const key = makeAdminKey(folder, randomBytes)
  if (key !== null) {
    console.log(`Administrator's key, shown this once; keep it: ${key}`)
    console.log(`To make another, delete ${join(folder, KEY_FILE)} and start again.`)
  }
}
