import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import type pg from 'pg'
import { GatewayError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports.ts'
import { syncFolder } from '../../pipeline/journal/folder.ts'
import { connectBeside } from '../../pipeline/journal/postgres/connect.ts'
import { MANIFEST, MAX_MANIFEST_BYTES, type Manifest, type ManifestFile, readManifest } from './manifest.ts'
import { type ClientProgram, clientProgram, programFolders, type Reached, reachedBy } from './programs.ts'
import { RestoreError } from './restore.ts'
import { readTar, TAR_END, type TarEntry, tarHeader, tarPadding } from './tar.ts'

/** Name of pg_dump's archive inside a backup. */
export const DUMP = 'store.dump'
const HEADER_BYTES = 512

/** A program ended badly. `said`: its last words, of pg_dump alone: those of pg_restore may quote rows. */
export class ProgramFailed extends Error {
  readonly program: ClientProgram
  readonly status: string
  readonly said: string | null
  constructor(program: ClientProgram, status: string, said: string | null = null) {
    super(`${program} ended with ${status}`)
    this.program = program
    this.status = status
    this.said = said
  }
}

/** The tables of a backup are of schema `schema`, and the role's search_path leads to another one. */
export class OtherSchema extends Error {
  readonly schema: string
  constructor(schema: string) {
    super(`the tables are of schema ${schema}`)
    this.schema = schema
  }
}

/** What a backup of a store on PostgreSQL is made of. */
export interface DumpParts {
  readonly database: string
  /** Where the archive goes; it must not be there. */
  readonly file: string
  readonly release: string
  readonly clock: Clock
  readonly env: Reached['env']
  /** Bytes written, of some estimate of all. */
  readonly progress: (done: number, total: number) => void
}

/** What was written. */
export interface Dumped {
  readonly bytes: number
  readonly messages: number
}

interface Snapshot {
  readonly client: pg.Client
  readonly id: string
  readonly messages: number
  readonly bytes: number
  readonly major: number
  readonly schema: string
}

/** One instant of the store, kept until the connection ends: what is counted here is what is dumped. */
async function snapshotOf(database: string): Promise<Snapshot> {
  const client = await connectBeside(database, 'backup', true)
  try {
    await client.query('SET idle_in_transaction_session_timeout = 0')
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    const { rows } = await client.query(
      `SELECT pg_export_snapshot() AS id, current_schema()::text AS schema, current_setting('server_version_num')::int / 10000 AS major,
         (SELECT sum(CASE name WHEN 'received' THEN value WHEN 'purged' THEN -value ELSE 0 END) FROM counter) AS messages,
         (SELECT sum(pg_table_size(c.oid)) FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace)
           AS bytes`,
    )
    const { id, major, messages, bytes, schema } = rows[0]
    const figures = { major: Number(major), messages: Number(messages), bytes: Number(bytes) }
    return { client, id: String(id), schema: String(schema), ...figures }
  } catch (error) {
    await client.end().catch(() => {})
    throw error
  }
}

/**
 * Writes the store as it is at one instant into one tar file (mode 0600) while nodes go on: pg_dump's archive, then the
 * manifest. The file has its name only once it is whole and synced.
 * @throws {ProgramError}, {ProgramFailed}; {GatewayError} STORE_FULL, STORE_UNREACHABLE; EEXIST */
export async function dumpStore(parts: DumpParts): Promise<Dumped> {
  const { database, file } = parts
  const partial = `${file}.part`
  const snapshot = await snapshotOf(database)
  let made = false
  try {
    const program = await clientProgram('pg_dump', snapshot.major, programFolders(parts.env.PATH))
    const archive = await open(partial, 'wx', 0o600)
    made = true
    try {
      const dumped = await fill(archive, program, snapshot, parts)
      await archive.sync()
      await rename(partial, file)
      await syncFolder(dirname(file))
      return dumped
    } finally {
      await archive.close()
    }
  } catch (error) {
    if (made) await rm(partial, { force: true })
    const full = (error as NodeJS.ErrnoException).code === 'ENOSPC'
    throw full ? new GatewayError('STORE_FULL', undefined, { cause: error }) : error
  } finally {
    await snapshot.client.end().catch(() => {})
  }
}

async function fill(archive: FileHandle, program: string, snapshot: Snapshot, parts: DumpParts): Promise<Dumped> {
  const { database, release, clock, env, progress } = parts
  const { dbname, env: childEnv } = reachedBy(database, env)
  const { schema } = snapshot
  // What else is in the database is not ours, and may not be readable. In quotes the name is no pattern.
  const ours = `--schema="${schema.replaceAll('"', '""')}"`
  const options = ['--format=custom', '--no-owner', '--no-privileges', '--no-password', `--snapshot=${snapshot.id}`]
  const child = spawn(program, [...options, ours, `--dbname=${dbname}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: childEnv,
  })
  let said: string | null = null
  createInterface(child.stderr!).on('line', (line) => (said = /^pg_dump: error: (.*)/.exec(line)?.[1] ?? said))
  const ended = endOf(child)
  const nowMs = clock.nowMs()
  // Its size is known only at the end: the header is written then.
  await archive.write(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0)
  const digest = createHash('sha256')
  let bytes = 0
  try {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      digest.update(chunk)
      await writeAt(archive, chunk, HEADER_BYTES + bytes)
      bytes += chunk.length
      progress(bytes, Math.max(snapshot.bytes, bytes + 1))
    }
  } catch (error) {
    child.kill()
    throw error
  }
  const status = await ended
  if (status !== '0') throw new ProgramFailed('pg_dump', status, said)
  await writeAt(archive, tarHeader(DUMP, bytes, nowMs), 0)
  const { messages } = snapshot
  const files: ManifestFile[] = [{ name: DUMP, bytes, sha256: digest.digest('hex') }]
  const at = new Date(nowMs).toISOString()
  const manifest: Manifest = { format: 'passerelle-backup', version: 1, release, at, messages, schema, files }
  const text = Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`)
  const end = [tarPadding(bytes), tarHeader(MANIFEST, text.length, nowMs), text, tarPadding(text.length), TAR_END]
  await writeAt(archive, Buffer.concat(end), HEADER_BYTES + bytes)
  progress(1, 1)
  return { bytes: (await archive.stat()).size, messages }
}

async function writeAt(archive: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    at += (await archive.write(bytes, at, bytes.length - at, position + at)).bytesWritten
  }
}

/** How a program ended: its exit status, or the signal that ended it. */
function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)))
    child.once('close', (code, signal) => resolve(String(code ?? signal)))
  })
}

/** Where a backup goes. */
export interface UndumpParts {
  readonly file: string
  readonly database: string
  readonly env: Reached['env']
  readonly progress: (done: number, total: number) => void
}

/**
 * Puts a backup into a database without tables, all or nothing, after every byte was checked against the manifest.
 * @throws {RestoreError} when the database is not empty, or the backup damaged, cut short or of another kind;
 * {OtherSchema} when search_path leads elsewhere than to its schema; {ProgramError}, {ProgramFailed}; {GatewayError} STORE_UNREACHABLE, STORE_UNSAFE */
export async function undumpStore({ file, database, env, progress }: UndumpParts): Promise<Manifest> {
  const total = 2 * (await stat(file)).size
  const { major, schema: here } = await emptyServer(database)
  const program = await clientProgram('pg_restore', major, programFolders(env.PATH))
  let read = 0
  const chunks = () =>
    createReadStream(file, { highWaterMark: 1024 ** 2 }).on('data', (chunk) => progress((read += chunk.length), total))
  try {
    const manifest = await checked(chunks())
    const { schema = null } = manifest
    if (schema !== null && schema !== here) throw new OtherSchema(schema)
    for await (const entry of readTar(chunks())) {
      if (entry.name === DUMP) await feed(program, entry, schema, reachedBy(database, env))
      else for await (const _ of entry.content);
    }
    return manifest
  } catch (error) {
    throw error instanceof RangeError ? new RestoreError('damaged', file, { cause: error }) : error
  }
}

/** Major version of the server, and the schema that tables are made in. @throws {RestoreError} when it has tables */
async function emptyServer(database: string): Promise<{ readonly major: number; readonly schema: string | null }> {
  const client = await connectBeside(database, 'restore', true)
  try {
    const { rows } = await client.query(
      `SELECT current_setting('server_version_num')::int / 10000 AS major, current_database() AS name, current_schema()::text AS schema,
         EXISTS (SELECT 1 FROM pg_tables WHERE schemaname = current_schema()) AS filled`,
    )
    if (rows[0].filled === true) throw new RestoreError('not-empty', String(rows[0].name))
    return { major: Number(rows[0].major), schema: rows[0].schema as string | null }
  } finally {
    await client.end().catch(() => {})
  }
}

async function checked(chunks: AsyncIterable<Buffer>): Promise<Manifest> {
  let found: ManifestFile | null = null
  let manifest: Manifest | null = null
  for await (const entry of readTar(chunks)) {
    const { name, bytes, content } = entry
    if (manifest !== null) throw new RestoreError('damaged', name)
    if (name === MANIFEST) {
      if (bytes > MAX_MANIFEST_BYTES) throw new RestoreError('damaged', name)
      manifest = readManifest(Buffer.concat(await Array.fromAsync(content)))
      if (manifest === null) throw new RestoreError('damaged', name)
      continue
    }
    if (name === 'store.db') throw new RestoreError('other-kind', name)
    if (name !== DUMP || found !== null) throw new RestoreError('damaged', name)
    const digest = createHash('sha256')
    for await (const chunk of content) digest.update(chunk)
    found = { name, bytes, sha256: digest.digest('hex') }
  }
  if (manifest === null || found === null) throw new RestoreError('incomplete', manifest === null ? MANIFEST : DUMP)
  const [said, ...more] = manifest.files
  const same = said?.name === DUMP && said.bytes === found.bytes && said.sha256 === found.sha256
  if (!same || more.length > 0) throw new RestoreError('damaged', DUMP)
  return manifest
}

/** Has pg_restore read an archive, in one transaction; of `schema` what is in it: the schema itself is there. */
async function feed(
  program: string,
  { content }: TarEntry,
  schema: string | null,
  { dbname, env }: Reached,
): Promise<void> {
  const ours = schema === null ? [] : [`--schema=${schema}`]
  const options = ['--single-transaction', '--exit-on-error', '--no-owner', '--no-privileges', '--no-password']
  const child = spawn(program, [...options, ...ours, `--dbname=${dbname}`], {
    stdio: ['pipe', 'ignore', 'ignore'],
    env,
  })
  const ended = endOf(child)
  const input = child.stdin!
  // When it ends early its status says so; what was still to be written is of no use.
  input.on('error', () => {})
  for await (const chunk of content) {
    if (!input.writable) continue
    if (!input.write(chunk)) await Promise.race([once(input, 'drain').catch(() => {}), ended])
  }
  input.end()
  const status = await ended
  if (status !== '0') throw new ProgramFailed('pg_restore', status)
}
