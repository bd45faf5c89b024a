import { Type } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { GatewayError } from '../core/errors.ts'
import type { FileImport, ImportState } from '../core/imports/imported.ts'
import type { Server } from './console.ts'

/** The content type of a file that is imported. */
export const FILE_TYPE = 'application/octet-stream'

/** What goes with a file: its name, and why it is imported. */
export const ImportQuery = Type.Object(
  {
    name: Type.String({
      minLength: 1,
      maxLength: 200,
      pattern: '^[^/\\\\\\u0000-\\u001f]+$',
      description: 'Of the file',
    }),
    reason: Type.Optional(Type.String({ minLength: 1, maxLength: 500, description: 'Why: written beside the act' })),
  },
  { additionalProperties: false },
)

/** Files are taken as they come, and go to disk meanwhile: what may be of them at most is for the import to say. */
export function takeFiles(server: Server): void {
  server.addContentTypeParser(FILE_TYPE, (_request, payload, done) => done(null, payload))
}

/** The file of a request; `bytes` null: it does not say how long it is. @throws {GatewayError} MEDIA_TYPE: there is none */
export function fileOf(request: Pick<FastifyRequest, 'body' | 'headers'>): {
  readonly bytes: number | null
  readonly chunks: AsyncIterable<Uint8Array>
} {
  const chunks = request.body as AsyncIterable<Uint8Array> | undefined
  if (typeof chunks !== 'object' || chunks === null || !(Symbol.asyncIterator in chunks))
    throw new GatewayError('MEDIA_TYPE')
  const length = Number(request.headers['content-length'])
  return { bytes: Number.isSafeInteger(length) ? length : null, chunks }
}

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())

function importJson<Import extends FileImport>(one: Import | null) {
  if (one === null) return null
  const { startedAtMs, endedAtMs, generatedAtMs, ...same } = one
  return { ...same, startedAt: iso(startedAtMs), endedAt: iso(endedAtMs), generatedAt: iso(generatedAtMs) }
}

/** Imports as the API tells them: times as text. */
export function importStateJson<Import extends FileImport>({ current, running, last }: ImportState<Import>) {
  return { current: importJson(current), running: importJson(running), last: last.map(importJson) }
}
