import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Is this program on the path and does it run with these arguments? */
export function runs(program: string, args: readonly string[]): boolean {
  try {
    execFileSync(program, [...args], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/**
 * What to do with a test that needs an outside program: null to run it, else the sentence to skip it with.
 * @throws {Error} with that sentence in CI, where every program must be there */
export function missing(program: string, args: readonly string[]): string | null {
  if (runs(program, args)) return null
  const sentence = `needs ${program}, which is missing or not allowed here`
  if (process.env['CI'] === 'true') throw new Error(sentence)
  return sentence
}

/** Null when small file systems can be mounted here; else the sentence to skip with (root is not everywhere to be had). */
export function mountless(): string | null {
  const dir = mkdtempSync(join(tmpdir(), 'passerelle-mount-'))
  try {
    if (!runs('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', dir])) return 'needs root, to mount a small tmpfs'
    execFileSync('umount', [dir])
    return null
  } finally {
    rmdirSync(dir)
  }
}
