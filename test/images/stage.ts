import { machineIds } from '../../src/app/cli/machine.ts'
import type { Config, Destination, DicomwebTarget } from '../../src/core/config.ts'
import type { Archive } from '../../src/core/images.ts'
import type { Journal } from '../../src/core/journal.ts'
import { dicomwebArchive } from '../../src/senders/dicomweb/archive.ts'
import { type Carrier, type CarrierParts, carrier } from '../../src/telemedicine/images/carrier.ts'
import { type LeapingClock, leapingClock } from '../support/peers/clock.ts'
import { configOf } from '../support/peers/door.ts'
import { openStore } from '../support/stores.ts'
import { GATEWAY, type TestCases, testCases } from './cases.ts'

const QUIET = { info() {}, warn() {}, error() {}, count() {}, observe() {} }

/** An archive of an establishment, as region.yaml would name it. */
export function archiveAt(establishment: string, url: string, target: Partial<DicomwebTarget> = {}): Destination {
  return {
    id: `${establishment}/pacs`,
    establishment,
    use: 'qualification',
    target: {
      type: 'dicomweb',
      url,
      tls: null,
      bearer: null,
      issuer: establishment.toUpperCase(),
      oid: null,
      patientIds: 'issuer',
      ...target,
    },
    maxInFlight: 8,
    urgentInFlight: 0,
    timeoutMs: 10_000,
    retry: { firstMs: 1_000, factor: 2, maxMs: 60_000, expiresMs: 1e9 },
    order: 'none',
    onUnknown: 'resend',
    onRefused: 'continue',
    ackPolicy: {},
  }
}

/** A region of these archives. */
export function regionOf(archives: readonly Destination[]): Config {
  const bare = configOf(1, { 'ch-laval': [], 'chu-nantes': [], 'chu-angers': [] })
  return { ...bare, destinations: new Map(archives.map((one) => [one.id, one])) }
}

/** A store, cases, and a carrier between archives. */
export interface Stage {
  readonly journal: Journal
  readonly cases: TestCases
  readonly clock: LeapingClock
  readonly config: Config
  carrier: Carrier
  /** Stops the carrier and starts another on the same rows. */
  again(): Promise<void>
  end(): Promise<void>
}

/** Starts one. */
export async function openStage(archives: readonly Destination[], more: Partial<CarrierParts> = {}): Promise<Stage> {
  const { journal = null } = more
  const store =
    journal === null ? await openStore() : { journal: journal as Journal, end: () => (journal as Journal).close() }
  return stageOn(store, archives, more)
}

async function stageOn(
  store: { readonly journal: Journal; end(): Promise<void> },
  archives: readonly Destination[],
  more: Partial<CarrierParts>,
): Promise<Stage> {
  const { journal } = store
  const clock = leapingClock()
  const config = regionOf(archives)
  const open = new Map<string, Archive>(
    archives.map((one) => [
      one.id,
      dicomwebArchive(one as Destination & { target: DicomwebTarget }, { clock, log: QUIET, meter: QUIET }),
    ]),
  )
  const cases: TestCases = testCases(journal, () => stage.carrier.poke())
  const make = (): Carrier =>
    carrier({
      journal,
      config: () => config,
      archive: (id) => open.get(id) ?? null,
      spool: null,
      commands: cases.commands,
      gateway: GATEWAY,
      clock,
      ids: machineIds,
      log: QUIET,
      meter: QUIET,
      ...more,
    })
  const stage: Stage = {
    journal,
    cases,
    clock,
    config,
    carrier: make(),
    async again() {
      await stage.carrier.stop()
      stage.carrier = make()
      stage.carrier.start()
    },
    async end() {
      await stage.carrier.stop()
      await Promise.all([...open.values()].map((one) => one.close()))
      await store.end()
    },
  }
  stage.carrier.start()
  return stage
}
