import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { restoreBackup } from '../../src/app/backup/restore.ts'
import { writeBackup } from '../../src/app/backup/write.ts'
import { migrate } from '../../src/pipeline/journal/sqlite/database.ts'
import { openSqliteJournal } from '../../src/pipeline/journal/sqlite/open.ts'
import { MIGRATIONS } from '../../src/pipeline/journal/sqlite/schema.ts'
import { newIntake, personEvent } from '../journal/made.ts'
import { scratch } from '../journal/rig.ts'
import { sqliteOptions } from '../journal/rig-options.ts'
import { passerelle } from './terminal.ts'

async function folder(): Promise<string> {
  const { dir, end } = await scratch()
  onTestFinished(end)
  return dir
}

/** A stopped store with three events. */
async function stoppedStore() {
  const dir = await folder()
  const store = join(dir, 'store')
  const journal = await openSqliteJournal(sqliteOptions(store))
  await journal.adopt('ann', 1, '{"region":{"name":"Region"}}')
  await journal.commit([newIntake({ revision: 1, patientKeys: ['aa11'], events: [personEvent('read-body')] })])
  for (const what of ['resend', 'close']) await journal.apply({ events: [personEvent(what)] })
  await journal.close()
  return { dir, store, url: `file:${store}` }
}

test('an export is verified without the store, and says what was done to it, with place and time', async () => {
  const { dir, url } = await stoppedStore()
  const [file, key, head] = ['audit.ndjson', 'key.pem', 'head.json'].map((name) => join(dir, name)) as [
    string,
    string,
    string,
  ]
  expect(await passerelle(['audit', 'export', file, '--store', url])).toMatchObject({ code: 0, out: '' })
  expect((await passerelle(['audit', 'key', key, '--store', url])).code).toBe(0)
  expect((await passerelle(['audit', 'head', head, '--store', url])).code).toBe(0)
  const sound = await passerelle(['verify', '--audit', file, '--key', key, '--head', head, '--json'])
  expect([sound.code, JSON.parse(sound.out)]).toMatchObject([0, { events: 3, faults: [] }])

  const lines = (await readFile(file, 'utf8')).split('\n')
  expect(lines.slice(1, 4).map((line) => JSON.parse(line).source.site)).toEqual(['Region', 'Region', 'Region'])
  await writeFile(file, lines.toSpliced(2, 1).join('\n'))
  const broken = await passerelle(['verify', '--audit', file])
  expect([broken.code, broken.out]).toEqual([1, expect.stringMatching(/^\d{4}-\d\d-\d\dT\S+ removed event 2\n$/)])
  const french = await passerelle(['verify', '--audit', file], { LANG: 'fr_FR.UTF-8' })
  expect(french.out).toContain('retiré événement 2')
})

test('wrong usage: a file that is there, none at all or one that cannot be read, an unknown word, a time that is none', async () => {
  const { dir, url } = await stoppedStore()
  const there = join(dir, 'there')
  await writeFile(there, '')
  for (const argv of [
    ['audit', 'export', there, '--store', url],
    ['audit', 'export', '--store', url],
    ['audit', 'import', there, '--store', url],
    ['audit', 'export', join(dir, 'x'), '--since', 'soon', '--store', url],
  ]) {
    expect([argv, (await passerelle(argv)).code]).toEqual([argv, 2])
  }
  for (const argv of [
    ['verify', '--audit', join(dir, 'none')],
    ['verify', '--audit', there, '--head', join(dir, 'none')],
  ]) {
    const { code, err } = await passerelle(argv)
    expect([argv, code, err]).toEqual([argv, 1, expect.stringContaining('none cannot be read (ENOENT)')])
  }
})

test('verify of a store reads its audit too', async () => {
  const { store, url } = await stoppedStore()
  expect((await passerelle(['verify', '--store', url])).code).toBe(0)
  const db = new DatabaseSync(join(store, 'store.db'))
  db.exec("UPDATE audit_leaf SET line = replace(line, 'close', 'cl0se')")
  db.close()
  const { code, out } = await passerelle(['verify', '--store', url])
  expect([code, out]).toEqual([1, expect.stringContaining('altered event 3')])
})

test('killed while it writes and covers, a store goes on with the same chain and has lost nothing that was answered', async () => {
  const dir = await folder()
  const store = join(dir, 'store')
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('../journal/write-events.ts', import.meta.url)), store],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  let told = 0
  for await (const line of createInterface({ input: child.stdout })) {
    told = Number(line)
    if (told === 300) child.kill('SIGKILL')
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  const [first, second] = [join(dir, 'first'), join(dir, 'second')]
  expect((await passerelle(['audit', 'export', first, '--store', `file:${store}`])).code).toBe(0)
  const checked = JSON.parse((await passerelle(['verify', '--audit', first, '--json'])).out)
  expect(checked.faults).toEqual([])
  expect(checked.events).toBeGreaterThanOrEqual(told)
  const journal = await openSqliteJournal(sqliteOptions(store))
  await journal.apply({ events: [personEvent('resend')] })
  await journal.close()
  await passerelle(['audit', 'export', second, '--store', `file:${store}`])
  const last = join(dir, 'head')
  await writeFile(last, JSON.stringify(checked.head))
  const after = JSON.parse((await passerelle(['verify', '--audit', second, '--head', last, '--json'])).out)
  expect([after.events, after.faults]).toEqual([checked.events + 1, []])
})

test('a store of an earlier release: its events become leaves', async () => {
  const dir = await folder()
  const store = join(dir, 'store')
  await mkdir(store)
  const db = new DatabaseSync(join(store, 'store.db'))
  const { clock, ids } = sqliteOptions('')
  const before = MIGRATIONS.slice(
    0,
    MIGRATIONS.findIndex(({ name }) => name === 'audit'),
  )
  migrate(db, clock, ids, before)
  const event = db.prepare("INSERT INTO event (at_ms, who, what) VALUES (?, 'ann', 'resend')")
  for (const atMs of [1_000, 2_000]) event.run(atMs)
  db.close()
  const file = join(dir, 'audit')
  expect((await passerelle(['audit', 'export', file, '--store', `file:${store}`])).code).toBe(0)
  const checked = JSON.parse((await passerelle(['verify', '--audit', file, '--json'])).out)
  expect([checked.events, checked.faults]).toEqual([2, []])
})

test('a backup carries the audit, its key and its heads', async () => {
  const { dir, store, url } = await stoppedStore()
  await passerelle(['audit', 'export', join(dir, 'before'), '--store', url])
  const journal = await openSqliteJournal(sqliteOptions(store))
  const tar = join(dir, 'one.tar')
  const { clock } = sqliteOptions('')
  await writeBackup({ journal, dir: store, file: tar, reserveBytes: 0, release: '1.2.3', clock, progress() {} })
  await journal.close()
  const restored = join(dir, 'restored')
  await restoreBackup(tar, restored, () => {})
  await passerelle(['audit', 'export', join(dir, 'after'), '--store', `file:${restored}`])
  const [before, after] = await Promise.all(['before', 'after'].map((name) => readFile(join(dir, name), 'utf8')))
  const signed = (text = '') => text.split('\n').filter((line) => !line.includes('last-head'))
  expect(signed(after)).toEqual(signed(before))
})
