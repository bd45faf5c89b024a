import type { HTTPMethods } from 'fastify'
import { GatewayError } from '../../core/errors.ts'
import { guardOf } from './guard.ts'
import type { HttpServer } from './server.ts'

const METHODS: readonly HTTPMethods[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

/** Answers every other method of an address with METHOD_NOT_ALLOWED, and `Allow` (RFC 9110 §15.5.6). */
export function refuseOtherMethods(server: HttpServer, url: string, allowed: readonly HTTPMethods[]): void {
  server.route({
    method: METHODS.filter((method) => !allowed.includes(method)),
    url,
    schema: { hide: true },
    onRequest: guardOf('open', async (_request, reply) => {
      reply.header('allow', allowed.join(', '))
      throw new GatewayError('METHOD_NOT_ALLOWED')
    }),
    handler: () => {},
  })
}
