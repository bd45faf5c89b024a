import http from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { type Client, connect } from './client.ts'
import type { Acknowledged, Load } from './load.ts'
import { webPoster } from './web-client.ts'
import { verdictOf, type WebMessage } from './web-load.ts'

/** What a door said to one try: taken; not now, or nobody knows; something that no node may say. */
type Verdict = 'yes' | 'later' | 'wrong'

/** One door of one node, as one sender uses it. */
export interface Way {
  post(message: WebMessage): Promise<Verdict>
  close(): void
}

/** Longest wait for an answer (ms): a node that is stopped takes connections and says nothing. */
const PATIENCE_MS = 4_000

/** An MLLP door; one connection, made again after it broke. */
export function mllpWay(port: number): Way {
  let client: Client | null = null
  return {
    async post({ bytes, controlId }) {
      try {
        if (client === null || client.closed) client = await connect(port)
        const answer = await client.post(bytes, PATIENCE_MS)
        if (answer === null) return 'later'
        if (answer.controlId !== controlId) return 'wrong'
        return answer.code === 'AA' ? 'yes' : 'later'
      } catch {
        // A late answer would be taken for that to the next message.
        client?.close()
        client = null
        return 'later'
      }
    },
    close: () => client?.close(),
  }
}

/** An HTTP door, HL7 v2 and FHIR. */
export function webWay(port: number, facility: string): Way {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1, timeout: PATIENCE_MS })
  const post = webPoster(port, facility, agent, PATIENCE_MS)
  return {
    post: (message) =>
      post(message.post).then(
        (answer) => verdictOf(message, answer),
        () => 'later',
      ),
    close: () => agent.destroy(),
  }
}

/**
 * Senders that know several nodes, as behind a balancer that has no memory: each message of a sender goes to the next node,
 * and to the one after that when no yes came, byte for byte, until one says yes. A patient's messages come from one sender,
 * one after the other, so that what was sent first was acknowledged first. */
export function startRoaming(parts: {
  /** The doors of one sender; made for each, in the order in which they are tried. */
  readonly ways: () => readonly Way[]
  readonly senders: number
  /** Patients of all senders together, dealt out in turn. */
  readonly patients: readonly number[]
  readonly make: (patient: number, seq: number) => WebMessage
  /** Resolves when the next message may be made: so that what waits stays little, and what is new comes soon. */
  readonly mayGo: (acknowledged: number) => Promise<void>
  /** From one message of a sender to its next at least so long (ms); absent: at once. */
  readonly paceMs?: number
}): Load {
  const acknowledged = new Map<string, Acknowledged>()
  const counts = { negative: 0, resent: 0, wrong: 0 }
  let stopping = false
  let dropped = false
  const opened: Way[] = []

  const sender = async (index: number): Promise<void> => {
    const ways = parts.ways()
    opened.push(...ways)
    const mine = parts.patients.filter((_, place) => place % parts.senders === index)
    let turn = index
    for (let n = 0; ; n++) {
      await parts.mayGo(acknowledged.size)
      if (parts.paceMs !== undefined && n > 0) await wait(parts.paceMs)
      if (stopping) return
      const patient = mine[n % mine.length] as number
      const seq = 1 + Math.floor(n / mine.length)
      const message = parts.make(patient, seq)
      for (let tries = 0; !dropped; tries++) {
        if (tries > 0) counts.resent++
        const verdict = await ways[turn++ % ways.length]?.post(message)
        if (verdict === 'wrong') counts.wrong++
        if (verdict === 'yes') break
        counts.negative++
        await wait(15)
      }
      if (dropped) return
      const { controlId, kind, bytes, counts: messages = 1 } = message
      acknowledged.set(controlId, { patient, seq, kind, crc: crc32(bytes), messages })
    }
  }
  const all = Promise.all(Array.from({ length: parts.senders }, (_, index) => sender(index)))
  const close = (): void => {
    for (const way of opened) way.close()
  }
  return {
    acknowledged,
    counts,
    async finish() {
      stopping = true
      await all
      close()
    },
    abandon() {
      stopping = true
      dropped = true
      close()
    },
  }
}
