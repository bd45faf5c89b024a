import { createServer, type Server, type Socket } from 'node:net'
import { acknowledgement, answerSource } from '../../formats/hl7v2/answer.ts'
import { frame, frameScanner } from '../../formats/mllp/scanner.ts'

/** Longest message a simulated system takes (bytes). */
const MAX_FRAME_BYTES = 16 * 1024 ** 2

/** A simulated system of an establishment. */
export interface Receiver {
  readonly host: string
  readonly port: number
  /** Messages answered so far. */
  received(): number
  /** Ends every connection and frees the port. Twice is harmless. */
  close(): Promise<void>
}

/**
 * Starts one that takes messages over plain MLLP and answers AA to each, or CA where MSH-15 asks for a commit, on `host` and
 * `port` (0: any free one). @throws the socket's error when the address cannot be bound */
export async function startReceiver(host: string, port: number, timeZone: string): Promise<Receiver> {
  const sockets = new Set<Socket>()
  let received = 0
  const server = createServer((socket) => {
    sockets.add(socket.setNoDelay(true))
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    const scanner = frameScanner({ maxFrameBytes: MAX_FRAME_BYTES })
    socket.on('data', (chunk) => {
      try {
        for (const message of scanner.push(chunk as Buffer)) {
          received += 1
          const answer = simulatedAnswer(message, `SIM${port}-${received}`, Date.now(), timeZone)
          if (answer) socket.write(frame(answer))
          else socket.destroy()
        }
      } catch {
        socket.destroy() // longer than a simulated system takes
      }
    })
  })
  return receiving(server, { host, port, sockets, received: () => received })
}

/** Listens, and is a receiver from then on. `sockets`: those that are open. @throws the socket's error when the address cannot be bound */
export async function receiving(
  server: Server,
  on: Pick<Receiver, 'host' | 'port' | 'received'> & { readonly sockets: ReadonlySet<Socket> },
): Promise<Receiver> {
  const { host, port, received, sockets } = on
  await listening(server, host, port)
  const address = server.address()
  return {
    host,
    port: typeof address === 'object' && address ? address.port : port,
    received,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

/** How the control id of a message begins that a simulated system refuses, so that a refusal can be shown. */
export const REFUSED_PREFIX = 'REFUS-'

/** AA, or CA in enhanced mode; AR to what asks for a refusal; null for what cannot be answered. Pure. */
export function simulatedAnswer(message: Buffer, controlId: string, atMs: number, timeZone: string): Buffer | null {
  const source = answerSource(message)
  if (!source) return null
  const separator = String.fromCharCode(source.delimiters.field)
  // MSH-1 is the separator itself, so MSH-15 is the fifteenth piece of the header.
  const commitAsked = message
    .subarray(0, 4096)
    .toString('latin1')
    .split(/[\r\n]/, 1)[0]!
    .split(separator)[14]
  const code = source.controlId.startsWith(REFUSED_PREFIX) ? 'AR' : commitAsked ? 'CA' : 'AA'
  return acknowledgement(source, { code, controlId, atMs, timeZone })
}

/** Resolves when the server listens. @throws its error when the address cannot be bound */
export function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
