import { userInfo } from 'node:os'
import type { Look } from '../../core/audit.ts'
import type { Config } from '../../core/config.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Journal } from '../../core/journal.ts'
import type { DestinationId, MessageId } from '../../core/message.ts'
import type { ReplayAsk, ReplayStep } from '../../core/operations.ts'
import type { ActResult, MessageDetail, MessageFilter, MessagePage, ReplayResult } from '../../core/views.ts'
import { acts } from '../../pipeline/acts.ts'
import { keepLooks } from '../../pipeline/audit/looks.ts'
import { readHolder } from '../../pipeline/journal/sqlite/lock.ts'
import { makeViews } from '../../pipeline/views.ts'
import { compileConfig } from '../config/index.ts'
import { type Call, storeDir, storeOf, text } from './command.ts'
import { machineClock, machineIds } from './machine.ts'
import { openStore } from './open-store.ts'
import { httpReach } from './remote.ts'
import { servingAt } from './serving.ts'

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

/** A command tells what went wrong by itself. */
const SILENT = { info() {}, warn() {}, error() {} }

/** The gateway's address when nothing tells another. */
const DEFAULT_URL = 'http://127.0.0.1:8080'

/** The configuration the store runs, without TLS material: nothing is sent from here. */
export function storedConfig(journal: Journal): () => Config {
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
  const looks = keepLooks({ journal, clock: machineClock, log: SILENT })
  const noted = (
    what: Look['what'],
    detail: string,
    about: { message?: MessageId; patients?: readonly string[] } = {},
  ) => looks.note({ what, who, system: false, message: null, patients: [], code: null, detail, ...about })
  return {
    async messages(filter) {
      const { patient } = filter
      if (patient === undefined) await noted('list', 'passerelle messages')
      else await noted('search-patient', 'passerelle messages', { patients: [patient] })
      return views.messages(filter, null)
    },
    async message(id) {
      const found = await views.message(id, null)
      if (found !== null) await noted('read-message', 'passerelle trace', { message: id })
      return found
    },
    act: (act, delivery, reason) => commands[act](delivery, who, reason),
    replay: (message, ask) => commands.replay(message, ask, who),
    replayMany: (ask) => commands.replayMany(ask, who),
    async close() {
      await looks.stop()
      await journal.close()
    },
  }
}

/**
 * Reaches the gateway: over HTTP when `--url` says so or one that runs answers, else by opening the store.
 * @throws {ProblemError} when neither works */
export async function reach(call: Call): Promise<Reach> {
  return reachBy(
    call,
    async () => storeReach(await openStore(call)),
    async (url) => httpReach(url, call),
  )
}

/**
 * Does it over HTTP, with the gateway's address, when `--url` says so, the store is held, or a gateway that serves it
 * answers; else on the store itself. */
export async function reachBy<T>(
  call: Call,
  onStore: () => Promise<T>,
  overHttp: (url: string) => Promise<T>,
): Promise<T> {
  const url = text(call, 'url')
  if (url !== undefined) return overHttp(url)
  const store = storeOf(call)
  const serving = store.kind === 'postgres' ? await servingAt(store.url) : null
  if (serving !== null) return overHttp(serving)
  try {
    return await onStore()
  } catch (error) {
    if (!(error instanceof GatewayError) || error.code !== 'STORE_HELD') throw error
    return overHttp(readHolder(storeDir(call))?.url ?? DEFAULT_URL)
  }
}
