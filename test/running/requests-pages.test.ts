import { randomUUID } from 'node:crypto'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { browserTest, faultsOf, look } from '../support/chromium.ts'
import { until } from '../support/world/until.ts'
import { careWorld, page, register } from './care-world.ts'
import { sound } from './journeys.ts'

browserTest('a request is asked', async () => {
  const world = await careWorld()
  await register(world)
  const got = await page(world, 'requester-ch-laval', '/demandes/stroke')
  console.log(got.status, got.text.slice(got.text.indexOf('<main'), got.text.indexOf('</main')))
  const sent = await page(world, 'requester-ch-laval', '/demandes/stroke', { id: randomUUID(), site: 'ch-laval', family: 'ESSAI (FICTIF)', given: 'A', again: 'essai fictif', hour: '00:01', reason: 'x', phone: '0199005001' })
  console.log(sent.status, sent.to, sent.text.slice(sent.text.indexOf('<main'), sent.text.indexOf('</main')))
})
