/** What the API takes of cases: acts of people and systems, and requests. Times come as ISO 8601 and are ms inside. */
import { type TSchema, Type } from '@fastify/type-provider-typebox'
import { PRECISIONS, TIME_SOURCES } from '../core/cases.ts'
import { GatewayError } from '../core/errors.ts'
import { TIME_NAMES } from '../core/services.ts'
import { timeOf } from './messages.ts'

const oneOf = (words: readonly string[]) => Type.Union(words.map((word) => Type.Literal(word)))
const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const word = Type.String({ minLength: 1, maxLength: 200 })
const long = Type.String({ maxLength: 20_000 })
const time = Type.String({
  pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,9})?)?(Z|[+-]\\d\\d:\\d\\d)$',
})
const count = Type.Integer({ minimum: 0, maximum: 10_000_000 })
const strict = <T extends Parameters<typeof Type.Object>[0]>(members: T) =>
  Type.Object(members, { additionalProperties: false })

const ToldTime = strict({ at: time, precision: oneOf(PRECISIONS), source: oneOf(TIME_SOURCES) })
const Coded = strict({ system: word, code: word, display: Type.String({ maxLength: 400 }) })
const Person = strict({
  name: word,
  rpps: orNull(word),
  establishment: orNull(word),
  role: Type.Optional(word),
  phone: orNull(word),
})
const Doctor = strict({ ...Person.properties, mail: Type.Optional(orNull(word)) })
const Consent = strict({ given: Type.Boolean(), by: word, at: time, refusedWhy: orNull(word) })
const Study = strict({ uid: orNull(word), accession: orNull(word), expected: orNull(count), modality: orNull(word) })
const Items = Type.Record(Type.String({ pattern: '^\\d{1,7}-\\d$' }), orNull(Type.Integer({ minimum: 0, maximum: 10 })))

/**
 * Acts that come over the API, by what they do. The gateway's own are not among them, nor are appointments, whose slot is in the
 * same commit: they have calls of their own. */
export const ActBody = Type.Union([
  strict({ what: oneOf(['see', 'accept', 'images-sent', 'read-advice', 'finish']) }),
  strict({ what: oneOf(['refuse', 'cancel']), reason: word }),
  strict({ what: Type.Literal('reached'), whom: word, at: Type.Optional(time) }),
  strict({ what: Type.Literal('tell-time'), name: oneOf(TIME_NAMES), time: orNull(ToldTime) }),
  strict({ what: Type.Literal('score'), items: Items, total: orNull(Type.Integer({ minimum: 0, maximum: 42 })) }),
  strict({ what: Type.Literal('biology'), codes: Type.Array(word, { maxItems: 100 }), text: long }),
  strict({ what: Type.Literal('study'), study: Study }),
  strict({ what: Type.Literal('confirm-identity'), uid: word, reason: word }),
  strict({ what: Type.Literal('invite'), ladder: word }),
  strict({ what: Type.Literal('advise'), text: long, coded: Type.Array(Coded, { maxItems: 20 }) }),
  strict({ what: Type.Literal('decide'), decision: word, text: long }),
  strict({ what: Type.Literal('consent'), consent: Consent }),
  strict({ what: Type.Literal('write'), text: long }),
  strict({ what: Type.Literal('report'), type: Type.String({ maxLength: 200 }), text: long }),
  strict({ what: Type.Literal('hand-over'), to: Person }),
  strict({ what: Type.Literal('separate'), request: word }),
])

/** A request as the API takes it. */
export const RequestBody = strict({
  service: word,
  site: Type.Optional(word),
  unit: Type.Optional(orNull(word)),
  callBack: orNull(word),
  patient: strict({
    identifiers: Type.Array(strict({ authority: word, value: word, type: orNull(word) }), { maxItems: 20 }),
    family: Type.String({ maxLength: 200 }),
    given: Type.String({ maxLength: 200 }),
    birthDate: orNull(Type.String({ pattern: '^\\d{4}(-\\d\\d(-\\d\\d)?)?$' })),
    sex: oneOf(['male', 'female', 'unknown']),
    status: Type.Optional(oneOf(['provisional', 'retrieved', 'validated', 'qualified'])),
  }),
  placer: Type.Optional(orNull(strict({ authority: orNull(word), value: word }))),
  reason: long,
  coded: Type.Optional(Type.Array(Coded, { maxItems: 20 })),
  times: Type.Optional(strict(Object.fromEntries(TIME_NAMES.map((name) => [name, Type.Optional(ToldTime)])))),
  answers: Type.Optional(Type.Record(Type.String({ maxLength: 100 }), long)),
  studies: Type.Optional(Type.Array(Study, { maxItems: 20 })),
  attachments: Type.Optional(Type.Array(word, { maxItems: 50 })),
  consent: Type.Optional(orNull(Consent)),
  treatingDoctor: Type.Optional(orNull(Doctor)),
  at: Type.Optional(time),
  drill: Type.Optional(Type.Boolean()),
  late: Type.Optional(Type.Boolean()),
})

/** Names of times in JSON (`at`, `openedAt`, `start`), which are ms under another name inside. */
const TIME_IN = /^(at|start|end)$/
const TIME_OUT = /^(.*(?:at|At)|start|end)Ms$/

/** JSON of the API as the engine has it: ISO times become ms. Values that are no time stay. Pure. @throws {GatewayError} BAD_REQUEST for a time that does not exist */
export function inside(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inside)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) =>
      TIME_IN.test(name) && typeof one === 'string' ? [`${name}Ms`, momentOf(one)] : [name, inside(one)],
    ),
  )
}

/** A time that exists: 31 February would become 3 March. */
function momentOf(text: string): number {
  const day = text.slice(0, 10)
  const exists = new Date(timeOf(`${day}T00:00:00Z`)).toISOString().startsWith(day)
  if (!exists) throw new GatewayError('BAD_REQUEST')
  return timeOf(text)
}

/** What the engine has as JSON of the API: ms become ISO times, search keys stay inside. Pure. */
export function outside(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(outside)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== 'keys')
      .map(([name, one]) => {
        const time = TIME_OUT.exec(name)?.[1]
        if (time === undefined) return [name, outside(one)]
        return [time, typeof one === 'number' ? new Date(one).toISOString() : one]
      }),
  )
}
