import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'

/** A response as it stood on the wire. */
export interface WebAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** A raw client of an HTTP door: writes any bytes, splits what comes back, with no code of ours. */
export interface WebCaller {
  readonly socket: Socket
  write(bytes: string | Uint8Array): void
  /** The next response, or null when the connection ended first. */
  answer(): Promise<WebAnswer | null>
  hangUp(): void
  readonly gone: Promise<void>
  destroy(): void
}

/** The first response in these bytes and how many they were, or null while it is not whole. */
function split(bytes: Buffer): { answer: WebAnswer; length: number } | null {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return null
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
  const status = Number(first.split(' ')[1])
  let at = end + 4
  const pieces: Buffer[] = []
  if (headers['transfer-encoding'] === 'chunked') {
    for (;;) {
      const line = bytes.indexOf('\r\n', at)
      if (line < 0) return null
      const size = Number.parseInt(bytes.subarray(at, line).toString('latin1'), 16)
      if (bytes.length < line + 2 + size + 2) return null
      pieces.push(bytes.subarray(line + 2, line + 2 + size))
      at = line + 2 + size + 2
      if (size === 0) break
    }
  } else {
    const length = Number(headers['content-length'] ?? 0)
    if (bytes.length < at + length) return null
    pieces.push(bytes.subarray(at, at + length))
    at += length
  }
  return { answer: { status, headers, body: Buffer.concat(pieces) }, length: at }
}

/** Connects to a door on this machine. @throws when nobody listens or the handshake fails */
export async function callWeb(port: number, tls?: ConnectionOptions): Promise<WebCaller> {
  const where = { host: '127.0.0.1', port, allowHalfOpen: true }
  const socket =
    tls === undefined ? connect(where) : connectTls({ ...where, ...tls, checkServerIdentity: () => undefined })
  socket.setNoDelay(true)
  socket.on('error', () => {})
  const gone = new Promise<void>((resolve) => void socket.once('close', () => resolve()))
  const answers: WebAnswer[] = []
  const wanted: ((answer: WebAnswer | null) => void)[] = []
  let rest = Buffer.alloc(0)
  let ended = false
  const finish = (): void => {
    ended = true
    for (const want of wanted.splice(0)) want(null)
  }
  await once(socket, tls === undefined ? 'connect' : 'secureConnect')
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    for (let next = split(rest); next !== null; next = split(rest)) {
      rest = rest.subarray(next.length)
      const want = wanted.shift()
      if (want === undefined) answers.push(next.answer)
      else want(next.answer)
    }
  })
  socket.on('end', () => {
    finish()
    socket.end()
  })
  socket.on('close', finish)
  return {
    socket,
    write: (bytes) => void socket.write(bytes),
    async answer() {
      const ready = answers.shift()
      if (ready !== undefined) return ready
      return ended ? null : new Promise((resolve) => void wanted.push(resolve))
    },
    hangUp: () => void socket.end(),
    gone,
    destroy: () => void socket.destroy(),
  }
}
