import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { makeCertificates } from '../../src/app/certs.ts'
import { machineClock } from '../../src/app/cli/machine.ts'
import type { Clock } from '../../src/core/ports.ts'
import { adt } from '../pipeline/adt.ts'
import { missingPostgres } from '../support/postgres/server.ts'
import { sharedCluster } from '../support/postgres/shared.ts'
import { farSide, makeWorld, mllpAt, postTexts, type World } from './gateway.ts'

const need = missingPostgres()

/** Two nodes of one region; nothing runs before they are started. */
async function twoNodes(clockOfB?: Clock): Promise<readonly [World, World]> {
  const cluster = await sharedCluster()
  const url = await cluster.createDatabase()
  onTestFinished(() => cluster.dropDatabase(url))
  const node = (nodeName: string, clock?: Clock) => makeWorld(clock, { store: { kind: 'postgres', url }, nodeName })
  return [node('a'), node('b', clockOfB)]
}

const ids = (letter: string, count: number) => Array.from({ length: count }, (_, i) => `${letter}${i}`)

describe.skipIf(need !== null)(`two nodes on one PostgreSQL database${need === null ? '' : `: ${need}`}`, () => {
  test('both accept; messages of one patient go in the order of their answers, each once', async () => {
    const [a, b] = await twoNodes()
    const far = await farSide()
    for (const node of [a, b]) {
      node.write(
        { dpi: mllpAt(far), other: mllpAt(far) },
        { routes: [{ name: 'all', when: {}, to: ['receiver/dpi'] }] },
      )
      await node.start()
    }
    for (let i = 0; i < 20; i++) expect(await [a, b][i % 2]!.postOf('P1', `M${i}`)).toEqual(['AA'])
    await far.when(({ ledger }) => ledger.length >= 20)
    expect(far.ledger.map(({ controlId }) => controlId)).toEqual(ids('M', 20))
    const { json } = await b.call('/api/status')
    expect(json).toMatchObject({ node: 'b', received: 20, difference: 0, revision: 1 })
  })

  test('movements go behind an admission that another node took', async () => {
    const [a, b] = await twoNodes()
    const far = await farSide()
    for (const node of [a, b]) {
      node.write(
        { dpi: mllpAt(far), other: mllpAt(far) },
        { routes: [{ name: 'all', when: {}, to: ['receiver/dpi'] }] },
      )
      await node.start()
    }
    const visits = Array.from({ length: 10 }, (_, i) => `V${i}`)
    const post = (node: World, event: string, visit: string) =>
      postTexts(node.port('mllp'), [adt(event, { id: `${event}-${visit}`, visit, pid3: `P-${visit}^^^SENDER^PI` })])
    await Promise.all(visits.map((visit, i) => post([a, b][i % 2]!, 'A02', visit)))
    await Promise.all(visits.map((visit, i) => post([a, b][(i + (i >> 1)) % 2]!, 'A01', visit)))
    await far.when(({ ledger }) => ledger.length >= 20)
    for (const visit of visits) {
      const order = far.ledger.map(({ controlId }) => controlId).filter((id) => id.endsWith(visit))
      expect(order).toEqual([`A01-${visit}`, `A02-${visit}`])
    }
  })

  test('what one node leaves when it stops, the other sends', async () => {
    const [a, b] = await twoNodes()
    const far = await farSide()
    for (const node of [a, b]) {
      node.write({ dpi: mllpAt(far) })
      await node.start()
    }
    await a.call('/api/destinations/receiver/dpi/pause', { reason: 'works' })
    await a.postOf('P1', ...ids('A', 3))
    await a.gateway.stop()
    await b.postOf('P1', ...ids('B', 3))
    expect(far.ledger).toEqual([])
    expect(await b.call('/api/destinations/receiver/dpi/resume', { reason: 'done' })).toMatchObject({ status: 200 })
    await far.when(({ ledger }) => ledger.length >= 6)
    expect(far.ledger.map(({ controlId }) => controlId)).toEqual([...ids('A', 3), ...ids('B', 3)])
  })

  test('a destination is paused, resumed and tested from whichever node', async () => {
    const [a, b] = await twoNodes()
    const far = await farSide()
    for (const node of [a, b]) {
      node.write({ dpi: mllpAt(far) })
      await node.start()
    }
    await a.post('FIRST')
    await far.when(({ distinct }) => distinct.has('FIRST'))
    const [x, y] = [b, a]
    for (const [one, other] of [
      [x, y],
      [y, x],
    ] as const) {
      expect(await one.call('/api/destinations/receiver/dpi/test', { reason: 'r' })).toMatchObject({
        json: { ok: true },
      })
      expect(await one.call('/api/destinations/receiver/dpi/pause', { reason: 'r' })).toMatchObject({ status: 200 })
      while (!(await paused(other))) await new Promise((resolve) => setImmediate(resolve))
      await other.post(`${one === x ? 'X' : 'Y'}`)
      expect(far.distinct.has(one === x ? 'X' : 'Y')).toBe(false)
      await other.call('/api/destinations/receiver/dpi/resume', { reason: 'r' })
      await far.when(({ distinct }) => distinct.has(one === x ? 'X' : 'Y'))
      while (await paused(one)) await new Promise((resolve) => setImmediate(resolve))
    }
  })

  test('a change made on one node is followed by the other; a node whose file says something else says so', async () => {
    const [a, b] = await twoNodes()
    const [first, second] = [await farSide(), await farSide()]
    a.write({ dpi: mllpAt(first) })
    b.write({ dpi: mllpAt(first), more: mllpAt(first) })
    await a.start()
    await b.start()
    await b.notebook.line('config.differs')
    expect(b.gateway.config.revision).toBe(1)
    a.write({ dpi: mllpAt(second) })
    expect(await a.call('/api/config/apply', { reason: 'r', park: false })).toMatchObject({ json: { revision: 2 } })
    // Whether or not b has followed by now: what it answers for was routed by the revision that runs.
    expect(await b.post(...ids('B', 5))).toEqual(ids('B', 5).map(() => 'AA'))
    await b.notebook.line('config.followed')
    expect(b.gateway.config.revision).toBe(2)
    await a.notebook.line('config.adopted')
    await b.post('LAST')
    await second.when(({ distinct }) => distinct.has('LAST'))
    const sent = [...first.ledger, ...second.ledger].map(({ controlId }) => controlId).sort()
    expect(sent).toEqual([...ids('B', 5), 'LAST'])
    await b.gateway.reload()
    expect(b.gateway.config.revision).toBe(2)
  })

  test('a node without the certificate of a new destination takes nothing, says so, and goes on once it has it', async () => {
    const [a, b] = await twoNodes()
    const far = await farSide()
    for (const node of [a, b]) {
      await makeCertificates(join(node.dir, 'certs'), ['sender'], Date.now())
      node.write({ dpi: mllpAt(far) })
      await node.start()
    }
    const tls = { key: 'certs/gateway.key', cert: 'certs/gateway.pem', ca: 'certs/ca.pem' }
    const key = join(b.dir, 'certs', 'gateway.key')
    renameSync(key, `${key}.away`)
    a.write(
      { dpi: mllpAt(far), safe: mllpAt(far, { tls }) },
      { routes: [{ name: 'all', when: {}, to: ['receiver/dpi'] }] },
    )
    expect(await a.call('/api/config/apply', { reason: 'r', park: false })).toMatchObject({ json: { revision: 2 } })
    await b.notebook.line('config.follow', 'CONFIG_INVALID')
    expect(await b.post('B1')).toEqual(['AE'])
    expect(await a.post('A1')).toEqual(['AA'])
    expect((await b.call('/readyz')).status).toBe(503)
    expect((await b.call('/api/status')).json).toMatchObject({ revision: 1, behind: 2 })
    renameSync(`${key}.away`, key)
    await b.gateway.reload()
    await b.notebook.line('config.followed')
    expect(await b.post('B2')).toEqual(['AA'])
    expect((await b.call('/api/status')).json).not.toHaveProperty('behind')
    await far.when(({ distinct }) => distinct.has('A1') && distinct.has('B2'))
  })

  test('a node whose clock is forty days ahead removes, takes and sends nothing until it is right', async () => {
    let aheadMs = 40 * 86_400_000
    const [a, b] = await twoNodes({ ...machineClock, nowMs: () => machineClock.nowMs() + aheadMs })
    const far = await farSide()
    for (const node of [a, b]) node.write({ dpi: mllpAt(far) })
    const status = async (node: World) => (await node.call('/api/status')).json
    await a.start()
    await a.post('FIRST')
    while ((await status(a))['closed'] !== 1) await new Promise((resolve) => setImmediate(resolve))
    await b.start()
    await b.notebook.line('clock.astray', 'CLOCK_SKEW')
    // Until now b had its share of the leases to fear for; from here on it would have them all.
    await a.gateway.stop()
    const ready = async () => {
      const reply = await fetch(`${b.url()}/readyz`)
      return [reply.status, ((await reply.json()) as { why?: string }).why]
    }
    expect(await ready()).toEqual([503, 'CLOCK_SKEW'])
    expect(await b.post('SKEWED')).toEqual(['AE'])
    expect(await status(b)).toMatchObject({ received: 1, closed: 1, purged: 0 })
    aheadMs = 0
    await b.notebook.line('clock.right')
    expect(await ready()).toEqual([200, undefined])
    expect(await b.post('LATER')).toEqual(['AA'])
    await far.when(({ distinct }) => distinct.has('LATER'))
    expect(await status(b)).toMatchObject({ received: 2, purged: 0 })
    expect(b.notebook.lines.filter(({ event }) => event === 'retention.purged')).toEqual([])
  })

  test('a destination taken out on one node: what was on its way on the other is parked when it comes back', async () => {
    const [a, b] = await twoNodes()
    const [stuck, far] = [await farSide(() => 'silent'), await farSide()]
    const old = mllpAt(stuck, { timeout: '400 ms' })
    for (const node of [a, b]) {
      node.write({ old }, { routes: [{ name: 'all', when: {}, to: ['receiver/old'] }] })
      await node.start()
    }
    await b.post('S1')
    await stuck.when(({ distinct }) => distinct.has('S1'))
    const gone = { routes: [{ name: 'all', when: {}, to: ['receiver/dpi'] }] }
    for (const node of [a, b]) {
      node.write({ dpi: mllpAt(far) }, gone)
      await node.call('/api/config/apply', { reason: 'r', park: true })
    }
    const parked = async () =>
      ((await a.call('/api/status')).json as unknown as Status).destinations.find(({ id }) => id === 'receiver/old')
    while ((await parked())?.parked !== 1) await new Promise((resolve) => setImmediate(resolve))
    expect(await parked()).toMatchObject({ open: 0 })
  })
})

interface Status {
  readonly destinations: readonly { readonly id: string; readonly parked: number; readonly paused?: object }[]
}

async function paused(node: World): Promise<boolean> {
  const { destinations } = (await node.call('/api/status')).json as unknown as Status
  return destinations.find(({ id }) => id === 'receiver/dpi')?.paused !== undefined
}
