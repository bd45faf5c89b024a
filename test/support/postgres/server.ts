import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, closeSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { missing } from '../world/needs.ts'
import { until } from '../world/until.ts'

const DEBIAN = '/usr/lib/postgresql'
const OLDEST = 15

/** The folder of the newest PostgreSQL's programs, from 15 on, or null. */
export function postgresBin(): string | null {
  if (!existsSync(DEBIAN)) return null
  const versions = readdirSync(DEBIAN)
    .map(Number)
    .filter((version) => version >= OLDEST && existsSync(join(DEBIAN, `${version}`, 'bin/initdb')))
  return versions.length === 0 ? null : join(DEBIAN, `${Math.max(...versions)}`, 'bin')
}

/**
 * What to do with a test that needs a PostgreSQL server: null to run it, else the sentence to skip it with.
 * @throws {Error} with that sentence in CI, where PostgreSQL must be there */
export function missingPostgres(): string | null {
  const bin = postgresBin()
  const need = bin === null ? `${DEBIAN}/*/bin/postgres (PostgreSQL ${OLDEST} or later)` : join(bin, 'postgres')
  return missing(need, ['--version'])
}

const isRoot = process.getuid?.() === 0

/** Numeric user and group that the server runs as, when that is another one than ours: PostgreSQL refuses root. */
function other(): { readonly uid: number; readonly gid: number } | null {
  if (!isRoot) return null
  const id = (what: string): number => Number(execFileSync('id', [what, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}
const user = postgresBin() === null ? null : other()

/** Gives files and folders to the user that the server runs as. */
export function give(...paths: readonly string[]): void {
  if (user !== null) for (const path of paths) chownSync(path, user.uid, user.gid)
}

/** The same for a folder and all that is in it. */
export function giveAll(folder: string): void {
  if (user !== null) execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, folder])
}

// pdeathsig: the server goes with the test's process, however that ends.
const asUser = (): string[] =>
  user === null
    ? ['--pdeathsig', 'QUIT']
    : ['--reuid', `${user.uid}`, '--regid', `${user.gid}`, '--clear-groups', '--pdeathsig', 'QUIT']

/** The command line that runs one of PostgreSQL's programs as the user that may, without a shell. @throws without PostgreSQL */
export function program(name: string, args: readonly string[]): readonly [command: string, args: string[]] {
  const bin = postgresBin()
  if (bin === null) throw new Error('PostgreSQL is missing')
  return ['setpriv', [...asUser(), join(bin, name), ...args]]
}

/** Runs one of PostgreSQL's programs (`initdb`, `pg_basebackup`) to its end. @throws with what it said when it fails */
export function runProgram(name: string, args: readonly string[], env: Record<string, string> = {}): string {
  const [command, line] = program(name, args)
  return execFileSync(command, line, { encoding: 'utf8', stdio: 'pipe', cwd: '/', env: { ...clean(), ...env } })
}

/** The environment without what libpq and the server take from it. */
function clean(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries({ ...process.env, LC_ALL: 'C', TZ: 'UTC' }).filter(([key]) => !/^PG/.test(key)),
  )
}

/** A postmaster of ours. */
export interface Postmaster {
  readonly pid: number
  /** Resolves with its end, whoever caused it. */
  readonly ended: Promise<void>
  readonly running: boolean
  signal(name: NodeJS.Signals): void
}

/** Starts a server on a data folder. @throws with the end of its log when it ends before it takes connections */
export async function startPostmaster(dataDir: string, logFile: string): Promise<Postmaster> {
  const log = openSync(logFile, 'a')
  const [command, args] = program('postgres', ['-D', dataDir])
  const child: ChildProcess = spawn(command, args, { stdio: ['ignore', log, log], cwd: '/', env: clean() })
  closeSync(log)
  await once(child, 'spawn')
  let running = true
  const ended = once(child, 'exit').then(() => {
    running = false
  })
  await until('PostgreSQL takes connections', async () => {
    if (!running) return true
    const [pid, , , , , , , status] = readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n')
    return Number(pid) === child.pid && status?.trim() === 'ready'
  })
  if (!running) throw new Error(`PostgreSQL did not start:\n${readFileSync(logFile, 'utf8').slice(-2000)}`)
  return {
    pid: child.pid ?? 0,
    ended,
    get running() {
      return running
    },
    signal: (name) => child.kill(name),
  }
}

/** The processes under this one, however deep: backends, writers, an archive command. */
function descendants(pid: number): number[] {
  const parents = readdirSync('/proc').flatMap((name) => {
    const stat = /^\d+$/.test(name) ? statOf(Number(name)) : null
    return stat === null ? [] : [[Number(name), stat.parent] as const]
  })
  const under = (of: number): number[] =>
    parents.flatMap(([child, parent]) => (parent === of ? [child, ...under(child)] : []))
  return under(pid)
}

/** Null when the process is gone, or a zombie that nobody has fetched yet. */
function statOf(pid: number): { readonly parent: number } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const [state, parent] = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' || state === 'X' ? null : { parent: Number(parent) }
  } catch {
    return null
  }
}

/** SIGKILL to the postmaster and all that it started, at once; resolves when all are gone. */
export async function killAll(postmaster: Postmaster): Promise<void> {
  // Stopped first, so that it starts nobody while we count.
  postmaster.signal('SIGSTOP')
  const pids = descendants(postmaster.pid)
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {} // it ended by itself
  }
  postmaster.signal('SIGKILL')
  await postmaster.ended
  await until('the backends are gone', async () => pids.every((pid) => statOf(pid) === null), { everyMs: 5 })
}
