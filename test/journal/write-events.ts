/** A process of its own that opens the store in argv[2] and writes events without end, taking them into the audit; each commit is told. */
import { setImmediate } from 'node:timers/promises'
import { cover } from '../../src/pipeline/audit/cover.ts'
import { storedKey } from '../../src/pipeline/audit/rows.ts'
import { openSqliteJournal } from '../../src/pipeline/journal/sqlite/open.ts'
import { personEvent } from './made.ts'
import { sqliteOptions } from './rig-options.ts'

const journal = await openSqliteJournal(sqliteOptions(process.argv[2] ?? ''))
const parts = { journal, key: await storedKey(journal), site: 'Region' }
let done = 0
const writing = async (): Promise<never> => {
  for (;;) {
    await journal.apply({ events: [personEvent('resend'), personEvent('close')] })
    done += 2
    process.stdout.write(`${done}\n`)
  }
}
const covering = async (): Promise<never> => {
  for (;;) {
    await cover(parts)
    // With nothing to do it would never let the others have their turn.
    await setImmediate()
  }
}
await Promise.all([writing(), covering(), covering()])
