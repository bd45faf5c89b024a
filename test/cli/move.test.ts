import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { text } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { TargetMark } from '../../src/pipeline/journal/move/mark.ts'
import { openPostgresJournal } from '../../src/pipeline/journal/postgres/open.ts'
import { openSqliteJournal } from '../../src/pipeline/journal/sqlite/open.ts'
import { contentOfDatabase, contentOfFolder, fill, portable } from '../journal/filled.ts'
import { newIntake } from '../journal/made.ts'
import { postgresOptions } from '../journal/postgres-rig.ts'
import { scratch } from '../journal/rig.ts'
import { sqliteOptions } from '../journal/rig-options.ts'
import { ask } from '../support/postgres/cluster.ts'
import { missingPostgres } from '../support/postgres/server.ts'
import { sharedCluster } from '../support/postgres/shared.ts'
import { until } from '../support/world/until.ts'
import { passerelle } from './terminal.ts'

const need = missingPostgres()
/** Messages of a store that takes a while to copy. */
const MANY = 4_000

async function newFolder(): Promise<string> {
  const { dir, end } = await scratch()
  onTestFinished(end)
  return join(dir, 'store')
}

async function newDatabase(): Promise<string> {
  const cluster = await sharedCluster()
  const url = await cluster.createDatabase()
  onTestFinished(() => cluster.dropDatabase(url))
  return url
}

/** Where the copy is, by what it says itself; null: nowhere yet, or whole. */
async function markOf(store: string): Promise<TargetMark | null> {
  const sql = "SELECT value FROM meta WHERE name = 'move'"
  if (store.startsWith('file:')) {
    const file = join(store.slice('file:'.length), 'store.db')
    if (!existsSync(file)) return null
    const db = new DatabaseSync(file, { readOnly: true, timeout: 2_000 })
    try {
      const found = db.prepare(sql).get()
      return found === undefined ? null : JSON.parse(String(found['value']))
    } finally {
      db.close()
    }
  }
  const [row] = await ask(store, sql)
  return row === undefined ? null : JSON.parse(String(row['value']))
}

function begin(store: string, to: string): ChildProcess {
  const argv = ['bin/passerelle.js', 'move', '--to', to, '--store', store, '--json']
  return spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Rows that are there, by the copy's own count. */
function copied(mark: TargetMark | null): number {
  return Object.values(mark?.tallies ?? {}).reduce((sum, { rows }) => sum + rows, 0)
}

/** Starts the real command and kills it as soon as it has come further than before; how far, or null when it was done first. */
async function killedOnTheWay(store: string, to: string, before: number): Promise<number | null> {
  const child = begin(store, to)
  const closed = once(child, 'close')
  let over = false
  void closed.then(() => {
    over = true
  })
  const further = async () => {
    const mark = await markOf(to).catch(() => null)
    return over || copied(mark) > before
  }
  await until('the copy goes on', further, { everyMs: 2, withinMs: 60_000 })
  child.kill('SIGKILL')
  const [, signal] = await closed
  return signal === 'SIGKILL' ? copied(await markOf(to)) : null
}

describe.skipIf(need !== null)(`passerelle move${need === null ? '' : `: ${need}`}`, () => {
  test.each(['embedded to postgres', 'postgres to embedded'])(
    '%s: kill -9 at one instant after the other, then the same command again',
    async (way) => {
      const [folder, database] = [await newFolder(), await newDatabase()]
      const outward = way === 'embedded to postgres'
      const [store, to] = outward ? [`file:${folder}`, database] : [database, `file:${folder}`]
      const journal = outward
        ? await openSqliteJournal(sqliteOptions(folder))
        : await openPostgresJournal(postgresOptions(database))
      await fill(journal, MANY)
      await journal.close()
      const content = (where: string) =>
        where === database ? contentOfDatabase(database) : Promise.resolve(contentOfFolder(folder))
      const before = await content(store)

      const kills: number[] = []
      for (let at: number | null = 0; at !== null && kills.length < 4; ) {
        at = await killedOnTheWay(store, to, at)
        if (at !== null) kills.push(at)
        if (kills.length === 1) {
          const refused = await passerelle(['messages', '--store', store])
          expect([refused.code, refused.err]).toEqual([1, expect.stringMatching(/^STORE_MOVED: .*passerelle move/)])
          const unfinished = await passerelle(['messages', '--store', to])
          expect([unfinished.code, unfinished.err]).toEqual([1, expect.stringMatching(/^STORE_UNFINISHED: /)])
        }
      }
      expect(kills.length).toBeGreaterThan(0)
      expect(kills).toEqual(kills.toSorted((a, b) => a - b))

      const child = begin(store, to)
      const [out, [code]] = await Promise.all([text(child.stdout!), once(child, 'close')])
      expect([code, JSON.parse(out)]).toMatchObject([0, { damaged: [] }])
      expect(portable(await content(to))).toEqual(portable(before))
      const verified = await passerelle(['verify', '--store', to, '--json'])
      expect(JSON.parse(verified.out)).toMatchObject({
        checked: before['message']!.length,
        damaged: [],
        audit: { missing: 0, faults: [] },
      })
    },
    180_000,
  )

  test('what is told: the bar on a terminal, the count, the node that serves, the store that was moved; no password', async () => {
    const [folder, database] = [await newFolder(), await newDatabase()]
    const store = `file:${folder}`
    const journal = await openSqliteJournal(sqliteOptions(folder))
    await journal.commit([newIntake()])
    const held = await passerelle(['move', '--to', database, '--store', store])
    expect([held.code, held.err]).toEqual([
      1,
      expect.stringMatching(/^The store is held by process \d+ .*Stop it first/),
    ])
    await journal.close()
    const none = await passerelle(['move', '--to', database, '--store', `${store}-none`])
    expect([none.code, none.err]).toEqual([1, expect.stringMatching(/^There is no store in /)])
    const empty = await passerelle(['move', '--to', store, '--store', database])
    expect([empty.code, empty.err]).toEqual([1, expect.stringMatching(/^There is no store in postgres:/)])

    const done = await passerelle(['move', '--to', database, '--store', store], {}, true)
    expect([done.code, done.err]).toEqual([
      0,
      expect.stringMatching(/\[#+\] 100 %.*1 messages, \d+ rows moved; every row/s),
    ])
    const again = await passerelle(['move', '--to', database, '--store', store], { LANG: 'fr_FR.UTF-8' })
    expect([again.code, again.err]).toEqual([0, 'Déjà déplacé : 1 messages.\n'])

    const node = await openPostgresJournal(postgresOptions(database))
    const served = await passerelle(['move', '--to', `${store}-back`, '--store', database])
    expect([served.code, served.err]).toEqual([1, expect.stringMatching(/^Node test serves the store: stop it first/)])
    await node.close()
    const password = new URL(database).password
    const undo = await passerelle(['move', '--undo', '--store', store])
    expect([undo.code, undo.err]).toEqual([
      0,
      expect.stringMatching(/^This store may be served again; postgres:.* empty it/),
    ])
    const nothing = await passerelle(['move', '--undo', '--store', store])
    expect([nothing.code, nothing.err]).toEqual([1, 'This store was not moved.\n'])
    for (const { out, err } of [held, none, empty, done, again, served, undo]) expect(out + err).not.toContain(password)
  })
})
