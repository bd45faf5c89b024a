import { execFileSync, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { restoreBackup } from '../../src/app/backup/restore.ts'
import { TAR_END, tarHeader, tarPadding } from '../../src/app/backup/tar.ts'
import { writeBackup } from '../../src/app/backup/write.ts'
import type { Statement } from '../../src/core/journal.ts'
import { openSqliteJournal } from '../../src/pipeline/journal/sqlite/open.ts'
import { newIntake } from '../journal/made.ts'
import { scratch } from '../journal/rig.ts'
import { sqliteOptions } from '../journal/rig-options.ts'

const BOX = 'mailboxes/hopital.mssante.test/anne.martin-de-la-tour'
const FRESH = `${BOX}/new/1773480000.0195a1b2-1111-7000-8000-000000000001.passerelle,S=6`
const READ = `${BOX}/cur/1773480001.0195a1b2-1111-7000-8000-000000000002.passerelle,S=5:2,FS`
const FILED = `${BOX}/.Archives/cur/1773480002.0195a1b2-1111-7000-8000-000000000003.passerelle,S=7:2,S`
const OLD = 1_700_000_000

/** What lies in the store's folder, by name. */
const LAID: Readonly<Record<string, string>> = {
  [FRESH]: 'nouvel',
  [READ]: 'lu lu',
  [FILED]: 'archivé',
  [`${BOX}/.Archives/maildirfolder`]: '',
  'images/id': 'spool-1',
  'images/wanted.dicoms': 'DICM wanted',
}
/** What no backup takes. */
const LEFT: Readonly<Record<string, string>> = {
  [`${BOX}/tmp/unfinished`]: 'x',
  [`${BOX}/dovecot.index.log`]: 'x',
  [`${BOX}/cur/.hidden`]: 'x',
  'images/over.dicoms': 'x',
  'images/unnamed.dicoms': 'x',
  'other/file': 'x',
}

/** A store with mailboxes and images beside it, and what writes it into an archive. */
async function laid() {
  const { dir, end } = await scratch()
  onTestFinished(end)
  const store = join(dir, 'store')
  const journal = await openSqliteJournal(sqliteOptions(store))
  onTestFinished(() => journal.close())
  await journal.commit([newIntake()])
  await journal.apply({ rows: [...study('1', 'there', 'wanted'), ...study('2', 'over', 'over')] })
  for (const [name, text] of Object.entries({ ...LAID, ...LEFT })) put(store, name, text)
  const file = join(dir, 'one.tar')
  const write = (progress: (done: number, total: number) => void = () => {}) =>
    writeBackup({ journal, dir: store, file, reserveBytes: 0, release: '1.2.3', clock, progress })
  return { dir, store, journal, file, write, restore: () => restoreBackup(file, join(dir, 'there'), () => {}) }
}

const clock = { nowMs: () => 1_773_480_000_000, monotonicMs: () => performance.now(), after: () => () => {} }

function put(store: string, name: string, text: string, at = OLD): void {
  mkdirSync(dirname(join(store, name)), { recursive: true })
  writeFileSync(join(store, name), text)
  utimesSync(join(store, name), at, at)
}

function study(id: string, state: string, file: string): Statement[] {
  return [
    {
      sql: `INSERT INTO image_study (id, site, source, state, attempts, due_at_ms, made_at_ms, changed_at_ms)
        VALUES (?, 'a', 'spool:spool-1', ?, 0, 0, 0, 0)`,
      parameters: [id, state],
    },
    {
      sql: `INSERT INTO image_instance (study, uid, series, n, state, tries, file, at, bytes)
        VALUES (?, '1.2', '1', 1, 'waiting', 0, ?, 0, 4)`,
      parameters: [id, `${file}.dicoms`],
    },
  ]
}

/** The files below a folder, by name, but those of the store itself. */
function beside(dir: string): Record<string, string> {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((one) => one.isFile())
  const named = files.map((one) => join(one.parentPath, one.name).slice(dir.length + 1))
  return Object.fromEntries(
    named
      .filter((name) => name.includes('/') && !name.startsWith('backups/'))
      .map((name) => [name, readFileSync(join(dir, name), 'utf8')]),
  )
}

test('mail and images in the store’s folder are in its backup, byte for byte and with the time they came', async () => {
  const { dir, write, restore, file } = await laid()
  const shown: [number, number][] = []
  expect(await write((...told) => void shown.push(told))).toMatchObject({ messages: 1, mails: 3, images: 1 })
  expect(shown.at(-1)![0]).toBe(shown.at(-1)![1])
  await restore()
  const there = join(dir, 'there')
  expect(beside(there)).toEqual(LAID)
  expect(statSync(join(there, READ)).mtimeMs).toBe(OLD * 1_000)
  expect(statSync(join(there, FILED)).mode & 0o777).toBe(0o600)
  expect(statSync(join(there, BOX)).mode & 0o777).toBe(0o700)

  const tar = spawnSync('tar', ['--version']).status === 0
  expect(tar || process.env.CI !== 'true', 'tar is missing').toBe(true)
  if (tar) expect(execFileSync('tar', ['-tf', file], { encoding: 'utf8' }).split('\n')).toContain(FILED)
})

test('mail that came after the copy of the database is left out: the restored gateway delivers it again', async () => {
  const { dir, store, write, restore } = await laid()
  const late = `${BOX}/new/1773480009.0195a1b2-1111-7000-8000-000000000009.passerelle,S=1`
  put(store, late, 'x', Date.now() / 1_000 + 3_600)
  expect(await write()).toMatchObject({ mails: 3 })
  await restore()
  expect(existsSync(join(dir, 'there', late))).toBe(false)
})

test('a link in a mailbox is not followed', async () => {
  const { dir, store, write } = await laid()
  writeFileSync(join(dir, 'secret'), 'x')
  symlinkSync(join(dir, 'secret'), join(store, BOX, 'cur', 'link'))
  expect(await write()).toMatchObject({ mails: 3 })
})

/** Changes the folder once the first mail is in the archive, behind the listing of its mailbox. */
async function changed(change: (store: string) => void) {
  const world = await laid()
  let first = true
  const bytes = Object.values(LAID).reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  const made = await world.write((done, total) => {
    if (total - done >= bytes || !first) return
    first = false
    change(world.store)
  })
  await world.restore()
  return { made, there: beside(join(world.dir, 'there')) }
}

test('mail that its reader opens, files or deletes meanwhile: what is kept is in the backup', async () => {
  const { made, there } = await changed((store) => {
    renameSync(join(store, READ), join(store, BOX, '.Archives', 'cur', basename(READ)))
    rmSync(join(store, FILED))
    rmSync(join(store, 'images/wanted.dicoms'))
  })
  const { [READ]: moved, [FILED]: _deleted, 'images/wanted.dicoms': _over, ...kept } = LAID
  expect(there).toEqual({ ...kept, [join(BOX, '.Archives', 'cur', basename(READ))]: moved })
  expect(made).toMatchObject({ mails: 2, images: 0 })
})

/** Where an entry stands in an archive: its header, and what is behind its last block. */
function entryAt(whole: Buffer, name: string): [from: number, to: number] {
  const from = whole.indexOf(name)
  return [from, from + 1024]
}

test.each<[string, (whole: Buffer) => Buffer]>([
  ['one bit of a mail changed', (whole) => flipped(whole, whole.indexOf('nouvel'))],
  ['one bit of an image changed', (whole) => flipped(whole, whole.indexOf('DICM wanted'))],
  ['a mail taken out', (whole) => without(whole, entryAt(whole, FRESH))],
  ['a mail twice', (whole) => twice(whole, entryAt(whole, FRESH))],
])('not restored: %s', async (_name, change) => {
  const { dir, file, write } = await laid()
  await write()
  writeFileSync(file, change(readFileSync(file)))
  await expect(restoreBackup(file, join(dir, 'there'), () => {})).rejects.toMatchObject({ why: 'damaged' })
  expect(existsSync(join(dir, 'there'))).toBe(false)
})

function flipped(whole: Buffer, at: number): Buffer {
  const changed = Buffer.from(whole)
  changed[at]! ^= 1
  return changed
}
const without = (whole: Buffer, [from, to]: [number, number]): Buffer =>
  Buffer.concat([whole.subarray(0, from), whole.subarray(to)])
const twice = (whole: Buffer, [from, to]: [number, number]): Buffer =>
  Buffer.concat([whole.subarray(0, to), whole.subarray(from)])

test.each([
  'mailboxes/a/../b/new/x',
  'mailboxes/../a/b/new/x',
  'mailboxes/a/b/cur/..',
  'mailboxes/a/b/tmp/x',
  'mailboxes/a/new/x',
  'mailboxes/a/b/c/d/new/x',
  'mailboxes//b/new/x',
  `mailboxes/a/${'b'.repeat(256)}/new/x`,
  'images/../x',
  'images/a/b',
  'images/.x',
  'backups/x',
])('not restored: %s', async (name) => {
  const { dir, end } = await scratch()
  onTestFinished(end)
  const file = join(dir, 'bad.tar')
  writeFileSync(file, Buffer.concat([tarHeader(name, 1, 0), Buffer.from('x'), tarPadding(1), TAR_END]))
  await expect(restoreBackup(file, join(dir, 'there'), () => {})).rejects.toMatchObject({ why: 'damaged', file: name })
  expect(readdirSync(dir)).toEqual(['bad.tar'])
})
