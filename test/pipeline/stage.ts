import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { machineClock, machineIds } from '../../src/app/cli/machine.ts'
import { compileConfig, readRegion } from '../../src/app/config/index.ts'
import type { Config } from '../../src/core/config.ts'
import type { ErrorCode } from '../../src/core/errors.ts'
import type { Journal } from '../../src/core/journal.ts'
import type { Arrival, EntranceName, Peer } from '../../src/core/message.ts'
import type { Clock, Log, Meter } from '../../src/core/ports.ts'
import { type AcceptParts, accept } from '../../src/pipeline/accept.ts'
import { regionText, type Written, writeRegion } from '../support/region.ts'
import { newStore } from '../support/stores.ts'

/** A log that says nothing. */
export const quiet: Log = { info() {}, warn() {}, error() {} }
/** A meter that counts nothing. */
export const uncounted: Meter = { count() {}, observe() {} }

/** A real store and configuration in a folder of their own, with a door to post to. */
export interface Stage {
  readonly journal: Journal
  readonly config: Config
  readonly dir: string
  /** Why nothing is taken now; tests set it. */
  closed: ErrorCode | null
  readonly parts: AcceptParts
  post(text: string, from?: Partial<Peer> & { entrance?: EntranceName }): ReturnType<typeof accept>
  reopen(): Promise<Journal>
  end(): Promise<void>
}

/**
 * Opens a stage over a region of the tests; `written` replaces its top-level keys, `tables` lie beside it. The store may have
 * another clock than the pipeline: leases go by the time of the machine. */
export async function openStage(
  written: Written = {},
  clock: Clock = machineClock,
  tables: Readonly<Record<string, string>> = {},
  storeClock: Clock = clock,
): Promise<Stage> {
  const dir = mkdtempSync(join(tmpdir(), 'passerelle-stage-'))
  mkdirSync(join(dir, 'profiles', 'tables'), { recursive: true })
  for (const [name, text] of Object.entries(tables)) writeFileSync(join(dir, 'profiles', 'tables', `${name}.csv`), text)
  const { problems, shared, read } = await readRegion(writeRegion(dir, regionText(written)), {})
  if (shared === null) throw new Error(JSON.stringify(problems, null, 2))
  const store = await newStore(dir)
  const open = (): Promise<Journal> => store.open({ clock: storeClock, ids: machineIds })
  let journal = await open()
  const { revision } = await journal.adopt('test', 1, shared)
  const config = compileConfig(shared, revision, read)
  const stage: Stage = {
    get journal() {
      return journal
    },
    config,
    dir,
    closed: null,
    get parts() {
      return {
        journal,
        config: () => config,
        closed: () => stage.closed,
        clock,
        ids: machineIds,
        log: quiet,
        meter: uncounted,
      }
    },
    post(text, { entrance = 'mllp', ...peer } = {}) {
      const arrival: Arrival = {
        entrance,
        peer: { address: '127.0.0.1:1', loopback: true, establishment: null, destination: null, ...peer },
        receivedAtMs: clock.nowMs(),
        bytes: Buffer.from(text.replaceAll('\n', '\r'), 'utf8'),
      }
      return accept(arrival, stage.parts)
    },
    async reopen() {
      await journal.close()
      journal = await open()
      return journal
    },
    async end() {
      await journal.close()
      await store.end()
      rmSync(dir, { recursive: true, force: true })
    },
  }
  return stage
}

/** An invented ORU^R01 of the region's `sender`; parts replace MSH fields by number, and PID-3. */
export function oru(msh: Readonly<Record<number, string>> = {}, pid3 = 'P1^^^SENDER^PI', more = ''): string {
  const fields: Record<number, string> = {
    3: 'LAB',
    4: 'SENDER',
    5: 'DPI',
    6: 'RECEIVER',
    7: '20261123080000',
    9: 'ORU^R01^ORU_R01',
    10: 'C1',
    11: 'T',
    12: '2.5',
    18: 'UNICODE UTF-8',
    ...msh,
  }
  const header = ['MSH|^~\\&']
  for (let i = 3; i <= 21; i++) header.push(fields[i] ?? '')
  return [
    header.join('|').replace(/\|+$/, ''),
    `PID|1||${pid3}||ESSAI (FICTIF)^ANNE`,
    'OBR|1|||11502-2^Bio^LN',
    `OBX|1|TX|N||Normal${more}`,
    '',
  ].join('\r')
}
