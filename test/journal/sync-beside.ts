/**
 * A process of its own that commits groups to the store in argv[2], whose syncs go through a thread, and says what it knows when. Used by
 * the tests, which make every sync slow; with a number in argv[3] it commits so many groups, of whose syncs the tests let some fail. */
import { once } from 'node:events'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import type { Intake } from '../../src/core/journal.ts'
import { openSqliteJournal } from '../../src/pipeline/journal/sqlite/open.ts'
import { newIntake } from './made.ts'
import { sqliteOptions } from './rig-options.ts'

const [, , dir = '', groups = '0'] = process.argv
const say = (line: string) => process.stdout.write(`${line}\n`)
const journal = await openSqliteJournal(
  sqliteOptions(join(dir, 'store'), { onFatal: (error) => say(`fatal ${error.code}`) }),
)
/** More than the loop waits for itself. */
const group = (): readonly Intake[] => Array.from({ length: 24 }, () => newIntake())
const commit = (intakes: readonly Intake[]) => Promise.all(intakes.map((intake) => journal.commit([intake])))
const thread = new Promise<Worker>((resolve) => process.once('worker', resolve))
await commit(group())
await once(await thread, 'message')

for (let n = 0; n < Number(groups); n += 1) {
  await commit(group()).then(
    () => say('yes'),
    (error) => say(`no ${error.code}`),
  )
}
if (groups === '0') {
  const beside = new DatabaseSync(join(dir, 'store/store.db'), { readOnly: true })
  const seen = beside.prepare('SELECT 1 FROM message WHERE id = ?')
  /** Commits a group; resolves when a connection of another sees it, whose sync is still on its way. */
  const begun = async (intakes: readonly Intake[]) => {
    const kept = commit(intakes)
    while (seen.get(intakes[0]!.id) === undefined) await setImmediate()
    return { kept }
  }
  const read = (id: string) => journal.read({ sql: 'SELECT id FROM message WHERE id = ?', parameters: [id] })
  // The thread of long reads is there: what it is asked next it answers at once.
  await read('')
  const intakes = group()
  const { kept } = await begun(intakes)
  say('begun')
  await Promise.all([
    kept.then(() => say('kept')),
    journal.state(intakes[0]!.id).then((state) => say(`looked: ${state}`)),
    read(intakes[0]!.id).then((rows) => say(`read: ${rows.length}`)),
  ])
  const last = await begun(group())
  say('begun again')
  await journal.close()
  say('closed')
  await last.kept
  beside.close()
} else await journal.close()
say('end')
