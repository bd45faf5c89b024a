import { freePort } from './ports.ts'
import { type Accepted, openReceiver, type Receiver } from './receiver.ts'
import { openWebReceiver } from './web-receiver.ts'
import type { WorldDestination } from './world.ts'

/** The receivers behind the destinations of a region. */
export interface Receivers {
  /** @throws {Error} when there is none of that name, or it is dead */
  receiver(destination: string): Receiver
  /** Opens the receiver of a dead destination. */
  listen(destination: string): Promise<Receiver>
  /** Port of a destination, whether anybody listens there or not. */
  portOf(destination: string): number
  close(): Promise<void>
}

/** Opens those that are not dead; `accepted` is told of every connection. Close them. */
export async function openReceivers(
  destinations: Readonly<Record<string, WorldDestination>>,
  accepted: (destination: string, ...connection: Parameters<Accepted>) => void = () => {},
): Promise<Receivers> {
  const receivers = new Map<string, Receiver>()
  const ports = new Map<string, number>()
  for (const id of Object.keys(destinations)) ports.set(id, await freePort())
  const portOf = (id: string): number => ports.get(id) ?? 0
  const listen = async (id: string): Promise<Receiver> => {
    const { type = 'mllp', script, halfOpen = false, keeps = false } = destinations[id] ?? {}
    const port = portOf(id)
    const told: Accepted = (...connection) => accepted(id, ...connection)
    const receiver = await (type === 'mllp'
      ? openReceiver(port, script, { halfOpen, keeps, accepted: told })
      : openWebReceiver(port, script, told, keeps))
    receivers.set(id, receiver)
    return receiver
  }
  for (const [id, { dead }] of Object.entries(destinations)) if (!dead) await listen(id)
  return {
    receiver(id) {
      const receiver = receivers.get(id)
      if (receiver === undefined) throw new Error(`no receiver behind ${id}`)
      return receiver
    },
    listen,
    portOf,
    async close() {
      await Promise.all([...receivers.values()].map((receiver) => receiver.close()))
    },
  }
}
