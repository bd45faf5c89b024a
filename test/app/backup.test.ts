import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { restoreBackup } from '../../src/app/backup/restore.ts'
import { readTar, TAR_END, tarHeader, tarPadding } from '../../src/app/backup/tar.ts'
import { writeBackup } from '../../src/app/backup/write.ts'
import { openSqliteJournal, type SqliteJournal } from '../../src/pipeline/journal/sqlite/open.ts'
import { passerelle } from '../cli/terminal.ts'
import { bytesOf } from '../contract/journal-keeping.ts'
import { newIntake, newRefused } from '../journal/made.ts'
import { scratch } from '../journal/rig.ts'
import { sqliteOptions } from '../journal/rig-options.ts'

const clock = { nowMs: () => 1_773_480_000_000, monotonicMs: () => performance.now(), after: () => () => {} }

async function folder(): Promise<string> {
  const { dir, end } = await scratch()
  onTestFinished(end)
  return dir
}

async function openIn(dir: string): Promise<SqliteJournal> {
  const journal = await openSqliteJournal(sqliteOptions(dir))
  onTestFinished(() => journal.close())
  return journal
}

function parts(journal: SqliteJournal, dir: string, file: string) {
  return { journal, dir, file, reserveBytes: 0, release: '1.2.3', clock, progress() {} }
}

const large = () => newIntake({ bytes: Buffer.alloc(300_000, 'ESSAI') })

/** A backup of a store with three messages, one of them with a body file. */
async function someBackup() {
  const dir = await folder()
  const store = join(dir, 'store')
  const journal = await openIn(store)
  const made = [newIntake(), large(), newIntake()]
  for (const one of made) await journal.commit([one])
  await journal.refuse(newRefused(90_000))
  const file = join(dir, 'one.tar')
  return { dir, store, journal, made, file, backup: await writeBackup(parts(journal, store, file)) }
}

test('a backup holds what was committed when it began, while commits go on; restored, it passes every check', async () => {
  const dir = await folder()
  const journal = await openIn(join(dir, 'store'))
  const before = Array.from({ length: 300 }, (_, i) => (i % 50 === 0 ? large() : newIntake()))
  for (const one of before) await journal.commit([one])
  let busy = true
  const load = (async () => {
    while (busy)
      await Promise.all(Array.from({ length: 8 }, (_, i) => journal.commit([i === 0 ? large() : newIntake()])))
  })()
  const shown: [number, number][] = []
  const file = join(dir, 'busy.tar')
  const written = await writeBackup({
    ...parts(journal, join(dir, 'store'), file),
    progress: (done, total) => void shown.push([done, total]),
  })
  busy = false
  await load
  expect((await journal.counts()).received).toBeGreaterThan(written.messages)
  expect(written.messages).toBeGreaterThanOrEqual(300)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(statSync(file).size).toBe(written.bytes)
  expect(shown.at(-1)![0]).toBe(shown.at(-1)![1])
  expect(readdirSync(join(dir, 'store', 'backups'))).toEqual([])

  const there = join(dir, 'restored')
  const manifest = await restoreBackup(file, there, () => {})
  expect(manifest).toMatchObject({ messages: written.messages, release: '1.2.3', at: '2026-03-14T09:20:00.000Z' })
  const restored = await openIn(there)
  const { received, closed, inFlight, parked, purged } = await restored.counts()
  expect(received).toBe(closed + inFlight + parked)
  expect(received - purged).toBe(written.messages)
  expect(await restored.verify(null)).toEqual({ checked: written.messages, damaged: [] })
  for (const one of [before[0]!, before[1]!, before[299]!]) {
    expect(await bytesOf(restored, one.id)).toEqual(Buffer.from(one.bytes))
  }
  expect(restored.secret).toEqual(journal.secret)
})

test('body files that retention would remove meanwhile wait until the backup has them', async () => {
  const { store, journal } = await someBackup()
  const snapshot = await journal.snapshot(store.replace(/store$/, ''))
  const bodies = await Array.fromAsync(snapshot.bodies())
  expect(bodies).toHaveLength(2)
  await journal.purge({ closedBeforeMs: 0, refusedBeforeMs: Number.MAX_SAFE_INTEGER }, null, 10)
  expect(bodies.map((name) => existsSync(join(store, name)))).toEqual([true, true])
  await snapshot.release()
  await expect.poll(() => bodies.filter((name) => existsSync(join(store, name))).length).toBe(1)
})

test("any tar reads it: the system's own lists its files", async () => {
  const present = spawnSync('tar', ['--version']).status === 0
  expect(present || process.env.CI !== 'true', 'tar is missing').toBe(true)
  if (!present) return
  const { file, made } = await someBackup()
  const listed = execFileSync('tar', ['-tvf', file], { encoding: 'utf8' }).trim().split('\n')
  expect(listed).toHaveLength(4)
  expect(listed[0]).toMatch(/^-rw------- .* store\.db$/)
  expect(listed.filter((line) => line.endsWith(`/${made[1]!.id}`))).toHaveLength(1)
  expect(listed.at(-1)).toMatch(/ manifest\.json$/)
})

test('a name that is taken is left alone, and nothing unfinished stays', async () => {
  const { dir, store, journal, file } = await someBackup()
  const before = readFileSync(file)
  await expect(writeBackup(parts(journal, store, file))).rejects.toMatchObject({ code: 'EEXIST' })
  expect(readFileSync(file)).toEqual(before)
  await expect(
    writeBackup({ ...parts(journal, store, join(dir, 'two.tar')), reserveBytes: Number.MAX_SAFE_INTEGER }),
  ).rejects.toMatchObject({ code: 'STORE_FULL' })
  await expect(writeBackup(parts(journal, store, join(dir, 'nowhere', 'x.tar')))).rejects.toMatchObject({
    code: 'ENOENT',
  })
  writeFileSync(join(dir, 'two.tar.part'), 'of one that was killed')
  expect(await writeBackup(parts(journal, store, join(dir, 'two.tar')))).toMatchObject({ messages: 3 })
  expect(readdirSync(dir).sort()).toEqual(['one.tar', 'store', 'two.tar'])
  expect(readdirSync(join(store, 'backups'))).toEqual([])
})

/** An archive of these files, with a manifest that says what `claims` does. */
function archive(files: readonly [string, string][], manifest: object | null): Buffer {
  const all = manifest === null ? files : [...files, ['manifest.json', JSON.stringify(manifest)] as const]
  const parts = all.flatMap(([name, text]) => [
    tarHeader(name, Buffer.byteLength(text), 0),
    Buffer.from(text),
    tarPadding(Buffer.byteLength(text)),
  ])
  return Buffer.concat([...parts, TAR_END])
}

const claim = { format: 'passerelle-backup', version: 1, release: '', at: '', messages: 0, files: [] }

test.each<[name: string, change: (whole: Buffer) => Buffer, why: string]>([
  ['cut in the middle', (whole) => whole.subarray(0, whole.length >> 1), 'damaged'],
  ['cut before the manifest', (whole) => whole.subarray(0, whole.lastIndexOf('manifest.json')), 'damaged'],
  ['without its end', (whole) => whole.subarray(0, whole.length - 1024), 'damaged'],
  ['one bit of a body changed', (whole) => flipped(whole, whole.indexOf('ESSAIESSAI')), 'damaged'],
  ['one bit of a header changed', (whole) => flipped(whole, 130), 'damaged'],
  ['no manifest', () => archive([['store.db', 'x']], null), 'incomplete'],
  ['no database', () => archive([], claim), 'incomplete'],
  ['a file the manifest does not know', () => archive([['store.db', 'x']], claim), 'damaged'],
  ['a manifest of something else', () => archive([['store.db', 'x']], { format: 'other' }), 'damaged'],
  ['a path upwards', () => archive([['../store.db', 'x']], claim), 'damaged'],
  ['an absolute path', () => archive([['/store.db', 'x']], claim), 'damaged'],
  ['a body upwards', () => archive([['bodies/2026-01-01/..', 'x']], claim), 'damaged'],
  [
    'twice the same file',
    () =>
      archive(
        [
          ['store.db', 'x'],
          ['store.db', 'x'],
        ],
        claim,
      ),
    'damaged',
  ],
  ['no archive at all', () => Buffer.from('hello'), 'damaged'],
  ['empty', () => Buffer.alloc(0), 'damaged'],
])('not restored: %s', async (_name, change, why) => {
  const { dir, file } = await someBackup()
  const bad = join(dir, 'bad.tar')
  writeFileSync(bad, change(readFileSync(file)))
  const there = join(dir, 'restored')
  await expect(restoreBackup(bad, there, () => {})).rejects.toMatchObject({ why })
  expect(existsSync(there)).toBe(false)
})

function flipped(whole: Buffer, at: number): Buffer {
  const changed = Buffer.from(whole)
  changed[at]! ^= 1
  return changed
}

test('the root of a disk of its own is an empty folder, and nobody else looks into it from then on', async () => {
  const { dir, file } = await someBackup()
  const there = join(dir, 'disk')
  mkdirSync(join(there, 'lost+found'), { recursive: true })
  chmodSync(there, 0o755)
  const cut = join(dir, 'cut.tar')
  writeFileSync(cut, readFileSync(file).subarray(0, 2_000))
  await expect(restoreBackup(cut, there, () => {})).rejects.toThrow()
  expect(readdirSync(there)).toEqual(['lost+found'])
  await restoreBackup(file, there, () => {})
  expect(readdirSync(there)).toEqual(expect.arrayContaining(['lost+found', 'store.db']))
  expect(statSync(there).mode & 0o777).toBe(0o700)
})

test('a folder with something in it is not touched', async () => {
  const { dir, file } = await someBackup()
  const there = join(dir, 'full')
  mkdirSync(there)
  writeFileSync(join(there, 'mine'), 'x')
  await expect(restoreBackup(file, there, () => {})).rejects.toMatchObject({ why: 'not-empty' })
  expect(readdirSync(there)).toEqual(['mine'])
})

test('a size beyond eight GiB is written and read as GNU tar does', async () => {
  const header = tarHeader('store.db', 2 ** 40 + 3, 0)
  const archive = readTar(
    (async function* () {
      yield header
    })(),
  )
  const { value } = await archive.next()
  expect(value).toMatchObject({ name: 'store.db', bytes: 2 ** 40 + 3 })
})

const read = (...parts: Buffer[]) =>
  Array.fromAsync(
    readTar(
      (async function* () {
        yield Buffer.concat(parts)
      })(),
    ),
    ({ name }) => name,
  )

test.each([100, 101, 492, 493, 494, 980, 3_000])('a name of %i bytes is written and read', async (length) => {
  const name = 'é'.repeat(length / 2) + 'x'.repeat(length % 2)
  expect(await read(tarHeader(name, 0, 0), TAR_END)).toEqual([name])
})

test.each<[string, Buffer[]]>([
  ['that is too long', [tarHeader('x'.repeat(5_000), 0, 0), TAR_END]],
  ['without its file', [tarHeader('x'.repeat(200), 0, 0).subarray(0, 1024), TAR_END]],
  ['twice', [tarHeader('x'.repeat(200), 0, 0).subarray(0, 1024), tarHeader('x'.repeat(200), 0, 0), TAR_END]],
  [
    'of another length',
    [
      Buffer.from(tarHeader('x'.repeat(200), 0, 0).toString('latin1').replace('210 path', '211 path'), 'latin1'),
      TAR_END,
    ],
  ],
])('a long name %s is refused', async (_name, parts) => {
  await expect(read(...parts)).rejects.toThrow(RangeError)
})

test('the commands: backup of a stopped store, restore, verify', async () => {
  const { dir, store, journal } = await someBackup()
  await journal.close()
  const file = join(dir, 'cli.tar')
  const made = await passerelle(['backup', file, '--store', `file:${store}`, '--json'])
  expect([made.code, JSON.parse(made.out)]).toMatchObject([0, { file, messages: 3 }])
  expect(await passerelle(['backup', file, '--store', `file:${store}`])).toMatchObject({
    code: 1,
    err: expect.stringContaining('there already'),
  })
  const there = `file:${join(dir, 'there')}`
  expect(await passerelle(['restore', file, '--store', there])).toMatchObject({
    code: 0,
    err: expect.stringMatching(/^3 messages as of /),
  })
  expect(await passerelle(['restore', file, '--store', there])).toMatchObject({ code: 2 })
  expect(await passerelle(['verify', '--store', there])).toMatchObject({ code: 0, err: '3 checked, 0 damaged\n' })
  expect(await passerelle(['restore', join(dir, 'nothing.tar'), '--store', `file:${join(dir, 'x')}`])).toMatchObject({
    code: 1,
    err: expect.stringContaining('ENOENT'),
  })
})
