/** What the API answers about the mail in mailboxes; the types are those of core/webmail. */
import { type TSchema, Type } from '@fastify/type-provider-typebox'
import { MAIL_FOLDERS } from '../core/webmail.ts'

const text = (description?: string) => Type.String(description === undefined ? {} : { description })
const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const time = Type.String({ format: 'date-time' })
const count = Type.Integer({ minimum: 0 })

const Counts = Type.Object({ mails: count, unread: count })
const Box = Type.Object({
  address: text(),
  name: text(),
  own: Type.Boolean({ description: 'Their own; false: delegated to them' }),
  suspended: Type.Boolean({ description: 'It takes and sends no mail for now' }),
  folders: Type.Object(Object.fromEntries(MAIL_FOLDERS.map((one) => [one, Counts]))),
})
const Item = Type.Object({
  id: text('Of this mail in this folder; another in another folder'),
  folder: text('INBOX, Sent, Archive or Trash'),
  at: time,
  from: text(),
  to: text(),
  subject: text('Decoded, without the prefix of XDM'),
  size: count,
  seen: Type.Boolean(),
  answered: Type.Boolean(),
  attachments: Type.Boolean(),
  receiptAsked: Type.Boolean(),
  kind: text('mail, xdm, receipt or report'),
})
const Piece = Type.Object({
  n: count,
  name: text('As its sender named it'),
  type: text(),
  size: Type.Integer({ description: 'Encoded' }),
  archive: Type.Boolean(),
})
const Document = Type.Object({
  n: count,
  title: text(),
  type: text(),
  size: orNull(count),
  name: text(),
  pdf: Type.Boolean({ description: 'A PDF stands in it' }),
})
const Archive = Type.Object({
  piece: count,
  patient: orNull(Type.Object({ name: text(), born: text(), identifier: text() })),
  documents: Type.Array(Document),
  codes: Type.Array(text('A code of docs/errors.md')),
})
const Recipient = Type.Object({
  address: text(),
  state: text('open, delivered or failed'),
  code: orNull(text()),
  endedAt: orNull(time),
  readAt: orNull(Type.String({ format: 'date-time', description: 'As their receipt says' })),
})
const Opened = Type.Object({
  item: Item,
  cc: text(),
  replyTo: orNull(text()),
  date: orNull(time),
  text: text('HTML is made plain'),
  textNote: orNull(text('from-html, cut, charset or none')),
  pieces: Type.Array(Piece),
  more: Type.Boolean({ description: 'There are files that are not listed' }),
  archives: Type.Array(Archive),
  receiptTo: orNull(Type.Object({ address: text(), stranger: Type.Boolean({ description: 'Not that of From' }) })),
  receiptSentAt: orNull(time),
  sent: orNull(Type.Object({ at: time, recipients: Type.Array(Recipient) })),
})

/** By method and address: one sentence, and what a 200 holds. */
export const WEBMAIL_ANSWERS: Readonly<Record<string, readonly [summary: string, body: TSchema]>> = {
  'GET /api/mail/boxes': ['The mailboxes of the caller', Type.Object({ boxes: Type.Array(Box) })],
  'POST /api/mail/boxes/:address/search': [
    'Mails of a folder, newest first; the words stand in no address',
    Type.Object({
      items: Type.Array(Item),
      next: orNull(text('Give it as `after` for the next page; null: this is the last')),
      waiting: Type.Integer({ description: 'Files that are still to be indexed' }),
      searched: orNull(Type.Integer({ description: 'Mails that a bounded search in texts looked at; null: all' })),
    }),
  ],
  'GET /api/mail/boxes/:address/items/:id': ['One mail; noted in the audit', Opened],
  'GET /api/mail/boxes/:address/items/:id/parts/:n': ['A file of a mail, decoded', Type.Unknown()],
  'POST /api/mail/boxes/:address/send': [
    'Send a mail by the rules of the submission door; refused with every problem (`problems`)',
    Type.Object({
      ok: Type.Literal(true),
      message: text(),
      copied: Type.Boolean({ description: 'A copy is in Sent' }),
    }),
  ],
  'POST /api/mail/boxes/:address/items/:id/flags': [
    'Mark, move, send the read receipt, or remove from Trash',
    Type.Object({ id: orNull(text('Its id now; null: it is gone')) }),
  ],
}
