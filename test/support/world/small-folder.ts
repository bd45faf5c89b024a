import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder on a disk of its own that a test fills and empties. Wants root: ask `mountless()` first. */
export interface SmallFolder {
  readonly dir: string
  /** Takes all of its space but `leave` bytes (0: every last one). */
  fill(leave: number): void
  /** Takes away what `fill` put there. */
  empty(): void
  /** Takes the disk away. */
  end(): void
}

/** Mounts a tmpfs of 48 MiB. */
export function smallFolder(): SmallFolder {
  const dir = mkdtempSync(join(tmpdir(), 'passerelle-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', dir])
  const filler = join(dir, 'filler')
  return {
    dir,
    fill(leave) {
      const { bavail, bsize } = statfsSync(dir)
      const file = openSync(filler, 'w')
      try {
        if (leave > 0) writeSync(file, Buffer.alloc(bavail * bsize - leave))
        else for (;;) writeSync(file, Buffer.alloc(bsize))
      } catch (fault) {
        if ((fault as NodeJS.ErrnoException).code !== 'ENOSPC') throw fault
      } finally {
        closeSync(file)
      }
    },
    empty: () => rmSync(filler, { force: true }),
    end() {
      execFileSync('umount', [dir])
      rmSync(dir, { recursive: true })
    },
  }
}
