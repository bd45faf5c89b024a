import { EventEmitter, once } from 'node:events'
import net from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { openProxy, type TcpProxy } from '../support/postgres/proxy.ts'

const cleanings: (() => unknown)[] = []
afterEach(async () => {
  for (const clean of cleanings.splice(0).reverse()) await clean()
})

/** A server that answers each read with the same bytes, behind a proxy. */
async function echo(): Promise<{ proxy: TcpProxy; arrived: (text: string) => Promise<void> }> {
  let got = ''
  const heard = new EventEmitter()
  const server = net.createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      got += chunk
      heard.emit('more')
      socket.write(chunk)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy = await openProxy({ port: (server.address() as net.AddressInfo).port })
  cleanings.push(
    () => server.close(),
    () => proxy.close(),
  )
  const arrived = async (text: string): Promise<void> => {
    while (!got.includes(text)) await once(heard, 'more')
  }
  return { proxy, arrived }
}

interface Caller {
  readonly socket: net.Socket
  readonly closed: Promise<unknown>
  /** Resolves when so many bytes have come; gives all that came. */
  read(bytes: number): Promise<string>
  got(): string
}

async function call(proxy: TcpProxy): Promise<Caller> {
  const socket = net.connect(proxy.port, '127.0.0.1')
  cleanings.push(() => socket.destroy())
  let got = ''
  socket.on('data', (chunk) => {
    got += chunk
  })
  socket.on('error', () => {})
  const closed = new Promise((resolve) => socket.once('close', resolve))
  await once(socket, 'connect')
  const read = async (bytes: number): Promise<string> => {
    while (got.length < bytes) await once(socket, 'data')
    return got
  }
  return { socket, closed, read, got: () => got }
}

test('bytes and ends go through, both ways', async () => {
  const { proxy } = await echo()
  const caller = await call(proxy)
  caller.socket.end('bonjour')
  await caller.closed
  expect(caller.got()).toBe('bonjour')
  expect(proxy.forwarded).toEqual({ up: 7, down: 7 })
})

test('a large stream goes through whole', async () => {
  const { proxy } = await echo()
  const caller = await call(proxy)
  const sent = 'abcdefgh'.repeat(2 ** 18)
  caller.socket.write(sent)
  expect(await caller.read(sent.length)).toBe(sent)
})

test('cut resets what is open and refuses what is new; heal takes both back', async () => {
  const { proxy } = await echo()
  const caller = await call(proxy)
  caller.socket.write('a')
  await caller.read(1)
  expect(proxy.connections).toBe(1)
  await proxy.cut()
  await caller.closed
  expect(proxy.connections).toBe(0)
  await expect(call(proxy)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  await proxy.heal()
  const again = await call(proxy)
  again.socket.write('b')
  expect(await again.read(1)).toBe('b')
})

test.each(['up', 'down', undefined] as const)(
  'stalled %s: accepts, forwards nothing, and after resume all',
  async (direction) => {
    const { proxy, arrived } = await echo()
    const open = await call(proxy)
    open.socket.write('x')
    await open.read(1)
    proxy.stall(direction)
    const late = await call(proxy)
    open.socket.write('first')
    late.socket.write('second')
    if (direction === 'down') {
      await arrived('first')
      await arrived('second')
    } else {
      // Beside it, bytes through a proxy that is not stalled make the same way there and back.
      const { proxy: free } = await echo()
      const witness = await call(free)
      witness.socket.write('x'.repeat(2 ** 16))
      await witness.read(2 ** 16)
    }
    expect(proxy.forwarded).toEqual({ up: direction === 'down' ? 12 : 1, down: 1 })
    expect([open.got(), late.got()]).toEqual(['x', ''])
    proxy.resume(direction)
    expect(await open.read(6)).toBe('xfirst')
    expect(await late.read(6)).toBe('second')
  },
)

test.each([
  ['up', 3],
  ['down', 3],
  ['down', 0],
] as const)('cut in the middle of the bytes %s, after %i', async (direction, bytes) => {
  const { proxy, arrived } = await echo()
  const caller = await call(proxy)
  const other = await call(proxy)
  const cut = proxy.cutAfterBytes(bytes, direction)
  caller.socket.write('abcdefgh')
  await cut
  await caller.closed
  await arrived(direction === 'up' ? 'abc' : 'abcdefgh')
  if (direction === 'down') expect(caller.got()).toBe('abcdefgh'.slice(0, bytes))
  expect(proxy.forwarded[direction]).toBe(bytes)
  other.socket.write('z')
  expect(await other.read(1)).toBe('z')
})

test('the answer to one thing said is lost; others get theirs', async () => {
  const { proxy, arrived } = await echo()
  const [caller, other] = [await call(proxy), await call(proxy)]
  const lost = proxy.loseAnswerTo('COMMIT')
  caller.socket.write('xxCOM')
  expect(await caller.read(5)).toBe('xxCOM')
  other.socket.write('SELECT')
  expect(await other.read(6)).toBe('SELECT')
  caller.socket.write('MIT;')
  await lost
  await caller.closed
  expect(caller.got()).toBe('xxCOM')
  await arrived('MIT;')
  other.socket.write('COMMIT')
  expect(await other.read(12)).toBe('SELECTCOMMIT')
})
