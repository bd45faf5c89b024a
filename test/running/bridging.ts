/** A gateway that converts between CH Haut-Anjou and a system of CHU Angers, with both ends in hand. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { messageFrom } from '../formats/messages.ts'
import { block, blocks } from '../support/world/frame.ts'
import { acknowledgementOf } from '../support/world/receiver.ts'
import { until } from '../support/world/until.ts'
import { makeWorld, type World } from './gateway.ts'

const KEY = 'key-of-the-sender'
/** System of identifiers that CH Haut-Anjou gives. */
export const SYSTEM = 'urn:oid:1.2.250.1.71.4.2.2.1539990028'

/** An example of the golden ones, ready to be sent. */
export function example(name: string): Buffer {
  const text = readFileSync(new URL(`../formats/bridge/golden/${name}.hl7`, import.meta.url), 'utf8')
  return Buffer.from(text.replaceAll('\n', '\r'))
}

/** A far side over MLLP that keeps what it is sent; the first `cuts` messages it answers by cutting the connection. */
export async function mllpSide(cuts = 0): Promise<{ port: number; next(n: number): Promise<Buffer[]> }> {
  const received: Buffer[] = []
  const arrivals = createServer()
  const server = createServer((socket: Socket) => {
    socket.on('error', () => {})
    socket.on(
      'data',
      blocks((content) => {
        received.push(Buffer.from(content))
        arrivals.emit('message')
        if (received.length <= cuts) return void socket.resetAndDestroy()
        socket.write(block(acknowledgementOf('AA', messageFrom(Buffer.from(content)).text('MSH-10') ?? '')))
      }),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    async next(n) {
      while (received.length < n) await once(arrivals, 'message')
      return received
    },
  }
}

/** A gateway between CH Haut-Anjou and a system of CHU Angers. */
export async function opened(destination: object, route: object, receiver: object = {}): Promise<World> {
  const world = makeWorld()
  const keySha256 = createHash('sha256').update(KEY).digest('hex')
  world.write(
    {},
    {
      establishments: [
        {
          id: 'ch-haut-anjou',
          name: 'CH Haut-Anjou',
          kind: 'hospital',
          finess: { ej: '539990028' },
          senders: { facilities: ['CH-HAUT-ANJOU', '539990028'], keys: [{ keySha256 }] },
        },
        {
          id: 'chu-angers',
          name: 'CHU Angers',
          kind: 'hospital',
          finess: { ej: '490000031' },
          destinations: { dpi: { use: 'qualification', ...destination } },
          ...receiver,
        },
      ],
      routes: [{ name: 'all', when: { from: ['ch-haut-anjou'] }, to: ['chu-angers/dpi'], ...route }],
    },
  )
  await world.start()
  return world
}

/** Sends over MLLP and gives MSA-1. */
export async function send(world: World, message: Buffer): Promise<string> {
  const socket = connect(world.port('mllp'), '127.0.0.1')
  socket.write(block(message.toString('latin1')))
  let text = ''
  while (!text.includes('\x1c\r')) text += String((await once(socket, 'data'))[0])
  socket.destroy()
  return /\rMSA\|(\w\w)\|/.exec(text)?.[1] ?? ''
}

/** Posts to the FHIR door. */
export async function post(
  world: World,
  method: string,
  path: string,
  body: object,
  type = 'application/fhir+json',
): Promise<Response> {
  return fetch(`${world.url()}/fhir${path}`, {
    method,
    headers: { authorization: `Bearer ${KEY}`, 'content-type': type },
    body: JSON.stringify(body),
  })
}

/** A message as the API shows it. */
export interface Shown {
  readonly id: string
  readonly state: string
  readonly findings: readonly { code: string; at: string | null; params?: object }[]
  readonly deliveries: readonly { state: string; lastError: string | null }[]
}

/** The newest message of a kind, once its delivery is in this state. */
export async function message(world: World, kind: string, state: string): Promise<Shown> {
  const newest = async (): Promise<Shown | undefined> => {
    const { json } = await world.call(`/api/messages?kind=${encodeURIComponent(kind)}`)
    return (json['messages'] as Shown[])[0]
  }
  await until(`${kind} ${state}`, async () => ((await newest())?.deliveries[0]?.state === state ? true : null))
  // A list reads messages, then deliveries: findings that came between the two show only now.
  return (await newest())!
}
