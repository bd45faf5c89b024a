/** A process of its own that opens the store in argv[2], says so, then does what argv[3] asks. Used by the tests. */
import { openSqliteJournal } from '../../src/pipeline/journal/sqlite/open.ts'
import { newIntake } from './made.ts'
import { sqliteOptions } from './rig-options.ts'

const [, , dir = '', what = 'hold'] = process.argv
const say = (line: string) => process.stdout.write(`${line}\n`)
const holder = { node: 'first', url: 'http://127.0.0.1:8080' }
const journal = await openSqliteJournal(sqliteOptions(dir, { holder, onFatal: ({ code }) => say(`fatal ${code}`) }))
say('open')
if (what === 'hold') setInterval(() => {}, 60_000)
else if (what === 'large') {
  // Large commits without end; each is told by the name that all its messages bear.
  for (let n = 0; ; n++) {
    const application = `LARGE-${n}`
    const one = () => newIntake({ application, bytes: Buffer.alloc(30_000, n) })
    await journal.commit([one(), ...Array.from({ length: 59 }, one)])
    say(application)
  }
} else {
  // One commit after the other until one is refused, then one more: what failed once must fail for ever.
  for (let failed = 0; failed < 2; ) {
    const intake = newIntake()
    await journal.commit([intake]).then(
      () => say(`yes ${intake.id}`),
      (error) => {
        failed += 1
        say(`no ${error.code} ${intake.id}`)
      },
    )
  }
  await journal.close()
  say('end')
}
