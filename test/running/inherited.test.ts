import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { BoundSocket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { takeInherited } from '../../src/app/wiring/inherited.ts'
import { mllpEntrance } from '../../src/entrances/mllp/entrance.ts'
import { freePorts, type Ports, writeRegion } from '../ground/gateway.ts'
import { ROOT } from '../ground/source.ts'
import { realClock } from '../support/peers/clock.ts'
import { configOf, limitsOf } from '../support/peers/door.ts'
import { notebook } from '../support/peers/notebook.ts'
import { connect } from '../support/world/client.ts'
import { message } from '../support/world/messages.ts'
import { missing } from '../support/world/needs.ts'

const PID = 4711
const DOORS = ['mllp', 'http']
const passed = (fds: string, names?: string, pid = String(PID)) => ({
  LISTEN_FDS: fds,
  LISTEN_PID: pid,
  ...(names !== undefined && { LISTEN_FDNAMES: names }),
})

test.each([
  ['nothing passed', {}, []],
  ['one socket', passed('1', 'mllp'), [['mllp', 3]]],
  [
    'two, in their order',
    passed('2', 'http:mllp'),
    [
      ['http', 3],
      ['mllp', 4],
    ],
  ],
  ['those of another process are not ours', passed('1', 'mllp', '4712'), []],
  ['those of nobody are not ours', { LISTEN_FDS: '1', LISTEN_FDNAMES: 'mllp' }, []],
] as const)('%s', (_what, env, sockets) => {
  expect(takeInherited({ ...env }, PID, DOORS)).toEqual({ ok: true, sockets: new Map(sockets) })
})

test.each([
  ['a count that is none', passed('two', 'mllp'), /^LISTEN_FDS is "two", not a number of sockets$/],
  ['no socket', passed('0', ''), /^LISTEN_FDS is "0"/],
  ['no names', passed('1'), /^LISTEN_FDS passes 1 sockets and LISTEN_FDNAMES names 0: /],
  ['a name too few', passed('2', 'mllp'), /^LISTEN_FDS passes 2 sockets and LISTEN_FDNAMES names 1: /],
  ['a name of no door', passed('1', 'unknown'), /^LISTEN_FDNAMES names "unknown"; the doors .* are mllp, http$/],
  ['a door twice', passed('2', 'mllp:mllp'), /^LISTEN_FDNAMES names mllp twice/],
])('%s is refused with one sentence', (_what, env, sentence) => {
  const taken = takeInherited({ ...env }, PID, DOORS)
  expect(taken).toMatchObject({
    ok: false,
    problem: { en: expect.stringMatching(sentence), fr: expect.stringMatching(/^LISTEN_FD/) },
  })
})

test('what was read is removed, so that no child takes it for its own', () => {
  const env: Record<string, string | undefined> = { ...passed('1', 'mllp', '4712'), LISTEN_PIDFDID: '1', OTHER: 'x' }
  takeInherited(env, PID, DOORS)
  expect(env).toEqual({ OTHER: 'x' })
})

test.each([
  ['0.0.0.0', false, false],
  ['0.0.0.0', true, true],
  ['127.0.0.1', false, true],
] as const)('a plain door on a socket bound to %s with allowPlain %s opens: %s', async (host, allowPlain, opens) => {
  const { log, meter } = notebook()
  using socket = new BoundSocket({ host, port: 0 })
  const door = { name: 'mllp', host: '127.0.0.1', port: 1, allowPlain, tls: null, limits: limitsOf() } as const
  const accept = async () => ({ code: 'INTERNAL', answer: null, close: true }) as const
  const parts = { accept, config: () => configOf(1, {}), clock: realClock, log, meter }
  const entrance = mllpEntrance({ door, inherited: socket.fd(), ...parts })
  const { port } = socket.address() as { port: number }
  if (opens) expect(await entrance.open()).toEqual({ host, port })
  else await expect(entrance.open()).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  await entrance.close(0)
})

let folder = ''
let ports: Ports
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'passerelle-'))
  ports = await freePorts()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const command = (): string[] => [
  process.execPath,
  'bin/passerelle.js',
  'start',
  `--region=${writeRegion(folder, ports)}`,
  `--store=file:${join(folder, 'store')}`,
]
const adt = message(
  'MSH|^~\\&|GAM|SENDER|DPI|RECEIVER|20260101120000+0100||ADT^A01^ADT_A01|FD1|T|2.5',
  'EVN||20260101120000+0100',
  'PID|1||4711^^^SENDER^PI||ESSAI (FICTIF)^Zoé||19500101|F',
  'PV1|1|I',
)

/** Starts a program with these sockets as descriptors 3, 4 … of a process whose number LISTEN_PID says. */
function startWith(sockets: readonly BoundSocket[], names: string) {
  const child = spawn('/bin/sh', ['-c', 'export LISTEN_PID=$$; exec "$@"', 'sh', ...command()], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe', ...sockets.map((socket) => socket.fd())],
    env: { ...process.env, LISTEN_FDS: String(sockets.length), LISTEN_FDNAMES: names, PASSERELLE_LOG_LEVEL: 'info' },
  })
  let output = ''
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk))
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk))
  return { ended: once(child, 'exit').then(([code]) => code as number), output: () => output, child }
}

test('a door listens on the socket passed for it, the others bind their own, and the socket outlives the gateway', async () => {
  using socket = new BoundSocket({ host: '127.0.0.1', port: 0 })
  const { port } = socket.address() as { port: number }
  for (let life = 0; life < 2; life++) {
    const gateway = startWith([socket], 'mllp')
    // Before the first life nobody listens yet; before the second the connection waits.
    if (life === 0) while (!gateway.output().includes('"gateway.ready"')) await once(gateway.child.stdout!, 'data')
    const client = await connect(port)
    expect((await client.post(adt))?.code).toBe('AA')
    expect((await fetch(`http://127.0.0.1:${ports.http}/healthz`)).status).toBe(200)
    gateway.child.kill('SIGTERM')
    await client.gone
    expect(await gateway.ended, gateway.output()).toBe(0)
  }
}, 240_000)

test('sockets under a name of no door end the start with one sentence', async () => {
  using socket = new BoundSocket({ host: '127.0.0.1', port: 0 })
  const gateway = startWith([socket], 'smtp')
  expect(await gateway.ended).toBe(1)
  expect(gateway.output()).toMatch(/^LISTEN_FDNAMES names "smtp"; the doors of the region file are mllp, http$/m)
})

const without = missing('systemd-socket-activate', ['--version'])
test.skipIf(without !== null)(
  `systemd's own hand starts the gateway at the first connection ${without ?? ''}`,
  async () => {
    const child = spawn(
      'systemd-socket-activate',
      [`--listen=127.0.0.1:${ports.mllp}`, `--listen=127.0.0.1:${ports.http}`, '--fdname=mllp:http', ...command()],
      { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] },
    )
    const ended = once(child, 'exit')
    let said = ''
    while (!said.includes(`127.0.0.1:${ports.http}`)) said += (await once(child.stderr!, 'data'))[0]
    const client = await connect(ports.mllp)
    expect((await client.post(adt, 20_000))?.code).toBe('AA')
    expect((await fetch(`http://127.0.0.1:${ports.http}/healthz`)).status).toBe(200)
    child.kill('SIGTERM')
    await client.gone
    expect(await ended).toEqual([0, null])
  },
  60_000,
)
