import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { dumpStore, undumpStore } from '../../src/app/backup/dump.ts'
import { clientProgram, reachedBy } from '../../src/app/backup/programs.ts'
import type { Journal } from '../../src/core/journal.ts'
import { openPostgresJournal } from '../../src/pipeline/journal/postgres/open.ts'
import { passerelle } from '../cli/terminal.ts'
import { bytesOf } from '../contract/journal-keeping.ts'
import { contentOfDatabase, fill } from '../journal/filled.ts'
import { newIntake } from '../journal/made.ts'
import { postgresOptions } from '../journal/postgres-rig.ts'
import { scratch } from '../journal/rig.ts'
import { ask } from '../support/postgres/cluster.ts'
import { missingPostgres, postgresBin } from '../support/postgres/server.ts'
import { sharedCluster } from '../support/postgres/shared.ts'

const need = missingPostgres()
const clock = { nowMs: () => 1_773_480_000_000, monotonicMs: () => performance.now(), after: () => () => {} }

async function folder(): Promise<string> {
  const { dir, end } = await scratch()
  onTestFinished(end)
  return dir
}

async function newDatabase(): Promise<string> {
  const cluster = await sharedCluster()
  const url = await cluster.createDatabase()
  onTestFinished(() => cluster.dropDatabase(url))
  return url
}

const open = (url: string): Promise<Journal> => openPostgresJournal(postgresOptions(url))
const parts = (database: string, file: string) => ({ database, file, env: process.env, release: '1.2.3', clock })

describe.skipIf(need !== null)(`backups of PostgreSQL${need === null ? '' : `: ${need}`}`, () => {
  test('a backup is one instant while nodes write; restored, it passes every check', async () => {
    const [database, there, dir] = [await newDatabase(), await newDatabase(), await folder()]
    const journal = await open(database)
    await fill(journal, 200)
    const large = newIntake({ revision: 2, bytes: Buffer.alloc(600_000, 'ESSAI') })
    await journal.commit([large])
    let busy = true
    const load = (async () => {
      while (busy) await Promise.all(Array.from({ length: 8 }, () => journal.commit([newIntake({ revision: 2 })])))
    })()
    const shown: number[] = []
    const file = join(dir, 'busy.tar')
    const progress = (done: number, total: number) => void shown.push(done / total)
    const written = await dumpStore({ ...parts(database, file), progress })
    busy = false
    await load
    expect((await journal.counts()).received).toBeGreaterThan(written.messages)
    expect(written.messages).toBeGreaterThan(200)
    expect([statSync(file).mode & 0o777, statSync(file).size]).toEqual([0o600, written.bytes])
    expect(shown.at(-1)).toBe(1)
    expect(readdirSync(dir)).toEqual(['busy.tar'])

    const manifest = await undumpStore({ file, database: there, env: process.env, progress })
    expect(manifest).toMatchObject({ messages: written.messages, release: '1.2.3', at: '2026-03-14T09:20:00.000Z' })
    const restored = await open(there)
    const { received, closed, inFlight, parked, purged } = await restored.counts()
    expect([received, received - purged]).toEqual([closed + inFlight + parked, written.messages])
    expect(await restored.verify(null)).toEqual({ checked: written.messages, damaged: [] })
    expect(await bytesOf(restored, large.id)).toEqual(large.bytes)
    expect(restored.secret).toEqual(journal.secret)
    expect((await restored.commit([newIntake({ revision: 2 })])).kind).toBe('committed')
    await Promise.all([journal.close(), restored.close()])
  })

  test('the commands: backup, restore into an empty database only, and every row is as it was', async () => {
    const [database, there, dir] = [await newDatabase(), await newDatabase(), await folder()]
    const journal = await open(database)
    await fill(journal, 0)
    await journal.close()
    const file = join(dir, 'cli.tar')
    const made = await passerelle(['backup', file, '--store', database, '--json', '--reason', 'quarterly'], env())
    expect([made.code, made.err]).toEqual([0, ''])
    const { messages } = JSON.parse(made.out)
    expect((await passerelle(['backup', file, '--store', database], env())).err).toContain('there already')
    const restored = await passerelle(['restore', file, '--store', there], env())
    expect([restored.code, restored.err]).toEqual([
      0,
      expect.stringMatching(/ messages as of .* checked, 0 damaged\n$/),
    ])
    expect(restored.err).not.toContain(new URL(there).password)
    const content = await contentOfDatabase(there)
    expect(content['message']).toHaveLength(messages)
    expect(content['event']!.filter((line) => line.includes('"what":"backup"'))).toHaveLength(1)
    expect(content).toEqual(await contentOfDatabase(database))
    expect(await passerelle(['restore', file, '--store', there], env())).toMatchObject({ code: 2 })
    const elsewhere = await passerelle(['restore', file, '--store', `file:${join(dir, 'x')}`], env())
    expect([elsewhere.code, elsewhere.err]).toEqual([1, expect.stringContaining('another kind of store')])
  })

  test('a schema of its own: only that is copied, and it is restored where search_path leads there', async () => {
    const [database, there, dir] = [await newDatabase(), await newDatabase(), await folder()]
    const cluster = await sharedCluster()
    const admin = (url: string) => cluster.adminUrl(new URL(url).pathname.slice(1))
    await ask(
      admin(database),
      'CREATE TABLE public.foreign_table (secret text); REVOKE ALL ON public.foreign_table FROM public',
    )
    const within = (url: string) => `${url}?options=${encodeURIComponent('-c search_path=region1')}`
    for (const url of [database, there]) await ask(url, 'CREATE SCHEMA region1')
    const journal = await open(within(database))
    await fill(journal, 0)
    await journal.close()
    const file = join(dir, 'schema.tar')
    const made = await passerelle(['backup', file, '--store', within(database)], env())
    expect([made.code, made.err]).toEqual([0, expect.any(String)])
    const wrong = await passerelle(['restore', file, '--store', there], env())
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('search_path = region1')])
    expect(await ask(there, "SELECT 1 FROM pg_tables WHERE schemaname IN ('public', 'region1')")).toEqual([])
    const restored = await passerelle(['restore', file, '--store', within(there)], env())
    expect([restored.code, restored.err]).toEqual([0, expect.stringMatching(/ checked, 0 damaged\n$/)])
    expect(await ask(there, "SELECT 1 FROM pg_tables WHERE schemaname = 'public'")).toEqual([])

    await ask(admin(database), 'CREATE TABLE region1.locked (x int)')
    const refused = await passerelle(['backup', join(dir, 'x.tar'), '--store', within(database)], env())
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('permission denied for table locked')])
  })

  test.each<[name: string, change: (whole: Buffer) => Buffer, why: string]>([
    ['cut in the middle', (whole) => whole.subarray(0, whole.length >> 1), 'damaged'],
    ['without its end', (whole) => whole.subarray(0, whole.length - 1024), 'damaged'],
    ['one bit changed', (whole) => flipped(whole, whole.length >> 1), 'damaged'],
    ['no archive at all', () => Buffer.from('hello'), 'damaged'],
  ])('not restored, and nothing is there: %s', async (_name, change, why) => {
    const [database, there, dir] = [await newDatabase(), await newDatabase(), await folder()]
    await (await open(database)).close()
    const [file, bad] = [join(dir, 'good.tar'), join(dir, 'bad.tar')]
    await dumpStore({ ...parts(database, file), progress() {} })
    writeFileSync(bad, change(readFileSync(file)))
    const into = { database: there, env: process.env, progress() {} }
    await expect(undumpStore({ ...into, file: bad })).rejects.toMatchObject({ why })
    await undumpStore({ ...into, file })
  })

  test('programs: the newest counts; none, or one older than the server, is told', async () => {
    const dir = await folder()
    const real = postgresBin()!
    expect(await clientProgram('pg_dump', 15, [dir, real])).toBe(join(real, 'pg_dump'))
    await expect(clientProgram('pg_dump', 15, [dir])).rejects.toMatchObject({ found: null, wanted: 15 })
    const old = join(dir, 'old')
    mkdirSync(old)
    writeFileSync(join(old, 'pg_restore'), '#!/bin/sh\necho "pg_restore (PostgreSQL) 14.2"\n')
    chmodSync(join(old, 'pg_restore'), 0o755)
    await expect(clientProgram('pg_restore', 15, [old])).rejects.toMatchObject({ found: 14, wanted: 15 })
    expect(await clientProgram('pg_restore', 15, [old, real])).toBe(join(real, 'pg_restore'))
  })
})

test.each<[url: string, dbname: string, password: string | undefined]>([
  ['postgres://u:p%40w@127.0.0.1:5/d', 'postgres://u@127.0.0.1:5/d', 'p@w'],
  ['postgres://u@db.test/d', 'postgres://u@db.test/d?sslmode=verify-full', undefined],
  ['postgres://u:p@db.test/d?sslmode=no-verify', 'postgres://u@db.test/d?sslmode=require', 'p'],
  ['postgres://127.0.0.1/d?options=-c%20a%3Db', 'postgres://127.0.0.1/d?options=-c%20a%3Db', undefined],
  ['postgres://db.test/d?user=u&password=p', 'postgres://db.test/d?user=u&sslmode=verify-full', 'p'],
])('the programs are given %s without its password', (url, dbname, password) => {
  const reached = reachedBy(url, {})
  expect([reached.dbname, reached.env['PGPASSWORD']]).toEqual([dbname, password])
})

const env = (): Record<string, string> => ({ PATH: process.env['PATH'] ?? '' })

function flipped(whole: Buffer, at: number): Buffer {
  const changed = Buffer.from(whole)
  changed[at]! ^= 1
  return changed
}
