import { expect, test } from 'vitest'
import { filesUnder, functionsOf, lineCount, textOf, undocumentedOf } from './source.ts'

const MAX_FILE_LINES = 500
const MAX_FUNCTION_LINES = 80
/** Twice what is aimed at: above it the files are no longer small. */
const MAX_MEDIAN_LINES = 240

const source = filesUnder('src', '.ts')
const all = [
  ...source,
  ...filesUnder('test', '.ts'),
  ...filesUnder('bench', '.ts'),
  ...filesUnder('docker', '.ts'),
  ...filesUnder('profiles', '.ts'),
]

test(`no file is over ${MAX_FILE_LINES} lines`, () => {
  const long = all.map((file) => [file, lineCount(textOf(file))] as const).filter(([, lines]) => lines > MAX_FILE_LINES)
  expect(long).toEqual([])
})

test(`the median file of src stays under ${MAX_MEDIAN_LINES} lines`, () => {
  const lines = source.map((file) => lineCount(textOf(file))).sort((a, b) => a - b)
  const median = lines[Math.floor(lines.length / 2)] ?? 0
  console.info(`src: ${source.length} files, median ${median} lines, longest ${lines.at(-1)}`)
  expect(median).toBeGreaterThan(0)
  expect(median).toBeLessThan(MAX_MEDIAN_LINES)
})

test('a long function is measured from its first line to its last, inner ones too', () => {
  const inner = `const b = () => {\n${'  x()\n'.repeat(3)}}`
  const text = `export function a(): void {\n${inner}\n}\nclass C {\n  m() {\n    x()\n  }\n}\n`
  expect(functionsOf('x.ts', text)).toEqual([
    { name: 'a', line: 1, lines: 7 },
    { name: 'anonymous', line: 2, lines: 5 },
    { name: 'anonymous', line: 9, lines: 3 },
  ])
})

test(`no function of src is over ${MAX_FUNCTION_LINES} lines`, () => {
  const long = source.flatMap((file) =>
    functionsOf(file, textOf(file))
      .filter(({ lines }) => lines > MAX_FUNCTION_LINES)
      .map(({ name, line, lines }) => `${file}:${line} ${name}: ${lines} lines`),
  )
  expect(long).toEqual([])
})

test('files are named by a noun or verb of the domain, in lower case with hyphens', () => {
  const bad = source.filter((file) => {
    const name = file.slice(file.lastIndexOf('/') + 1, -'.ts'.length)
    return (
      /^(utils?|helpers?|managers?|common|misc|service)$|-(utils?|helpers?|manager|service)$/.test(name) ||
      !/^[a-z0-9-]+$/.test(name)
    )
  })
  expect(bad).toEqual([])
})

test.each([
  ['/** Says what. */\nexport const a = 1', []],
  ['/**\n * Says what. */\nexport function a(): void {}', []],
  ['/** Says what. */\nconst a = 1\nexport const b = 2', ['b']],
  ['/* no docstring */\nexport interface A { x: 1 }', ['A']],
  ['// no docstring\nexport type A = 1', ['A']],
  ['/** Both. */\nexport function a(x: 1): void\nexport function a(x: number): void {}', []],
  ["export { a } from './a.ts'", []],
  ['export default 1', ['default']],
])('docstrings: %j lacks %j', (text, bare) => {
  expect(undocumentedOf('x.ts', text)).toEqual(bare)
})

test('every exported name of src has a docstring', () => {
  const bare = source.flatMap((file) => undocumentedOf(file, textOf(file)).map((name) => `${file}: ${name}`))
  expect(bare).toEqual([])
})
