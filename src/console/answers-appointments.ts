/** What the API answers about appointments, sessions, photos and documents; the types are those of core. */
import { type TSchema, Type } from '@fastify/type-provider-typebox'

const text = (description?: string) => Type.String(description === undefined ? {} : { description })
const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const count = Type.Integer({ minimum: 0 })
const time = Type.String({ format: 'date-time' })

const Slot = Type.Object({
  id: text(),
  service: text(),
  centre: text(),
  start: time,
  end: time,
  state: text('free, busy or withdrawn'),
  source: text('console, fhir or hl7v2'),
  appointment: orNull(text('Only to its parties')),
})
const Appointment = Type.Object({
  id: text(),
  case: text(),
  number: text('Number of the case'),
  service: text(),
  site: text(),
  unit: orNull(text()),
  centre: text(),
  status: text('proposed, booked, arrived, fulfilled, cancelled or noshow'),
  slot: orNull(text()),
  start: time,
  end: time,
  waiting: Type.Object({ requester: orNull(time), patient: orNull(time), expert: orNull(time) }),
  cancelled: orNull(text('patient, site, centre, technical, consent or other')),
  test: Type.Boolean(),
  drill: Type.Boolean(),
  version: count,
  changedAt: time,
})
const Upload = Type.Object({
  id: text(),
  bytes: count,
  received: count,
  expiresAt: time,
  attachment: orNull(text('What it became, once it was whole')),
})
const Attachment = Type.Object({
  id: text(),
  case: orNull(text()),
  type: text('image/jpeg, image/png or application/pdf'),
  bytes: count,
  sha256: text(),
  width: orNull(count),
  height: orNull(count),
  at: time,
  establishment: text(),
})
const Token = Type.Object({
  appointment: text(),
  case: text(),
  role: text('requester, patient or expert'),
  person: text('The same for the same person at the same appointment; no name'),
  expiresAt: time,
})
const Counts = Type.Array(
  Type.Object({
    month: text('2026-11, in the time of the region'),
    service: text(),
    site: text(),
    centre: text(),
    status: text(),
    n: count,
  }),
)
const NOTHING = Type.Any({ description: 'Nothing' })

/** By method and address: one sentence, and what a 200 holds. */
export const APPOINTMENT_ANSWERS: Readonly<Record<string, readonly [summary: string, body: TSchema]>> = {
  'GET /api/slots': ['Time that centres offer for a service', Type.Object({ slots: Type.Array(Slot) })],
  'POST /api/slots': ['Offers time, all of it or none (201)', Type.Object({ slots: count })],
  'POST /api/slots/:id/withdraw': ['Offers it no longer (204)', NOTHING],
  'GET /api/appointments': ['Appointments, by start', Type.Object({ appointments: Type.Array(Appointment) })],
  'GET /api/appointments/counts': ['Appointments by month, site, centre and status', Type.Object({ counts: Counts })],
  'GET /api/appointments/:id': ['An appointment', Appointment],
  'POST /api/appointments': ['Books a slot for a case, or asks a centre for time (201)', Appointment],
  'POST /api/appointments/:id/move': ['Moves it to another slot', Appointment],
  'POST /api/appointments/:id/arrive': ['Somebody is in the waiting room', Appointment],
  'POST /api/appointments/:id/cancel': ['Cancels it', Appointment],
  'POST /api/appointments/:id/fulfil': ['The session was held', Appointment],
  'POST /api/appointments/:id/no-show': ['Nobody came', Appointment],
  'POST /api/appointments/:id/join': [
    'A link of the session, for the caller in a role',
    Type.Object({ url: text(), expiresAt: time }),
  ],
  'POST /api/sessions/verify': ['Is a token of a session good now? For the video server', Token],
  'GET /api/sessions/keys': ['Public keys that tokens of sessions are checked with (JWK set)', Type.Any()],
  'POST /api/cases/uploads': ['Begins an upload (201)', Upload],
  'HEAD /api/cases/uploads/:id': ['How far an upload is: Upload-Offset', NOTHING],
  'PATCH /api/cases/uploads/:id': ['Adds a piece of at most 1 MiB at Upload-Offset', Upload],
  'DELETE /api/cases/uploads/:id': ['Gives an upload up (204)', NOTHING],
  'GET /api/cases/:id/attachments': [
    'Photos and documents of a case',
    Type.Object({ attachments: Type.Array(Attachment) }),
  ],
  'POST /api/cases/:id/attachments': ['Puts what was sent for a request to its case (204)', NOTHING],
  'GET /api/cases/attachments/:id': ['The bytes of a photo or document', Type.String({ format: 'binary' })],
}
