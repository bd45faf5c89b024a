/** What the API answers about mailboxes; the types are those of core/mail and core/mailboxes. */
import { type TSchema, Type } from '@fastify/type-provider-typebox'

const text = (description?: string) => Type.String(description === undefined ? {} : { description })
const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const time = Type.String({ format: 'date-time' })

const Mailbox = Type.Object({
  address: text(),
  kind: text('PER, ORG, APP or CAB'),
  name: text('As people see it'),
  state: text('active, suspended or closed'),
  establishment: text(),
  entity: orNull(text('FINESS of its geographic entity')),
  owner: orNull(text('National identifier (IdNPS)')),
  responsible: orNull(text()),
  service: orNull(text()),
  description: orNull(text()),
  redList: Type.Boolean({ description: 'Usable, and in no directory' }),
  quota: orNull(Type.Integer({ description: 'Bytes; null: no limit' })),
  certificate: orNull(text('Subject of the certificate that signs it in (RFC 4514)')),
  createdAt: time,
  closedAt: orNull(time),
  usedAt: orNull(time),
})
const Delegate = Type.Object({ person: text('National identifier (IdNPS)'), since: time })
const problem = { field: text(), code: text('A code of docs/errors.md') }
const Problem = Type.Object(problem)
const LineProblem = Type.Object({ line: Type.Integer({ minimum: 1 }), ...problem })
const Detail = Type.Object({
  mailbox: Mailbox,
  delegates: Type.Array(Delegate),
  warnings: Type.Optional(Type.Array(Problem, { description: 'Done, and odd' })),
})

/** By method and address: one sentence, and what a 200 holds. */
export const MAILBOX_ANSWERS: Readonly<Record<string, readonly [summary: string, body: TSchema]>> = {
  'GET /api/mail/mailboxes': [
    'Mailboxes by their addresses',
    Type.Object({
      mailboxes: Type.Array(Mailbox),
      next: orNull(text('Give it as `after` for the next page; null: this is the last')),
    }),
  ],
  'GET /api/mail/mailboxes/:address': ['One mailbox with its delegates', Detail],
  'POST /api/mail/mailboxes': ['Create one; refused with every problem (`problems`)', Detail],
  'POST /api/mail/mailboxes/import': [
    'Create those of a CSV file: all, or none with every problem of every line',
    Type.Object({
      created: Type.Integer({ minimum: 0, description: 'Of a dry run: that would be' }),
      dryRun: Type.Boolean(),
      problems: Type.Array(LineProblem),
      warnings: Type.Array(LineProblem),
    }),
  ],
  'POST /api/mail/mailboxes/:address/change': ['Change what may change', Detail],
  'POST /api/mail/mailboxes/:address/suspend': ['It takes and sends no mail until it is resumed', Detail],
  'POST /api/mail/mailboxes/:address/resume': ['It takes and sends mail again', Detail],
  'POST /api/mail/mailboxes/:address/close': ['For ever: its address is never given again', Detail],
  'POST /api/mail/mailboxes/:address/delegate': ['Somebody else may read it and send as it', Detail],
  'POST /api/mail/mailboxes/:address/undelegate': ['They may no more', Detail],
}
