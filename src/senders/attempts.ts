import type { Target, Way } from '../core/config.ts'
import { codeOf } from '../core/errors.ts'
import type { Outcome } from '../core/outcome.ts'
import type { Clock, Consignment, Log, Meter, Sender } from '../core/ports.ts'

/** A destination of one type. */
export interface To<T extends Target> extends Way {
  readonly target: T
}

/** What every sender is given by the gateway. */
export interface SenderParts {
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

/** One attempt, from the consignment to what it taught us. It may throw only after bytes may have left. */
export type Attempt = (consignment: Consignment, signal: AbortSignal) => Promise<Outcome>

/**
 * A sender made of its one attempt: whatever that throws is an unknown outcome and a line in the log, and closing waits
 * for the attempts under way. `end` is called at the first close, before that wait; `free` after it. */
export function senderOf(
  kind: Sender['kind'],
  destination: Way,
  log: Log,
  attempt: Attempt,
  { end, free }: { end(): void; free?(): Promise<void> },
): Sender {
  const running = new Set<Promise<Outcome>>()
  let closing: Promise<void> | null = null
  const close = async (): Promise<void> => {
    end()
    await Promise.all(running)
    await free?.()
  }
  const safely: Attempt = async (consignment, signal) => {
    if (closing !== null) return { kind: 'retry', code: 'DRAINING' }
    try {
      return await attempt(consignment, signal)
    } catch (fault) {
      log.error(`${kind}.send-failed`, { destination: destination.id, code: codeOf(fault) }, fault)
      return { kind: 'unknown', code: 'CONNECTION_CUT' }
    }
  }
  return {
    kind,
    async send(consignment, signal) {
      const outcome = safely(consignment, signal)
      running.add(outcome)
      try {
        return await outcome
      } finally {
        running.delete(outcome)
      }
    },
    close() {
      closing ??= close()
      return closing
    },
  }
}

/** Runs what happens before a byte leaves: a fault of ours there is a plain retry, which says so by its code. */
export async function beforehand<T>(work: () => Promise<T>): Promise<T | Outcome> {
  try {
    return await work()
  } catch (fault) {
    return { kind: 'retry', code: codeOf(fault) }
  }
}

/** The header that hands the attempt's trace on, where it is to be. Pure. */
export function tracing({ traceparent }: Consignment): { readonly traceparent?: string } {
  return traceparent === undefined ? {} : { traceparent }
}
