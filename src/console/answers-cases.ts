/** What the API answers about cases, for its description; times are ISO 8601 (core/cases has them in ms). */
import { type TSchema, Type } from '@fastify/type-provider-typebox'
import { CASE_STATES } from '../core/cases.ts'
import { SERVICE_KINDS } from '../core/services.ts'

const text = (description?: string) => Type.String(description === undefined ? {} : { description })
const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const oneOf = (words: readonly string[]) => Type.Union(words.map((word) => Type.Literal(word)))
const time = Type.String({ format: 'date-time' })

const CASE = {
  id: text(),
  number: text('For people: AVC-261126-0042'),
  service: text(),
  kind: oneOf(SERVICE_KINDS),
  state: oneOf(CASE_STATES),
  test: Type.Boolean(),
  drill: Type.Boolean(),
  late: Type.Boolean({ description: 'Written down afterwards' }),
  version: Type.Integer({ description: 'Give it with an act: refused (412) when the case has changed since' }),
  openedAt: time,
  stateAt: time,
  closedAt: orNull(time),
  site: text('Establishment that asks'),
}
const more = { additionalProperties: true }
const Case = Type.Object(CASE, { ...more, description: 'With requests, times, ladders, studies, advice and decision' })
const Seen = Type.Object(
  { extent: oneOf(['whole', 'study', 'appointment']), ...CASE },
  { ...more, description: 'As far as the caller sees it' },
)
const Happening = Type.Object({
  seq: Type.Integer(),
  at: time,
  recordedAt: time,
  by: Type.Object({}, more),
  act: Type.Object({}, more),
})

/** By method and route. */
export const CASES_ANSWERS: Readonly<Record<string, readonly [summary: string, body: TSchema]>> = {
  'GET /api/measures': [
    'Intervals and counts as FHIR MeasureReports, one for each service, site and month',
    Type.Any({ description: 'Bundle of type collection' }),
  ],
  'GET /api/cases': [
    'Cases that the caller takes part in, newest first',
    Type.Object({ cases: Type.Array(Seen), next: orNull(text('Give it as `after` for the next page')) }),
  ],
  'POST /api/cases': ['Asks: a new case (201), or one that is open and of the same event', Case],
  'GET /api/cases/:id': [
    'One case, with what happened to it',
    Type.Intersect([Seen, Type.Object({ happenings: Type.Array(Happening) })]),
  ],
  'GET /api/cases/:id/studies/found': [
    "Studies of the site's archive by the patient's numbers, of the day of the request, the day before and after; a person confirms",
    Type.Object({
      from: Type.String(),
      to: Type.String(),
      numbers: Type.Integer(),
      studies: Type.Array(Type.Object({}, { additionalProperties: true })),
    }),
  ],
  'POST /api/cases/:id/studies': ['Names a study that was found to the case, with a reason', Case],
  'POST /api/cases/:id/acts': ['Does something to a case', Case],
}
