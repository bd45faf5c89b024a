/** `npm run check`: types, lint and format, and the tests that guard the shape of the source. Exit 0 when all pass. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const VITEST = 'node_modules/vitest/vitest.mjs'
const GUARDS = ['rooms', 'sizes', 'words', 'errors', 'dependencies', 'pages'].map(
  (name) => `test/ground/${name}.test.ts`,
)

const checks: readonly (readonly [name: string, ...command: string[]])[] = [
  ['types', 'node_modules/typescript/bin/tsc', '--noEmit'],
  ['lint and format', 'node_modules/@biomejs/biome/bin/biome', 'check', '--no-errors-on-unmatched'],
  ['rooms, sizes and pages', VITEST, 'run', ...GUARDS],
]

const failed = checks.filter(([name, ...command]) => {
  const { status } = spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' })
  console.log(`${status === 0 ? 'passed' : 'FAILED'}: ${name}`)
  return status !== 0
})
process.exitCode = failed.length === 0 ? 0 : 1
