import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'

/** A span as it arrives, with its attributes as a plain object. */
export interface CollectedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: Readonly<Record<string, string | number | boolean>>
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[]
  readonly status: { readonly code?: number }
}

/** A collector of traces: takes OTLP over HTTP in JSON (opentelemetry-proto, `ExportTraceServiceRequest`), reads it strictly. */
export interface Collector {
  readonly url: string
  readonly spans: readonly CollectedSpan[]
  /** Attributes of every resource that spoke. */
  readonly resources: readonly Readonly<Record<string, unknown>>[]
  /** Every body as it came. */
  readonly bodies: readonly string[]
  /** What the next requests are answered with; null: nothing at all. */
  answer(status: number | null): void
  /** Resolves once `condition` holds; looked at after each request. */
  when(condition: () => boolean): Promise<void>
  close(): Promise<void>
}

type Value = { stringValue?: string; intValue?: string; doubleValue?: number; boolValue?: boolean }

function plain(attributes: readonly { key: string; value: Value }[]): Record<string, string | number | boolean> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => {
      if (Object.keys(value).length !== 1) throw new Error(`${key} has not one value`)
      const { stringValue, intValue, doubleValue, boolValue } = value
      return [key, stringValue ?? (intValue === undefined ? undefined : Number(intValue)) ?? doubleValue ?? boolValue!]
    }),
  )
}

/** Opens one on a free port of 127.0.0.1. */
export async function openCollector(): Promise<Collector> {
  const spans: CollectedSpan[] = []
  const resources: Record<string, unknown>[] = []
  const bodies: string[] = []
  let status: number | null = 200
  let look = (): void => {}
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8')
      bodies.push(body)
      if (status === 200) {
        for (const { resource, scopeSpans } of JSON.parse(body).resourceSpans) {
          resources.push(plain(resource.attributes))
          for (const scope of scopeSpans) {
            for (const span of scope.spans) spans.push({ ...span, attributes: plain(span.attributes) })
          }
        }
      }
      if (status !== null) response.writeHead(status, { 'content-type': 'application/json' }).end('{}')
      look()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`,
    spans,
    resources,
    bodies,
    answer: (next) => {
      status = next
    },
    async when(condition) {
      while (!condition()) await new Promise<void>((resolve) => void (look = resolve))
    },
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
