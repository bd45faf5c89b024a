import http from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { answerOf } from './frame.ts'
import type { Acknowledged, Load, LoadMessage } from './load.ts'
import { type WebAnswer, type WebPost, webPoster } from './web-client.ts'

/** A message of the web load, and the request that posts it. */
export type WebMessage = Omit<LoadMessage, 'patient' | 'seq'> & {
  readonly post: WebPost
  /** How many messages the gateway counts for it (a transaction: itself and its entries); default 1. */
  readonly counts?: number
}

type Verdict = 'yes' | 'later' | 'wrong'

/** Senders over HTTP: like those of `startLoad`, one message at a time each, and again as it was when no answer came. */
export function startWebLoad(parts: {
  readonly port: number
  readonly facility: string
  readonly connections: number
  /** Numbers of the patients; patient p always posts on the same connection. */
  readonly patients: readonly number[]
  readonly make: (patient: number, seq: number) => WebMessage
}): Load {
  const acknowledged = new Map<string, Acknowledged>()
  const counts = { negative: 0, resent: 0, wrong: 0 }
  let stopping = false
  let dropped = false
  const agent = new http.Agent({ keepAlive: true, maxSockets: parts.connections })
  const post = webPoster(parts.port, parts.facility, agent)

  /** Posts until it is known to be there. */
  const insist = async (message: WebMessage, patient: number, seq: number): Promise<void> => {
    let begun = 0
    while (!dropped) {
      const verdict = await post(message.post).then(
        (answer) => verdictOf(message, answer),
        (fault: NodeJS.ErrnoException) => (fault.code === 'ECONNREFUSED' ? 'nobody' : 'later'),
      )
      if (verdict !== 'nobody' && begun++ > 0) counts.resent++
      if (verdict === 'wrong') {
        counts.wrong++
        return
      }
      if (verdict !== 'yes') {
        await wait(15)
        continue
      }
      const { controlId, kind, bytes, counts: messages = 1 } = message
      acknowledged.set(controlId, { patient, seq, kind, crc: crc32(bytes), messages })
      return
    }
  }
  const sender = async (index: number): Promise<void> => {
    const mine = parts.patients.filter((_, place) => place % parts.connections === index)
    for (let turn = 0; !stopping; turn++) {
      const patient = mine[turn % mine.length] as number
      const seq = 1 + Math.floor(turn / mine.length)
      await insist(parts.make(patient, seq), patient, seq)
    }
  }
  const all = Promise.all(Array.from({ length: parts.connections }, (_, index) => sender(index)))
  return {
    acknowledged,
    counts,
    async finish() {
      stopping = true
      await all
      agent.destroy()
    },
    abandon() {
      stopping = true
      dropped = true
      agent.destroy()
    },
  }
}

/** Yes is a positive ACK to this very message, or a created (or found) resource; a 4xx other than 429 is a fault. */
export function verdictOf({ post, controlId }: WebMessage, { status, body }: WebAnswer): Verdict {
  if (status === 429 || status >= 500) return 'later'
  if (!post.path.startsWith('/hl7')) return status === 200 || status === 201 ? 'yes' : 'wrong'
  const answer = answerOf(body)
  if (status !== 200 || answer?.controlId !== controlId) return 'wrong'
  return answer.code === 'AA' ? 'yes' : 'later'
}
