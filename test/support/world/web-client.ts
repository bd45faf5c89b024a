import http from 'node:http'
import { senderKey } from './region.ts'

/** An answer of the HTTP door. */
export interface WebAnswer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly body: Buffer
}

/** One request to post. */
export interface WebPost {
  readonly path: string
  readonly type: string
  readonly body: Buffer | string
  readonly headers?: Readonly<Record<string, string>>
}

/** Posts with the key of sender `facility`. @throws the socket's error, or when no answer came in time (30 s) */
export type WebPoster = (post: WebPost) => Promise<WebAnswer>

/** A poster over `agent`; one connection per post without one. */
export function webPoster(
  port: number,
  facility: string,
  agent: http.Agent | false = false,
  withinMs = 30_000,
): WebPoster {
  return ({ path, type, body, headers }) =>
    new Promise((resolve, reject) => {
      const asked = http.request(
        {
          host: '127.0.0.1',
          port,
          path,
          method: 'POST',
          agent,
          timeout: withinMs,
          headers: {
            authorization: `Bearer ${senderKey(facility)}`,
            'content-type': type,
            'content-length': Buffer.byteLength(body),
            ...headers,
          },
        },
        (answer) => {
          const chunks: Buffer[] = []
          answer.on('data', (chunk: Buffer) => chunks.push(chunk))
          answer.on('error', reject)
          answer.on('end', () =>
            resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) }),
          )
        },
      )
      asked.on('timeout', () => asked.destroy(new Error(`POST ${path}: no answer`)))
      asked.on('error', reject)
      asked.end(body)
    })
}

/** HL7 v2 for `POST /hl7`. */
export const hl7Post = (body: Buffer | string): WebPost => ({ path: '/hl7', type: 'application/hl7-v2', body })

/** FHIR for `POST /fhir…`. */
export const fhirPost = (path: string, body: Buffer | string, headers: Record<string, string> = {}): WebPost => ({
  path: `/fhir${path}`,
  type: 'application/fhir+json',
  body,
  headers,
})
