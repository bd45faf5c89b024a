import { expect, test } from 'vitest'
import { guidePlugin } from '../../src/console/page/guide/guide.ts'
import type { Operator } from '../../src/core/config.ts'
import type { Role } from '../../src/core/roles.ts'
import { startConsole } from './gateway.ts'
import { sha256, someConfig } from './region.ts'

const of = (role: Role): Operator => ({
  name: role,
  role,
  keySha256: sha256(role),
  reach: { establishments: ['ch-laval'], applications: null },
  content: false,
})

test.each<[role: Role, pages: readonly string[]]>([
  ['admin', ['/messages', '/a-traiter', '/audit']],
  ['establishment-it', ['/messages']],
  ['requester', []],
])('the guide leads %s to %j', async (role, pages) => {
  const config = someConfig({ operators: [of(role)] })
  const guide = { admission: async () => 'A', refused: async () => 'R' }
  const console = await startConsole(
    { plugins: [guidePlugin(guide, { config: () => config, version: '1.2.3' })] },
    config,
  )
  const { text } = await console.call('/decouvrir', { key: role })
  const main = /<main[\s\S]*<\/main>/.exec(text)?.[0] ?? ''
  expect([...main.matchAll(/<a href="([^"]+)"/g)].map(([, to]) => to)).toEqual(pages)
  expect(main.split('n&#39;ouvre pas cette page').length - 1).toBe(3 - pages.length)
})
