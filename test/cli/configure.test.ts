import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { farSide, makeWorld, mllpAt, type World } from '../running/gateway.ts'
import { passerelle } from './terminal.ts'

/** The command on a world: over its HTTP door while it runs, else on its store. */
function on(world: World, stopped = false) {
  const place = stopped ? ['--store', `file:${world.dir}/store`] : ['--url', world.url()]
  const env = { PASSERELLE_KEY: 'demo-admin', PASSERELLE_REGION: world.file }
  return (...argv: string[]) => passerelle([...argv, ...place], env)
}

describe.each(['running', 'stopped'] as const)('on a gateway that is %s', (state) => {
  /** A world whose configuration has been kept once. */
  async function world(): Promise<World> {
    const made = makeWorld()
    made.write({ dpi: mllpAt(await farSide()) })
    await made.start()
    if (state === 'stopped') await made.gateway.stop()
    return made
  }

  test('plan, apply, rollback', async () => {
    const here = await world()
    const run = on(here, state === 'stopped')
    expect(await run('plan')).toMatchObject({ code: 0, out: '', err: 'nothing changes\n' })
    here.write({ dpi: mllpAt(await farSide(), { timeout: '9 s' }), more: mllpAt(await farSide()) })
    const plan = await run('plan')
    expect(plan.code).toBe(0)
    expect(plan.out).toMatch(
      /^~ destination receiver\/dpi\n {4}port: \d+ → \d+\n {4}timeout: "30 s" → "9 s"\n\+ destination receiver\/more\n~ route all\n/,
    )
    expect(JSON.parse((await run('plan', '--json')).out)).toMatchObject({ revision: 1, same: false })

    expect((await run('apply')).code).toBe(2)
    const first = await run('rollback', '--reason', 'too far')
    expect([first.code, first.err]).toEqual([1, expect.stringMatching(/^CONFIG_FIRST: No configuration ran before/)])
    const applied = await run('apply', '--reason', 'a second system')
    expect([applied.code, applied.err]).toEqual([0, 'revision 2 runs\n'])
    const back = await run('rollback', '--reason', 'not yet', '--json')
    expect(JSON.parse(back.out)).toMatchObject({ revision: 3, parked: 0 })
    expect(JSON.parse((await run('plan', '--json')).out).same).toBe(false)
  })

  test('a file with errors goes nowhere', async () => {
    const here = await world()
    writeFileSync(here.file, readFileSync(here.file, 'utf8').replace('"mllp","host"', '"ftp","host"'))
    const { code, err } = await on(here, state === 'stopped')('apply', '--reason', 'r')
    expect(code).toBe(1)
    expect(err).toMatch(/region\.yaml:\d+:\d+: error BAD_VALUE establishments\[1\]\.destinations\.dpi\.type/)
  })

  test('what the next start would refuse is told beside the plan', async () => {
    const here = await world()
    const tls = { key: 'none.key', cert: 'none.pem', ca: 'none-ca.pem' }
    const entrances = { mllp: { port: 0 }, mllps: { port: 0, tls }, http: { port: 0 } }
    here.write({ dpi: mllpAt(await farSide()) }, { entrances })
    const run = on(here, state === 'stopped')
    for (const argv of [['plan'], ['apply', '--reason', 'r']]) {
      const { code, err } = await run(...argv)
      expect(code).toBe(0)
      expect(err).toMatch(
        /region\.yaml:\d+:\d+: warning FILE_MISSING entrances\.mllps\.tls\.key: none\.key is not there/,
      )
    }
  })

  test('pause, resume and test a destination', async () => {
    const here = await world()
    const run = on(here, state === 'stopped')
    const act = (what: string, id = 'receiver/dpi') => run('destination', what, id, '--reason', 'works')
    expect(await act('pause')).toMatchObject({ code: 0, out: 'receiver/dpi: paused\n' })
    expect(await act('resume')).toMatchObject({ code: 0, out: 'receiver/dpi: goes on\n' })
    expect((await act('test')).out).toMatch(/^receiver\/dpi: works \(connect, \d+ ms\)\n$/)
    const none = await act('test', 'receiver/none')
    expect([none.code, none.err]).toEqual([1, expect.stringMatching(/^NOT_FOUND: receiver\/none is no destination/)])
    expect((await act('stop')).code).toBe(2)
  })

  test('replay by filter', async () => {
    const here = await world()
    const run = on(here, state === 'stopped')
    expect((await run('replay', '--reason', 'r')).code).toBe(2)
    expect((await run('replay', 'ID', '--kind', 'ADT^*', '--reason', 'r')).code).toBe(2)
    const none = await run('replay', '--kind', 'ADT^*', '--dry-run', '--reason', 'r', '--json')
    expect(JSON.parse(none.out)).toEqual({ dryRun: true, messages: 0, deliveries: {}, doubles: 0, skipped: {} })
  })
})

test('replay by filter over several steps tells what went where', async () => {
  const world = makeWorld()
  const [a, b] = [await farSide(), await farSide()]
  world.write({ a: mllpAt(a), b: mllpAt(b) }, { routes: [{ name: 'r', when: {}, to: ['receiver/a'] }] })
  await world.start()
  await world.post(...Array.from({ length: 250 }, (_, i) => `X${i}`))
  const { code, out, err } = await on(world)('replay', '--from', 'sender', '--to', 'receiver/b', '--reason', 'moved')
  expect([code, out, err]).toEqual([
    0,
    'receiver/b  250\n',
    '250 messages; 0 deliveries to where they arrived before\n',
  ])
  await b.when(({ ledger }) => ledger.length === 250)
})

test('a destination that goes: refused with a sentence, parked when told; a test that fails exits 1', async () => {
  const world = makeWorld()
  const down = await farSide()
  await down.close()
  world.write({ old: mllpAt(down) })
  await world.start()
  await world.post('Y1')
  const run = on(world)
  const failed = await run('destination', 'test', 'receiver/old', '--reason', 'r')
  expect([failed.code, failed.out]).toEqual([1, expect.stringContaining('CONNECT_FAILED, ECONNREFUSED')])
  world.write({})
  const plan = await run('plan')
  expect([plan.code, plan.out]).toEqual([1, expect.stringContaining('! receiver/old: 1 open, 0 parked deliveries\n')])
  const refused = await run('apply', '--reason', 'closed')
  expect(refused.code).toBe(1)
  expect(refused.err).toMatch(/^! receiver\/old goes while deliveries .*--park\nCONFIG_ORPHANS: .*apply --park\)\.\n$/)
  const json = await run('apply', '--reason', 'closed', '--json')
  expect(JSON.parse(json.err)).toMatchObject({ code: 'CONFIG_ORPHANS', orphans: ['receiver/old'] })
  expect((await run('apply', '--reason', 'closed', '--park')).err).toBe('revision 2 runs; 1 deliveries parked\n')
})
