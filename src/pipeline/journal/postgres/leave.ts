import type { Socket } from 'node:net'
import type pg from 'pg'

/** How long the goodbye to a database may take (ms). */
const GOODBYE_MS = 1_000

/**
 * Ends a connection in order; one on which nobody answers any more is torn down after 1 s, since it would keep the process
 * alive. Never rejects. */
export async function leave(client: pg.Client): Promise<void> {
  client.end().catch(() => {})
  await gone(client)
}

/** Ends a connection here and now: whoever waits for an answer on it has an error instead. */
export function tear(client: pg.ClientBase): void {
  streamOf(client).destroy()
}

function streamOf(client: pg.ClientBase): Socket {
  return (client as unknown as { readonly connection: { readonly stream: Socket } }).connection.stream
}

/** Waits for the end of a connection to which goodbye has been said, 1 s at most. */
export function gone(client: pg.ClientBase): Promise<void> {
  const stream = streamOf(client)
  if (stream.destroyed) return Promise.resolve()
  return new Promise((resolve) => {
    const tear = setTimeout(() => stream.destroy(), GOODBYE_MS)
    stream.once('close', () => {
      clearTimeout(tear)
      resolve()
    })
  })
}
