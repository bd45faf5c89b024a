import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { filesUnder, importsOf, packagesOf, textOf } from './source.ts'

const MAX_RUNTIME = 23
const REASONS = 'docs/decisions/0002-dependencies.md'

type Packages = Readonly<Record<string, string>>
const { dependencies, devDependencies, optionalDependencies } = JSON.parse(textOf('package.json')) as {
  dependencies: Packages
  devDependencies: Packages
  optionalDependencies: Packages
}
const all = { ...dependencies, ...devDependencies, ...optionalDependencies }
const used = new Set(filesUnder('src', '.ts').flatMap((file) => packagesOf(importsOf(file, textOf(file)))))

/** Packages that the decision page gives a reason for: lines such as "- `yaml`: …". */
function reasons(page: string): string[] {
  return [...page.matchAll(/^- `([^`]+)`: \S.{20,}$/gm)].map(([, name]) => name ?? '')
}

test(`at most ${MAX_RUNTIME} packages at run time`, () => {
  expect(Object.keys(dependencies).length).toBeLessThanOrEqual(MAX_RUNTIME)
})

test('each package has one line of reason, and each line its package', () => {
  expect(reasons(textOf(REASONS)).sort()).toEqual(Object.keys(all).sort())
})

test('versions are exact', () => {
  const loose = Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))
  expect(loose).toEqual([])
})

test('what runs uses only packages of the run time', () => {
  expect([...used].filter((name) => !(name in dependencies))).toEqual([])
})

interface Locked {
  readonly hasInstallScript?: boolean
  readonly integrity?: string
  /** Carried inside the archive of the package around it, whose integrity covers it. */
  readonly inBundle?: boolean
  readonly dependencies?: Packages
  readonly devDependencies?: Packages
  readonly optionalDependencies?: Packages
  readonly peerDependencies?: Packages
}
const locked = (JSON.parse(textOf('package-lock.json')) as { packages: Record<string, Locked> }).packages

/** Is the package in the lock file, in a folder that the one at `from` sees? */
function isLocked(from: string, name: string): boolean {
  const inner = `${from === '' ? '' : `${from}/`}node_modules/${name}`
  if (inner in locked) return true
  return from !== '' && isLocked(from.slice(0, Math.max(from.lastIndexOf('/node_modules/'), 0)), name)
}

test('every package of the run time is used, or is the peer of one that is', () => {
  const peers = [...used].flatMap((name) => Object.keys(locked[`node_modules/${name}`]?.peerDependencies ?? {}))
  expect(Object.keys(dependencies).filter((name) => !used.has(name) && !peers.includes(name))).toEqual([])
})

test('npm ci accepts the lock file: it has all of package.json, and for every platform what each package asks for', () => {
  const root = locked[''] ?? {}
  expect(root).toMatchObject({ dependencies, devDependencies, optionalDependencies })
  const missing = Object.entries(locked).flatMap(([from, one]) =>
    Object.keys({ ...one.dependencies, ...one.devDependencies, ...one.optionalDependencies })
      .filter((name) => !isLocked(from, name))
      .map((name) => `${from} asks for ${name}`),
  )
  expect(missing).toEqual([])
})

test('every package of the lock file has its integrity, and runs no script when it is installed', () => {
  const bad = Object.entries(locked).filter(
    ([path, one]) => path !== '' && (one.hasInstallScript || !(one.integrity || one.inBundle)),
  )
  expect(bad.map(([path]) => path)).toEqual([])
})

test('a start where Node 26 cannot run says what it needs', () => {
  const { scripts } = JSON.parse(textOf('package.json')) as { scripts: { start: string } }
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-'))
  try {
    // What the loader does where a library is missing.
    writeFileSync(join(folder, 'node'), '#!/bin/sh\nexit 127\n', { mode: 0o755 })
    const run = spawnSync('sh', ['-c', scripts.start], { env: { PATH: `${folder}:/usr/bin:/bin` }, encoding: 'utf8' })
    expect(run).toMatchObject({ status: 1, stderr: expect.stringContaining('apt install libatomic1') })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
