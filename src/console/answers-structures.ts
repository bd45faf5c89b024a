/** What the API answers about the register of establishments; the types are those of core/structures. */
import { type TSchema, Type } from '@fastify/type-provider-typebox'
import { CONTACT_ROLES, STRUCTURE_LEVELS } from '../core/structures.ts'

const text = (description?: string) => Type.String(description === undefined ? {} : { description })
const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const time = Type.String({ format: 'date-time' })
const count = Type.Integer({ minimum: 0 })
const oneOf = (words: readonly string[]) => Type.Union(words.map((word) => Type.Literal(word)))
const code = text('A code of docs/errors.md')

const Structure = Type.Object({
  finess: text(),
  level: oneOf(STRUCTURE_LEVELS),
  ej: orNull(text('Of an EG: FINESS number of its legal entity')),
  ejName: orNull(text()),
  name: text(),
  category: orNull(text('Code')),
  categoryName: orNull(text()),
  kind: orNull(text('As region.yaml names it')),
  address: orNull(text()),
  postcode: orNull(text()),
  commune: orNull(text()),
  department: orNull(text('Code')),
  phone: orNull(text()),
  siret: orNull(text('SIRET of an EG, SIREN of an EJ')),
  openedOn: orNull(text('YYYY-MM-DD')),
  keyHolds: Type.Boolean({ description: 'False: the last digit of the FINESS number is not its key' }),
  ght: orNull(text('Its own, else that of its legal entity')),
  body: orNull(text('Managing body: its own, else that of its legal entity')),
  ownGht: orNull(text('Noted for itself')),
  ownBody: orNull(text('Noted for itself')),
  longitude: orNull(Type.Number()),
  latitude: orNull(Type.Number()),
  establishment: orNull(text('Id in region.yaml; null: it is not declared in the region')),
})
const Contact = Type.Object({
  id: text(),
  finess: text(),
  role: oneOf(CONTACT_ROLES),
  name: text('Of a function or person'),
  phone: orNull(text()),
  mail: orNull(text()),
})
const Software = Type.Object({
  id: text(),
  finess: text(),
  product: text(),
  editor: orNull(text()),
  version: orNull(text()),
  since: orNull(text('YYYY-MM-DD')),
})
const Sheet = Type.Object({
  structure: Structure,
  above: orNull(Structure),
  under: Type.Array(Structure, { description: 'Places of its legal entity' }),
  contacts: Type.Array(Contact, { description: 'Its own, then those of its legal entity' }),
  software: Type.Array(Software),
  measured: Type.Array(
    Type.Object({
      product: text('MSH-3'),
      versions: Type.Array(text('SFT-2'), { description: 'The one seen last first' }),
      messages: count,
      firstDay: text('YYYY-MM-DD'),
      lastDay: text('YYYY-MM-DD'),
    }),
    { description: 'Seen in its messages' },
  ),
})
const line = Type.Object({ line: count, code })
const Counts = Type.Object({
  levels: Type.Object({ ej: count, eg: count }),
  kinds: Type.Record(Type.String(), count, { description: 'Places (EG) by kind' }),
  departments: Type.Record(Type.String(), count, { description: 'Places (EG) by department' }),
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
  badLines: Type.Array(line, { description: 'Left out: the first hundred' }),
  odd: count,
  oddLines: Type.Array(line, { description: 'Taken, with a wrong key: the first hundred' }),
  counted: Counts,
  code: orNull(text('Why it failed')),
  problems: Type.Array(Type.Object({ code, column: orNull(text()) })),
})
const State = Type.Object({ current: orNull(Import), running: orNull(Import), last: Type.Array(Import) })

/** By method and address: one sentence, and what a 200 holds. */
export const STRUCTURE_ANSWERS: Readonly<Record<string, readonly [summary: string, body: TSchema]>> = {
  'GET /api/structures': [
    'Structures of the register, in its order',
    Type.Object({
      structures: Type.Array(Structure),
      next: orNull(text('Give it as `after` for the next page; null: this is the last')),
    }),
  ],
  'GET /api/structures/state': ['The import in use, the one that runs, and the last ones', State],
  'GET /api/structures/counts': ['How many there are, by level, kind and department', Counts],
  'GET /api/structures/:finess': ['One structure: its legal entity and places, contacts, software', Sheet],
  'POST /api/structures/import': ['Takes an extraction of FINESS, text or zip, and begins to import it', State],
  'POST /api/structures/facts': [
    'Takes a CSV file of what the region knows: all lines, or none with every problem',
    Type.Object({
      taken: Type.Integer({ minimum: 0, description: 'Of a dry run: that would be' }),
      dryRun: Type.Boolean(),
      problems: Type.Array(Type.Object({ line: count, field: text(), code })),
    }),
  ],
  'POST /api/structures/:finess/belonging': ['Sets its GHT and managing body', Sheet],
  'POST /api/structures/:finess/contacts': ['Adds a contact, or changes the one of `id`', Sheet],
  'POST /api/structures/:finess/software': ['Declares software, or changes the one of `id`', Sheet],
  'POST /api/structures/:finess/contacts/:id/remove': ['Takes a contact away', Sheet],
  'POST /api/structures/:finess/software/:id/remove': ['Takes software away', Sheet],
}
