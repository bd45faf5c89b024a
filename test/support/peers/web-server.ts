import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { TLSSocket, type TlsOptions } from 'node:tls'
import type { FakePeer, Manner } from '../../contract/sender.ts'

/** One request as it came, whole. */
export interface Posted {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** What to answer. */
export interface Reply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

/** What a server of its protocol says when it takes, refuses, cannot now, or means another message. */
export type Words = Readonly<Record<'accept' | 'refuse' | 'busy' | 'wrong-id', (posted: Posted) => Reply>>

/** A receiving system over HTTP that does what it is told. */
export interface WebServer extends FakePeer {
  readonly port: number
  /** Connections opened to it so far. */
  readonly connections: number
  readonly requests: readonly Posted[]
  /** Answers to give instead of what the manner says: taken once, in order. */
  readonly script: ((posted: Posted, response: ServerResponse, socket: Socket) => void)[]
  /** Said at the first bytes of a body, with more to come; null: nothing. */
  early: Reply | null
  /** Ends every connection in good order and waits until they are gone. */
  closeConnections(): Promise<void>
}

/** Writes a reply with its length. */
export function reply(response: ServerResponse, { status, headers = {}, body = '' }: Reply): void {
  if (response.socket === null || !response.socket.writable) return
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

/** Opens a server on a free port. */
export async function webServer(words: Words, tls?: TlsOptions): Promise<WebServer> {
  const news = new EventEmitter()
  const open = new Set<Socket>()
  const requests: Posted[] = []
  const script: WebServer['script'] = []
  const held: (() => void)[] = []
  let manner: Manner = 'accept'
  let connections = 0
  let heardBytes = 0

  const server = tls === undefined ? createServer() : createHttpsServer(tls)
  server.keepAliveTimeout = 60_000
  server.on('tlsClientError', () => {})
  server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    connections++
    open.add(socket)
    socket.on('data', (chunk: Buffer) => {
      heardBytes += chunk.length
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      open.delete(socket)
      news.emit('left')
    })
    if (manner === 'hang-up') socket.destroy()
  })
  server.on('request', (request, response) => {
    const chunks: Buffer[] = []
    request.on('error', () => {})
    request.on('data', (chunk: Buffer) => {
      if (manner === 'cut-during') reset(request.socket)
      if (peer.early !== null && chunks.length === 0) reply(response, peer.early)
      chunks.push(chunk)
    })
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const posted = { method, url, headers, body: Buffer.concat(chunks) }
      requests.push(posted)
      news.emit('message')
      const scripted = script.shift()
      if (scripted) scripted(posted, response, request.socket)
      else manners[manner]({ posted, response, socket: request.socket, words, held })
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const peer: WebServer = {
    early: null,
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections
    },
    requests,
    script,
    heardBytes: () => heardBytes,
    received: () => requests.map(({ body }) => body.toString('latin1')),
    behave: (next) => void (manner = next),
    async message(count) {
      while (requests.length < count) await once(news, 'message')
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
  return peer
}

interface Scene {
  readonly posted: Posted
  readonly response: ServerResponse
  readonly socket: Socket
  readonly words: Words
  readonly held: (() => void)[]
}

const say =
  (word: keyof Words) =>
  ({ posted, response, words }: Scene): void =>
    reply(response, words[word](posted))

const manners: Readonly<Record<Manner, (scene: Scene) => void>> = {
  accept: say('accept'),
  refuse: say('refuse'),
  busy: say('busy'),
  'wrong-id': say('wrong-id'),
  silent: () => {},
  'cut-before': ({ socket }) => reset(socket),
  'cut-during': ({ socket }) => reset(socket),
  'cut-after': ({ socket }) => void socket.end(),
  late: (scene) => void scene.held.push(() => say('accept')(scene)),
  trickle: ({ socket, posted, words }) => trickle(socket, written(words.accept(posted))),
  garbage: ({ socket }) => void socket.write('\x0bMSH|^~\\&|A|B\r\x1c\r'),
  'hang-up': ({ socket }) => void socket.destroy(),
}

function written({ status, headers = {}, body = '' }: Reply): Buffer {
  const all = { ...headers, 'content-length': String(Buffer.byteLength(body)), connection: 'close' }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status} Yes\r\n${lines.join('')}\r\n`), Buffer.from(body)])
}

/** A byte at a time, each in its own packet as far as the network lets it. */
function trickle(socket: Socket, bytes: Buffer): void {
  if (!socket.writable) return
  if (bytes.length === 0) socket.end()
  else socket.write(bytes.subarray(0, 1), () => setImmediate(() => trickle(socket, bytes.subarray(1))))
}

/** A reset, or what comes nearest on TLS, which Node cannot reset by hand. */
function reset(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy()
  else socket.resetAndDestroy()
}
