import { createServer } from 'node:net'

/** First port of a lab when nobody says otherwise, and how far apart and how many others are tried. */
const FIRST = 2_600
const STEP = 10
const TRIES = 40

/** `count` ports of 127.0.0.1 in a row that are free now, from `first`, or from the first place where they are; null: there are none. */
export async function freeRun(first: number | null, count: number): Promise<readonly number[] | null> {
  for (let n = 0; n < (first === null ? TRIES : 1); n += 1) {
    const from = (first ?? FIRST) + n * STEP
    const ports = Array.from({ length: count }, (_, i) => from + i)
    const free = await Promise.all(ports.map(bindable))
    if (free.every(Boolean)) return ports
  }
  return null
}

function bindable(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
