import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * A folder in which each side of a comparison has one of its own, in another region of the disk where the file system
 * allows it. ext4 passes over inodes that were deleted in the last minutes nearby, one by one: where one side deletes a file
 * for each mail, the other would pay for it with each file it makes (measured: 1 ms of processor). */
export class Apart {
  readonly dir: string

  constructor(name: string) {
    this.dir = mkdtempSync(join(tmpdir(), `${name}-`))
    // Servers that run as another user pass through it.
    chmodSync(this.dir, 0o755)
    // The top of a hierarchy: its folders are spread. No other file system knows it, and none needs it.
    spawnSync('chattr', ['+T', this.dir])
  }

  /** Does what makes its files in the folder for what is temporary, with one of its own in its place. */
  async side<T>(name: string, make: () => Promise<T>): Promise<T> {
    const before = process.env.TMPDIR
    const own = join(this.dir, name)
    mkdirSync(own, { mode: 0o755 })
    process.env.TMPDIR = own
    try {
      return await make()
    } finally {
      if (before === undefined) delete process.env.TMPDIR
      else process.env.TMPDIR = before
    }
  }

  end(): void {
    rmSync(this.dir, { recursive: true, force: true })
  }
}
