import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

// Tests start the gateway some hundred times: what the first has compiled, the others need not compile again.
process.env['NODE_COMPILE_CACHE'] ??= join(tmpdir(), `passerelle-compiled-${process.getuid?.() ?? 0}`)

/** Files that take longest for their size: begun last, one of them would run alone at the end. */
const FIRST = [
  'proof/crash.',
  'proof/failover.',
  'proof/',
  'console/hostile.',
  'on-postgres.',
  'journal/',
  'mail/peers/',
  'mail/running/',
]

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const found = FIRST.findIndex((one) => moduleId.includes(`/test/${one}`) || moduleId.endsWith(`/${one}test.ts`))
      return found < 0 ? FIRST.length : found
    }
    const usual = await super.sort(files)
    return usual.toSorted((a, b) => rank(a) - rank(b))
  }
}

/** Suites that load the tests of other files once more: what a worker has loaded already would not be registered again. */
const AGAIN = ['test/**/on-postgres.test.ts']

export default defineConfig({
  test: {
    setupFiles: ['test/setup.ts'],
    globalSetup: ['test/support/postgres/shared.ts'],
    pool: 'forks',
    // Far above what any takes: a machine may be slow, or busy with other work. A test waits for events, and a hang is told all the same.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    projects: [
      { extends: true, test: { name: 'again', include: AGAIN } },
      // A third of the time of pure tests was loading the same modules again: files of a worker share what is loaded.
      { extends: true, test: { name: 'once', include: ['test/**/*.test.ts'], exclude: AGAIN, isolate: false } },
    ],
  },
})
