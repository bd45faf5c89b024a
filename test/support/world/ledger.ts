import { crc32 } from 'node:zlib'
import type { Behaviour, Received, Receiver, Script } from './receiver.ts'
import { within } from './until.ts'

/** What every receiver keeps, whatever it speaks: who came, in which life of the gateway, and who waits for what. */
export interface LedgerBook {
  /** Writes a message down and tells what the script has for it. */
  write(controlId: string, bytes: Buffer, connection: number): Behaviour
  /** Wakes those who wait; call when the message has been dealt with. */
  look(): void
  /** The part of a receiver that is about its ledger. */
  readonly receiver: Omit<Receiver, 'port' | 'connections' | 'close'>
}

/** An empty ledger; `port` names the receiver in errors; with `keeps` each line has the bytes. */
export function ledgerBook(port: number, script: Script, keeps = false): LedgerBook {
  const ledger: Received[] = []
  const times = new Map<string, number>()
  const waiting = new Set<() => void>()
  let behave = script
  let epoch = 0
  return {
    write(controlId, bytes, connection) {
      const nth = (times.get(controlId) ?? 0) + 1
      times.set(controlId, nth)
      const behaviour = behave(controlId, nth)
      const line = { controlId, crc: crc32(bytes), connection, epoch, atMs: Date.now(), behaviour }
      ledger.push(keeps ? { ...line, bytes: Buffer.from(bytes) } : line)
      return behaviour
    },
    look() {
      for (const look of waiting) look()
    },
    receiver: {
      ledger,
      get distinct() {
        return new Set(times.keys())
      },
      epoch: () => {
        epoch++
      },
      behave: (next) => {
        behave = next
      },
      async when(condition, withinMs = 60_000) {
        let look = (): void => {}
        const holds = new Promise<void>((resolve) => {
          look = () => condition(this) && resolve()
        })
        waiting.add(look)
        look()
        try {
          await within(withinMs, `what the receiver on ${port} waits for; it has ${ledger.length} messages`, holds)
        } finally {
          waiting.delete(look)
        }
      },
    },
  }
}
