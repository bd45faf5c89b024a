import type { MllpTarget } from '../../core/config.ts'
import type { Lane } from '../../core/message.ts'
import type { To } from '../attempts.ts'
import { Line, type LineParts } from './line.ts'

interface Waiter {
  readonly lane: Lane
  readonly take: (line: Line | null) => void
}

interface Pool {
  readonly idle: Line[]
  readonly waiting: Waiter[]
}

/** The lines of one destination: `maxInFlight` for the normal lane and `urgentInFlight` of their own for the urgent one. */
export interface Lanes {
  /** A line of this lane, when one is free; null when the signal was aborted or the lanes were closed meanwhile. */
  take(lane: Lane, signal: AbortSignal): Promise<Line | null>
  give(lane: Lane, line: Line): void
  /** Turns away who waits and ends the lines that are free; one that is out is ended when it is given back. */
  close(): void
}

/** Lanes of a destination. Without urgent lines of its own, urgent work goes first on the normal ones. */
export function lanes(destination: To<MllpTarget>, parts: LineParts): Lanes {
  const pool = (size: number): Pool => ({
    idle: Array.from({ length: size }, () => new Line(destination, parts)),
    waiting: [],
  })
  const normal = pool(Math.max(1, destination.maxInFlight))
  const urgent = destination.urgentInFlight > 0 ? pool(destination.urgentInFlight) : normal
  const of = (lane: Lane): Pool => (lane === 'urgent' ? urgent : normal)
  let closed = false
  return {
    take(lane, signal) {
      const { idle, waiting } = of(lane)
      if (closed || signal.aborted) return Promise.resolve(null)
      // The line used last: its connection is the likeliest to be alive.
      const line = idle.pop()
      if (line !== undefined) return Promise.resolve(line)
      return new Promise((resolve) => {
        const stop = (): void => {
          waiting.splice(waiting.indexOf(waiter), 1)
          resolve(null)
        }
        const waiter: Waiter = {
          lane,
          take(given) {
            signal.removeEventListener('abort', stop)
            resolve(given)
          },
        }
        signal.addEventListener('abort', stop, { once: true })
        const behind = lane === 'urgent' ? waiting.findIndex((other) => other.lane !== 'urgent') : -1
        waiting.splice(behind < 0 ? waiting.length : behind, 0, waiter)
      })
    },
    give(lane, line) {
      if (closed) {
        line.end()
        return
      }
      const { idle, waiting } = of(lane)
      const next = waiting.shift()
      if (next === undefined) idle.push(line)
      else next.take(line)
    },
    close() {
      closed = true
      for (const { idle, waiting } of new Set([normal, urgent])) {
        for (const waiter of waiting.splice(0)) waiter.take(null)
        for (const line of idle.splice(0)) line.end()
      }
    },
  }
}
