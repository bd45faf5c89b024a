import type { Dispatcher } from 'undici'
import type { FhirTarget, HttpTarget } from '../../core/config.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { Outcome } from '../../core/outcome.ts'
import type { SenderParts, To } from '../attempts.ts'
import { nextPoll } from '../dial.ts'
import { abandoned, givenUp, type MayBegin, notOurs } from '../give-up.ts'
import { brokenBy, causes, DialFailure, poolTo } from './pool.ts'
import { type Witness, witnessing } from './witness.ts'

/** The longest answer read (bytes); of a longer one only the status counts. */
export const MAX_ANSWER_BYTES = 1_024 * 1_024

/** What came back. `body` null: the answer broke off, was too long or coded, and `fault` says which. */
export interface Answer {
  readonly status: number
  readonly headers: Witness['headers']
  readonly body: Buffer | null
  readonly fault: ErrorCode | null
}

/** Makes the one request through the dispatcher and waits for its end. It sees no body, and may throw what it likes. */
export type Ask = (dispatcher: Dispatcher, signal: AbortSignal) => Promise<unknown>

/** The connections to one HTTP destination. */
export interface Wire {
  /**
   * Makes one request with a body of so many bytes. An outcome: no answer came. The destination's timeout runs from each
   * 64 KiB handed to the connection, and once more from the answer's first byte to its last. `mayBegin` is asked once a
   * connection is there, right before the request is written. Never rejects. */
  exchange(bodyBytes: number, ask: Ask, signal: AbortSignal, mayBegin: MayBegin): Promise<Answer | Outcome>
  /** Turns away who waits for a connection. */
  end(): void
  free(): Promise<void>
}

/** An answer that is here, rather than the outcome of there being none. */
export function isAnswer(came: Answer | Outcome): came is Answer {
  return 'status' in came
}

/**
 * Opens nothing yet. `maxInFlight` and `urgentInFlight` connections at most, HTTP/1.1, one request on each at a time;
 * redirections are not followed, and no proxy of the environment is used. */
export function wire(destination: To<HttpTarget | FhirTarget>, parts: SenderParts): Wire {
  const { clock } = parts
  const ending = new AbortController()
  const pool = poolTo(destination, parts, { signal: ending.signal, maxAnswerBytes: MAX_ANSWER_BYTES })

  return {
    async exchange(bodyBytes, ask, signal, mayBegin) {
      // An idle connection whose end is here but not yet read is seen before a byte is written.
      await nextPoll()
      if (signal.aborted) return givenUp(signal)
      const stop = new AbortController()
      const timer = { late: false, cancel: () => {} }
      const progress = (): void => {
        timer.cancel()
        timer.cancel = clock.after(destination.timeoutMs, () => {
          timer.late = true
          stop.abort()
        })
      }
      const { witness, interceptor } = witnessing(bodyBytes, progress, mayBegin)
      const abort = (): void => stop.abort()
      signal.addEventListener('abort', abort, { once: true })
      try {
        await ask(pool.compose(interceptor), stop.signal)
      } catch (fault) {
        witness.fault ??= fault
      } finally {
        timer.cancel()
        signal.removeEventListener('abort', abort)
      }
      return judge(witness, timer.late, signal)
    },
    end: () => ending.abort(),
    free: () => pool.close(),
  }
}

/** What the witness saw, as an answer or as the outcome of there being none. */
function judge(witness: Witness, late: boolean, signal: AbortSignal): Answer | Outcome {
  const { status, headers, chunks, ended, started } = witness
  if (status !== null && ended) return { status, headers, body: Buffer.concat(chunks), fault: null }
  const code = late ? 'ANSWER_TIMEOUT' : signal.aborted ? abandoned(signal) : brokenBy(witness.fault)
  if (status !== null) return { status, headers, body: null, fault: code }
  if (!started) return witness.notOurs ? notOurs() : unsent(witness.fault, signal)
  if (code === 'TLS_FAILED') return { kind: 'retry', code, breaker: true }
  return { kind: 'unknown', code }
}

function unsent(fault: unknown, signal: AbortSignal): Outcome {
  if (signal.aborted) return givenUp(signal)
  const failure = causes(fault).find((one) => one instanceof DialFailure)
  if (failure !== undefined && failure.code !== 'DRAINING') return { kind: 'retry', code: failure.code, breaker: true }
  return { kind: 'retry', code: 'DRAINING' }
}
