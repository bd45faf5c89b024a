/** The first mail for a domain, of which a node of several heard no news, waits for no second one. */
import { expect, onTestFinished, test } from 'vitest'
import { machineClock, machineIds } from '../../src/app/cli/machine.ts'
import { Destinations } from '../../src/app/wiring/destinations.ts'
import type { Config } from '../../src/core/config.ts'
import type { Journal } from '../../src/core/journal.ts'
import { newDelivery, newIntake } from '../journal/made.ts'
import { openStage, quiet, uncounted } from './stage.ts'

test('a way of mail that waits in the store is wished for once news were missed', async () => {
  const stage = await openStage()
  onTestFinished(() => stage.end())
  const wished: string[] = []
  const hold: Journal['leases']['hold'] = (name) => {
    wished.push(name)
    return { begun: Promise.resolve(), drop: async () => {} }
  }
  const journal: Journal = { ...stage.journal, leases: { shared: true, hold } }
  const retry = { stepsMs: [1_000], timeoutMs: 1_000, expiresMs: 10_000, atOnce: 1 }
  const mail = { operator: { domains: new Map(), hosts: new Map(), retry } } as unknown as Config['mail']
  const config = { ...stage.config, mail } as Config
  const parts = { journal, prepare: null, clock: machineClock, ids: machineIds, log: quiet, meter: uncounted }
  const senderFor = () => ({ kind: 'smtp' as const, send: () => new Promise<never>(() => {}), close: async () => {} })
  const destinations = new Destinations({ ...parts, senderFor }, () => config)
  onTestFinished(() => destinations.stop(0))
  await destinations.start()

  const revision = stage.journal.revision()!.revision
  await stage.journal.commit([newIntake({ revision, deliveries: [newDelivery('mail/sante.example')] })])
  expect(wished).not.toContain('destination:mail/sante.example')
  destinations.hear({ entries: [], grown: [], revision: false, features: false, missed: true })
  await expect.poll(() => wished).toContain('destination:mail/sante.example')
})
