import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { Wire } from '../../src/entrances/smtp/wire.ts'
import { realClock } from '../support/peers/clock.ts'

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

/** A wire, the other side of it, and what left by one call each. */
async function wired() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect((server.address() as { port: number }).port, '127.0.0.1')
  const [socket] = (await once(server, 'connection')) as [Socket]
  const left: string[] = []
  const write = socket.write.bind(socket) as (text: string) => boolean
  socket.write = (text: unknown) => {
    left.push(String(text))
    return write(String(text))
  }
  ends.push(
    () => client.destroy(),
    () => socket.destroy(),
    () => server.close(),
  )
  return { wire: new Wire(socket, realClock, { idleMs: 10_000, lineBytes: 512 }), client, left }
}

test('the replies to a group of commands leave together, when the next command is waited for', async () => {
  const { wire, client, left } = await wired()
  client.write('MAIL\r\nRCPT\r\nDATA\r\n')
  for (const verb of ['MAIL', 'RCPT', 'DATA']) {
    expect(await wire.line()).toBe(verb)
    await wire.write(`250 ${verb}\r\n`)
    expect(left).toEqual([])
  }
  const next = wire.some()
  const [heard] = (await once(client, 'data')) as [Buffer]
  expect(left).toEqual(['250 MAIL\r\n250 RCPT\r\n250 DATA\r\n'])
  expect(heard.toString()).toBe(left[0])
  client.write('content')
  expect(String(await next)).toBe('content')
})

test('what is long, what is to leave now, and what is said last leave without a wait', async () => {
  const { wire, left } = await wired()
  await wire.write('250 kept\r\n')
  await wire.flush()
  await wire.flush()
  await wire.write('x'.repeat(5_000))
  await wire.write('421 bye\r\n')
  wire.finish()
  expect(left).toEqual(['250 kept\r\n', 'x'.repeat(5_000), '421 bye\r\n'])
})

test('what was said before a handshake has left before it', async () => {
  const { wire, left } = await wired()
  await wire.write('220 go ahead\r\n')
  wire.release()
  expect(left).toEqual(['220 go ahead\r\n'])
})
