import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

// Tests start the gateway some hundred times: what the first has compiled, the others need not compile again.
process.env['NODE_COMPILE_CACHE'] ??= join(tmpdir(), `passerelle-compiled-${process.getuid?.() ?? 0}`)

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    globalSetup: ['test/support/postgres/shared.ts'],
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
  },
})
