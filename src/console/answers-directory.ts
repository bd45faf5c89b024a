/** What the API answers about the directory of mailboxes; the types are those of core/directory. */
import { type TSchema, Type } from '@fastify/type-provider-typebox'

const text = (description?: string) => Type.String(description === undefined ? {} : { description })
const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const time = Type.String({ format: 'date-time' })
const count = Type.Integer({ minimum: 0 })

const Entry = Type.Object({
  address: text(),
  kind: text('PER, ORG, APP or CAB'),
  name: text('As people see it'),
  person: orNull(text('National identifier of the person (IdNPS)')),
  title: orNull(text()),
  family: orNull(text()),
  given: orNull(text()),
  structure: orNull(text('National identifier of the structure (IdNST), or its number')),
  organisation: orNull(text()),
  service: orNull(text()),
  description: orNull(text()),
  profession: orNull(text()),
  professionCode: orNull(text()),
  speciality: orNull(text()),
  specialityCode: orNull(text()),
  postcode: orNull(text()),
  town: orNull(text()),
  department: orNull(text()),
  digital: orNull(Type.Boolean({ description: 'Takes documents instead of paper' })),
  establishment: orNull(text('That keeps it here; null: another operator does')),
  redList: Type.Boolean(),
  changedAt: time,
})
const Import = Type.Object({
  generation: count,
  state: text('running, current, replaced or failed'),
  name: text('Of the file'),
  who: text(),
  startedAt: time,
  endedAt: orNull(time),
  generatedAt: orNull(time),
  bytes: orNull(count),
  bytesRead: count,
  rows: count,
  repeated: count,
  bad: count,
  badLines: Type.Array(Type.Object({ line: count, code: text('A code of docs/errors.md') }), {
    description: 'The first hundred',
  }),
  code: orNull(text('Why it failed')),
  problems: Type.Array(Type.Object({ code: text(), column: orNull(text()) })),
})
const State = Type.Object({ current: orNull(Import), running: orNull(Import), last: Type.Array(Import) })

/** By method and address: one sentence, and what a 200 holds. */
export const DIRECTORY_ANSWERS: Readonly<Record<string, readonly [summary: string, body: TSchema]>> = {
  'GET /api/mail/directory': [
    'Mailboxes of the directory: those of the national one, and our own',
    Type.Object({
      mailboxes: Type.Array(Entry),
      next: orNull(text('Give it as `after` for the next page; null: this is the last')),
    }),
  ],
  'GET /api/mail/directory/state': ['The import in use, the one that runs, and the last ones', State],
  'POST /api/mail/directory/complete': [
    'Addresses that words may mean, for whoever types: ten at most, ours first',
    Type.Object({ addresses: Type.Array(Type.Object({ address: text(), name: text() })) }),
  ],
  'POST /api/mail/directory/import': ['Takes the national extraction, text or zip, and begins to import it', State],
}
