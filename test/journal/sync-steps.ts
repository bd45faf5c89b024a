/** A process of its own that keeps a body and mails in the folder of argv[2], saying each time that it is done. Used by the tests. */
import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { openSqliteJournal } from '../../src/pipeline/journal/sqlite/open.ts'
import { deposit } from '../../src/senders/maildir/deposit.ts'
import { mailFolders } from '../../src/senders/maildir/folders.ts'
import { newIntake } from './made.ts'
import { sqliteOptions } from './rig-options.ts'

const [, , dir = ''] = process.argv
const say = (line: string) => process.stdout.write(`${line}\n`)

const journal = await openSqliteJournal(sqliteOptions(join(dir, 'store')))
say('opened')
await journal.commit([newIntake({ bytes: Buffer.alloc(100_000, 1) })])
say('committed')
await journal.close()

const top = join(dir, 'mailboxes')
const folder = join(top, 'op.test', 'anne')
const mail = { top, folder, name: '1700000000.d1.host,S=5', trace: Buffer.from('a: b'), bytes: 5, quota: null }
deposit({ ...mail, again: false }, Buffer.from('x'))
say('put')
renameSync(join(folder, 'new', mail.name), join(folder, 'cur', `${mail.name}:2,S`))
deposit({ ...mail, again: true }, Buffer.from('x'))
say('put again')

const files = mailFolders(top, { nowMs: () => 0 })
const place = { address: 'anne@op.test', folder: 'Sent' as const, name: '1700000001.d2.host,S=1' }
await files.put(place, 'S', Buffer.from('y'))
say('copied')
await files.move(place, 'Archive', () => 'S')
say('moved')
