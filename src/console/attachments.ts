import { Readable } from 'node:stream'
import { Type } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import {
  ATTACHMENT_TYPES,
  type Attachment,
  type AttachmentCommands,
  type AttachmentViews,
  type Upload,
  type Uploaded,
} from '../core/attachments.ts'
import { type CaseId, viewerOf } from '../core/cases.ts'
import { GatewayError } from '../core/errors.ts'
import { describeRoutes } from './api.ts'
import type { Guards, Server } from './console.ts'
import { Id } from './messages.ts'
import { callerAsViewer, patientOf } from './viewer.ts'

/** What the API of photos and documents is made of. */
export interface AttachmentApiParts {
  readonly attachments: AttachmentCommands
  readonly views: AttachmentViews
}

/** Bytes of one piece of an upload. */
export const PIECE_BYTES = 1024 * 1024
/** Type of a piece, as tus.io has it. */
export const PIECE_TYPE = 'application/offset+octet-stream'

const Begun = Type.Object(
  {
    bytes: Type.Integer({ minimum: 1, maximum: 2 ** 31 }),
    type: Type.Union(ATTACHMENT_TYPES.map((type) => Type.Literal(type))),
    sha256: Type.Optional(Type.Union([Type.String({ pattern: '^[0-9a-f]{64}$' }), Type.Null()])),
    case: Type.Optional(Type.Union([Type.String({ minLength: 1, maxLength: 64 }), Type.Null()])),
    as: Type.Optional(
      Type.String({ minLength: 1, maxLength: 64, description: 'Establishment that the caller acts for.' }),
    ),
  },
  { additionalProperties: false },
)
const Attached = Type.Object(
  { attachments: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { minItems: 1, maxItems: 50 }) },
  { additionalProperties: false },
)
const iso = (atMs: number): string => new Date(atMs).toISOString()

/** An attachment as the API shows it. */
export function attachmentJson({ atMs, ...one }: Attachment) {
  return { ...one, at: iso(atMs) }
}

function uploadJson({ expiresAtMs, ...one }: Upload) {
  return { ...one, expiresAt: iso(expiresAtMs) }
}

/**
 * Uploads that may be taken up again where the line broke: POST makes one, PATCH with `Upload-Offset` adds a piece, HEAD tells
 * how far it is (the words of tus.io 1.0, without its extensions); and what they became. */
export function attachmentPlugin(
  parts: AttachmentApiParts,
): (server: Server, doorway: { readonly guards: Guards }) => void {
  return (server, { guards }) => {
    describeRoutes(server)
    server.addContentTypeParser(PIECE_TYPE, { parseAs: 'buffer', bodyLimit: PIECE_BYTES }, (_request, body, done) =>
      done(null, body),
    )
    uploadRoutes(server, parts, guards)
    readRoutes(server, parts, guards)
  }
}

/** Says how far an upload is, whatever else is said. */
function told(said: Uploaded, reply: FastifyReply): Upload {
  if (!said.ok) {
    if (said.received !== undefined) reply.header('upload-offset', String(said.received))
    throw new GatewayError(said.error)
  }
  const { upload } = said
  reply.header('upload-offset', String(upload.received)).header('upload-length', String(upload.bytes))
  return upload
}

function uploadRoutes(server: Server, { attachments }: AttachmentApiParts, guards: Guards): void {
  const onRequest = guards.may('cases:act')
  const viewer = (request: FastifyRequest) => callerAsViewer(guards.callerOf(request))
  server.post('/api/cases/uploads', { onRequest, schema: { body: Begun } }, async (request, reply) => {
    const { sha256 = null, case: of = null, as: here, ...asked } = request.body
    const who = here === undefined ? viewer(request) : viewerOf(guards.callerOf(request), here)
    if (who === null) throw new GatewayError('CASE_FORBIDDEN')
    const upload = told(await attachments.create({ ...asked, sha256, case: of }, who), reply)
    return reply.code(201).header('location', `/api/cases/uploads/${upload.id}`).send(uploadJson(upload))
  })
  const one = { onRequest, schema: { params: Id } }
  server.head('/api/cases/uploads/:id', one, async (request, reply) => {
    told(await attachments.stand(request.params.id, viewer(request)), reply)
    return reply.code(200).send()
  })
  server.patch('/api/cases/uploads/:id', one, async (request, reply) => {
    const written = String(request.headers['upload-offset'] ?? '')
    if (!/^\d{1,12}$/.test(written) || !Buffer.isBuffer(request.body)) throw new GatewayError('BAD_REQUEST')
    const said = await attachments.append(request.params.id, Number(written), request.body, viewer(request))
    return reply.send(uploadJson(told(said, reply)))
  })
  server.delete('/api/cases/uploads/:id', one, async (request, reply) => {
    const said = await attachments.drop(request.params.id, viewer(request))
    if (!said.ok) throw new GatewayError(said.error)
    return reply.code(204).send()
  })
}

function readRoutes(server: Server, { attachments, views }: AttachmentApiParts, guards: Guards): void {
  const onRequest = guards.may('cases:clinical')
  const tellAudit = async (request: FastifyRequest, id: CaseId | null): Promise<void> => {
    const of = id === null ? null : await views.whose(id, guards.callerOf(request))
    if (of !== null) guards.about(request, { case: of.number, ...patientOf(of) })
  }
  server.get('/api/cases/:id/attachments', { onRequest, schema: { params: Id } }, async (request) => {
    const { id } = request.params
    await tellAudit(request, id)
    return { attachments: (await views.list(id, guards.callerOf(request))).map(attachmentJson) }
  })
  const act = { onRequest: guards.may('cases:act'), schema: { params: Id, body: Attached } }
  server.post('/api/cases/:id/attachments', act, async (request, reply) => {
    const viewer = callerAsViewer(guards.callerOf(request))
    if (!(await attachments.attach(request.body.attachments, request.params.id, viewer)))
      throw new GatewayError('NOT_FOUND')
    return reply.code(204).send()
  })
  server.get('/api/cases/attachments/:id', { onRequest, schema: { params: Id } }, async (request, reply) => {
    const found = await views.open(request.params.id, callerAsViewer(guards.callerOf(request)))
    if (found === null) throw new GatewayError('NOT_FOUND')
    const { type, bytes, case: of } = found.attachment
    await tellAudit(request, of)
    return reply
      .header('content-type', type)
      .header('content-length', String(bytes))
      .header('content-disposition', type === 'application/pdf' ? 'attachment' : 'inline')
      .send(Readable.from(found.bytes, { objectMode: false }))
  })
}
