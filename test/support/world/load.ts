import net from 'node:net'
import { crc32 } from 'node:zlib'
import { answerOf, block, blocks } from './frame.ts'

/** One message of the load: whose it is, its place among that patient's, and what it is sent as. */
export interface LoadMessage {
  readonly controlId: string
  readonly patient: number
  readonly seq: number
  readonly kind: string
  readonly bytes: Buffer
}

/** What the sender knows for certain: it was told yes. */
export interface Acknowledged {
  readonly patient: number
  readonly seq: number
  readonly kind: string
  readonly crc: number
  /** How many messages the gateway counts for it. */
  readonly messages: number
}

/** Senders as hospitals are: one message at a time per connection, and again, byte for byte, when no answer came. */
export interface Load {
  /** By control id. */
  readonly acknowledged: ReadonlyMap<string, Acknowledged>
  /** Negative answers, resends and answers that named another message. */
  readonly counts: { negative: number; resent: number; wrong: number }
  /** No new message from now on; resolves when every message begun has been acknowledged. */
  finish(): Promise<void>
  /** Drops everything at once. */
  abandon(): void
}

/**
 * Starts a load of `connections` senders; patient p always posts on connection p mod connections, so that what it sent
 * first was acknowledged first. `make` gives the next message of a patient. */
export function startLoad(parts: {
  readonly port: number
  readonly connections: number
  readonly patients: number
  /** From an answer to the next message of that connection (ms); absent: at once. What has long events between need not fill queues. */
  readonly paceMs?: number
  readonly make: (patient: number, seq: number) => Omit<LoadMessage, 'patient' | 'seq'>
}): Load {
  const acknowledged = new Map<string, Acknowledged>()
  const counts = { negative: 0, resent: 0, wrong: 0 }
  let stopping = false
  let dropped = false
  const sockets = new Set<net.Socket>()

  const sender = (index: number): Promise<void> =>
    new Promise((resolve) => {
      const mine = Array.from({ length: parts.patients }, (_, p) => p).filter((p) => p % parts.connections === index)
      const seqs = new Map(mine.map((p) => [p, 0]))
      let turn = 0
      let current: { message: LoadMessage; framed: Buffer } | null = null

      const take = (): void => {
        const who = mine[turn++ % mine.length]
        if (stopping || who === undefined) return void (current = null)
        const seq = (seqs.get(who) ?? 0) + 1
        seqs.set(who, seq)
        const message = { ...parts.make(who, seq), patient: who, seq }
        current = { message, framed: block(message.bytes) }
      }
      const open = (): void => {
        if (dropped || (stopping && current === null)) {
          resolve()
          return
        }
        const socket = net.connect({ port: parts.port, host: '127.0.0.1', noDelay: true })
        sockets.add(socket)
        const next = (): void => {
          take()
          post()
        }
        const post = (): void => {
          if (current === null) return void socket.end()
          socket.write(current.framed)
        }
        socket.on('connect', () => {
          if (current === null) take()
          else counts.resent++
          post()
        })
        socket.on(
          'data',
          blocks((content) => {
            const answer = answerOf(content)
            if (current === null) return
            if (answer === null || answer.controlId !== current.message.controlId) {
              counts.wrong++
              return void socket.destroy()
            }
            if (answer.code !== 'AA') {
              counts.negative++
              return void setTimeout(post, 20)
            }
            const { controlId, patient, seq, kind, bytes } = current.message
            acknowledged.set(controlId, { patient, seq, kind, crc: crc32(bytes), messages: 1 })
            current = null
            if (parts.paceMs === undefined) return next()
            // A connection made meanwhile goes on by itself.
            setTimeout(() => !socket.destroyed && current === null && next(), parts.paceMs)
          }),
        )
        socket.on('error', () => {})
        socket.on('close', () => {
          sockets.delete(socket)
          setTimeout(open, 10)
        })
      }
      open()
    })

  const all = Promise.all(Array.from({ length: parts.connections }, (_, i) => sender(i)))
  return {
    acknowledged,
    counts,
    async finish() {
      stopping = true
      await all
    },
    abandon() {
      stopping = true
      dropped = true
      for (const socket of sockets) socket.destroy()
    },
  }
}
