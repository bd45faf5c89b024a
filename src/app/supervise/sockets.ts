import { lookup } from 'node:dns/promises'
import { BoundSocket } from 'node:net'

/** A door, as far as its address goes. */
export interface DoorPlace {
  readonly name: string
  readonly host: string
  readonly port: number
}

/**
 * The sockets of a region's doors, bound and never listened on here: whoever is handed them listens, and what waits to be
 * taken stays with the socket when one listener ends and the next begins. */
export class DoorSockets {
  #held: ReadonlyMap<string, { readonly place: string; readonly socket: BoundSocket }> = new Map()

  /**
   * Holds the sockets of these doors from now on: those whose address is as before stay, others are bound, and what no
   * door needs is let go. @throws when an address cannot be bound; then all is as before */
  async renew(doors: readonly DoorPlace[]): Promise<void> {
    const held = new Map<string, { place: string; socket: BoundSocket }>()
    const made: BoundSocket[] = []
    try {
      for (const { name, host, port } of doors) {
        const place = `${host} ${port}`
        const before = this.#held.get(name)
        if (before?.place === place) {
          held.set(name, before)
          continue
        }
        const { address } = await lookup(host)
        const socket = new BoundSocket({ host: address, port })
        made.push(socket)
        held.set(name, { place, socket })
      }
    } catch (fault) {
      for (const socket of made) socket.close()
      throw fault
    }
    for (const [name, { socket }] of this.#held) if (held.get(name)?.socket !== socket) socket.close()
    this.#held = held
  }

  /** Name and descriptor of each, in the order of the doors; -1 where the system has none. */
  descriptors(): readonly { readonly name: string; readonly descriptor: number }[] {
    return [...this.#held].map(([name, { socket }]) => ({ name, descriptor: socket.fd() }))
  }

  /** Lets go of all. */
  close(): void {
    for (const { socket } of this.#held.values()) socket.close()
    this.#held = new Map()
  }
}
