import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import type { NewEvidence } from '../core/conformity-commands.ts'
import { GatewayError } from '../core/errors.ts'
import { partsOf } from '../formats/dicom/parts.ts'
import { boundaryOf, fieldOf } from '../formats/http/multipart.ts'

/** Fields of a form of evidence, and the file behind them. */
const PARTS = { maxParts: 8, maxHeaderBytes: 2_048 } as const
/** Longest field (bytes): a statement. */
const FIELD_BYTES = 16_384

/**
 * The evidence of a form (`multipart/form-data`, RFC 7578) as it comes: fields first, then `file`, whose bytes are held by nobody.
 * What `keep` makes of it is given. @throws {GatewayError} MEDIA_TYPE, BAD_REQUEST, also where it breaks off; what `keep` throws */
export async function evidenceOfForm<Kept>(
  request: FastifyRequest,
  keep: (evidence: NewEvidence) => Promise<Kept>,
): Promise<Kept> {
  const boundary = boundaryOf(request.headers['content-type'] ?? '')
  const coded = !['', 'identity'].includes(request.headers['content-encoding'] ?? '')
  if (boundary === null || coded) throw new GatewayError('MEDIA_TYPE')
  const fields = new Map<string, string>()
  try {
    for await (const { headers, bytes } of partsOf(arriving(request.raw), boundary, PARTS)) {
      const { name, file } = fieldOf(headers.get('content-disposition') ?? '')
      if (name === null || fields.has(name)) throw new GatewayError('BAD_REQUEST')
      if (!file) fields.set(name, await textOf(bytes))
      else if (name === 'file') return await keep(newOf(fields, bytes))
      else throw new GatewayError('BAD_REQUEST')
    }
  } catch (fault) {
    const isForm = fault instanceof GatewayError && /^MULTIPART_/.test(fault.code)
    throw isForm ? new GatewayError('BAD_REQUEST', undefined, { cause: fault }) : fault
  }
  return keep(newOf(fields, null))
}

/** The body as it comes. @throws {GatewayError} BAD_REQUEST where the connection breaks */
async function* arriving(raw: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    yield* raw.iterator({ destroyOnReturn: false })
  } catch (cause) {
    throw new GatewayError('BAD_REQUEST', undefined, { cause })
  }
}

const NAMES = ['establishment', 'framework', 'requirement', 'statement', 'sha256'] as const

function newOf(fields: ReadonlyMap<string, string>, document: AsyncIterable<Uint8Array> | null): NewEvidence {
  const unknown = [...fields.keys()].some((name) => !(NAMES as readonly string[]).includes(name))
  const { establishment, framework, requirement, statement = '', sha256 = null } = Object.fromEntries(fields)
  if (unknown || !establishment || !framework || !requirement) throw new GatewayError('BAD_REQUEST')
  if (sha256 !== null && !/^[0-9a-f]{64}$/.test(sha256)) throw new GatewayError('BAD_REQUEST')
  return { establishment, framework, requirement, statement, sha256, document }
}

async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = []
  let length = 0
  for await (const one of bytes) {
    length += one.length
    if (length > FIELD_BYTES) throw new GatewayError('BAD_REQUEST')
    all.push(one)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(all))
  } catch (cause) {
    throw new GatewayError('BAD_REQUEST', undefined, { cause })
  }
}
