import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  expectFree,
  FarSide,
  freePorts,
  type Gateway,
  groupAlive,
  OPERATOR_KEY,
  start,
  sweep,
  writeRegion,
} from './gateway.ts'
import { ROOT, textOf } from './source.ts'

let folder = ''
let gateway: Gateway | null = null
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'passerelle-'))
})
afterEach(() => {
  if (gateway !== null) sweep(gateway)
  gateway = null
  rmSync(folder, { recursive: true, force: true })
})

const MESSAGE = [
  'MSH|^~\\&|GAM|SENDER|DPI|RECEIVER|20260101120000+0100||ADT^A01^ADT_A01|SIGNAL1|T|2.5',
  'EVN||20260101120000+0100',
  'PID|1||4711^^^SENDER^PI||ESSAI (FICTIF)^Zoé||19500101|F',
  'PV1|1|I',
].join('\r')

/** Sends one message and gives MSA-1 of the answer; the connection stays open. */
async function post(socket: Socket): Promise<string> {
  socket.write(`\x0b${MESSAGE}\r\x1c\r`)
  let text = ''
  while (!text.endsWith('\x1c\r')) {
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    text += chunk.toString('latin1')
  }
  return text.match(/\rMSA\|(\w\w)\|SIGNAL1/)?.[1] ?? text
}

async function deliveries(port: number): Promise<string[]> {
  const headers = { authorization: `Bearer ${OPERATOR_KEY}` }
  const answer = await fetch(`http://127.0.0.1:${port}/api/messages?controlId=SIGNAL1`, { headers })
  const { messages } = (await answer.json()) as { messages: { deliveries: { state: string }[] }[] }
  return messages.flatMap((message) => message.deliveries.map(({ state }) => state))
}

const options = (): string[] => ['--region', join(folder, 'region.yaml'), '--store', `file:${join(folder, 'store')}`]

const node = (): string[] => [process.execPath, 'bin/passerelle.js', 'start', ...options()]
const npm = (): string[] => ['npm', 'run', '--silent', 'passerelle', '--', 'start', ...options()]
/** Whom a signal goes to: the process that was started, or its whole group. */
const [ALONE, GROUP] = [1, -1]

test.each([
  ['SIGTERM to node', node, 'SIGTERM', ALONE],
  ['SIGTERM to npm, which hands it on', npm, 'SIGTERM', ALONE],
  ['SIGTERM to the group, as systemd does: the gateway gets it twice, once from npm', npm, 'SIGTERM', GROUP],
  ['Ctrl-C at a terminal', npm, 'SIGINT', GROUP],
] as const)(
  '%s: closes the door, ends the delivery under way, exits 0, frees ports and store',
  async (_name, command, signal, whom) => {
    const ports = await freePorts()
    writeRegion(folder, ports)
    const far = new FarSide()
    await far.open(ports.far)
    gateway = await start(command(), ports.http)
    expect((await fetch(`http://127.0.0.1:${ports.http}/readyz`)).status).toBe(200)

    const taken = once(far, 'message')
    const socket = connect(ports.mllp, '127.0.0.1')
    const closing = once(socket, 'end')
    expect(await post(socket)).toBe('AA')
    await taken
    process.kill(whom * gateway.child.pid!, signal)
    await closing
    // The gateway waits for the answer that the far side still owes.
    expect(gateway.child.exitCode).toBeNull()
    far.answer('SIGNAL1')
    expect(await gateway.ended, gateway.output()).toBe(0)
    expect(gateway.output()).toMatch(/"event":"gateway.starting","node":"[^"]+","release":"\d+\.\d+\.\d+"/)
    expect(gateway.output()).toContain(`"event":"gateway.told","rule":"${signal}"`)
    expect(groupAlive(gateway.child)).toBe(false)
    await expectFree(ports.mllp)
    await expectFree(ports.http)

    gateway = await start(command(), ports.http)
    expect(await deliveries(ports.http)).toEqual(['delivered'])
    expect(far.taken).toEqual(['SIGNAL1'])
    gateway.child.kill('SIGTERM')
    expect(await gateway.ended, gateway.output()).toBe(0)
    await far.close()
  },
  60_000,
)

test('SIGINT without end behind SIGTERM: none of them kills what is ending', async () => {
  const ports = await freePorts()
  writeRegion(folder, ports)
  gateway = await start(node(), ports.http)
  const { child, ended } = gateway
  child.kill('SIGTERM')
  const again = setInterval(() => child.kill('SIGINT'), 1)
  const how = await ended
  clearInterval(again)
  // 1: it took so long that the signals meant "now".
  expect([0, 1], gateway.output()).toContain(how)
}, 60_000)

test('SIGTERM to npm start: the simulated receivers end too', async () => {
  const ports = await freePorts()
  writeRegion(folder, ports)
  gateway = await start(['npm', 'start', '--silent', '--', ...options()], ports.http)
  const socket = connect(ports.mllp, '127.0.0.1')
  const closing = once(socket, 'end')
  expect(await post(socket)).toBe('AA')
  gateway.child.kill('SIGTERM')
  await closing
  expect(await gateway.ended, gateway.output()).toBe(0)
  expect(groupAlive(gateway.child)).toBe(false)
  await Promise.all([ports.mllp, ports.http, ports.far].map(expectFree))
}, 240_000)

test('SIGHUP applies the region file: a new revision, and the gateway goes on', async () => {
  const ports = await freePorts()
  const file = writeRegion(folder, ports)
  gateway = await start(node(), ports.http)
  const told = (event: string) => {
    const { child, output } = gateway!
    return new Promise<void>((resolve) => {
      const look = (): void => void (output().includes(event) && resolve())
      child.stdout?.on('data', look)
      look()
    })
  }
  const revision = async (): Promise<unknown> => {
    const headers = { authorization: `Bearer ${OPERATOR_KEY}` }
    const answer = await fetch(`http://127.0.0.1:${ports.http}/api/status`, { headers })
    return ((await answer.json()) as { revision: number }).revision
  }
  writeFileSync(file, readFileSync(file, 'utf8').replace('"name": "Test"', '"name": "Renamed"'))
  gateway.child.kill('SIGHUP')
  await told('"event":"config.reloaded"')
  expect(await revision()).toBe(2)
  writeFileSync(file, 'region: [')
  gateway.child.kill('SIGHUP')
  await told('"event":"config.refused"')
  expect(await revision()).toBe(2)
  gateway.child.kill('SIGTERM')
  expect(await gateway.ended, gateway.output()).toBe(0)
}, 240_000)

/** A Node of another major version on this machine, or null. */
function otherNode(): string | null {
  const found = (process.env.PATH ?? '').split(delimiter).map((place) => join(place, 'node'))
  for (const file of found) {
    try {
      accessSync(file, constants.X_OK)
      if (!/^v26\./.test(execFileSync(file, ['--version'], { encoding: 'utf8' }))) return file
    } catch {}
  }
  return null
}

const other = otherNode()
test.skipIf(other === null && process.env.CI !== 'true')(
  'another major version of Node is refused with one sentence (skipped where the only node is 26)',
  () => {
    expect(other, 'no node of another major version on PATH').not.toBeNull()
    const { bin } = JSON.parse(textOf('package.json')) as { bin: { passerelle: string } }
    const { status, stdout, stderr } = spawnSync(other!, [bin.passerelle, 'check'], { cwd: ROOT, encoding: 'utf8' })
    expect(status).not.toBe(0)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^[^\n]*Node 26[^\n]*\n$/)
  },
)
