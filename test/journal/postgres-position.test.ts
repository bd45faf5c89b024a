/** Two nodes on one database: the order in which they commit is the order in which everybody reads. */
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import type { Journal } from '../../src/core/journal.ts'
import type { Position } from '../../src/core/message.ts'
import { openPostgresJournal } from '../../src/pipeline/journal/postgres/open.ts'
import { ask } from '../support/postgres/cluster.ts'
import { openProxy } from '../support/postgres/proxy.ts'
import { missingPostgres } from '../support/postgres/server.ts'
import { sharedCluster } from '../support/postgres/shared.ts'
import { until } from '../support/world/until.ts'
import { newIntake } from './made.ts'
import { postgresOptions, rigDatabase } from './postgres-rig.ts'

const need = missingPostgres()
const cleanings: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const clean of cleanings.splice(0).reverse()) await clean()
})

async function database(): Promise<{ url: string; port: number }> {
  const cluster = await sharedCluster()
  const url = await rigDatabase(cluster)
  cleanings.push(() => cluster.dropDatabase(url))
  return { url, port: cluster.port }
}

async function open(url: string, node: string): Promise<Journal> {
  const journal = await openPostgresJournal(postgresOptions(url, { node }))
  cleanings.push(() => journal.close())
  return journal
}

/** A journal behind a proxy of its own, and one beside it. */
async function two() {
  const { url, port } = await database()
  const proxy = await openProxy({ port })
  cleanings.push(() => proxy.close())
  const slow = await open(url.replace(`:${port}/`, `:${proxy.port}/`), 'slow')
  const fast = await open(url, 'fast')
  return { url, proxy, slow, fast }
}

/** Resolves when a node's writer waits, in a transaction that holds the order of commits, for the node to go on. */
function stoppedHalfway(url: string, node: string): Promise<unknown> {
  return until(`${node} holds the order of commits and says nothing`, async () => {
    const rows = await ask(
      url,
      `SELECT 1 FROM pg_stat_activity a JOIN pg_locks l USING (pid)
       WHERE a.application_name = $1 AND a.state = 'idle in transaction' AND l.relation = 'head'::regclass AND l.granted`,
      [`passerelle ${node}`],
    )
    return rows.length > 0
  })
}

/** Reads as a follower does: from where it stands, page after page, one look after the other. */
function reader(journal: Journal) {
  let at: Position | null = null
  let turn = Promise.resolve()
  const seen: string[] = []
  return {
    seen,
    look(limit = 3): Promise<void> {
      turn = turn.then(async () => {
        const page = await journal.follow(at, limit)
        seen.push(...page.map(({ id }) => id))
        at = page.at(-1)?.position ?? at
      })
      return turn
    },
  }
}

describe.skipIf(need !== null)(`positions on several nodes${need === null ? '' : `: ${need}`}`, () => {
  test('a node that stops halfway through a commit keeps the others 2 s at most; nothing of it is there, nobody read past it', async () => {
    const { url, proxy, slow, fast } = await two()
    const readers = [reader(fast), reader(fast)] as const
    const first = newIntake()
    await slow.commit([first])
    proxy.stall('down')
    const [stopped, next, later] = [newIntake(), newIntake(), newIntake()]
    const refused = expect(slow.commit([stopped])).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' })
    await stoppedHalfway(url, 'slow')
    const committed = fast.commit([next])
    await readers[0].look()
    // Resolves when the database has let the slow one go, and not before.
    expect(await committed).toMatchObject({ kind: 'committed' })
    await readers[0].look()
    proxy.resume('down')
    await refused
    await slow.commit([later])
    for (const one of readers) await one.look(99)
    const order = [first.id, next.id, later.id]
    for (const { seen } of readers) expect(seen).toEqual(order)
    expect(await slow.state(stopped.id)).toBeNull()
    expect(await fast.counts()).toMatchObject({ received: 3, inFlight: 3 })
    expect((await fast.verify(null)).damaged).toEqual([])
  })

  test('a commit whose answer is lost is there; sent again it is a repeat of itself, with the stored answer', async () => {
    const { proxy, slow, fast } = await two()
    await slow.commit([newIntake()])
    const one = newIntake()
    const lost = proxy.loseAnswer('COMMIT\0')
    await expect(slow.commit([one])).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' })
    await lost
    for (const journal of [slow, fast]) {
      const again = await journal.commit([newIntake({ controlId: one.controlId, bytes: one.bytes })])
      expect(again).toMatchObject({ kind: 'repeat', receipt: { messageId: one.id, answer: one.answer } })
    }
    expect(await fast.counts()).toMatchObject({ received: 2, inFlight: 2 })
  })

  test('a database that falls silent is given up, and the next commit has a connection of its own', async () => {
    const { proxy, slow } = await two()
    await slow.commit([newIntake()])
    proxy.forget()
    await expect(slow.commit([newIntake()])).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' })
    const next = newIntake()
    await until('commits go on', async () => (await slow.commit([next]).catch(() => null)) !== null)
    expect(await slow.state(next.id)).toBe('inFlight')
    expect(await slow.counts()).toMatchObject({ received: 2 })
  })

  test('a connection for news that was forgotten on the way is made again, and what was missed is looked for', async () => {
    const { proxy, slow, fast } = await two()
    const missed = new Promise<void>((resolve) => slow.watch((news) => news.missed === true && resolve()))
    proxy.forget()
    await fast.adopt('op', 0, '{"a":1}')
    await missed
    const heard = new Promise<void>((resolve) => slow.watch((news) => news.revision && resolve()))
    await fast.adopt('op', 0, '{"a":2}')
    await heard
    expect(slow.revision()).toMatchObject({ revision: 2 })
  })

  test('whatever the interleaving, every reader sees every message once, in one and the same order', async () => {
    const { url } = await database()
    const nodes = [await open(url, 'a'), await open(url, 'b')] as const
    const everybody = nodes.map((node) => reader(node))
    /** Who commits, how many messages in one go, and whether somebody reads meanwhile. */
    const step = fc.record({ by: fc.constantFrom(0, 1), size: fc.integer({ min: 1, max: 4 }), wait: fc.boolean() })
    const made: string[] = []
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const commits: Promise<unknown>[] = []
        for (const { by, size, wait } of steps) {
          const intakes = Array.from({ length: size }, () => newIntake())
          made.push(...intakes.map(({ id }) => id))
          const commit = Promise.all(intakes.map((one) => nodes[by]?.commit([one])))
          commits.push(commit, ...everybody.map((one) => one.look()))
          if (wait) await commit
        }
        await Promise.all(commits)
      }),
      { numRuns: 20 },
    )
    for (const one of everybody) while (one.seen.length < made.length) await one.look(50)
    const [a, b] = everybody.map(({ seen }) => seen)
    expect(a).toEqual(b)
    expect(a?.toSorted()).toEqual(made.toSorted())
    expect(await nodes[0].counts()).toMatchObject({ received: made.length, inFlight: made.length })
  }, 240_000)
})
