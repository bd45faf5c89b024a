import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import { machineClock, machineIds } from '../../src/app/cli/machine.ts'
import type { Dialect, Journal } from '../../src/core/journal.ts'
import type { Clock, Ids } from '../../src/core/ports.ts'
import { openPostgresJournal } from '../../src/pipeline/journal/postgres/open.ts'
import { openSqliteJournal } from '../../src/pipeline/journal/sqlite/open.ts'
import { emptyStore } from './postgres/empty.ts'
import { migratedDatabase } from './postgres/migrated.ts'
import { missingPostgres } from './postgres/server.ts'
import { sharedCluster } from './postgres/shared.ts'
import { worldsOn } from './world/store.ts'

/** A store of its own for one test, opened as often as it likes; `end` removes what stands outside its folder. */
export interface StorePlace {
  open(parts: { readonly clock: Clock; readonly ids: Ids }): Promise<Journal>
  end(): Promise<void>
}

const QUIET = {
  log: { info() {}, warn() {}, error() {} },
  meter: { count() {}, observe() {} },
  refusedMaxBytes: () => 1_000_000,
}

/** Databases for the next tests of this file; they go with the run's server. */
const emptied: string[] = []

const PLACES: Readonly<Record<Dialect, (dir: string) => Promise<StorePlace>>> = {
  sqlite: async (dir) => ({
    open: (parts) =>
      openSqliteJournal({
        ...QUIET,
        ...parts,
        dir: join(dir, 'store'),
        onFatal: (fault) => {
          throw fault
        },
      }),
    end: async () => {},
  }),
  postgres: async () => {
    const url = emptied.pop() ?? (await newDatabase())
    return {
      open: (parts) => openPostgresJournal({ ...QUIET, ...parts, url, node: 'test', address: null, release: '0.0.0' }),
      async end() {
        await emptyStore(url)
        emptied.push(url)
      },
    }
  },
}

/** One that has the schema already: how a gateway makes it is for tests of its own. */
const newDatabase = async (): Promise<string> => migratedDatabase(await sharedCluster(), machineClock, machineIds)

let kind: Dialect = 'sqlite'

/** A new store of the kind that the suite is on: the embedded one, or that of `onStore`. */
export function newStore(dir: string): Promise<StorePlace> {
  return PLACES[kind](dir)
}

/** The same, opened with the machine's clock; `end` closes it and leaves nothing. */
export async function openStore(): Promise<{ readonly journal: Journal; end(): Promise<void> }> {
  const dir = mkdtempSync(join(tmpdir(), 'passerelle-store-'))
  const store = await newStore(dir)
  const journal = await store.open({ clock: machineClock, ids: machineIds })
  return {
    journal,
    async end() {
      await journal.close()
      await store.end()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/**
 * Runs the suites of other test files once more, on this kind of store. They open it by `newStore` or in a world that names
 * no store, and know nothing of this. A store that is missing here is named by the sentence of the skipped tests; in CI that is a failure. */
export function onStore(store: Dialect, suites: Readonly<Record<string, () => Promise<unknown>>>): void {
  const need = store === 'postgres' ? missingPostgres() : null
  describe.skipIf(need !== null)(`on ${store}${need === null ? '' : `: ${need}`}`, () => {
    beforeAll(() => {
      kind = store
      if (store === 'postgres') worldsOn(newDatabase)
    })
    afterAll(() => {
      kind = 'sqlite'
      worldsOn(null)
    })
    for (const [name, load] of Object.entries(suites)) {
      describe(name, async () => {
        await load()
      })
    }
  })
}
