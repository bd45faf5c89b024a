/** What the API answers about rotas, duties and notices; the types are those of core/duty and core/notices. */
import { type TSchema, Type } from '@fastify/type-provider-typebox'

const text = (description?: string) => Type.String(description === undefined ? {} : { description })
const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const time = Type.String({ format: 'date-time' })
const place = Type.Integer({ description: '1 and 2 of a service at a centre; 0 the coordination' })

const Duty = Type.Object({
  id: text(),
  service: text('A service, `service.ladder`, or `coordination`'),
  centre: text('Establishment; empty: the coordination'),
  place,
  person: text(),
  rpps: orNull(text()),
  phone: text(),
  mobile: orNull(text('For short messages')),
  from: time,
  until: time,
  takenAt: orNull(time),
  takenBy: orNull(text()),
  heard: orNull(Type.Object({ sound: Type.Boolean(), sms: orNull(Type.Boolean()), voice: orNull(Type.Boolean()) })),
})
const Notice = Type.Object({
  id: text(),
  channel: text('sms or voice'),
  why: text('duty-test or hand-over'),
  state: text('waiting, sent, delivered, failed or dropped'),
  madeAt: time,
})
const Rotas = Type.Object({
  rotas: Type.Array(
    Type.Object({
      service: text(),
      centre: text(),
      places: Type.Array(place, { description: 'Those that the ladders tell: none of their hours may be empty' }),
      duties: Type.Array(Duty),
      empty: Type.Array(Type.Object({ place, from: time, until: time }), { description: 'Hours without anybody' }),
    }),
  ),
})

const CaseNotice = Type.Object({
  id: text(),
  n: Type.Integer({ description: 'The happening that made it' }),
  why: text('rung, reminder, or the name of a delay'),
  told: text(),
  channel: text('console, sms, voice or webhook'),
  establishment: orNull(text()),
  state: text('waiting, sent, delivered, failed or dropped'),
  attempts: Type.Integer({ minimum: 0 }),
  code: orNull(text('Why the last attempt failed')),
  madeAt: time,
  doneAt: orNull(time),
})

/** By method and address: one sentence, and what a 200 holds. */
export const DUTY_ANSWERS: Readonly<Record<string, readonly [summary: string, body: TSchema]>> = {
  'GET /api/duty': ['Rotas that the services need, over some hours', Rotas],
  'GET /api/duty/on': [
    'Who is on duty at a time; now when none is given',
    Type.Object({ at: time, duties: Type.Array(Duty) }),
  ],
  'GET /api/duty/:id': ['One duty, with its tests', Type.Object({ duty: Duty, notices: Type.Array(Notice) })],
  'GET /api/duty/:id/open': [
    'Cases that go on at its end: what is handed over',
    Type.Object({
      cases: Type.Array(Type.Object({ id: text(), number: text(), service: text(), drill: Type.Boolean() })),
    }),
  ],
  'PUT /api/duty': [
    'Replace the duties that begin within the hours; refused with every overlap and empty hour (`problems`)',
    Type.Object({ saved: Type.Boolean() }),
  ],
  'POST /api/duty/:id/test': [
    'Send a short message and a call to who is on duty',
    Type.Object({ notices: Type.Array(Notice) }),
  ],
  'GET /api/cases/:id/notices': [
    'What people were told of a case, and what came of it',
    Type.Object({ notices: Type.Array(CaseNotice) }),
  ],
  'POST /api/duty/:id/take': ['"Je prends la garde": with what was heard of the test', Duty],
}
