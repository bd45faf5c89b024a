import { startLoad } from '../support/world/load.ts'
import { oru, patient } from '../support/world/messages.ts'
import { until } from '../support/world/until.ts'
import { emptied, makeWorld } from '../support/world/world.ts'
import { inversions, lost, repeats } from './ledgers.ts'

/**
 * Queues `count` messages for a destination that is down, opens it, and judges what comes: all of it, in order, once
 * (Mirth #1682: message 1001 was never sent once 1,000 waited). Returns the faults found. */
export async function queueThenDeliver(count: number, tell: (line: string) => void = () => {}): Promise<string[]> {
  const patients = Math.max(64, Math.ceil(count / 100))
  const world = await makeWorld({
    destinations: {
      'chu-a/dpi': {
        dead: true,
        options: { maxInFlight: 8, retry: { first: '100 ms', factor: 2, max: '500 ms', expires: '7 d' } },
      },
    },
    routes: [{ name: 'results', when: { kinds: ['ORU^R01'] }, to: ['chu-a/dpi'] }],
  })
  let made = 0
  const load = startLoad({
    port: world.mllpPort,
    connections: 64,
    patients,
    make: (who, seq) => {
      made++
      const controlId = `Q${String(who).padStart(6, '0')}N${seq}`
      return { controlId, kind: 'ORU', bytes: oru({ facility: 'CH-A', patient: patient(who), controlId }) }
    },
  })
  try {
    const gateway = await world.start()
    await until('all are made', async () => made >= count, { withinMs: 60_000 + count, everyMs: 5 })
    await load.finish()
    const queued = await gateway.status()
    tell(`${queued.inFlight} queued, resident memory ${Math.round(gateway.memory().now / 2 ** 20)} MiB`)
    const faults: string[] = []
    if (queued.inFlight !== load.acknowledged.size) {
      faults.push(`${load.acknowledged.size} acknowledged, ${queued.inFlight} in flight`)
    }
    const receiver = await world.listen('chu-a/dpi')
    await emptied(gateway, 60_000 + 5 * count)
    const note = (what: string, found: readonly string[]): void => {
      if (found.length > 0) faults.push(`${found.length} ${what}, such as ${found.slice(0, 5).join('; ')}`)
    }
    note('acknowledged and lost', lost(load.acknowledged, receiver.ledger))
    note('out of order', inversions(load.acknowledged, receiver.ledger))
    note('twice', repeats(receiver.ledger).withinOneLife)
    const { difference, parked } = await gateway.status()
    if (difference !== 0 || parked !== 0) faults.push(`difference ${difference}, parked ${parked}`)
    if (load.acknowledged.size < count) faults.push(`only ${load.acknowledged.size} were queued`)
    return faults
  } finally {
    load.abandon()
    await world.close()
  }
}
