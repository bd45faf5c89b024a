import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { freePort } from '../world/ports.ts'
import { give, giveAll, killAll, type Postmaster, runProgram, startPostmaster } from './server.ts'

/** Names and values as in postgresql.conf. */
export type Settings = Readonly<Record<string, string | number>>

/** `fast` undoes what is open and writes a checkpoint; `immediate` leaves recovery to the next start. */
export type StopMode = 'fast' | 'immediate'

/** How a database is made. */
export interface DatabaseOptions {
  /** An ICU locale such as `fr-FR`, instead of C. */
  readonly icu?: string
  readonly tablespace?: string
  /** A database to copy, instead of an empty one; nobody may be connected to it. */
  readonly template?: string
}

/** How a cluster is made. */
export interface ClusterOptions {
  readonly settings?: Settings
  /** A data folder elsewhere. One that is filled (a restored backup) is started as it is, and needs its `password`. */
  readonly dataDir?: string
  readonly password?: string
  /** Is its write-ahead log copied to `archiveDir`? */
  readonly archive?: boolean
  /** More arguments for initdb. */
  readonly initdb?: readonly string[]
}

/** What tests do with databases; all that a shared cluster allows. */
export interface Databases {
  /** As role `passerelle`, which owns the databases made here and may nothing else. Holds the password. */
  url(database?: string): string
  /** As superuser `postgres`. */
  adminUrl(database?: string): string
  readonly port: number
  readonly password: string
  /** Makes a new, empty database, and gives its URL. */
  createDatabase(name?: string, options?: DatabaseOptions): Promise<string>
  /** By name or URL; closes its connections. */
  dropDatabase(nameOrUrl: string): Promise<void>
}

/** A PostgreSQL server of the test's own: loopback, scram, durable as in production. */
export interface Cluster extends Databases {
  /** Of the postmaster that runs, or ran last. */
  readonly pid: number
  readonly running: boolean
  /** Resolves when the postmaster that runs now ends, whoever caused it. */
  readonly ended: Promise<void>
  /** Of the server's log; `log_min_messages` and the like are settings. */
  readonly logFile: string
  readonly dataDir: string
  readonly archiveDir: string
  /** Rewrites postgresql.conf with these settings too, and has a running server read it. Some want a restart. */
  configure(settings: Settings): void
  start(): Promise<void>
  stop(mode?: StopMode): Promise<void>
  restart(mode?: StopMode): Promise<void>
  /** Kills all its processes at once. What the system had in memory of its files stays: no loss of power. */
  kill9(): Promise<void>
  /** Stops it and removes its folders. */
  end(): Promise<void>
}

const ROLE = 'passerelle'
const DURABLE: Settings = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  max_connections: 100,
  shared_buffers: '128MB',
  autovacuum: 'on',
  timezone: 'UTC',
  password_encryption: 'md5',
  lc_messages: 'C',
  log_line_prefix: '%m [%p] ',
}

const quote = (value: string | number): string => `'${`${value}`.replaceAll("'", "''")}'`
const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** The databases of the server on this port. */
export function databasesOf(port: number, password: string): Databases {
  const url = (role: string, database: string): string => `postgres://${role}:${password}@127.0.0.1:${port}/${database}`
  const admin = url('postgres', 'postgres')
  return {
    port,
    password,
    url: (database = 'postgres') => url(ROLE, database),
    adminUrl: (database = 'postgres') => url('postgres', database),
    async createDatabase(
      name = `t_${randomBytes(6).toString('hex')}`,
      { icu, tablespace, template = 'template0' } = {},
    ) {
      const locale = icu === undefined ? '' : ` LOCALE_PROVIDER icu ICU_LOCALE ${quote(icu)}`
      const place = tablespace === undefined ? '' : ` TABLESPACE ${identifier(tablespace)}`
      // An empty database is four times as quick by its files (40 ms, not 150): a full one twice as quick by the log.
      const strategy = template === 'template0' ? 'file_copy' : 'wal_log'
      await ask(
        admin,
        `CREATE DATABASE ${identifier(name)} OWNER ${ROLE} TEMPLATE ${identifier(template)} STRATEGY ${strategy}${locale}${place}`,
      )
      return url(ROLE, name)
    },
    async dropDatabase(nameOrUrl) {
      const name = nameOrUrl.includes('://') ? new URL(nameOrUrl).pathname.slice(1) : nameOrUrl
      await ask(admin, `DROP DATABASE IF EXISTS ${identifier(name)} WITH (FORCE)`)
    },
  }
}

/** One statement on a connection of its own; gives the rows. */
export async function ask(
  url: string,
  sql: string,
  values: readonly unknown[] = [],
): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  // A cut while the connection is idle comes as this event; the query tells of all others.
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(sql, [...values])).rows
  } finally {
    await client.end()
  }
}

function configurationOf(settings: Settings): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${quote(value)}\n`)
    .join('')
}

/** Makes the data folder, unless there is one. Only passwords open it, over TCP and over the socket. */
function initialise(home: string, dataDir: string, password: string, more: readonly string[]): void {
  const secret = join(home, 'secret')
  writeFileSync(secret, password, { mode: 0o600 })
  give(secret)
  const access = ['-U', 'postgres', '--auth=md5', `--pwfile=${secret}`]
  // What initdb writes need not be on the disk before the tests run.
  runProgram('initdb', ['-D', dataDir, ...access, '--locale=C', '--encoding=UTF8', '--no-sync', ...more])
  rmSync(secret)
}

/** Makes and starts a PostgreSQL server. @throws with what it said when it does not start */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const home = mkdtempSync(join(tmpdir(), 'passerelle-pg-'))
  const dataDir = options.dataDir ?? join(home, 'data')
  const [archiveDir, logFile] = [join(home, 'archive'), join(home, 'log')]
  mkdirSync(archiveDir)
  give(home, archiveDir)
  const password = options.password ?? randomBytes(16).toString('hex')
  const isNew = !existsSync(join(dataDir, 'PG_VERSION'))
  if (isNew) initialise(home, dataDir, password, options.initdb ?? [])
  else giveAll(dataDir)

  const port = await freePort()
  const place = { listen_addresses: '127.0.0.1', port, unix_socket_directories: home }
  const archiving = { archive_mode: 'on', archive_command: `test ! -f ${archiveDir}/%f && cp %p ${archiveDir}/%f` }
  let settings: Settings = { ...DURABLE, ...place, ...(options.archive && archiving), ...options.settings }
  const conf = join(dataDir, 'postgresql.conf')
  const write = (): void => {
    writeFileSync(conf, configurationOf(settings))
    give(conf)
  }
  write()
  let postmaster: Postmaster = await startPostmaster(dataDir, logFile).catch((fault: unknown) => {
    rmSync(home, { recursive: true, force: true })
    throw fault
  })
  const databases = databasesOf(port, password)
  if (isNew) await ask(databases.adminUrl(), `CREATE ROLE ${ROLE} LOGIN PASSWORD ${quote(password)}`)

  const start = async (): Promise<void> => {
    if (!postmaster.running) postmaster = await startPostmaster(dataDir, logFile)
  }
  const stop = async (mode: StopMode = 'fast'): Promise<void> => {
    if (postmaster.running) postmaster.signal(mode === 'fast' ? 'SIGINT' : 'SIGQUIT')
    await postmaster.ended
  }
  return {
    ...databases,
    get pid() {
      return postmaster.pid
    },
    get running() {
      return postmaster.running
    },
    get ended() {
      return postmaster.ended
    },
    logFile,
    dataDir,
    archiveDir,
    configure(more) {
      settings = { ...settings, ...more }
      write()
      if (postmaster.running) postmaster.signal('SIGHUP')
    },
    start,
    stop,
    async restart(mode) {
      await stop(mode)
      await start()
    },
    kill9: () => killAll(postmaster),
    async end() {
      await stop('immediate')
      rmSync(home, { recursive: true, force: true })
      if (options.dataDir !== undefined) rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
