import type pg from 'pg'
import type { News, Span } from '../../../core/journal.ts'
import type { DeliveryId, DestinationId } from '../../../core/message.ts'
import type { Clock, Log } from '../../../core/ports.ts'
import { asFault } from './connect.ts'
import { leave } from './leave.ts'

/** What a node tells the others after a commit. Names of destinations and ids of deliveries, never content. */
export interface Told {
  /** Incarnation of who tells. */
  readonly by: string
  readonly grown: readonly DestinationId[]
  readonly urgent: readonly DestinationId[]
  readonly moved: readonly DeliveryId[]
  readonly revision: boolean
  readonly features: boolean
  /** Null: too much happened to be told. */
  readonly span: Span | null
}

const CHANNEL = 'passerelle'
/** A notification holds less than 8,000 bytes. */
const MOST_BYTES = 7_500
const AGAIN_MS = 1_000
/** Between two questions whether the connection is still one (ms). */
const STILL_THERE_MS = 2_000

/**
 * The notification of a commit, to be sent within its transaction: it is heard when the commit is, and never otherwise, so
 * that whoever hears it may believe its numbers. Commits have one order already, so that the lock which the server holds
 * while it queues a notification holds up nobody. What does not fit says only that there was much. */
export function notification(told: Told): { readonly name: string; readonly text: string; readonly values: string[] } {
  const whole = JSON.stringify(told)
  const payload =
    whole.length <= MOST_BYTES ? whole : JSON.stringify({ ...told, grown: [], urgent: [], moved: [], span: null })
  return { name: 'tell', text: 'SELECT pg_notify($1, $2)', values: [CHANNEL, payload] }
}

/** Hears what other nodes tell. `missed` is called after each new connection: something may have been told meanwhile. */
export interface Hearing {
  start(): Promise<void>
  close(): Promise<void>
}

/** What is heard, and how. */
export interface HearingParts {
  readonly connect: () => Promise<pg.Client>
  readonly incarnation: string
  readonly clock: Clock
  readonly log: Log
  readonly heard: (told: Told) => void
  readonly missed: () => void
}

/**
 * One connection that listens, made again when it breaks. It is asked now and then whether it still is one: nothing else
 * goes up on it, and a firewall that has forgotten it tells nobody. */
export function hearing({ connect, incarnation, clock, log, heard, missed }: HearingParts): Hearing {
  let client: pg.Client | null = null
  let closed = false
  let cancel: (() => void) | null = null
  async function listen(): Promise<void> {
    const opened = await connect()
    opened.on('notification', ({ payload = '' }) => {
      const told = JSON.parse(payload) as Told
      if (told.by !== incarnation) heard(told)
    })
    try {
      await opened.query(`LISTEN ${CHANNEL}`)
      if (closed) return await leave(opened)
    } catch (fault) {
      void leave(opened)
      throw fault
    }
    client = opened
    opened.once('end', again)
    stillThere(opened)
  }
  function stillThere(opened: pg.Client): void {
    cancel = clock.after(STILL_THERE_MS, () => {
      opened.query('SELECT 1').then(
        () => {
          if (client === opened && !closed) stillThere(opened)
        },
        () => void leave(opened),
      )
    })
  }
  function again(): void {
    client = null
    cancel?.()
    if (closed) return
    cancel = clock.after(AGAIN_MS, () => {
      listen().then(missed, (fault: unknown) => {
        log.warn('news.unheard', { code: asFault(fault).code })
        again()
      })
    })
  }
  return {
    start: listen,
    async close() {
      closed = true
      cancel?.()
      if (client !== null) await leave(client)
    },
  }
}

/** Those who watch the queues. What goes wrong in one is not the store's. */
export function listeners(log: Log) {
  const all: ((news: News) => void)[] = []
  return {
    add: (listener: (news: News) => void): void => {
      all.push(listener)
    },
    tell(news: News): void {
      for (const listener of all) {
        try {
          listener(news)
        } catch (error) {
          log.error('journal.listener-failed', {}, error)
        }
      }
    },
  }
}
