/** Fills the queues of a store on PostgreSQL faster than a door with its sockets does. */
import { machineClock, machineIds } from '../src/app/cli/machine.ts'
import { compileConfig } from '../src/app/config/index.ts'
import { accept } from '../src/pipeline/accept.ts'
import { openPostgresJournal } from '../src/pipeline/journal/postgres/open.ts'
import { KnownVisits } from '../src/pipeline/visits.ts'
import { oru, patient } from '../test/support/world/messages.ts'
import { FACILITIES } from './region.ts'

/** Messages that are being accepted at once: as many lists as a commit takes. */
const AT_ONCE = 256
const PATIENTS = 5_000
const KEPT_REFUSALS = 2 ** 30

/**
 * Accepts results as a door would, with the gateway's own reading, rules, routing and commits, in this process: what is
 * left out is the sockets. The nodes that serve the store hear of each commit, as of those of another node.
 * @throws {Error} when one is refused */
export async function fill(url: string, count: number, tell: (done: number) => void): Promise<void> {
  const meter = { count() {}, observe() {} }
  const quiet = { info() {}, warn() {}, error() {} }
  const outside = { log: quiet, meter, clock: machineClock, ids: machineIds }
  const about = { node: 'bench', address: null, release: '0.0.0', refusedMaxBytes: () => KEPT_REFUSALS }
  const journal = await openPostgresJournal({ url, serving: false, ...about, ...outside })
  try {
    const stored = journal.revision()
    if (stored === null) throw new Error('no node has given the store a configuration')
    const config = compileConfig(stored.json, stored.revision, () => '')
    const parts = { ...outside, journal, config: () => config, closed: () => null, visits: new KnownVisits() }
    let begun = 0
    let done = 0
    const one = async (): Promise<void> => {
      const n = begun++
      const facility = FACILITIES[n % FACILITIES.length] ?? 'CH-A'
      const bytes = oru({ facility, patient: patient(n % PATIENTS), controlId: `FILL${n}` })
      const peer = { address: '127.0.0.1:1', loopback: true, establishment: null, destination: null }
      const said = await accept({ entrance: 'mllp', peer, receivedAtMs: Date.now(), bytes }, parts)
      if (!('messageId' in said)) throw new Error(`a message of the filling was refused: ${said.code}`)
      if (++done % 100_000 === 0) tell(done)
    }
    const caller = async (): Promise<void> => {
      while (begun < count) await one()
    }
    await Promise.all(Array.from({ length: AT_ONCE }, caller))
  } finally {
    await journal.close()
  }
}
