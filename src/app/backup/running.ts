import { readdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { codeOf, GatewayError } from '../../core/errors.ts'
import type { BackupCommands, BackupState } from '../../core/operations.ts'
import type { Clock, Log } from '../../core/ports.ts'
import type { SqliteJournal } from '../../pipeline/journal/sqlite/open.ts'
import { BACKUPS, writeBackup } from './write.ts'

const NONE: BackupState = { state: 'none', file: null, done: 0, total: 0, messages: 0, mails: 0, images: 0, code: null }

/** What backups of a running gateway are made of. */
export interface RunningBackups {
  readonly journal: Pick<SqliteJournal, 'snapshot' | 'apply'>
  /** The store's folder. */
  readonly dir: string
  readonly reserveBytes: number
  readonly release: string
  readonly clock: Clock
  readonly log: Log
}

/** Backups of the store that this process holds, into its folder `backups`. What an earlier one left unfinished is removed. */
export function runningBackups(parts: RunningBackups): BackupCommands {
  const { journal, dir, clock, log } = parts
  const folder = join(dir, BACKUPS)
  clearUnfinished(folder)
  let state = NONE

  async function run(file: string): Promise<void> {
    try {
      const progress = (done: number, total: number) => {
        state = { ...state, done, total }
      }
      const { bytes, messages, mails, images } = await writeBackup({ ...parts, file, progress })
      state = { ...state, state: 'done', done: bytes, total: bytes, messages, mails, images }
      log.info('backup.done', { bytes, count: messages })
    } catch (fault) {
      state = { ...state, state: 'failed', file: null, code: codeOf(fault) }
      log.error('backup.failed', { code: codeOf(fault) }, fault)
    }
  }
  return {
    state: () => state,
    async begin(who, why) {
      if (state.state === 'running') throw new GatewayError('WRONG_STATE')
      const file = join(folder, `passerelle-${new Date(clock.nowMs()).toISOString().replaceAll(/[:.]/g, '-')}.tar`)
      state = { ...NONE, state: 'running', file: basename(file) }
      const event = {
        atMs: clock.nowMs(),
        who,
        what: 'backup',
        why,
        code: null,
        message: null,
        delivery: null,
      } as const
      try {
        await journal.apply({ events: [{ ...event, detail: basename(file) }] })
      } catch (fault) {
        state = NONE
        throw fault
      }
      void run(file)
      return state
    },
  }
}

function clearUnfinished(folder: string): void {
  try {
    for (const name of readdirSync(folder)) {
      if (name.startsWith('copy-') || name.endsWith('.part'))
        rmSync(join(folder, name), { recursive: true, force: true })
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
