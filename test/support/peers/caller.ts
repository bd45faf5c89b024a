import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** A raw client of an MLLP door: writes any bytes, splits what comes back, with no code of ours. */
export interface Caller {
  readonly socket: Socket
  /** One message, framed. */
  post(bytes: Uint8Array): void
  write(bytes: string | Uint8Array): void
  /** The next answer, or null when the connection ended first. */
  answer(): Promise<Buffer | null>
  /** Ends our half, as a peer that has said everything. */
  hangUp(): void
  /** Resolves when both halves are gone. */
  readonly gone: Promise<void>
  destroy(): void
}

export interface CallerTls {
  readonly ca: string
  readonly key?: string
  readonly cert?: string
}

/** Connects to a door on this machine. @throws when nobody listens or the handshake fails */
export async function call(port: number, tls?: CallerTls): Promise<Caller> {
  const where = { host: '127.0.0.1', port, allowHalfOpen: true }
  const socket =
    tls === undefined ? connect(where) : connectTls({ ...where, ...tls, checkServerIdentity: () => undefined })
  socket.setNoDelay(true)
  let rest = Buffer.alloc(0)
  let ended = false
  const answers: Buffer[] = []
  const wanted: ((answer: Buffer | null) => void)[] = []
  const gone = new Promise<void>((resolve) => void socket.once('close', () => resolve()))
  socket.on('error', () => {})
  const finish = (): void => {
    ended = true
    for (const want of wanted.splice(0)) want(null)
  }
  await once(socket, tls === undefined ? 'connect' : 'secureConnect')
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    for (let end = rest.indexOf('\x1c\r'); end >= 0; end = rest.indexOf('\x1c\r')) {
      const answer = rest.subarray(1, end)
      rest = rest.subarray(end + 2)
      const want = wanted.shift()
      if (want === undefined) answers.push(answer)
      else want(answer)
    }
  })
  socket.on('end', () => {
    finish()
    socket.end()
  })
  socket.on('close', finish)
  return {
    socket,
    post: (bytes) => void socket.write(Buffer.concat([Buffer.from([0x0b]), bytes, Buffer.from([0x1c, 0x0d])])),
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
