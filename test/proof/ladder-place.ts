import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { machineClock, machineIds } from '../../src/app/cli/machine.ts'
import type { Journal } from '../../src/core/journal.ts'
import { openPostgresJournal } from '../../src/pipeline/journal/postgres/open.ts'
import { openSqliteJournal } from '../../src/pipeline/journal/sqlite/open.ts'

const QUIET = {
  log: { info() {}, warn() {}, error() {} },
  meter: { count() {}, observe() {} },
  refusedMaxBytes: () => 1_000_000,
  clock: machineClock,
  ids: machineIds,
}

/** A store for a long run of ladders: on PostgreSQL at an address, or embedded. Time and crashes are of the process, so no disk is needed. */
export async function ladderPlace(url: string | null): Promise<{ open(): Promise<Journal>; end(): Promise<void> }> {
  if (url !== null) {
    const open = () => openPostgresJournal({ ...QUIET, url, node: 'prove', address: null, release: '0.0.0' })
    return { open, end: async () => {} }
  }
  const dir = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'passerelle-ladders-'))
  const onFatal = (fault: Error): never => {
    throw fault
  }
  return {
    open: () => openSqliteJournal({ ...QUIET, dir: join(dir, 'store'), onFatal }),
    end: async () => rmSync(dir, { recursive: true, force: true }),
  }
}
