import type { Clock } from '../../core/ports.ts'
import type { Link } from './link.ts'

/** How long a link that nobody uses stays open (ms). */
const IDLE_MS = 10_000

/** Links between two mails: the handshake costs more than the mail. */
export class LinkPool {
  readonly #clock: Pick<Clock, 'after'>
  readonly #idle = new Map<Link, () => void>()
  /** Links whose end is listened to. */
  readonly #heard = new WeakSet<Link>()
  #closed = false

  constructor(clock: Pick<Clock, 'after'>) {
    this.#clock = clock
  }

  /** A link that is open and still good; null: none. */
  take(good: (link: Link) => boolean): Link | null {
    for (const [link, cancel] of this.#idle) {
      cancel()
      this.#idle.delete(link)
      const { destroyed, _closing } = link.connection as unknown as { destroyed?: boolean; _closing?: boolean }
      if (destroyed !== true && _closing !== true && good(link)) return link
      link.connection.close()
    }
    return null
  }

  /** Keeps a link for the next mail. */
  give(link: Link): void {
    if (this.#closed) {
      link.connection.quit()
      return
    }
    this.#idle.set(
      link,
      this.#clock.after(IDLE_MS, () => this.#drop(link)),
    )
    if (this.#heard.has(link)) return
    this.#heard.add(link)
    link.connection.once('end', () => {
      this.#idle.get(link)?.()
      this.#idle.delete(link)
    })
  }

  close(): void {
    this.#closed = true
    for (const link of [...this.#idle.keys()]) this.#drop(link)
  }

  #drop(link: Link): void {
    this.#idle.get(link)?.()
    this.#idle.delete(link)
    link.connection.quit()
  }
}
