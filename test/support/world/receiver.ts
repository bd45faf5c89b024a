import { once } from 'node:events'
import net from 'node:net'
import { block, blocks, controlIdOf } from './frame.ts'
import { ledgerBook } from './ledger.ts'

/** What a receiver does with one message. `ms` waits before answering AA; `part` sends half an answer, then cuts. */
export type Behaviour =
  | 'AA'
  | 'AE'
  | 'AR'
  | 'silent'
  | 'cut'
  | 'wrong-id'
  | 'previous-id'
  | 'garbage'
  | 'part'
  | { readonly lateMs: number }

/** One line of a receiver's ledger. */
export interface Received {
  readonly controlId: string
  /** CRC-32 of the bytes. */
  readonly crc: number
  readonly connection: number
  /** Which life of the gateway it came from: raised by `epoch()`. */
  readonly epoch: number
  /** Wall clock, ms. */
  readonly atMs: number
  readonly behaviour: Behaviour
  /** The message, where the receiver keeps them. */
  readonly bytes?: Buffer
}

/** An independent server with a ledger. */
export interface Receiver {
  readonly port: number
  readonly ledger: readonly Received[]
  /** Distinct control ids received. */
  readonly distinct: ReadonlySet<string>
  /** Connections accepted so far. */
  connections(): number
  /** Counts from now on as the next life of the gateway. */
  epoch(): void
  /** Changes what is done with message `controlId`, received for the `nth` time (from 1). */
  behave(script: Script): void
  /** Resolves when the condition holds; looked at after each message. @throws when it has not within `withinMs` */
  when(condition: (seen: Pick<Receiver, 'ledger' | 'distinct'>) => boolean, withinMs?: number): Promise<void>
  close(): Promise<void>
}

/** Told of each connection as it is accepted: its number, and the port it came from. */
export type Accepted = (connection: number, callerPort: number) => void

/** The script of a receiver. */
export type Script = (controlId: string, nth: number) => Behaviour

/** The bytes of an acknowledgement. */
export function acknowledgementOf(code: string, controlId: string): string {
  return `MSH|^~\\&|RECEPTEUR|PREUVE|PASSERELLE|REGION|20250301080000||ACK|R${controlId}|T|2.5\rMSA|${code}|${controlId}\r`
}

const acknowledgement = (code: string, controlId: string): Buffer => block(acknowledgementOf(code, controlId))

/** Does what the script says with one message; `previous` is the control id of the one before. */
function answer(socket: net.Socket, controlId: string, previous: string, behaviour: Behaviour): void {
  const say = (code: string, id: string): unknown => socket.writable && socket.write(acknowledgement(code, id))
  if (typeof behaviour === 'object') setTimeout(() => say('AA', controlId), behaviour.lateMs)
  else if (behaviour === 'cut') socket.resetAndDestroy()
  else if (behaviour === 'wrong-id') say('AA', `X${controlId}`)
  else if (behaviour === 'previous-id') say('AA', previous)
  else if (behaviour === 'garbage') socket.write(block('HTTP/1.1 200 OK'))
  else if (behaviour === 'part') socket.write(acknowledgement('AA', controlId).subarray(0, 40), () => socket.destroy())
  else if (behaviour !== 'silent') say(behaviour, controlId)
}

/** How a receiver differs from others. */
export interface ReceiverWays {
  /** Accepts connections and never reads from them. */
  readonly halfOpen?: boolean
  /** The ledger keeps the bytes. */
  readonly keeps?: boolean
  readonly accepted?: Accepted
}

/** Opens a receiver. */
export async function openReceiver(
  port: number,
  script: Script = () => 'AA',
  { halfOpen = false, keeps = false, accepted = () => {} }: ReceiverWays = {},
): Promise<Receiver> {
  const book = ledgerBook(port, script, keeps)
  const sockets = new Set<net.Socket>()
  let connections = 0
  let latest = 'NONE'
  let previous = 'NONE'

  const server = net.createServer({ pauseOnConnect: halfOpen, noDelay: true }, (socket) => {
    const connection = ++connections
    accepted(connection, socket.remotePort ?? 0)
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    if (halfOpen) return
    const feed = blocks((content) => {
      const controlId = controlIdOf(content)
      const behaviour = book.write(controlId, content, connection)
      if (controlId !== latest) [previous, latest] = [latest, controlId]
      answer(socket, controlId, previous, behaviour)
      book.look()
    })
    socket.on('data', feed)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')

  return Object.assign(book.receiver, {
    port,
    connections: () => connections,
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  })
}
