import type { IncomingHttpHeaders } from 'node:http'

/** Where the caller's trace is (W3C Trace Context §3.2), for an arrival; nothing when the header is not well-formed. Pure. */
export function traceOf(headers: IncomingHttpHeaders): { readonly traceparent?: string } {
  const { traceparent } = headers
  const wellFormed =
    typeof traceparent === 'string' && /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(traceparent)
  return wellFormed ? { traceparent } : {}
}
