import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { Config } from '../../core/config.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Journal } from '../../core/journal.ts'
import type { DestinationId, MessageId } from '../../core/message.ts'
import type { ReplayAsk, ReplayStep } from '../../core/operations.ts'
import type { ActResult, MessageDetail, MessageFilter, MessagePage, ReplayResult } from '../../core/views.ts'
import { acts } from '../../pipeline/acts.ts'
import { readHolder } from '../../pipeline/journal/sqlite/lock.ts'
import { openSqliteJournal, type SqliteJournal } from '../../pipeline/journal/sqlite/open.ts'
import { makeViews } from '../../pipeline/views.ts'
import { compileConfig } from '../config/index.ts'
import { createLog } from '../log.ts'
import { type Call, ProblemError, storeDir, text } from './command.ts'
import { machineClock, machineIds } from './machine.ts'
import { httpReach } from './remote.ts'

/** The acts on a delivery. */
export type DeliveryAct = 'resend' | 'close' | 'skip'

/** A gateway as commands see it: a running one over HTTP, or its store opened here. */
export interface Reach {
  messages(filter: MessageFilter): Promise<MessagePage>
  /** Null: there is none. */
  message(id: MessageId): Promise<MessageDetail | null>
  act(act: DeliveryAct, delivery: string, reason: string): Promise<ActResult>
  replay(
    message: MessageId,
    ask: { readonly to: DestinationId | null; readonly dryRun: boolean; readonly reason: string },
  ): Promise<ReplayResult>
  /** One step of a replay by filter. */
  replayMany(ask: ReplayAsk): Promise<ReplayStep>
  close(): Promise<void>
}

/** The gateway's address when nothing tells another. */
const DEFAULT_URL = 'http://127.0.0.1:8080'

/**
 * Opens the store that the call names, for this process alone; `damaged: 'open'` also when its last records are damaged.
 * @throws {GatewayError} STORE_HELD when a gateway runs on it; {ProblemError} when there is none */
export async function openStore(call: Call, damaged: 'refuse' | 'open' = 'refuse'): Promise<SqliteJournal> {
  const dir = storeDir(call)
  if (!existsSync(join(dir, 'store.db'))) {
    throw new ProblemError(
      {
        en: `There is no store in ${dir}: name it with --store file:DIR, or start the gateway once.`,
        fr: `Aucun dépôt dans ${dir} : indiquez-le par --store file:DOSSIER, ou démarrez la plateforme une fois.`,
      }[call.language],
    )
  }
  return openSqliteJournal({
    dir,
    log: createLog('warn', { write: (line) => call.io.err(line) }),
    meter: { count() {}, observe() {} },
    clock: machineClock,
    ids: machineIds,
    refusedMaxBytes: () => Number.MAX_SAFE_INTEGER,
    onFatal() {},
    ...(damaged === 'open' ? { checkLast: 0 } : {}),
  })
}

/** The configuration the store runs, without TLS material: nothing is sent from here. */
function storedConfig(journal: Journal): () => Config {
  let config: Config | null = null
  return () => {
    const stored = journal.revision()
    if (stored === null) throw new GatewayError('CONFIG_INVALID')
    config ??= compileConfig(stored.json, stored.revision, () => '')
    return config
  }
}

function storeReach(journal: Journal): Reach {
  const config = storedConfig(journal)
  const views = makeViews({ journal, config, clock: machineClock, entrances: () => [], node: 'cli', version: '' })
  const commands = acts({ journal, config, clock: machineClock, ids: machineIds })
  const who = `cli:${userInfo().username}`
  return {
    messages: (filter) => views.messages(filter, null),
    message: (id) => views.message(id, null),
    act: (act, delivery, reason) => commands[act](delivery, who, reason),
    replay: (message, ask) => commands.replay(message, ask, who),
    replayMany: (ask) => commands.replayMany(ask, who),
    close: () => journal.close(),
  }
}

/**
 * Reaches the gateway: over HTTP when `--url` says so or the store is held, else by opening the store.
 * @throws {ProblemError} when neither works */
export async function reach(call: Call): Promise<Reach> {
  return reachBy(
    call,
    async () => storeReach(await openStore(call)),
    async (url) => httpReach(url, call),
  )
}

/** Does it over HTTP when `--url` says so or the store is held, with the gateway's address; else on the store itself. */
export async function reachBy<T>(
  call: Call,
  onStore: () => Promise<T>,
  overHttp: (url: string) => Promise<T>,
): Promise<T> {
  const url = text(call, 'url')
  if (url !== undefined) return overHttp(url)
  try {
    return await onStore()
  } catch (error) {
    if (!(error instanceof GatewayError) || error.code !== 'STORE_HELD') throw error
    return overHttp(readHolder(storeDir(call))?.url ?? DEFAULT_URL)
  }
}
