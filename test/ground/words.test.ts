import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ROOT, textOf } from './source.ts'

/** Written in two halves, so that this file does not find itself. */
const word = (...parts: string[]): string => parts.join('')
const FOLDERS = [word('wo', 'rk'), word('ro', 'ot'), word('tm', 'p/'), word('home', '/'), word('Users', '/')]
/** A path of one machine: `/` and the folder, where a path can begin. */
const MACHINE_PATH = new RegExp(`(?<![\\w.~)}\\]>*/-])/(${FOLDERS.join('|')})(?![\\w-]*:)\\b`)
const OUTSIDE = new RegExp(`(?<![\\w-])(${word('shar', 'ed')}/|\\${word('.lib', 'rary')})\\b`)

const SKIPPED = new Set(['node_modules', '.git', 'data', 'certs', 'dist', 'out'])
const BINARY = /\.(png|jpe?g|pdf|woff2)$/

/** Text files of the project, without what is installed or made by running it. */
function ownFiles(folder = ''): string[] {
  return readdirSync(`${ROOT}${folder}`, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}${entry.name}`
    if (SKIPPED.has(entry.name)) return []
    if (entry.isDirectory()) return ownFiles(`${path}/`)
    return entry.isFile() && !BINARY.test(path) && !path.endsWith('.log') ? [path] : []
  })
}

function breaches(text: string): string[] {
  return text.split('\n').filter((line) => MACHINE_PATH.test(line) || OUTSIDE.test(line))
}

test.each([
  [word('cd /wo', 'rk/main'), true],
  [word('"/ro', 'ot/x"'), true],
  [word('file:/tm', 'p/data'), true],
  [word('see ../shar', 'ed/design.md'), true],
  [word('`.lib', 'rary/x`'), true],
  ['https://example.test/work/x', false],
  ['src/work/x', false],
  ['the shared words', false],
])('the rule itself: %j is found: %s', (text, found) => {
  expect(breaches(text).length > 0).toBe(found)
})

test('no file names a folder of one machine, or one outside the project', () => {
  const files = ownFiles()
  expect(files).toContain('src/core/message.ts')
  const found = files.flatMap((file) => breaches(textOf(file)).map((line) => `${file}: ${line.trim().slice(0, 120)}`))
  expect(found).toEqual([])
})
