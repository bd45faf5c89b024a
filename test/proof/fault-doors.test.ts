import { readdirSync } from 'node:fs'
import net from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type Client, connect } from '../support/world/client.ts'
import { block } from '../support/world/frame.ts'
import { oru, patient } from '../support/world/messages.ts'
import { until } from '../support/world/until.ts'
import { makeWorld, type World } from '../support/world/world.ts'

let world: World | null = null
afterEach(async () => {
  await world?.close()
  world = null
})

async function doorWorld(): Promise<World> {
  world = await makeWorld({
    sources: ['CH-FLOOD', 'CH-GOOD'],
    destinations: { 'sink/dpi': {}, 'good/dpi': {} },
    routes: [
      { name: 'flood', when: { from: ['ch-flood'] }, to: ['sink/dpi'] },
      { name: 'good', when: { from: ['ch-good'] }, to: ['good/dpi'] },
    ],
  })
  return world
}

const good = (n: number): Buffer => oru({ facility: 'CH-GOOD', patient: patient(n % 10), controlId: `GOOD${n}` })

/** Writes `bytes` for ever, as fast as the peer reads, on a connection opened again whenever it is closed; stops when told. */
function flood(port: number, bytes: Buffer): { stop(): void; written(): number } {
  let stopped = false
  let written = 0
  let socket: net.Socket
  const open = (): void => {
    socket = net.connect({ port, host: '127.0.0.1' })
    const pour = (): void => {
      while (!stopped && socket.writable) {
        written += bytes.length
        if (!socket.write(bytes)) return
      }
    }
    socket.on('connect', pour)
    socket.on('drain', () => setImmediate(pour))
    socket.on('error', () => {})
    // Answers are not read: that too is the gateway's to bear.
    socket.pause()
    socket.on('close', () => !stopped && setTimeout(open, 5))
  }
  open()
  return {
    stop: () => {
      stopped = true
      socket.destroy()
    },
    written: () => written,
  }
}

const valid = Array.from({ length: 200 }, (_, i) =>
  block(oru({ facility: 'CH-FLOOD', patient: patient(i), controlId: `FLOOD${i}` })),
)
const floods: [name: string, bytes: Buffer][] = [
  ['bytes outside messages', Buffer.alloc(65_536, 'junk ')],
  ['messages that are none', Buffer.concat(Array.from({ length: 200 }, () => block('not a message')))],
  ['valid messages, answers unread', Buffer.concat(valid)],
  ['one message without an end', Buffer.concat([Buffer.from([0x0b]), Buffer.alloc(1_000_000, 'x')])],
]

test.each(floods)('a peer floods with %s: the others are served', { timeout: 240_000 }, async (_name, bytes) => {
  const { start, mllpPort, receiver } = await doorWorld()
  const gateway = await start()
  const flooders = [flood(mllpPort, bytes), flood(mllpPort, bytes)]
  try {
    await until('the flood has begun', async () => flooders.every((f) => f.written() > bytes.length))
    const client = await connect(mllpPort)
    for (let n = 1; n <= 100; n++) expect((await client.post(good(n)))?.code).toBe('AA')
    await receiver('good/dpi').when(({ distinct }) => distinct.size === 100)
    expect(gateway.running()).toBe(true)
  } finally {
    for (const flooder of flooders) flooder.stop()
  }
})

test('out of file descriptors: who is connected is served, and who comes later is served again', async () => {
  const { start, mllpPort } = await doorWorld()
  const LIMIT = 96
  const gateway = await start(['sh', '-c', `ulimit -n ${LIMIT}; exec "$0" "$@"`])
  const early = await connect(mllpPort)
  expect((await early.post(good(1)))?.code).toBe('AA')

  const hoard: Client[] = []
  for (let n = 0; n < 2 * LIMIT; n++) hoard.push(await connect(mllpPort))
  const open = (): number => readdirSync(`/proc/${gateway.pid}/fd`).length
  await until('its descriptors are used up', async () => open() >= LIMIT - 3)
  for (let n = 2; n <= 50; n++) expect((await early.post(good(n)))?.code).toBe('AA')

  for (const client of hoard) client.close()
  await until('a new connection is served', async () => {
    const late = await connect(mllpPort)
    const answer = await late.post(good(51), 2_000)
    late.close()
    return answer?.code === 'AA'
  })
  expect(gateway.running()).toBe(true)
})
