import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Journal } from '../../src/core/journal.ts'
import { openSqliteJournal } from '../../src/pipeline/journal/sqlite/open.ts'
import type { Rig } from '../contract/journal.ts'
import { sqliteOptions } from './rig-options.ts'

/** A fresh folder, removed by `end`. */
export async function scratch(): Promise<{ dir: string; end: () => Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'passerelle-journal-'))
  return { dir, end: () => rm(dir, { recursive: true, force: true }) }
}

/** The contract's rig for the embedded store. */
export async function sqliteRig(): Promise<Rig & { readonly dir: string; renew(): Promise<void> }> {
  let { dir, end } = await scratch()
  const rig = { nowMs: 1_773_480_000_000, refusedMaxBytes: 1_000_000 }
  const open = (checkLast?: number): Promise<Journal> =>
    openSqliteJournal(
      sqliteOptions(dir, {
        clock: { nowMs: () => rig.nowMs, monotonicMs: () => performance.now(), after: () => () => {} },
        refusedMaxBytes: () => rig.refusedMaxBytes,
        ...(checkLast === undefined ? {} : { checkLast }),
      }),
    )
  const live = Object.assign(rig, {
    dir,
    journal: await open(),
    async reopen(checkLast?: number) {
      await live.journal.close()
      live.journal = await open(checkLast)
      return live.journal
    },
    /** The same rig on an empty store. */
    async renew() {
      await live.end()
      ;({ dir, end } = await scratch())
      live.dir = dir
      live.journal = await open()
    },
    async damage(bytes: Uint8Array) {
      await live.journal.close()
      for (const name of await readdir(dir, { recursive: true, withFileTypes: true })) {
        if (!name.isFile()) continue
        const path = join(name.parentPath, name.name)
        const content = await readFile(path)
        const at = content.indexOf(bytes)
        if (at < 0) continue
        content[at]! ^= 1
        await writeFile(path, content)
        return
      }
      throw new Error('these bytes stand nowhere in the store')
    },
    async end() {
      await live.journal.close()
      await end()
    },
  })
  return live
}
