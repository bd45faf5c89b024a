import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import { GatewayError } from '../../core/errors.ts'
import type { Doorway, HttpServer } from './server.ts'

/** The media type of a request (RFC 9110 §8.3), lower case, without its parameters; '' when it says none. */
export function mediaType(request: FastifyRequest): string {
  return (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

/** Gives the routes of this plugin the bytes of a body, of the types it takes only: MEDIA_TYPE for any other. */
export function takeBytes(
  server: HttpServer,
  { bodies }: Doorway,
  takes: (type: string, url: string) => boolean,
): void {
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', async (request: FastifyRequest, payload: IncomingMessage) => {
    if (!takes(mediaType(request), request.routeOptions.url ?? '')) throw new GatewayError('MEDIA_TYPE')
    return bodies.read(request, payload)
  })
}

/** The bytes of a body taken by `takeBytes`; none when the request had no body. */
export function bytesOf(request: FastifyRequest): Buffer {
  return request.body instanceof Buffer ? request.body : Buffer.alloc(0)
}
