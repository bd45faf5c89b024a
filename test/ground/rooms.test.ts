import { posix } from 'node:path'
import { expect, test } from 'vitest'
import { filesUnder, importsOf, textOf } from './source.ts'

/** What each room may import besides itself (docs/architecture.md). `app` knows all. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  formats: ['core'],
  entrances: ['core', 'formats'],
  pipeline: ['core', 'formats', 'pipeline/journal'],
  'pipeline/journal': ['core'],
  senders: ['core', 'formats'],
  telemedicine: ['core', 'formats'],
  mssante: ['core', 'formats'],
  conformity: ['core', 'formats'],
  console: ['core', 'formats'],
  app: [
    'core',
    'formats',
    'entrances',
    'pipeline',
    'pipeline/journal',
    'senders',
    'telemedicine',
    'mssante',
    'conformity',
    'console',
  ],
}
/** Builtins that touch the world; what is pure has no use for them. */
const INPUT_OUTPUT =
  /^node:(fs|net|tls|http|https|http2|dgram|dns|child_process|cluster|worker_threads|sqlite|timers|process|os)/

function roomOf(file: string): string {
  const [, first = '', second = ''] = file.split('/')
  return first === 'pipeline' && second === 'journal' ? 'pipeline/journal' : first
}

/** Why a file of src may not import a module, or null when it may. */
function breach(file: string, module: string): string | null {
  const room = roomOf(file)
  const allowed = ROOMS[room]
  if (allowed === undefined) return `${file}: src has no room called ${room}`
  if (!module.startsWith('.')) {
    if (room === 'core') return `${file} imports ${module}: core imports nothing`
    if (room === 'formats' && INPUT_OUTPUT.test(module)) return `${file} imports ${module}: formats is pure`
    return module === 'node' || module.startsWith('/') ? `${file} imports ${module}` : null
  }
  const target = posix.join(posix.dirname(file), module)
  if (!target.startsWith('src/')) return `${file} imports ${target}: it is outside src`
  if (!target.endsWith('.ts')) return `${file} imports ${target}: imports end in .ts`
  const other = roomOf(target)
  return other === room || allowed.includes(other) ? null : `${file} imports ${target}: ${room} may not import ${other}`
}

test.each([
  ['src/core/a.ts', './b.ts', true],
  ['src/core/a.ts', 'node:crypto', false],
  ['src/core/a.ts', '../formats/b.ts', false],
  ['src/formats/hl7v2/a.ts', '../mllp/b.ts', true],
  ['src/formats/hl7v2/a.ts', 'node:util', true],
  ['src/formats/hl7v2/a.ts', 'node:fs/promises', false],
  ['src/entrances/mllp/a.ts', '../../formats/mllp/scanner.ts', true],
  ['src/entrances/mllp/a.ts', '../../pipeline/accept.ts', false],
  ['src/pipeline/accept.ts', './journal/open.ts', true],
  ['src/pipeline/journal/sqlite/open.ts', '../../accept.ts', false],
  ['src/pipeline/journal/sqlite/open.ts', '../../../formats/hl7v2/read.ts', false],
  ['src/pipeline/journal/sqlite/open.ts', 'node:sqlite', true],
  ['src/console/page.ts', '../app/main.ts', false],
  ['src/app/main.ts', '../console/page.ts', true],
  ['src/app/main.ts', '../../test/setup.ts', false],
  ['src/app/main.ts', './start', false],
  ['src/utils/a.ts', './b.ts', false],
])('the rule itself: %s importing %s is allowed: %s', (file, module, allowed) => {
  expect(breach(file, module) === null).toBe(allowed)
})

test('every form of import is seen', () => {
  const text = `
    import { a } from './a.ts'
    import type { B } from './b.ts'
    export { c } from './c.ts'
    export * from './d.ts'
    import './e.ts'
    const f = await import('./f.ts')
    const g = new Worker(new URL('./g.ts', import.meta.url))
    let h: import('./h.ts').H
    // import './comment.ts'`
  expect(importsOf('x.ts', text).sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => `./${name}.ts`))
})

test('no room imports what is not its own to know', () => {
  const files = filesUnder('src', '.ts')
  expect(files).toContain('src/core/message.ts')
  const breaches = files.flatMap((file) => importsOf(file, textOf(file)).map((module) => breach(file, module)))
  expect(breaches.filter((one) => one !== null)).toEqual([])
})
