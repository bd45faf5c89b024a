import { userInfo } from 'node:os'
import { dirname, resolve } from 'node:path'
import { GatewayError } from '../../core/errors.ts'
import type { Applied, ConfigAsk, ConfigCommands, PauseResult, Plan, TestResult } from '../../core/operations.ts'
import { pauses } from '../../pipeline/pause.ts'
import { changing, compileConfig, materialReader } from '../config/index.ts'
import { testDestination } from '../wiring/probe.ts'
import { type Call, regionPath } from './command.ts'
import { machineClock } from './machine.ts'
import { openStore } from './open-store.ts'
import { reachBy } from './reach.ts'
import { gatewayAt } from './remote.ts'

/** The acts on a destination. */
export type DestinationAct = 'pause' | 'resume' | 'test'

/** Configuration and destinations as commands see them: those of a running gateway, or of a store opened here. */
export interface Operations {
  plan(ask: ConfigAsk): Promise<Plan>
  apply(ask: ConfigAsk, how: { readonly park: boolean; readonly reason: string }): Promise<Applied>
  rollback(how: { readonly park: boolean; readonly reason: string }): Promise<Applied>
  destination(act: DestinationAct, id: string, reason: string): Promise<PauseResult | TestResult>
  close(): Promise<void>
}

/** Reaches the gateway over HTTP when `--url` says so or one that runs answers, else opens the store. @throws {ProblemError} */
export function operations(call: Call): Promise<Operations> {
  return reachBy(
    call,
    () => onStore(call),
    async (url) => overHttp(url, call),
  )
}

function overHttp(url: string, call: Call): Operations {
  const { need } = gatewayAt(url, call)
  const body = ({ shared, own }: ConfigAsk) => ({ ...(shared !== null && { shared }), ...(own !== null && { own }) })
  return {
    plan: (ask) => need('POST', '/api/config/plan', body(ask)),
    apply: (ask, how) => need('POST', '/api/config/apply', { ...body(ask), ...how }),
    rollback: (how) => need('POST', '/api/config/rollback', how),
    destination: (act, id, reason) =>
      need('POST', `/api/destinations/${id.split('/').map(encodeURIComponent).join('/')}/${act}`, { reason }),
    close: async () => {},
  }
}

async function onStore(call: Call): Promise<Operations> {
  const journal = await openStore(call)
  const who = `cli:${userInfo().username}`
  const read = materialReader(dirname(resolve(regionPath(call))), call.env)
  const changes: ConfigCommands = changing({
    journal,
    own: null,
    running: null,
    async adopt(json, by, also) {
      // Nothing runs that could use its certificates; the next start reads them.
      compileConfig(json, 0, () => '')
      return journal.adopt(by, machineClock.nowMs(), json, also)
    },
    nowMs: () => machineClock.nowMs(),
  })
  const destinationOf = (id: string) => {
    const stored = journal.revision()
    const found = stored === null ? undefined : compileConfig(stored.json, stored.revision, read).destinations.get(id)
    if (found === undefined) throw new GatewayError('NOT_FOUND')
    return found
  }
  return {
    plan: (ask) => changes.plan(ask),
    apply: (ask, how) => changes.apply(ask, how, who),
    rollback: (how) => changes.rollback(how, who),
    async destination(act, id, reason) {
      const destination = destinationOf(id)
      const kept = pauses(journal, machineClock)
      await kept.load()
      if (act === 'test') {
        await kept.note(id, 'test-destination', who, reason)
        return testDestination(destination, machineClock)
      }
      await kept[act](id, who, reason)
      return { destination: id, paused: act === 'pause' }
    },
    close: () => journal.close(),
  }
}
