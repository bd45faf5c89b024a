import { createHash } from 'node:crypto'
import { Type } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Config } from '../core/config.ts'
import type { PublicConformity, PublishedConformity } from '../core/conformity-public.ts'
import { GatewayError } from '../core/errors.ts'
import type { Language } from '../formats/http/language.ts'
import { describeRoutes } from './api.ts'
import type { Guards, Server } from './console.ts'
import { PUBLIC_PATH, publicPage } from './page/public/conformity-page.ts'
import { publicCsv, publicFeed, publicJson } from './page/public/files.ts'

/** What is published is made of. */
export interface PublicConformityParts {
  readonly published: PublicConformity
  readonly config: () => Config
}

const Query = Type.Object({
  referentiel: Type.Optional(Type.String({ maxLength: 128 })),
  lang: Type.Optional(Type.Union([Type.Literal('fr'), Type.Literal('en')])),
})

type Write = (published: PublishedConformity, language: Language, origin: string) => string

/** Its forms, by the ending of the address: content type, and how it is written. */
const FORMS: Readonly<Record<string, readonly [type: string, write: Write]>> = {
  '': ['text/html; charset=utf-8', (published, language) => publicPage(published, language).text],
  '.json': ['application/json; charset=utf-8', publicJson],
  '.csv': ['text/csv; charset=utf-8', publicCsv],
  '.atom': ['application/atom+xml; charset=utf-8', publicFeed],
}

/**
 * What the region publishes of conformity, to anybody, on the console's own doors: NOT_FOUND while it publishes nothing, like
 * an address that is not there. It asks nobody who they are, sets no cookie, and answers by its address alone. */
export function publicConformityPlugin(
  parts: PublicConformityParts,
): (server: Server, doorway: { readonly guards: Guards; readonly door: { readonly publicUrl?: string } }) => void {
  return (server, { guards, door }) => {
    describeRoutes(server)
    const origin = door.publicUrl === undefined ? '' : new URL(door.publicUrl).origin
    for (const [ending, [type, write]] of Object.entries(FORMS)) {
      const schema = { querystring: Query }
      server.get(`${PUBLIC_PATH}${ending}`, { onRequest: guards.visitor, schema }, async (request, reply) => {
        const { referentiel, lang = parts.config().region.locale } = request.query
        const published = await parts.published.now(referentiel ?? null)
        if (published === null) throw new GatewayError('NOT_FOUND')
        return cached(request, reply, type, write(published, lang, origin))
      })
    }
  }
}

/** Five minutes in caches of anybody; after that they ask whether it is still the same (RFC 9110 §8.8.3, §13.1.2). */
function cached(request: FastifyRequest, reply: FastifyReply, type: string, body: string): FastifyReply {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
  reply.header('cache-control', 'public, max-age=300').header('etag', etag)
  const known = request.headers['if-none-match']?.split(',').map((one) => one.trim().replace(/^W\//, ''))
  if (known !== undefined && (known.includes(etag) || known.includes('*'))) return reply.code(304).send()
  return reply.header('content-type', type).send(body)
}
