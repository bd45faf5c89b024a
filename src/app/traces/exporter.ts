import type { Clock, Log, Meter } from '../../core/ports.ts'
import { exportRequest, type Span, type SpanAttributes } from './span.ts'

/** Spans that wait at most; what comes on top is dropped and counted. */
export const MOST_WAITING = 4_096
/** Spans in one request. */
export const BATCH = 512
/** Spans are sent at the latest after this (ms). */
export const WAIT_MS = 1_000
/** A collector that cannot be reached, or asks for patience, is tried again after this (ms). */
export const AGAIN_MS = 5_000
/** A request without an answer is given up after this (ms). */
export const TIMEOUT_MS = 5_000
/** What is still waiting at a stop has so long (ms). */
const LAST_MS = 2_000

/** Hands spans to a collector, behind everything else. */
export interface Exporter {
  /** Never waits and never throws: when too many wait, the span is dropped and counted. */
  put(span: Span): void
  /** Sends what waits, for two seconds at most. */
  stop(): Promise<void>
}

/** Whom spans go to, and how. */
export interface ExporterParts {
  /** Where OTLP is taken over HTTP. */
  readonly url: string
  /** Who speaks: name, instance, version. */
  readonly resource: SpanAttributes
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

/** OTLP/HTTP: these statuses mean "later"; any other failure is for good. */
const LATER = new Set([429, 502, 503, 504])

/**
 * The exporter. One request at a time; what a collector cannot take now waits in memory, up to a limit. A collector that is
 * slow, wrong or dead costs spans, never a message. */
export function exporter({ url, resource, clock, log, meter }: ExporterParts): Exporter {
  let waiting: Span[] = []
  let sending: Promise<void> | null = null
  let cancel: (() => void) | null = null
  let silent = false
  let stopped = false

  const drop = (count: number): void => meter.count('trace_spans_dropped_total', {}, count)
  const wake = (ms: number): void => {
    if (stopped || sending !== null) return
    cancel ??= clock.after(ms, send)
  }
  function send(): void {
    cancel?.()
    cancel = null
    if (sending !== null || waiting.length === 0) return
    sending = batch().then((nextMs) => {
      sending = null
      if (waiting.length > 0) wake(nextMs)
    })
  }
  /** Sends the oldest that wait; gives the time until the next (ms). */
  async function batch(): Promise<number> {
    const spans = waiting.slice(0, BATCH)
    const status = await post(url, exportRequest(spans, resource), clock)
    const later = status === null || LATER.has(status)
    const taken = status !== null && status >= 200 && status < 300
    if (later !== silent) {
      silent = later
      if (later) log.warn('traces.unsent', { count: waiting.length })
      else log.info('traces.sent', { count: spans.length })
    }
    if (later) return AGAIN_MS
    waiting = waiting.slice(spans.length)
    if (taken) meter.count('trace_spans_sent_total', {}, spans.length)
    else drop(spans.length)
    return waiting.length >= BATCH ? 0 : WAIT_MS
  }
  return {
    put(span) {
      if (stopped || waiting.length >= MOST_WAITING) return drop(1)
      waiting.push(span)
      if (waiting.length >= BATCH && !silent) send()
      else wake(WAIT_MS)
    },
    async stop() {
      stopped = true
      cancel?.()
      const { promise: late, resolve } = Promise.withResolvers<void>()
      const cancelLast = clock.after(LAST_MS, resolve)
      const rest = async (): Promise<void> => {
        await sending
        for (let before = 0; waiting.length > 0 && waiting.length !== before; ) {
          before = waiting.length
          await batch()
        }
      }
      await Promise.race([rest(), late])
      cancelLast()
      drop(waiting.length)
      waiting = []
    },
  }
}

/** Posts, and gives the status; null when there was none. */
async function post(url: string, body: string, clock: Clock): Promise<number | null> {
  const giveUp = new AbortController()
  const cancel = clock.after(TIMEOUT_MS, () => giveUp.abort())
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      redirect: 'manual',
      signal: giveUp.signal,
    })
    await answer.body?.cancel()
    return answer.status
  } catch {
    return null
  } finally {
    cancel()
  }
}
