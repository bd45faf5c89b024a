import { setTimeout as wait } from 'node:timers/promises'
import { connect } from './client.ts'
import { answerOf } from './frame.ts'
import { hl7Post, webPoster } from './web-client.ts'

/** Senders that connect anew for each message, and never send one twice: whatever goes wrong is written down. */
export interface Newcomers {
  /** Control ids that were answered AA. */
  readonly acknowledged: ReadonlySet<string>
  /** What else happened: the code of a socket's error, a negative answer, or no answer. */
  readonly troubles: readonly string[]
  /** Resolves when every message begun has had its end. */
  finish(): Promise<void>
}

/** Starts `senders` of them; `make` gives the bytes for a control id. */
export function startNewcomers(parts: {
  readonly door: 'mllp' | 'http'
  readonly port: number
  readonly facility: string
  readonly senders: number
  readonly make: (controlId: string, sender: number) => Buffer
  /** From an answer to the next message of the same sender (ms). */
  readonly paceMs: number
}): Newcomers {
  const acknowledged = new Set<string>()
  const troubles: string[] = []
  let stopping = false
  const poster = webPoster(parts.port, parts.facility)
  const overMllp = async (bytes: Buffer): Promise<string | null> => {
    const client = await connect(parts.port)
    const answer = await client.post(bytes)
    client.close()
    return answer?.code ?? null
  }
  const overHttp = async (bytes: Buffer): Promise<string | null> => {
    const { status, body } = await poster(hl7Post(bytes))
    return status === 200 ? (answerOf(body)?.code ?? null) : `HTTP ${status}`
  }
  const sender = async (index: number): Promise<void> => {
    for (let n = 1; !stopping; n++) {
      const controlId = `${parts.door.toUpperCase()}${index}N${n}`
      const bytes = parts.make(controlId, index)
      const said = await (parts.door === 'mllp' ? overMllp(bytes) : overHttp(bytes)).catch(
        (fault: NodeJS.ErrnoException) => fault.code ?? fault.message,
      )
      if (said === 'AA') acknowledged.add(controlId)
      else troubles.push(`${controlId}: ${said ?? 'closed without an answer'}`)
      await wait(parts.paceMs)
    }
  }
  const all = Promise.all(Array.from({ length: parts.senders }, (_, index) => sender(index)))
  return {
    acknowledged,
    troubles,
    async finish() {
      stopping = true
      await all
    },
  }
}
