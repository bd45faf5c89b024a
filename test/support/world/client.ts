import { once } from 'node:events'
import net from 'node:net'
import { type Answer, answerOf, block, blocks } from './frame.ts'
import { within } from './until.ts'

/** An MLLP client for one conversation, message by message or byte by byte. */
export interface Client {
  /** Sends one message and resolves with its answer; null when the connection closes first. */
  post(message: Buffer | string, withinMs?: number): Promise<Answer | null>
  /** Writes bytes as they are; resolves when they have left, or the connection is closed. */
  write(bytes: Buffer | string): Promise<void>
  /** The next block, whatever it holds; null when the connection closes first. */
  next(withinMs?: number): Promise<Buffer | null>
  /** Blocks received so far that nobody took. */
  readonly waiting: readonly Buffer[]
  readonly closed: boolean
  /** Resolves when the connection is closed, by whomever. */
  readonly gone: Promise<void>
  close(): void
}

/** Connects to 127.0.0.1. @throws when nobody listens */
export async function connect(port: number): Promise<Client> {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
  const waiting: Buffer[] = []
  const takers: ((content: Buffer | null) => void)[] = []
  let closed = false
  const gone = new Promise<void>((resolve) => {
    socket.once('close', () => {
      closed = true
      for (const take of takers.splice(0)) take(null)
      resolve()
    })
  })
  await once(socket, 'connect')
  socket.on('error', () => {})
  socket.on(
    'data',
    blocks((content) => {
      const take = takers.shift()
      if (take) take(content)
      else waiting.push(content)
    }),
  )
  const next = (withinMs = 60_000): Promise<Buffer | null> => {
    const here = waiting.shift()
    if (here !== undefined) return Promise.resolve(here)
    if (closed) return Promise.resolve(null)
    return within(withinMs, 'an answer or a closed connection', new Promise((resolve) => takers.push(resolve)))
  }
  return {
    next,
    waiting,
    gone,
    get closed() {
      return closed
    },
    async post(message, withinMs) {
      socket.write(block(message))
      const content = await next(withinMs)
      if (content === null) return null
      const answer = answerOf(content)
      if (answer === null)
        throw new Error(`no valid answer: ${JSON.stringify(content.toString('latin1').slice(0, 200))}`)
      return answer
    },
    write: (bytes) =>
      closed
        ? Promise.resolve()
        : Promise.race([gone, new Promise<void>((resolve) => socket.write(bytes, () => resolve()))]),
    close: () => socket.destroy(),
  }
}

/** Posts each message on one connection, in turn. @throws when an answer is not positive */
export async function postAll(port: number, messages: Iterable<Buffer>): Promise<number> {
  const client = await connect(port)
  let posted = 0
  for (const message of messages) {
    const answer = await client.post(message)
    if (answer?.code !== 'AA') throw new Error(`answered ${answer?.code ?? 'with a closed connection'}`)
    posted++
  }
  client.close()
  return posted
}
