import type { MessageId } from '../../core/message.ts'

/** What a span says of itself: words and figures of ours, ids of messages, never content. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>

/** Where another trace goes on in ours, or ours in another (W3C Trace Context). */
export interface SpanPlace {
  /** 32 lower-case hexadecimal digits. */
  readonly traceId: string
  /** 16 of them. */
  readonly spanId: string
}

/** Something that took time. Times are wall-clock ms since 1970, with fractions. */
export interface Span extends SpanPlace {
  readonly parentSpanId: string | null
  readonly name: 'message' | 'commit' | 'attempt'
  readonly kind: 'internal' | 'server' | 'client'
  readonly startMs: number
  readonly endMs: number
  readonly attributes: SpanAttributes
  readonly failed: boolean
  readonly link: SpanPlace | null
}

/**
 * The trace of a message and its root span, both from the id (UUIDv7), so that every node, whenever it works on the message,
 * adds to the same trace. Pure. */
export function placeOf(id: MessageId): SpanPlace {
  const traceId = id.replaceAll('-', '')
  return { traceId, spanId: traceId.slice(16) }
}

/** Bits that W3C Trace Context 2 asks to be random: the last 56. */
const RANDOM_DIGITS = 14

/** Is a trace among the part `rate` (0 to 1) that is told of? The same answer everywhere, for the same id. Pure. */
export function isSampled({ traceId }: SpanPlace, rate: number): boolean {
  return Number.parseInt(traceId.slice(-RANDOM_DIGITS), 16) >= (1 - rate) * 16 ** RANDOM_DIGITS
}

/** The header that hands a place on. Pure. */
export function traceparentOf({ traceId, spanId }: SpanPlace): string {
  return `00-${traceId}-${spanId}-01`
}

/** The place in a well-formed header, or null. Pure. */
export function placeIn(traceparent: string | undefined): SpanPlace | null {
  const [, traceId, spanId] = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}/.exec(traceparent ?? '') ?? []
  return traceId === undefined || spanId === undefined ? null : { traceId, spanId }
}

const KINDS = { internal: 1, server: 2, client: 3 } as const
const ERROR = 2

function keyValue([key, value]: [string, string | number | boolean]) {
  if (typeof value === 'string') return { key, value: { stringValue: value } }
  if (typeof value === 'boolean') return { key, value: { boolValue: value } }
  return { key, value: Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value } }
}

/** Nanoseconds as text: they do not fit a number. */
const nanoseconds = (ms: number): string => `${Math.round(ms * 1_000)}000`

function written(span: Span) {
  const { traceId, spanId, parentSpanId, name, link } = span
  return {
    traceId,
    spanId,
    ...(parentSpanId !== null && { parentSpanId }),
    name,
    kind: KINDS[span.kind],
    startTimeUnixNano: nanoseconds(span.startMs),
    endTimeUnixNano: nanoseconds(span.endMs),
    attributes: Object.entries(span.attributes).map(keyValue),
    ...(link !== null && { links: [link] }),
    status: span.failed ? { code: ERROR } : {},
  }
}

/** The body of an export: OTLP 1.x over HTTP, JSON encoding (ids in hexadecimal). Pure. */
export function exportRequest(spans: readonly Span[], resource: SpanAttributes): string {
  const scopeSpans = [{ scope: { name: 'passerelle' }, spans: spans.map(written) }]
  return JSON.stringify({
    resourceSpans: [{ resource: { attributes: Object.entries(resource).map(keyValue) }, scopeSpans }],
  })
}
