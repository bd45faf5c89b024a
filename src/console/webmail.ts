import { Readable } from 'node:stream'
import { Type } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { GatewayError } from '../core/errors.ts'
import {
  MAIL_FOLDERS,
  type MailFolder,
  type MailItem,
  type OpenedMail,
  type WebmailCommands,
  type WebmailViews,
} from '../core/webmail.ts'
import { attachmentNamed } from '../formats/http/disposition.ts'
import { describeRoutes } from './api.ts'
import type { Guards, Server } from './console.ts'
import { mailPerson } from './mail-person.ts'
import { SANDBOXED } from './page/shell/pages.ts'
import { refusedWith } from './problems.ts'

/** What the API of the mail in mailboxes is made of. */
export interface WebmailApiParts {
  readonly views: WebmailViews
  readonly commands: WebmailCommands
}

/** Longest request that sends a mail (bytes): base64 of what any region takes. */
const MAIL_BYTES = 110 * 1024 * 1024

const strict = { additionalProperties: false } as const
const folder = Type.Unsafe<MailFolder>(Type.Union(MAIL_FOLDERS.map((one) => Type.Literal(one))))
const address = Type.String({ minLength: 3, maxLength: 254 })
const id = Type.String({ pattern: '^[0-9a-f]{32}$' })
const Box = Type.Object({ address })
const Item = Type.Object({ address, id })
const Part = Type.Object({ address, id, n: Type.Integer({ minimum: 0, maximum: 9_999 }) })
const Search = Type.Object(
  {
    folder: Type.Optional(folder),
    words: Type.Optional(Type.String({ maxLength: 200 })),
    texts: Type.Optional(Type.Boolean({ description: 'Look into the texts too, of the 300 newest at the most' })),
    after: Type.Optional(Type.String({ maxLength: 60, description: '`next` of the page before' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  },
  strict,
)
const Flags = Type.Object(
  {
    seen: Type.Optional(Type.Boolean()),
    folder: Type.Optional(folder),
    receipt: Type.Optional(Type.Literal(true, { description: 'Send the read receipt that was asked for, once' })),
    purge: Type.Optional(Type.Literal(true, { description: 'For good; from Trash alone' })),
  },
  strict,
)
const Send = Type.Object(
  {
    to: Type.Array(address, { maxItems: 1_000 }),
    cc: Type.Optional(Type.Array(address, { maxItems: 1_000 })),
    subject: Type.String({ maxLength: 500 }),
    text: Type.String({ maxLength: 200_000 }),
    source: Type.Optional(
      Type.Object(
        { item: id, mode: Type.Union([Type.Literal('reply'), Type.Literal('reply-all'), Type.Literal('forward')]) },
        { ...strict, description: 'The mail that it answers or passes on' },
      ),
    ),
    receipt: Type.Optional(Type.Boolean({ description: 'Ask for a read receipt' })),
    notify: Type.Optional(Type.Boolean({ description: 'Ask to be told of the delivery' })),
    files: Type.Optional(
      Type.Array(
        Type.Object(
          {
            name: Type.String({ minLength: 1, maxLength: 255 }),
            type: Type.String({ pattern: '^[\\w.+-]{1,100}/[\\w.+-]{1,100}$' }),
            data: Type.String({ description: 'Base64' }),
          },
          strict,
        ),
        { maxItems: 50 },
      ),
    ),
  },
  strict,
)

/** The mail of the caller's mailboxes over the API: the mailboxes, search, a mail, its files, sending, and flags. */
export function webmailPlugin(parts: WebmailApiParts): (server: Server, doorway: { readonly guards: Guards }) => void {
  return (server, { guards }) => {
    describeRoutes(server)
    readRoutes(server, parts.views, guards)
    actRoutes(server, parts, guards)
  }
}

function readRoutes(server: Server, views: WebmailViews, guards: Guards): void {
  const onRequest = guards.may('mailbox:use')
  const person = (request: FastifyRequest) => mailPerson(guards.callerOf(request))
  server.get('/api/mail/boxes', { onRequest }, async (request) => ({ boxes: await views.boxes(person(request)) }))
  const search = { onRequest, schema: { params: Box, body: Search } }
  server.post('/api/mail/boxes/:address/search', search, async (request) => {
    const { folder: of = 'INBOX', words = '', texts = false, after = null, limit = 50 } = request.body
    const ask = { folder: of, words, texts, after, limit }
    const { items, own, ...page } = await views.list(person(request), request.params.address, ask)
    if (!own) guards.about(request, { mailbox: request.params.address })
    return { items: items.map(itemJson), ...page }
  })
  server.get('/api/mail/boxes/:address/items/:id', { onRequest, schema: { params: Item } }, async (request) => {
    const { address: of, id: item } = request.params
    return mailJson(await views.read(person(request), of, item))
  })
  const part = { onRequest, schema: { params: Part } }
  server.get('/api/mail/boxes/:address/items/:id/parts/:n', part, async (request, reply) => {
    const { address: of, id: item, n } = request.params
    const { name, type, body } = await views.piece(person(request), of, item, n)
    return reply
      .headers(SANDBOXED)
      .header('content-type', type)
      .header('content-disposition', attachmentNamed(name))
      .send(Readable.from(body, { objectMode: false }))
  })
}

function actRoutes(server: Server, { commands }: WebmailApiParts, guards: Guards): void {
  const onRequest = guards.may('mailbox:use')
  const person = (request: FastifyRequest) => mailPerson(guards.callerOf(request))
  const send = { onRequest, bodyLimit: MAIL_BYTES, schema: { params: Box, body: Send } }
  server.post('/api/mail/boxes/:address/send', send, async (request, reply) => {
    const { to, cc = [], source = null, receipt = false, notify = false, files = [], ...texts } = request.body
    const done = await commands.send(person(request), request.params.address, {
      ...texts,
      ...{ source, receipt, notify },
      // Addresses stand in lines of their own: none can be taken for two.
      to: to.join('\n'),
      cc: cc.join('\n'),
      files: files.map(({ name, type, data }) => ({ name, type, bytes: Buffer.from(data, 'base64') })),
    })
    return done.ok
      ? reply.code(201).send(done)
      : refusedWith(request, reply, done.problems[0]?.code ?? 'BAD_REQUEST', done.problems)
  })
  const flags = { onRequest, schema: { params: Item, body: Flags } }
  server.post('/api/mail/boxes/:address/items/:id/flags', flags, async (request) => {
    const { address: of, id: item } = request.params
    const { seen, folder: to, receipt, purge } = request.body
    const who = person(request)
    if (Object.keys(request.body).length === 0) throw new GatewayError('BAD_REQUEST')
    if (receipt === true) await commands.receipt(who, of, item)
    if (seen !== undefined) await commands.mark(who, of, item, seen)
    if (purge === true) {
      await commands.purge(who, of, item)
      return { id: null }
    }
    return { id: to === undefined ? item : await commands.move(who, of, item, to) }
  })
}

const iso = (ms: number): string => new Date(ms).toISOString()
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms))

function itemJson({ atMs, ...item }: MailItem) {
  return { ...item, at: iso(atMs) }
}

function mailJson({ item, dateMs, receiptSentAtMs, sent, ...mail }: OpenedMail) {
  return {
    ...mail,
    item: itemJson(item),
    date: isoOrNull(dateMs),
    receiptSentAt: isoOrNull(receiptSentAtMs),
    sent:
      sent === null
        ? null
        : {
            at: iso(sent.atMs),
            recipients: sent.recipients.map(({ endedAtMs, readAtMs, ...one }) => ({
              ...one,
              endedAt: isoOrNull(endedAtMs),
              readAt: isoOrNull(readAtMs),
            })),
          },
  }
}
