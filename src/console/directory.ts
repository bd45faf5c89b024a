import { type Static, Type } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { reachOf } from '../core/caller.ts'
import {
  type DirectoryAsk,
  type DirectoryCommands,
  type DirectoryEntry,
  type DirectoryViews,
  type FeedDirectory,
  NO_RED,
} from '../core/directory.ts'
import { MAILBOX_KINDS } from '../core/mailboxes.ts'
import { describeRoutes } from './api.ts'
import type { Guards, Server } from './console.ts'
import { fileOf, ImportQuery, importStateJson, takeFiles } from './import-files.ts'
import { TIME, timeOf } from './messages.ts'

/** What the API of the directory is made of. */
export interface DirectoryApiParts {
  readonly views: DirectoryViews
  readonly commands: DirectoryCommands
  readonly feed: FeedDirectory
}

const strict = { additionalProperties: false } as const
const text = (description: string) => Type.Optional(Type.String({ minLength: 1, maxLength: 200, description }))
const Search = Type.Object(
  {
    q: text('Words in names, organisations, services, professions, towns'),
    name: text('In the name of a person'),
    rpps: text('RPPS or ADELI number, or IdNPS'),
    finess: text('FINESS, SIREN or SIRET number, or IdNST'),
    speciality: text('Words or code of a profession or speciality'),
    town: text('Town, postcode or department'),
    address: text('A part of the address, three letters or more'),
    kind: Type.Optional(Type.Union(MAILBOX_KINDS.map((one) => Type.Literal(one)))),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
    after: Type.Optional(Type.String({ maxLength: 20, description: '`next` of the page before' })),
  },
  strict,
)
const Complete = Type.Object({ words: Type.String({ maxLength: 200 }) }, strict)
const Feed = Type.Object(
  {
    since: Type.Optional(Type.String({ pattern: TIME, description: 'Only what changed since, ISO 8601 with offset' })),
  },
  strict,
)

/** The directory over the API: search, completion, the state of imports, an import, and the feed of our own mailboxes. */
export function directoryPlugin(
  parts: DirectoryApiParts,
): (server: Server, doorway: { readonly guards: Guards }) => void {
  return (server, { guards }) => {
    describeRoutes(server)
    takeFiles(server)
    readRoutes(server, parts, guards)
    actRoutes(server, parts, guards)
  }
}

/** What somebody sees of the red list: mailboxes that they may see among ours. */
export function sightOf(caller: ReturnType<Guards['callerOf']>): { readonly reach: ReturnType<typeof reachOf> } {
  return { reach: reachOf(caller, 'mail:read') }
}

function readRoutes(server: Server, { views }: DirectoryApiParts, guards: Guards): void {
  const onRequest = guards.may('directory:read')
  const sight = (request: FastifyRequest) => sightOf(guards.callerOf(request))
  server.get('/api/mail/directory', { onRequest, schema: { querystring: Search } }, async (request) => {
    const { limit = 50, after = null, ...asked } = request.query
    const page = await views.search(askOf(asked), { limit, after }, sight(request))
    return { mailboxes: page.entries.map(entryJson), next: page.next }
  })
  server.get('/api/mail/directory/state', { onRequest }, async () => importStateJson(await views.state()))
  server.post('/api/mail/directory/complete', { onRequest, schema: { body: Complete } }, async (request) => ({
    addresses: await views.complete(request.body.words, NO_RED),
  }))
}

function actRoutes(server: Server, { views, commands, feed }: DirectoryApiParts, guards: Guards): void {
  const onRequest = guards.may('mail:act')
  const file = { onRequest, schema: { querystring: ImportQuery } }
  server.post('/api/mail/directory/import', file, async (request) => {
    const { name, reason = 'import' } = request.query
    await commands.begin({ name, ...fileOf(request) }, { who: guards.callerOf(request).who, why: reason })
    return importStateJson(await views.state())
  })
  const fed = { onRequest, schema: { querystring: Feed } }
  server.get('/api/mail/directory/feed', fed, async (request, reply) => {
    const { since } = request.query
    const { file: name, type, body } = feed({ sinceMs: since === undefined ? null : timeOf(since) })
    const pieces: string[] = []
    for await (const piece of body) pieces.push(piece)
    return reply
      .header('content-type', type)
      .header('content-disposition', `attachment; filename="${name}"`)
      .send(pieces.join(''))
  })
}

function askOf(asked: Omit<Static<typeof Search>, 'limit' | 'after'>): DirectoryAsk {
  const { q, name, rpps, finess, speciality, town, address, kind } = asked
  return {
    ...(q !== undefined && { words: q }),
    ...(name !== undefined && { name }),
    ...(rpps !== undefined && { person: rpps }),
    ...(finess !== undefined && { structure: finess }),
    ...(speciality !== undefined && { speciality }),
    ...(town !== undefined && { town }),
    ...(address !== undefined && { address: { text: address, how: 'part' as const } }),
    ...(kind !== undefined && { kinds: [kind] }),
  }
}

function entryJson({ n: _, version: _version, red, changedAtMs, ...entry }: DirectoryEntry) {
  return { ...entry, redList: red, changedAt: new Date(changedAtMs).toISOString() }
}
