/** What the API answers about the audit's reports and the rights of patients; the types are those of core/audit and core/privacy. */
import { type TSchema, Type } from '@fastify/type-provider-typebox'

const text = (description?: string) => Type.String(description === undefined ? {} : { description })
const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const count = Type.Integer({ minimum: 0 })
const time = Type.String({ format: 'date-time' })

const ToldEvent = Type.Object({
  n: count,
  at: time,
  who: text(),
  what: text(),
  why: orNull(text()),
  code: orNull(text('Set when it was refused or failed')),
  message: orNull(text()),
  establishment: orNull(text()),
  patients: Type.Array(text('Name in the audit')),
  sentence: text('In plain words, in the language of Accept-Language'),
})
const AuditFound = Type.Object({
  events: Type.Array(ToldEvent),
  next: orNull(Type.Integer({ description: 'Give it as `below` for the next page; null: this is the last' })),
})
const AuditCheck = Type.Object({
  state: text('none, running, sound, unsound or failed'),
  done: count,
  total: count,
  endedAtMs: orNull(count),
  faults: Type.Array(Type.Object({ what: text(), n: orNull(Type.Integer()) })),
  missing: Type.Integer(),
})
const PatientReport = Type.Object({
  names: Type.Array(text()),
  events: Type.Array(ToldEvent),
  more: Type.Boolean({ description: 'There are older ones than these' }),
})
const Incident = Type.Object({
  ask: Type.Object({ since: time, until: time, establishments: Type.Array(text()), actors: Type.Array(text()) }),
  counts: Type.Record(Type.String(), count),
  patients: Type.Array(text('Name in the audit')),
  establishments: Type.Array(text()),
  people: Type.Array(Type.Object({ who: text(), n: count })),
  refusals: Type.Array(Type.Object({ code: text(), establishment: orNull(text()), n: count })),
  timeline: Type.Array(ToldEvent),
  more: Type.Boolean(),
})
const Run = Type.Object({ done: count, total: count, ended: Type.Boolean() })
const Kept = Type.Object({
  id: text(),
  receivedAt: time,
  from: orNull(text()),
  kind: text(),
  bytes: count,
  state: text(),
  as: text('patient, batch or caused'),
})
const Found = Type.Object({
  marks: Type.Array(text('For `privacy.holds`')),
  names: Type.Array(text('Name in the audit')),
  messages: count,
  bytes: count,
  states: Type.Object({ closed: count, inFlight: count, parked: count }),
  resources: Type.Array(Type.Object({ type: text(), n: count })),
  deliveries: Type.Array(Type.Object({ destination: text(), state: text(), n: count })),
  cases: count,
  closedCases: count,
  registrations: count,
  newest: Type.Array(Kept),
})
const ErasePlan = Type.Object({
  bars: Type.Array(Type.Object({ why: text(), n: count, messages: Type.Array(text()), hold: orNull(text()) })),
  goes: Type.Object({
    messages: count,
    bytes: count,
    deliveries: count,
    resources: count,
    names: count,
    registrations: count,
    cases: count,
  }),
  stays: Type.Object({ events: count, refused: count }),
  shared: count,
  mark: text('Give it back to have exactly this erased'),
})
const Erased = Type.Object({ messages: count, bytes: count, resources: count, cases: count })
const Retention = Type.Array(
  Type.Object({
    what: text(),
    setting: orNull(text()),
    keptMs: orNull(count),
    n: orNull(count),
    oldestAt: orNull(time),
    nextAt: orNull(time),
  }),
)

/** By method and address: one sentence, and what a 200 holds. */
export const PRIVACY_ANSWERS: Readonly<Record<string, readonly [summary: string, body: TSchema]>> = {
  'GET /api/runs/:id': ['How far something long is', Run],
  'POST /api/audit/search': ['Events by who, what, where, when and about whom, newest first', AuditFound],
  'POST /api/audit/report': ['Who saw or did what about a patient, when and why', PatientReport],
  'GET /api/audit/check': ['What the last check of the whole audit found', AuditCheck],
  'POST /api/audit/check': ['Begins to check the whole audit', AuditCheck],
  'POST /api/incident/export': ['Facts, scope and timeline of a security incident', Incident],
  'POST /api/privacy/find': ['What is kept of a patient', Found],
  'POST /api/privacy/export': [
    'All of it: NDJSON, a message each with its body',
    Type.String({ description: 'NDJSON' }),
  ],
  'POST /api/privacy/erase/plan': ['What an erasure would do, and what stands in its way', ErasePlan],
  'POST /api/privacy/erase': ['Erases what the plan says', Erased],
  'GET /api/privacy/retention': ['What is kept how long, by which setting', Retention],
}
