import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, rmdirSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ask, type Cluster, type ClusterOptions, startCluster } from './cluster.ts'
import { give } from './server.ts'

const MIB = 2 ** 20

/** What lies on the small disk: all of the server (a full disk stops its write-ahead log too), or only the tables. */
export type OnDisk = 'all' | 'tables'

/** A server on a disk that a test fills and empties. Wants root: ask `mountless()` first. */
export interface SmallDisk {
  readonly cluster: Cluster
  /** A database whose tables lie on the small disk. */
  readonly url: string
  freeBytes(): number
  /** Leaves so many bytes free, or none. */
  fill(leaveBytes?: number): void
  /** Takes away what `fill` put there. */
  empty(): void
  /** Ends the server and takes the disk away. */
  end(): Promise<void>
}

/** Starts a server with its files on a tmpfs of `mib` MiB. */
export async function startOnSmallDisk(
  what: OnDisk,
  { mib = what === 'all' ? 128 : 32, ...options }: ClusterOptions & { readonly mib?: number } = {},
): Promise<SmallDisk> {
  const disk = mkdtempSync(join(tmpdir(), 'passerelle-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mib}m,mode=0755`, 'tmpfs', disk])
  try {
    const place = join(disk, 'files')
    mkdirSync(place, { mode: 0o700 })
    give(place)
    const cluster = await startCluster({
      ...options,
      ...(what === 'all' && { dataDir: place, initdb: ['--wal-segsize=1'] }),
      settings: { ...(what === 'all' && { min_wal_size: '2MB', max_wal_size: '8MB' }), ...options.settings },
    })
    const url = await databaseOn(cluster, what, place)
    const filler = join(disk, 'filler')
    const freeBytes = (): number => {
      const { bavail, bsize } = statfsSync(disk)
      return bavail * bsize
    }
    return {
      cluster,
      url,
      freeBytes,
      fill: (leaveBytes = 0) => fill(filler, freeBytes() - leaveBytes),
      empty: () => rmSync(filler, { force: true }),
      async end() {
        await cluster.end()
        execFileSync('umount', [disk])
        rmdirSync(disk)
      },
    }
  } catch (fault) {
    execFileSync('umount', ['-l', disk])
    throw fault
  }
}

async function databaseOn(cluster: Cluster, what: OnDisk, place: string): Promise<string> {
  if (what === 'all') return cluster.createDatabase()
  await ask(cluster.adminUrl(), `CREATE TABLESPACE small LOCATION '${place}'`)
  return cluster.createDatabase(undefined, { tablespace: 'small' })
}

/** Writes so many bytes, or as many as there is room for. */
function fill(file: string, bytes: number): void {
  const out = openSync(file, 'a')
  try {
    for (let left = bytes; left > 0; ) left -= writeSync(out, Buffer.alloc(Math.min(MIB, left)))
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code !== 'ENOSPC') throw fault
  } finally {
    closeSync(out)
  }
}
