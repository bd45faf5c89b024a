import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Hl7Message } from '@medplum/core'
import { Hl7Client, Hl7Server } from '@medplum/hl7'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import type { Sender } from '../../src/core/ports.ts'
import { mllpSender } from '../../src/senders/mllp/sender.ts'
import { realClock } from '../support/peers/clock.ts'
import { destinationAt } from '../support/peers/destination.ts'
import { openDoor } from '../support/peers/door.ts'
import { acceptAll, consignmentOf, order } from '../support/peers/messages.ts'
import { notebook } from '../support/peers/notebook.ts'
import { missing } from '../support/world/needs.ts'

const folder = mkdtempSync(join(tmpdir(), 'passerelle-peers-'))
afterAll(() => rmSync(folder, { recursive: true }))
const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const PYTHON = '/usr/bin/python3'
const noSend = missing('mllp_send', ['--version'])
const noServer = missing(PYTHON, ['-c', 'import hl7.mllp'])
const why = (sentence: string | null): string => (sentence === null ? '' : ` (skipped: ${sentence})`)

function senderTo(port: number): Sender {
  const { log, meter } = notebook()
  const sender = mllpSender(destinationAt(port), { accept: acceptAll, clock: realClock, log, meter })
  closing.push(() => sender.close())
  return sender
}

async function door() {
  const opened = await openDoor()
  closing.push(() => opened.entrance.close(1_000))
  return opened
}

describe('python3-hl7', () => {
  test.skipIf(noSend !== null)(`mllp_send posts a file of messages to our door${why(noSend)}`, async () => {
    const { port } = await door()
    const file = join(folder, 'orders.mllp')
    const names = ['P1', 'P2', 'P3']
    writeFileSync(
      file,
      Buffer.concat(names.map((name) => Buffer.concat([Buffer.from('\x0b'), order(name), Buffer.from('\x1c\r')]))),
    )
    const program = spawn('mllp_send', ['--port', String(port), '--file', file, '127.0.0.1'])
    let output = ''
    program.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('latin1')))
    const [code] = await once(program, 'close')
    expect([...output.matchAll(/MSA\|(\w+)\|(\w+)/g)].map(([, said, name]) => `${said} ${name}`)).toEqual([
      'AA P1',
      'AA P2',
      'AA P3',
    ])
    expect(code).toBe(0)
  })

  test.skipIf(noServer !== null)(`its asyncio server takes what our sender sends${why(noServer)}`, async () => {
    const program = spawn(PYTHON, [fileURLToPath(new URL('../support/peers/hl7-server.py', import.meta.url))])
    const lines = createInterface(program.stdout)[Symbol.asyncIterator]()
    closing.push(async () => {
      program.kill()
      await once(program, 'close')
    })
    const sender = senderTo(Number((await lines.next()).value))
    for (const [name, fill] of [
      ['P1', 0],
      ['P2', 2_000_000],
      ['P3', 0],
    ] as const) {
      const outcome = await sender.send(consignmentOf(order(name, { fill })), AbortSignal.timeout(20_000))
      expect(outcome).toEqual({ kind: 'delivered', proof: 'MSA-1 AA' })
      expect((await lines.next()).value).toBe(name)
    }
    await sender.close()
  })
})

describe('@medplum/hl7', () => {
  test('its client posts to our door and reads our answers', async () => {
    const { port } = await door()
    const client = new Hl7Client({ host: '127.0.0.1', port, encoding: 'latin1' })
    closing.push(() => client.close())
    for (const name of ['C1', 'C2', 'C3']) {
      const answer = await client.sendAndWait(Hl7Message.parse(order(name).toString('latin1')))
      expect([
        answer.getSegment('MSA')?.getField(1)?.toString(),
        answer.getSegment('MSA')?.getField(2)?.toString(),
      ]).toEqual(['AA', name])
    }
  })

  test('its server takes what our sender sends', async () => {
    const names: string[] = []
    const server = new Hl7Server((connection) => {
      connection.addEventListener('message', ({ message }) => {
        names.push(message.getSegment('MSH')?.getField(10)?.toString() ?? '')
        connection.send(message.buildAck())
      })
    })
    const port = await freePort()
    await server.start(port)
    closing.push(() => server.stop())
    const sender = senderTo(port)
    for (const name of ['S1', 'S2', 'S3']) {
      const outcome = await sender.send(consignmentOf(order(name)), AbortSignal.timeout(20_000))
      expect(outcome).toEqual({ kind: 'delivered', proof: 'MSA-1 AA' })
    }
    expect(names).toEqual(['S1', 'S2', 'S3'])
    await sender.close()
  })
})

/** Its server cannot tell which port it was given, so it is told one. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
