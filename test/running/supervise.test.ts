import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { type Child, startChild } from '../../src/app/supervise/child.ts'
import { DoorSockets } from '../../src/app/supervise/sockets.ts'
import { FIRST_WAIT_MS, Supervisor } from '../../src/app/supervise/supervisor.ts'
import { SUPERVISOR_WORDS } from '../../src/app/supervise/words.ts'
import { expectFree, freePorts, listen, writeRegion } from '../ground/gateway.ts'
import { ROOT } from '../ground/source.ts'
import { manualClock } from '../support/peers/clock.ts'
import { freePort } from '../support/world/ports.ts'
import { until } from '../support/world/until.ts'

const LISTENER = [process.execPath, fileURLToPath(new URL('../support/world/listener.ts', import.meta.url))]

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** A supervisor over listeners; `behave` tells how the next one behaves; `hangs`: it does nothing, whatever it is told. */
async function supervised(overlap: boolean, first = '') {
  const port = await freePort()
  const sockets = new DoorSockets()
  await sockets.renew([{ name: 'mllp', host: '127.0.0.1', port }])
  const children: Child[] = []
  const said: string[] = []
  const clock = manualClock()
  let behaviour = first
  let prepared = true
  let changed = (): void => {}
  const supervisor = new Supervisor({
    launch: () => {
      const child = startChild(LISTENER, sockets, { ...process.env, LISTENER: behaviour })
      children.push(child)
      if (behaviour === 'hangs') child.tell('SIGSTOP')
      void child.ready.then(() => changed())
      return child
    },
    prepare: async () => prepared,
    overlap,
    patienceMs: () => 5_000,
    readyMs: 60_000,
    clock,
    words: SUPERVISOR_WORDS.en,
    say: (line) => {
      said.push(line)
      changed()
    },
  })
  const ended = supervisor.run()
  closing.push(async () => {
    supervisor.stop('SIGKILL')
    await ended
    sockets.close()
  })
  const when = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await new Promise<void>((resolve) => void (changed = resolve))
  }
  return {
    supervisor,
    ended,
    children,
    said,
    clock,
    when,
    sockets,
    port,
    behave: (next: string) => void (behaviour = next),
    refusePreparing: () => void (prepared = false),
  }
}

/** Which process answers a new connection. */
async function whoAnswers(port: number): Promise<number> {
  const socket = connect(port, '127.0.0.1')
  const [number] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  return Number(number)
}

test.each([false, true])(
  'a hand-over, overlapping %s: the next one answers, the old one ends with 0',
  async (overlap) => {
    const { supervisor, children, port } = await supervised(overlap)
    expect(await children[0]!.ready).toBe(true)
    expect(await whoAnswers(port)).toBe(children[0]!.pid)
    await supervisor.handOver()
    expect(await children[0]!.ended).toBe(0)
    expect(await whoAnswers(port)).toBe(children[1]!.pid)
    expect(children).toHaveLength(2)
  },
)

test('overlapping, the old one answers for as long as the next is not ready, and goes on when it never is', async () => {
  const { supervisor, children, said, port, behave } = await supervised(true)
  await children[0]!.ready
  behave('fails')
  await supervisor.handOver()
  expect(said).toEqual(['no hand-over: the new gateway ended with 3'])
  expect(await whoAnswers(port)).toBe(children[0]!.pid)
  behave('')
  await supervisor.handOver()
  expect(await whoAnswers(port)).toBe(children[2]!.pid)
})

test('overlapping, one that hangs at its start is ended after its time; the old one goes on, and can be replaced', async () => {
  const { supervisor, children, said, clock, port, behave } = await supervised(true)
  await children[0]!.ready
  behave('hangs')
  const handedOver = supervisor.handOver()
  await until('the next one has its time', async () => clock.timers === 1)
  clock.advance(60_000)
  await handedOver
  expect(said).toEqual([
    `START_TIMEOUT: gateway ${children[1]!.pid} is not ready after 60 s: it is ended`,
    'no hand-over: the new gateway ended with 137',
  ])
  expect(await whoAnswers(port)).toBe(children[0]!.pid)
  behave('')
  await supervisor.handOver()
  expect(await whoAnswers(port)).toBe(children[2]!.pid)
})

test('overlapping, a stop does not wait for one that hangs at its start', async () => {
  const { supervisor, ended, children, clock, behave } = await supervised(true)
  await children[0]!.ready
  behave('hangs')
  void supervisor.handOver()
  await until('the next one has its time', async () => clock.timers === 1)
  supervisor.stop('SIGTERM')
  expect(await children[0]!.ended).toBe(0)
  clock.advance(5_000)
  expect(await ended).toBe(0)
  expect(await children[1]!.ended).toBe(128 + 9)
})

test('without what the next one needs there is no hand-over, and one at a time', async () => {
  const { supervisor, children, said, port, refusePreparing } = await supervised(false)
  await children[0]!.ready
  const first = supervisor.handOver()
  await supervisor.handOver()
  await first
  expect(said).toEqual(['a hand-over or a stop is under way already'])
  refusePreparing()
  await supervisor.handOver()
  expect(said.at(-1)).toBe('no hand-over: the gateway goes on')
  expect(await whoAnswers(port)).toBe(children[1]!.pid)
})

test('one that does not stop is ended after its time', async () => {
  const { supervisor, children, said, clock, port, behave } = await supervised(false, 'deaf')
  await children[0]!.ready
  behave('')
  const handedOver = supervisor.handOver()
  await until('it is told to stop', async () => clock.timers === 1)
  clock.advance(5_000)
  await handedOver
  expect(await children[0]!.ended).toBe(128 + 9)
  expect(said).toEqual([`gateway ${children[0]!.pid} does not stop: it is ended`])
  expect(await whoAnswers(port)).toBe(children[1]!.pid)
})

test('one that dies is started again, later each time; who connects meanwhile waits', async () => {
  const { children, said, clock, port, when } = await supervised(false)
  for (const [life, wait] of [1, 2, 4].entries()) {
    const child = children[life]!
    await child.ready
    child.tell('SIGKILL')
    await when(() => said.length === life + 1)
    expect(said[life]).toBe(`gateway ${child.pid} ended with 137; the next one starts in ${wait} s`)
    const answered = whoAnswers(port)
    clock.advance(wait * FIRST_WAIT_MS)
    expect(await answered).toBe(children[life + 1]!.pid)
  }
})

test('a stop while none runs ends at once, with the code of the last', async () => {
  const { supervisor, ended, children, said, when } = await supervised(false)
  await children[0]!.ready
  children[0]!.tell('SIGKILL')
  await when(() => said.length === 1)
  supervisor.stop('SIGTERM')
  expect(await ended).toBe(128 + 9)
})

test('a stop while the first has only begun ends with 0: it hears no signal yet, and ends by it', async () => {
  const { supervisor, ended } = await supervised(false)
  supervisor.stop('SIGTERM')
  expect(await ended).toBe(0)
})

test('the first one must get as far as its doors: else its exit code is the supervisor’s', async () => {
  const { ended, children } = await supervised(false, 'fails')
  expect(await ended).toBe(3)
  expect(children).toHaveLength(1)
})

test('sockets follow the doors: what is as before stays, and an address that is taken changes nothing', async () => {
  const [first, second, third] = [await freePort(), await freePort(), await freePort()]
  const at = (name: string, port: number) => ({ name, host: '127.0.0.1', port })
  const sockets = new DoorSockets()
  closing.push(() => sockets.close())
  await sockets.renew([at('mllp', first), at('http', second)])
  const before = sockets.descriptors()
  await sockets.renew([at('mllp', first), at('http', third)])
  expect(sockets.descriptors()[0]).toEqual(before[0])
  await expectFree(second)
  const other = createServer()
  await listen(other, second)
  closing.push(() => void other.close())
  const kept = sockets.descriptors()
  await expect(sockets.renew([at('mllp', second)])).rejects.toMatchObject({ code: 'EADDRINUSE' })
  expect(sockets.descriptors()).toEqual(kept)
})

const superviseRegion = (region: string, store: string, locale = 'C') =>
  spawnSync(process.execPath, ['bin/passerelle.js', 'supervise', '--region', region, '--store', `file:${store}`], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: locale },
  })

test('a port that is taken and a region file with errors end the command with 1 and say why', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-'))
  closing.push(() => rmSync(folder, { recursive: true }))
  const ports = await freePorts()
  const region = writeRegion(folder, ports)
  const other = createServer()
  await listen(other, ports.mllp)
  closing.push(() => void other.close())
  const taken = superviseRegion(region, join(folder, 'store'))
  expect([taken.status, taken.stderr]).toEqual([1, `cannot listen on 127.0.0.1:${ports.mllp} (EADDRINUSE)\n`])
  expect(JSON.parse(taken.stdout)).toMatchObject({
    event: 'gateway.start',
    faultCode: 'EADDRINUSE',
    peer: `127.0.0.1:${ports.mllp}`,
  })
  const french = superviseRegion(region, join(folder, 'store'), 'fr_FR.UTF-8')
  expect(french.stderr).toBe(`impossible d'écouter sur 127.0.0.1:${ports.mllp} (EADDRINUSE)\n`)
  writeFileSync(region, 'region: [')
  const wrong = superviseRegion(region, join(folder, 'store'))
  expect(wrong.status).toBe(1)
  expect(wrong.stderr).toMatch(/region\.yaml:1:\d+: error YAML/)
  const lines = wrong.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines).toContainEqual(
    expect.objectContaining({ event: 'config.problem', rule: expect.stringMatching(/^1:\d+ YAML$/) }),
  )
  expect(lines.at(-1)).toMatchObject({ event: 'gateway.start', code: 'CONFIG_INVALID' })
})
