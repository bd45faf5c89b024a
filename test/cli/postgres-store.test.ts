import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { machineClock, machineIds } from '../../src/app/cli/machine.ts'
import { readRegion } from '../../src/app/config/index.ts'
import { shownAddress, storeAddress } from '../../src/app/store.ts'
import type { Journal } from '../../src/core/journal.ts'
import { openPostgresJournal, type PostgresJournalOptions } from '../../src/pipeline/journal/postgres/open.ts'
import { delivery, intake, startConsole } from '../console/gateway.ts'
import { postgresOptions } from '../journal/postgres-rig.ts'
import { ask } from '../support/postgres/cluster.ts'
import { missingPostgres } from '../support/postgres/server.ts'
import { sharedCluster } from '../support/postgres/shared.ts'
import { passerelle } from './terminal.ts'

const need = missingPostgres()

async function newDatabase(): Promise<string> {
  const cluster = await sharedCluster()
  const url = await cluster.createDatabase()
  onTestFinished(() => cluster.dropDatabase(url))
  return url
}

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'passerelle-cli-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  return dir
}

async function openNode(url: string, more: Partial<PostgresJournalOptions> = {}): Promise<Journal> {
  return openPostgresJournal(postgresOptions(url, { clock: machineClock, ids: machineIds, ...more }))
}

/** A store of the demo region with two messages, M1 on its way and M2 parked, and a node that serves it. */
async function someStore(more: Partial<PostgresJournalOptions> = {}) {
  const url = await newDatabase()
  const { shared } = await readRegion('region.yaml', {}, { missingMaterial: 'warning' })
  const journal = await openNode(url, more)
  await journal.adopt('test', 0, shared ?? '')
  const one = intake(journal, 'M1', { deliveries: [delivery('chu-angers/unv')] })
  const two = intake(journal, 'M2', {
    kind: 'ORU^R01',
    deliveries: [delivery('chu-angers/unv', { state: 'poisoned', code: 'POISONED' })],
  })
  await journal.commit([one])
  await journal.commit([two])
  return { url, journal, one, two, parked: two.deliveries[0]?.id ?? '' }
}

test.each<[text: string, shown: string | null]>([
  ['file:data', 'file:data'],
  ['file:', null],
  ['postgres://u:hunter2@h/d', 'postgres://u@h/d'],
  ['postgresql://u:hunter2@h:6/d?sslmode=require', 'postgresql://u@h:6/d?sslmode=require'],
  ['postgres://h/d?user=u&password=hunter2', 'postgres://h/d?user=u'],
  ['postgres:d', null],
  ['mysql://u:hunter2@h/d', null],
  ['data', null],
])('the address of a store: %s', (text, shown) => {
  const address = storeAddress(text)
  expect(address === null ? null : shownAddress(address)).toBe(shown)
})

describe.skipIf(need !== null)(`commands on PostgreSQL${need === null ? '' : `: ${need}`}`, () => {
  test('beside a running node: list, trace, acts and replay; the node hears of it, and stays the only one', async () => {
    const { url, journal, one, two, parked } = await someStore()
    const run = (...argv: string[]) => passerelle([...argv, '--store', url])
    const found = await run('messages', '--json')
    expect(found.err).toBe('')
    const list = JSON.parse(found.out)
    expect(list.messages.map((m: { controlId: string }) => m.controlId)).toEqual(['M2', 'M1'])

    const heard = new Promise<string>((resolve) => {
      journal.watch(({ entries }) => entries.some(({ id }) => id === parked) && resolve(parked))
    })
    expect((await run('resend', parked, '--reason', 'mended')).out).toBe(`chu-angers/unv  queued  ${parked}\n`)
    await heard
    expect((await run('close', parked, '--reason', 'by telephone', '--json')).out).toContain('"state":"closed"')
    const replayed = JSON.parse((await run('replay', one.id, '--reason', 'lost there', '--json')).out)
    expect(replayed.deliveries).toHaveLength(1)
    expect((await run('trace', 'M2')).out).toMatch(/resend .*by cli:/)
    expect(JSON.parse((await run('trace', two.id, '--json')).out).id).toBe(two.id)
    const verify = await run('verify', '--json')
    expect(JSON.parse(verify.out)).toMatchObject({
      checked: 2,
      damaged: [],
      audit: { missing: 0, faults: [] },
    })
    expect(await ask(url, 'SELECT name FROM node')).toEqual([{ name: 'test' }])
    expect(await ask(url, "SELECT count(*)::int AS n FROM lease WHERE holder IS NOT NULL AND name <> ''")).toEqual([
      { n: 0 },
    ])
    await journal.close()
  })

  test('plan, apply and rollback; the running node hears of the revision', async () => {
    const { url, journal } = await someStore()
    const heard = (wanted: number) =>
      new Promise<void>((resolve) => {
        journal.watch(({ revision }) => revision && journal.revision()?.revision === wanted && resolve())
      })
    const [second, third] = [heard(2), heard(3)]
    const region = join(await folder(), 'region.yaml')
    await writeFile(region, (await readFile('region.yaml', 'utf8')).replaceAll('Pays de la Loire', 'Une région'))
    await symlink(resolve('profiles'), join(dirname(region), 'profiles'))
    const store = ['--store', url]
    const plan = await passerelle(['plan', '--region', region, ...store])
    expect([plan.code, plan.out]).toEqual([0, expect.stringContaining('Une région')])
    const applied = await passerelle(['apply', '--region', region, '--reason', 'a name', ...store, '--json'])
    expect([applied.code, JSON.parse(applied.out)]).toMatchObject([0, { revision: 2 }])
    await second
    const back = await passerelle(['rollback', '--reason', 'tried', ...store, '--json'])
    expect([back.code, JSON.parse(back.out)]).toMatchObject([0, { revision: 3 }])
    await third
    await journal.close()
  })

  test('no store there is a problem, and none is made', async () => {
    const url = await newDatabase()
    const { code, err } = await passerelle(['messages', '--store', url])
    expect([code, err]).toEqual([1, expect.stringMatching(/^There is no store in postgres:/)])
    expect(err).not.toContain(new URL(url).password)
    expect(await ask(url, 'SELECT count(*)::int AS n FROM pg_tables WHERE schemaname = current_schema()')).toEqual([
      { n: 0 },
    ])
  })

  test('a database that is not there says so, without the password', async () => {
    const gone = new URL(await newDatabase())
    gone.pathname = '/none'
    const { code, err } = await passerelle(['messages', '--store', gone.href])
    expect([code, err]).toEqual([1, expect.stringMatching(/^STORE_UNREACHABLE: /)])
    expect(err).not.toContain(gone.password)
  })

  test('a gateway that answers is asked; one of another release, or that is silent, is not', async () => {
    const { url: address } = await startConsole()
    const asked = async (release: string, there: string) => {
      const { url, journal } = await someStore({ release, address: there })
      const ran = await passerelle(['messages', '--store', url], { PASSERELLE_KEY: 'demo-admin' })
      await journal.close()
      return ran
    }
    // The console's own store is empty: that nothing is found there shows who was asked.
    expect(await asked('1.2.3', address)).toMatchObject({ code: 0, err: 'no message\n' })
    expect(await asked('9.9.9', address)).toMatchObject({ err: '', out: expect.stringContaining('M1') })
    const silent = createServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      silent.closeAllConnections()
      silent.close()
    })
    const { port } = silent.address() as AddressInfo
    expect((await asked('1.2.3', `http://127.0.0.1:${port}`)).out).toContain('M1')
  })
})
