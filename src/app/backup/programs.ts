import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

/** PostgreSQL's own programs that backups are made and restored with. */
export type ClientProgram = 'pg_dump' | 'pg_restore'

/** Why one cannot be used: there is none, or none that is new enough. `found`: the newest one there is, major version. */
export class ProgramError extends Error {
  readonly program: ClientProgram
  readonly found: number | null
  readonly wanted: number
  constructor(program: ClientProgram, found: number | null, wanted: number) {
    super(`${program} ${found ?? 'is missing'}: ${wanted} is needed`)
    this.program = program
    this.found = found
    this.wanted = wanted
  }
}

/** Where distributions put the programs of each version, which need not be on the path. */
function versionFolders(): readonly string[] {
  try {
    return readdirSync('/usr/lib/postgresql').map((version) => `/usr/lib/postgresql/${version}/bin`)
  } catch {
    return []
  }
}

/** Folders in which programs are looked for: those of the path, and those of the distribution. */
export function programFolders(path: string | undefined): readonly string[] {
  return [...(path ?? '').split(delimiter).filter((folder) => folder !== ''), ...versionFolders()]
}

/** The major version that a program says, or null when it does not run. */
async function majorOf(file: string): Promise<number | null> {
  try {
    const { stdout } = await promisify(execFile)(file, ['--version'], { timeout: 10_000 })
    const found = /\(PostgreSQL\) (\d+)/.exec(stdout)?.[1]
    return found === undefined ? null : Number(found)
  } catch {
    return null
  }
}

/**
 * The newest of these programs; an older one cannot read a newer server (pg_dump, Notes).
 * @throws {ProgramError} when there is none, or the newest is older than the server */
export async function clientProgram(
  program: ClientProgram,
  serverMajor: number,
  folders: readonly string[],
): Promise<string> {
  let newest: { readonly file: string; readonly major: number } | null = null
  for (const folder of new Set(folders)) {
    const file = join(folder, program)
    const major = await majorOf(file)
    if (major !== null && major > (newest?.major ?? 0)) newest = { file, major }
  }
  if (newest === null || newest.major < serverMajor) throw new ProgramError(program, newest?.major ?? null, serverMajor)
  return newest.file
}

/** How one of the programs reaches a database: the password goes by the environment, which other users do not see. */
export interface Reached {
  readonly dbname: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/**
 * The address for libpq as the gateway understands it: elsewhere than on this machine, with TLS and a verified server
 * unless it says otherwise. Pure. */
export function reachedBy(database: string, env: Reached['env']): Reached {
  const url = new URL(database)
  const password = url.searchParams.get('password') ?? decodeURIComponent(url.password)
  url.password = ''
  url.searchParams.delete('password')
  url.searchParams.delete('uselibpqcompat')
  if (url.searchParams.get('sslmode') === 'no-verify') url.searchParams.set('sslmode', 'require')
  const local = url.hostname === '' || /^(localhost|127\.[\d.]+|\[::1\])$/.test(url.hostname)
  if (!local && !url.searchParams.has('sslmode') && !url.searchParams.has('host')) {
    url.searchParams.set('sslmode', 'verify-full')
  }
  // A space is written + by URL, and libpq takes that as it stands.
  url.search = url.search.replaceAll('+', '%20')
  return { dbname: url.href, env: { ...env, LC_ALL: 'C', ...(password === '' ? {} : { PGPASSWORD: password }) } }
}
