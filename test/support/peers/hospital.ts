import { EventEmitter, once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, TLSSocket, type TlsOptions } from 'node:tls'
import type { FakePeer, Manner } from '../../contract/sender.ts'
import { answerTo } from './messages.ts'

/** A receiving system over MLLP that does what it is told, with framing of its own. */
export interface Hospital extends FakePeer {
  readonly port: number
  /** Connections opened to it so far. */
  readonly connections: number
  /** Connections open now. */
  readonly open: ReadonlySet<Socket>
  /** Answers to give instead of what the manner says: taken once, in order; null is silence. */
  readonly script: ((message: Buffer, socket: Socket) => void)[]
  /** Ends every connection in good order and waits until they are gone. */
  closeConnections(): Promise<void>
}

const framed = (bytes: Uint8Array): Buffer => Buffer.concat([Buffer.from([0x0b]), bytes, Buffer.from([0x1c, 0x0d])])

/** Opens a hospital on a free port. */
export async function hospital(tls?: TlsOptions): Promise<Hospital> {
  const news = new EventEmitter()
  const open = new Set<Socket>()
  const messages: Buffer[] = []
  const script: Hospital['script'] = []
  const held: (() => void)[] = []
  let manner: Manner = 'accept'
  let connections = 0
  let heardBytes = 0

  const answer = (socket: Socket, message: Buffer): void => {
    const scripted = script.shift()
    if (scripted) scripted(message, socket)
    else manners[manner](socket, message, held)
  }

  const welcome = (socket: Socket): void => {
    connections++
    open.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => {
      open.delete(socket)
      news.emit('left')
    })
    if (manner === 'hang-up') {
      socket.destroy()
      return
    }
    news.emit('connection')
    let rest = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      heardBytes += chunk.length
      if (manner === 'cut-during') {
        reset(socket)
        return
      }
      rest = Buffer.concat([rest, chunk])
      for (let end = rest.indexOf('\x1c\r'); end >= 0; end = rest.indexOf('\x1c\r')) {
        const message = rest.subarray(1, end)
        rest = rest.subarray(end + 2)
        messages.push(message)
        news.emit('message')
        answer(socket, message)
      }
    })
  }

  const server: Server = tls === undefined ? createServer(welcome) : createTlsServer(tls, welcome)
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections
    },
    open,
    script,
    heardBytes: () => heardBytes,
    received: () => messages.map((bytes) => bytes.toString('latin1')),
    behave: (next) => void (manner = next),
    async message(count) {
      while (messages.length < count) await once(news, 'message')
    },
    release() {
      for (const say of held.splice(0)) say()
    },
    async closeConnections() {
      for (const socket of open) socket.end()
      while (open.size > 0) await once(news, 'left')
    },
    async close() {
      for (const socket of open) socket.destroy()
      if (server.listening) await new Promise((resolve) => server.close(resolve))
    },
  }
}

type Act = (socket: Socket, message: Buffer, held: (() => void)[]) => void

const manners: Readonly<Record<Manner, Act>> = {
  accept: (socket, message) => void socket.write(framed(answerTo(message, 'AA'))),
  refuse: (socket, message) => void socket.write(framed(answerTo(message, 'AR'))),
  busy: (socket, message) => void socket.write(framed(answerTo(message, 'AE'))),
  silent: () => {},
  'cut-before': (socket) => reset(socket),
  'cut-during': (socket) => reset(socket),
  'cut-after': (socket) => void socket.end(),
  'wrong-id': (socket, message) => void socket.write(framed(answerTo(message, 'AA', 'ANOTHER'))),
  late: (socket, message, held) =>
    void held.push(() => void (socket.writable && socket.write(framed(answerTo(message, 'AA'))))),
  trickle: (socket, message) => trickle(socket, framed(answerTo(message, 'AA'))),
  garbage: (socket) => void socket.write('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'),
  'hang-up': (socket) => void socket.destroy(),
}

/** A byte at a time, each in its own packet as far as the network lets it. */
function trickle(socket: Socket, bytes: Buffer): void {
  if (bytes.length === 0 || !socket.writable) return
  socket.write(bytes.subarray(0, 1), () => setImmediate(() => trickle(socket, bytes.subarray(1))))
}

/** A reset, or what comes nearest on TLS, which Node cannot reset by hand. */
function reset(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy()
  else socket.resetAndDestroy()
}
