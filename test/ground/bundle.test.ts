import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { madeOf } from '../../bin/made-of.js'
import { ROOT } from './source.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bundle-'))
  cpSync(join(ROOT, 'bin'), join(folder, 'bin'), { recursive: true })
  for (const dir of ['src/app', 'dist']) mkdirSync(join(folder, dir), { recursive: true })
  write('package.json', '{ "type": "module" }')
  write('package-lock.json', '{}')
  write('src/app/main.ts', "console.log('source' as string)")
  write('dist/main.js', "console.log('bundle')")
})
afterEach(() => rmSync(folder, { recursive: true }))

const write = (file: string, text: string): void => writeFileSync(join(folder, file), text)
const bundled = (): void => write('dist/made-of', madeOf(folder))
const ran = (): string => {
  const { stdout, stderr } = spawnSync(process.execPath, [join(folder, 'bin/passerelle.js')], { encoding: 'utf8' })
  return stdout.trim() || stderr
}

test.each<[name: string, change: () => void, runs: string]>([
  ['as it was bundled', () => {}, 'bundle'],
  ['never bundled', () => rmSync(join(folder, 'dist'), { recursive: true }), 'source'],
  ['a bundling that broke off', () => rmSync(join(folder, 'dist/made-of')), 'source'],
  ['another file', () => write('src/app/more.ts', ''), 'source'],
  ['another content', () => write('src/app/main.ts', "console.log('source!'.slice(0, 6))"), 'source'],
  ['other packages', () => write('package-lock.json', '{ }'), 'source'],
  ['a later time', () => utimesSync(join(folder, 'src/app/main.ts'), 4e9, 4e9), 'source'],
  ['moved with its source', () => symlinkSync(folder, `${folder}-2`), 'bundle'],
])('bin/passerelle.js, %s: the %s', (_, change, runs) => {
  bundled()
  change()
  expect(ran()).toBe(runs)
  rmSync(`${folder}-2`, { force: true })
})
