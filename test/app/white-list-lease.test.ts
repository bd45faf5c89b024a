import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { machineIds } from '../../src/app/cli/machine.ts'
import { LAB_SIGNER } from '../../src/app/white-list/lab.ts'
import { keepWhiteList } from '../../src/app/wiring/white-list.ts'
import type { Journal } from '../../src/core/journal.ts'
import type { Lease, Leases, Tenant } from '../../src/core/leases.ts'
import type { Clock } from '../../src/core/ports.ts'
import { makeLab, manyRows, signedList } from '../support/lab-list.ts'
import { leapingClock } from '../support/peers/clock.ts'
import { configOf, regionText, writeRegion } from '../support/region.ts'
import { openStore } from '../support/stores.ts'
import { until } from '../support/world/until.ts'

/** Leases of a store whose database answers late: asked for the second time, the lease is not held, and after that it is. */
function lateLeases(): Leases & { readonly lost: () => Promise<void> } {
  let asked = 0
  let tenant: Tenant | null = null
  return {
    shared: true,
    hold(name, one) {
      tenant = one
      const lease: Lease = { fence: { lease: name, epoch: 1 }, held: () => ++asked !== 1 }
      return { begun: one.begin(lease), drop: () => one.end('given') }
    },
    lost: () => tenant?.end('lost') ?? Promise.resolve(),
  }
}

/** The journal of a test's own store, on these leases. */
const leasedBy = (journal: Journal, leases: Leases): Journal =>
  new Proxy(journal, {
    get(of, name) {
      if (name === 'leases') return leases
      const value: unknown = Reflect.get(of, name, of)
      return typeof value === 'function' ? value.bind(of) : value
    },
  })

test('a fetch during which the lease was renewed late is made again within seconds, and none once the lease is lost', async () => {
  const lab = await makeLab()
  const store = await openStore()
  const leases = lateLeases()
  const leaping = leapingClock()
  const waits: number[] = []
  const clock: Clock = {
    ...leaping,
    after(ms, run) {
      waits.push(ms)
      return leaping.after(ms, run)
    },
  }
  const list = join(lab.dir, 'list.xml')
  writeFileSync(list, signedList(lab, manyRows(3), Date.now() - 60_000))
  const signer = { issuer: LAB_SIGNER.issuer, commonName: LAB_SIGNER.commonName, email: LAB_SIGNER.email }
  const whiteList = { file: list, ca: join(lab.dir, 'ca.pem'), signer, every: '24 h', timeout: '60 s' }
  const { config } = await configOf(writeRegion(lab.dir, regionText({ mail: { whiteList } })))
  const quiet = { log: { info() {}, warn() {}, error() {} }, meter: { count() {}, observe() {} } }
  const wiring = keepWhiteList({
    ...quiet,
    journal: leasedBy(store.journal, leases),
    config: () => config,
    clock,
    ids: machineIds,
  })
  onTestFinished(async () => {
    await wiring.stop()
    await store.end()
    lab.remove()
  })
  const again = await until('the next fetch is set', async () => waits.find((ms) => ms > 0 && ms < 30_000) ?? null)
  expect([again, wiring.figures()]).toEqual([expect.any(Number), null])
  expect(again).toBeLessThan(3_000)
  leaping.leap(3_000)
  await until('the list is in use', async () => wiring.figures()?.rows === 3)
  await until('the one after it is set', async () => waits.some((ms) => ms > 20 * 3_600_000))

  await leases.lost()
  const before = waits.length
  leaping.leap(27 * 3_600_000)
  await wiring.commands.fetch('somebody')
  expect(waits.slice(before).filter((ms) => ms !== 30_000)).toEqual([])
})
