import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { GatewayError } from '../../core/errors.ts'
import type { Journal } from '../../core/journal.ts'
import { openPostgresJournal } from '../../pipeline/journal/postgres/open.ts'
import { openSqliteJournal, type SqliteJournal } from '../../pipeline/journal/sqlite/open.ts'
import { createLog } from '../log.ts'
import { shownAddress } from '../store.ts'
import { type Call, ProblemError, plain, storeDir, storeOf } from './command.ts'
import { machineClock, machineIds } from './machine.ts'

/** Opens a store whose last records are damaged too, or refuses it. */
export type Damaged = 'refuse' | 'open'

/** What is said where the call's store was never made. */
export function noStore(call: Call): ProblemError {
  const store = storeOf(call)
  const where = plain(store.kind === 'file' ? store.dir : shownAddress(store))
  return new ProblemError(
    {
      en: `There is no store in ${where}: name it with --store URL, or start the gateway once.`,
      fr: `Aucun dépôt dans ${where} : indiquez-le par --store URL, ou démarrez la plateforme une fois.`,
    }[call.language],
    'NOT_FOUND',
  )
}

function common(call: Call, damaged: Damaged) {
  return {
    log: createLog('warn', { write: (line) => call.io.err(line) }),
    meter: { count() {}, observe() {} },
    clock: machineClock,
    ids: machineIds,
    refusedMaxBytes: () => Number.MAX_SAFE_INTEGER,
    ...(damaged === 'open' ? { checkLast: 0 } : {}),
  }
}

/**
 * Opens the store that the call names: an embedded one for this process alone, one on PostgreSQL beside the nodes that
 * serve it, without being one. @throws {GatewayError} STORE_HELD when a gateway runs on it; {ProblemError} when there is none */
export async function openStore(call: Call, damaged: Damaged = 'refuse'): Promise<Journal> {
  const store = storeOf(call)
  if (store.kind === 'file') return openEmbedded(call, damaged)
  const node = { node: 'command', address: null, release: '', serving: false }
  return openPostgresJournal({ ...common(call, damaged), ...node, url: store.url }).catch((error: unknown) => {
    throw error instanceof GatewayError && error.code === 'NOT_FOUND' ? noStore(call) : error
  })
}

/** The same for an embedded store, which can be copied. @throws {UsageError} for another one; as `openStore` */
export async function openEmbedded(call: Call, damaged: Damaged = 'refuse'): Promise<SqliteJournal> {
  const dir = storeDir(call)
  if (!existsSync(join(dir, 'store.db'))) throw noStore(call)
  return openSqliteJournal({ ...common(call, damaged), dir, onFatal() {} })
}
