import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { keepKits, keptKits } from '../../src/app/wiring/kits.ts'
import { GatewayError } from '../../src/core/errors.ts'
import type { Log } from '../../src/core/ports.ts'
import { dutyViews } from '../../src/telemedicine/duty/views.ts'
import { manualClock } from '../support/peers/clock.ts'
import { openStore } from '../support/stores.ts'
import { careConfig } from './care.ts'

const HOUR = 3_600_000
const NOW = Date.UTC(2026, 0, 5, 8)
const quiet: Log = { info() {}, warn() {}, error() {} }

let store: Awaited<ReturnType<typeof openStore>>
beforeEach(async () => {
  store = await openStore()
})
afterEach(() => store.end())

async function world(hasFolder: boolean) {
  const dir = await mkdtemp(join(tmpdir(), 'passerelle-kits-'))
  const clock = manualClock()
  const { journal } = store
  const config = careConfig()
  const folder = hasFolder ? join(dir, 'kits') : null
  const duty = dutyViews({ journal, config: () => config })
  const tenancy = keepKits({ journal, config: () => config, duty, clock, log: quiet, folder })
  onTestFinished(async () => {
    await tenancy.drop()
    await rm(dir, { recursive: true })
  })
  await tenancy.begun
  return { clock, folder, kept: keptKits({ journal, folder }), journal }
}

test('the node that holds the lease writes the kits into its folder and the store, and any node gives them', async () => {
  const { clock, folder, kept, journal } = await world(true)
  const files = await readdir(folder!)
  expect(files).toContain('ch-chateaubriant.html')
  expect(files.every((one) => one.endsWith('.html'))).toBe(true)
  const first = await kept.of('ch-chateaubriant')
  expect(first?.madeAtMs).toBe(NOW)
  expect(await readFile(join(folder!, 'ch-chateaubriant.html'), 'utf8')).toBe(first?.html)
  // A node without files gives it from the store.
  expect(await keptKits({ journal, folder: null }).of('ch-chateaubriant')).toEqual(first)
  expect(await kept.of('nobody')).toBeNull()
  // The next night it is written anew.
  clock.advance(24 * HOUR)
  await expect.poll(async () => (await kept.of('ch-chateaubriant'))?.madeAtMs).toBeGreaterThan(NOW)
})

test('a node whose store does not answer gives its own file', async () => {
  const { folder } = await world(true)
  const away = { look: () => Promise.reject(new GatewayError('STORE_UNREACHABLE')) }
  expect((await keptKits({ journal: away, folder }).of('ch-chateaubriant'))?.html).toContain('<html')
  await expect(keptKits({ journal: away, folder: null }).of('ch-chateaubriant')).rejects.toThrow(GatewayError)
})

test('without a folder nothing is written beside the store', async () => {
  const { kept } = await world(false)
  expect((await kept.of('ch-chateaubriant'))?.html).toContain('<html')
})
