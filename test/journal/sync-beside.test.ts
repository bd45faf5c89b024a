import { execFile, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openSqliteJournal } from '../../src/pipeline/journal/sqlite/open.ts'
import { scratch } from './rig.ts'
import { sqliteOptions } from './rig-options.ts'
import { type Call, readTrace, TRACED_CALLS } from './trace.ts'

const CHILD = fileURLToPath(new URL('./sync-beside.ts', import.meta.url))
const run = promisify(execFile)
const traced = spawnSync('strace', ['-V']).status === 0 || Boolean(process.env['CI'])
let dir = ''
let end = async () => {}

beforeEach(async () => {
  ;({ dir, end } = await scratch())
})
afterEach(() => end())

/** Runs the child with something done to each of its syncs; what it said, and what it asked of the system. */
async function besides(inject: string, ...more: string[]): Promise<{ said: string[]; calls: Call[] }> {
  const trace = join(dir, 'trace')
  const args = ['-f', '-qq', '-y', '-s', '256', '-e', `trace=${TRACED_CALLS}`, '-e', 'signal=none', '-o', trace]
  const child = [process.execPath, CHILD, dir, ...more]
  const { stdout } = await run('strace', [...args, '-e', `inject=fdatasync:${inject}`, ...child])
  // What the child says goes into a pipe, which has no path.
  const calls = readTrace(readFileSync(trace, 'utf8'), dir)
  return { said: stdout.trim().split('\n'), calls }
}

describe.skipIf(!traced)(`syncs beside the loop${traced ? '' : ': strace is missing here'}`, () => {
  test('a group is kept, read and left behind by an end only when it is on stable storage', async () => {
    // Long enough for whatever does not wait to come first.
    const { said, calls } = await besides('delay_enter=300000')
    expect(said.toSorted()).toEqual(['begun', 'begun again', 'closed', 'end', 'kept', 'looked: inFlight', 'read: 1'])
    const main = calls[0]!.thread
    const syncs = calls.filter(({ what, thread }) => what === 'sync store/store.db-wal' && thread !== main)
    expect(syncs).toHaveLength(2)
    for (const [i, line] of [
      [0, 'kept'],
      [0, 'looked: inFlight'],
      [0, 'read: 1'],
      [1, 'closed'],
    ] as const) {
      const told = calls.find(({ what }) => what === `write ${line}`)!
      expect(told.begins, line).toBeGreaterThan(syncs[i]!.ends)
    }
  }, 60_000)

  test('one that fails ends the journal: nobody who waits is told yes, and what was kept is there', async () => {
    const { said } = await besides('error=EIO:when=6+', '9')
    const yes = said.filter((line) => line === 'yes').length
    expect(yes).toBeGreaterThan(2)
    expect(said.slice(yes)).toEqual(['fatal STORE_FAILED', ...Array(9 - yes).fill('no STORE_FAILED'), 'end'])
    const journal = await openSqliteJournal(sqliteOptions(join(dir, 'store')))
    expect((await journal.counts()).received).toBeGreaterThanOrEqual(24 * (1 + yes))
    expect((await journal.verify(null)).damaged).toEqual([])
    await journal.close()
  }, 60_000)
})
