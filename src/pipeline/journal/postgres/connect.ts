import type { Writable } from 'node:stream'
import pg from 'pg'
import { type ErrorCode, GatewayError } from '../../../core/errors.ts'
import { MARK, readMark, refuseMarked } from '../move/mark.ts'
import { WRITTEN } from './layer.ts'
import { leave } from './leave.ts'
import { type RowTypes, readRowTypes } from './rows.ts'

/** Time that a connection may take to come about (ms). */
const CONNECT_MS = 5_000
/** bigint and numeric, which `pg` gives as text: every one of ours is far below 2^53. */
const NUMBERS: readonly number[] = [20, 1700]

const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    NUMBERS.includes(oid) ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
}

/**
 * How a connection is made. TLS with a verified server unless the database is on this machine or the address says otherwise
 * (`sslmode`). `name` is what the database's administrator sees. */
export function settingsOf(url: string, name: string, more: pg.ClientConfig = {}): pg.ClientConfig {
  const parsed = new URL(url)
  const local = parsed.hostname === '' || /^(localhost|127\.[\d.]+|\[::1\])$/.test(parsed.hostname)
  const named = parsed.searchParams.has('sslmode') || parsed.searchParams.has('host')
  if (!local && !named) parsed.searchParams.set('sslmode', 'verify-full')
  return {
    connectionString: parsed.href,
    application_name: `passerelle ${name}`,
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    types,
    ...more,
  }
}

/** A URL as it may be shown: without its password. */
export function shown(url: string): string {
  const parsed = new URL(url)
  parsed.password = ''
  parsed.searchParams.delete('password')
  return parsed.href
}

/** What an error of the database, or of the way to it, means for the journal. `stale`: a table is no longer what this connection took it for. */
export type Fault =
  | 'full'
  | 'unreachable'
  | 'constraint'
  | 'mismatch'
  | 'timeout'
  | 'damaged'
  | 'again'
  | 'stale'
  | 'other'

/**
 * 25006: a server that only reads, such as a standby: whoever writes is elsewhere, or will be here later. 42501: the role
 * lacks a right, which its administrator gives while we run. */
const UNREACHABLE = /^(08|28|3D000|42501|57P|25P03|25006|53300)/

/** What to mend where the database answers, and answers no. */
const SAYS: readonly (readonly [code: RegExp, sentence: string])[] = [
  [/^28/, 'The database refuses the role or its password'],
  [/^3D000$/, 'The database server has no database of that name'],
  [/^42501$/, 'The role lacks a right in the database: it must own the database, or its tables and their schema'],
  [/^53300$/, 'The database server has no connection left for this role'],
  [/^25006$/, 'The database server only reads: it is a standby, or recovers'],
]

const OURS: Partial<Record<ErrorCode, Fault>> = {
  STORE_UNREACHABLE: 'unreachable',
  STORE_UNSAFE: 'unreachable',
  STORE_FULL: 'full',
  STORE_MOVED: 'unreachable',
  STORE_UNFINISHED: 'unreachable',
}

/** Classes an error by its SQLSTATE (PostgreSQL, appendix A); without one it is a broken connection. */
export function faultOf(error: unknown): Fault {
  const code = (error as { code?: unknown } | null)?.code
  if (error instanceof GatewayError) return OURS[error.code] ?? 'other'
  if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code)) return 'unreachable'
  if (code === '53100' || code === '53200') return 'full'
  if (UNREACHABLE.test(code)) return 'unreachable'
  if (code.startsWith('23')) return 'constraint'
  if (code === '22012') return 'mismatch'
  if (code === '57014') return 'timeout'
  if (code === '42804') return 'stale'
  if (code === 'XX001' || code === 'XX002') return 'damaged'
  return code === '40001' || code === '40P01' ? 'again' : 'other'
}

const CODES: Readonly<Record<Fault, ErrorCode>> = {
  full: 'STORE_FULL',
  unreachable: 'STORE_UNREACHABLE',
  timeout: 'QUERY_TIMEOUT',
  damaged: 'STORE_DAMAGED',
  again: 'STORE_UNREACHABLE',
  stale: 'INTERNAL',
  constraint: 'INTERNAL',
  mismatch: 'INTERNAL',
  other: 'INTERNAL',
}

/** The fault of the table of errors that an error of the database, or of the way to it, amounts to. */
export function asFault(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown }
  const state = String(code)
  const says = SAYS.find(([one]) => one.test(state))
  const told = says === undefined ? ofTls(state, String(message)) : `${says[1]} (SQLSTATE ${state}).`
  return new GatewayError(CODES[faultOf(error)], told, { cause: error })
}

/** Codes of node:tls for a certificate that is not believed. */
const UNBELIEVED = /^(?:CERT_|ERR_TLS_CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/

/** What to mend where the two do not agree on TLS; undefined: it is something else. */
function ofTls(code: string, message: string): string | undefined {
  if (UNBELIEVED.test(code)) {
    return `The certificate of the database server is not believed (${code}): its authority goes into the address (sslrootcert=FILE).`
  }
  // `pg` gives this one no code.
  if (!message.includes('does not support SSL')) return undefined
  return 'The database server offers no TLS, which the address asks for: turn it on there, or write sslmode=disable where the network is trusted.'
}

/** Settings without which a confirmed commit may be lost, and the values that keep it (PostgreSQL, 20.5.1). */
const SAFE: Readonly<Record<string, readonly string[]>> = {
  fsync: ['on'],
  synchronous_commit: ['on', 'remote_apply'],
}
/** Oldest release whose words of SQL are used, as `server_version_num` says it. */
const OLDEST = 150_000

/** SQL: columns with the settings that a commit's safety hangs on. They may be turned off while the server runs. */
export const SETTINGS = Object.keys(SAFE)
  .map((name) => `current_setting('${name}') AS ${name}`)
  .join(', ')

/** @throws {GatewayError} STORE_UNSAFE naming the setting, when a row with the columns of `SETTINGS` holds an unsafe one */
export function assureSettings(row: Readonly<Record<string, unknown>> | undefined): void {
  for (const [name, good] of Object.entries(SAFE)) {
    const value = String(row?.[name])
    if (good.includes(value)) continue
    throw new GatewayError('STORE_UNSAFE', `The database has ${name} = ${value}; it must be ${good.join(' or ')}.`)
  }
}

/**
 * Makes sure that what the database confirms is on its disk, and that it can hold every character.
 * @throws {GatewayError} STORE_UNSAFE naming the setting */
export async function assureSafe(client: pg.Client): Promise<void> {
  const { rows } = await client.query(
    `SELECT ${SETTINGS}, current_setting('server_version_num') AS version, current_setting('server_encoding') AS encoding`,
  )
  assureSettings(rows[0])
  // In another encoding a name that it lacks fails its message for good; SQL_ASCII keeps whatever comes, and cannot be moved.
  if (rows[0].encoding !== 'UTF8') {
    throw new GatewayError('STORE_UNSAFE', `The database has the encoding ${rows[0].encoding}; it must be UTF8.`)
  }
  if (Number(rows[0].version) < OLDEST) {
    throw new GatewayError('STORE_UNSAFE', 'The database is older than PostgreSQL 15.')
  }
}

/**
 * Makes sure that the store was not moved elsewhere. Asked at every new connection for writing, so that a node that slept
 * through a move writes nothing. @throws {GatewayError} STORE_MOVED, STORE_UNFINISHED */
export async function assureUnmarked(client: pg.Client): Promise<void> {
  const { rows } = await client.query('SELECT value FROM meta WHERE name = $1', [MARK])
  refuseMarked(readMark(rows[0]?.value))
}

/** A connection for writing, and what the rows are made of that it writes. */
export interface Writing {
  readonly client: pg.Client
  readonly types: RowTypes
}

/**
 * A connection for writing: pipelined, plans by index whatever the statistics say, let go by the server when its node stops
 * halfway, and by the node when the server says nothing for `silenceMs`. */
export async function connectWriter(url: string, name: string, silenceMs = SILENCE_MS): Promise<Writing> {
  const limits = { pipeline: true, query_timeout: silenceMs } as pg.ClientConfig
  const client = new pg.Client(settingsOf(url, name, limits))
  // An error between two queries is met again by the next query, which rejects.
  client.on('error', () => {})
  try {
    await client.connect()
    await assureSafe(client)
    await assureUnmarked(client)
    await client.query(
      `SET idle_in_transaction_session_timeout = ${STUCK_MS}; SET statement_timeout = ${STATEMENT_MS};
       SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
       SET plan_cache_mode = force_generic_plan; SET jit = off; SET client_min_messages = warning`,
    )
    return { client, types: await readRowTypes(client, WRITTEN) }
  } catch (error) {
    void leave(client)
    throw asFault(error)
  }
}

/** How long a node that stopped between the two halves of a commit may keep the others waiting (ms). */
const STUCK_MS = 2_000
/** Longest statement of a commit (ms): it waits for the commits of other nodes before it. */
const STATEMENT_MS = 30_000
/** Longest silence of the server during a commit (ms): a connection that a firewall has forgotten ends in no other way. */
const SILENCE_MS = STATEMENT_MS + 5_000

/** Begins a transaction that holds the order of commits: what other nodes write waits for its end. */
export async function lockHead(client: pg.Client): Promise<void> {
  await client.query('BEGIN')
  const { rows } = await client.query(`SELECT ${SETTINGS} FROM head FOR UPDATE`)
  assureSettings(rows[0])
}

/** A commit that is kept on this server, but perhaps on no standby that `synchronous_standby_names` waits for. */
export class Unreplicated extends GatewayError {
  constructor() {
    super('STORE_UNREACHABLE', 'The database ended its wait for a standby: the commit may be on this server alone.')
  }
}

/**
 * Commits. COMMIT of a transaction in which something failed answers ROLLBACK, and no error; one whose wait for a standby
 * was cancelled answers COMMIT, after a warning (PostgreSQL, 27.2.8.2): nobody may be told yes by it.
 * @throws {GatewayError} INTERNAL; {Unreplicated} */
export async function committed(client: pg.Client): Promise<void> {
  let warned = false
  const warn = (): void => {
    warned = true
  }
  client.on('notice', warn)
  try {
    const { command } = await client.query({ name: 'commit', text: 'COMMIT' })
    if (command !== 'COMMIT') throw new GatewayError('INTERNAL', `COMMIT answered ${command}`)
    if (warned) throw new Unreplicated()
  } finally {
    client.off('notice', warn)
  }
}

/** How long a question about leases may take (ms): one that takes longer finds them lost. */
const LEASE_MS = 2_000

/** A connection for leases and news: short of patience, so that a node cut off notices; `patient`: for the start. @throws {GatewayError} as `connectWriter` */
export async function connectBeside(url: string, name: string, patient = false): Promise<pg.Client> {
  const limits = patient ? {} : { query_timeout: LEASE_MS, connectionTimeoutMillis: LEASE_MS }
  const client = new pg.Client(settingsOf(url, name, limits))
  client.on('error', () => {})
  try {
    await client.connect()
    if (patient) await assureSafe(client)
    await client.query(
      `SET idle_in_transaction_session_timeout = ${STUCK_MS}; SET statement_timeout = ${patient ? 0 : LEASE_MS};
       SET enable_seqscan = off; SET jit = off; SET client_min_messages = warning`,
    )
    return client
  } catch (error) {
    void leave(client)
    throw asFault(error)
  }
}

/**
 * What `send` asks of the connection leaves in one write: `pg` makes one of each query, and a system call each was a seventh
 * of the processor's time per message (measured, 64 connections). */
export function inOneFlight<T>(client: pg.Client, send: () => T): T {
  const { stream } = (client as unknown as { readonly connection: { readonly stream: Writable } }).connection
  stream.cork()
  try {
    return send()
  } finally {
    stream.uncork()
  }
}
