import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const SCHEMAS = ['sqlite', 'postgres'] as const

/** A release that comes after this one: the same sources, with one more step of the schema. */
export interface NextRelease {
  /** What starts it. */
  readonly main: string
  remove(): void
}

/** Lays it in a folder of its own. `step`: the text of a `Step` (pipeline/journal/schema.ts). @throws when a schema has no list of steps */
export function nextRelease(step: string): NextRelease {
  const dir = mkdtempSync(join(tmpdir(), 'passerelle-next-'))
  for (const part of ['src', 'profiles', 'bin', 'deploy', 'package.json', 'package-lock.json', 'region.yaml']) {
    cpSync(join(ROOT, part), join(dir, part), { recursive: true })
  }
  symlinkSync(join(ROOT, 'node_modules'), join(dir, 'node_modules'))
  for (const store of SCHEMAS) {
    const file = join(dir, 'src/pipeline/journal', store, 'schema.ts')
    const text = readFileSync(file, 'utf8')
    const longer = text.replace(/\](?=,\n {2}'(?:sqlite|postgres)')/, `, ${step}]`)
    if (longer === text) throw new Error(`${file}: no list of steps to add to`)
    writeFileSync(file, longer)
  }
  execFileSync(process.execPath, [join(dir, 'deploy/bundle.ts')], { stdio: ['ignore', 'ignore', 'inherit'] })
  return { main: join(dir, 'bin/passerelle.js'), remove: () => rmSync(dir, { recursive: true, force: true }) }
}
