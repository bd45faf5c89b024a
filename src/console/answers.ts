/** What the API answers, as JSON Schema for its description; the types are those of core/views and core/operations. */
import { type TSchema, Type } from '@fastify/type-provider-typebox'
import { ALERT_KINDS, ALERT_STATES, SEVERITIES } from '../core/alerts.ts'
import { MOVES } from '../core/message.ts'
import { ENTRANCES } from '../core/views.ts'
import { APPOINTMENT_ANSWERS } from './answers-appointments.ts'
import { CASES_ANSWERS } from './answers-cases.ts'
import { CONFORMITY_ANSWERS } from './answers-conformity.ts'
import { CONFORMITY_ACT_ANSWERS } from './answers-conformity-acts.ts'
import { DIRECTORY_ANSWERS } from './answers-directory.ts'
import { DUTY_ANSWERS } from './answers-duty.ts'
import { MAILBOX_ANSWERS } from './answers-mailboxes.ts'
import { PRIVACY_ANSWERS } from './answers-privacy.ts'
import { PROGRAMME_ANSWERS } from './answers-programmes.ts'
import { STRUCTURE_ANSWERS } from './answers-structures.ts'
import { WEBMAIL_ANSWERS } from './answers-webmail.ts'

const text = (description?: string) => Type.String(description === undefined ? {} : { description })
const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const time = Type.String({ format: 'date-time' })
const count = Type.Integer({ minimum: 0 })
const oneOf = (words: readonly string[]) => Type.Union(words.map((word) => Type.Literal(word)))
const code = text('A code of docs/errors.md')
const entrance = oneOf(ENTRANCES)
const state = oneOf(Object.keys(MOVES))
const lane = oneOf(['normal', 'urgent'])

const Finding = Type.Object({
  code,
  class: oneOf(['form', 'contract', 'safety']),
  at: orNull(text('HL7 path, FHIRPath or destination')),
  params: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
})
const Delivery = {
  id: text(),
  destination: text('establishment/name'),
  state,
  attempts: count,
  lastError: orNull(code),
}
const Attempt = Type.Object({
  n: count,
  startedAt: time,
  ms: Type.Number(),
  outcome: oneOf(['delivered', 'retry', 'refused', 'unknown']),
  code: orNull(code),
  answer: orNull(text('Codes of the protocol')),
})
const Message = {
  id: text('UUIDv7 made by the gateway'),
  receivedAt: time,
  from: orNull(text('Establishment')),
  entrance,
  kind: text('`ORM^O01`, or a FHIR type'),
  controlId: text('MSH-10'),
  bytes: count,
  state: oneOf(['parked', 'inFlight', 'closed']),
  findings: Type.Array(Finding),
}
const DeliveryDetail = Type.Object({
  ...Delivery,
  route: text(),
  lane,
  held: Type.Boolean(),
  dueAt: orNull(time),
  expiresAt: orNull(time),
  replayOf: orNull(text()),
  history: Type.Array(Attempt),
})
const TimelineEntry = Type.Object({
  at: time,
  what: oneOf(['received', 'answered', 'routed', 'replayed', 'attempt', 'ended', 'caused', 'event']),
  event: orNull(text()),
  detail: orNull(text()),
  message: orNull(text()),
  delivery: orNull(text()),
  destination: orNull(text()),
  route: orNull(text()),
  n: orNull(count),
  ms: orNull(Type.Number()),
  code: orNull(code),
  who: orNull(text()),
  why: orNull(text()),
})

const MessagePage = Type.Object({
  messages: Type.Array(Type.Object({ ...Message, deliveries: Type.Array(Type.Object(Delivery)) })),
  next: orNull(text('Give it as `after` for the next page; null: this is the last')),
  unknown: Type.Optional(Type.Array(oneOf(['from', 'to', 'kind']))),
})
const MessageDetail = Type.Object({
  ...Message,
  application: text(),
  facility: text(),
  receivingApplication: text(),
  receivingFacility: text(),
  test: Type.Boolean(),
  sha256: text(),
  revision: count,
  parent: orNull(text()),
  cause: orNull(text()),
  deliveries: Type.Array(DeliveryDetail),
  timeline: Type.Array(TimelineEntry),
})
const Maintenance = Type.Object({
  id: text(),
  from: time,
  until: time,
  text: text(),
  destinations: Type.Array(text()),
  pause: Type.Boolean(),
  who: text(),
})
const Status = Type.Object({
  at: time,
  node: text(),
  version: text(),
  revision: count,
  behind: Type.Optional(count),
  received: count,
  closed: count,
  inFlight: count,
  parked: count,
  purged: count,
  refused: count,
  difference: Type.Integer({ description: 'received - closed - inFlight - parked: anything but 0 is a defect' }),
  entrances: Type.Array(
    Type.Object(
      { name: entrance, host: text(), port: Type.Integer(), connections: count },
      { description: 'This node' },
    ),
  ),
  destinations: Type.Array(
    Type.Object({
      id: text(),
      establishment: text(),
      use: orNull(oneOf(['qualification', 'production'])),
      open: count,
      parked: count,
      delivered: count,
      oldestOpenMs: orNull(Type.Number()),
      paused: Type.Optional(Type.Object({ since: time, who: text(), why: text() })),
    }),
  ),
  maintenance: Type.Optional(Type.Array(Maintenance)),
})
const Maintenances = Type.Object({ maintenance: Type.Array(Maintenance) })
const ReplayRequest = Type.Object({
  id: text(),
  askedAt: time,
  askedBy: text(),
  why: text(),
  to: text('establishment/name'),
  subject: Type.Object({
    message: Type.Optional(text()),
    filter: Type.Optional(Type.Record(Type.String(), Type.Any())),
  }),
  counts: Type.Object({
    messages: count,
    deliveries: Type.Record(Type.String(), count),
    doubles: count,
    skipped: Type.Record(Type.String(), count),
    whole: Type.Boolean({ description: 'false: there is more than was counted' }),
  }),
  expiresAt: time,
  state: oneOf(['asked', 'refused', 'expired', 'running', 'done']),
  decidedAt: orNull(time),
  decidedBy: orNull(text()),
  decidedWhy: orNull(text()),
  done: count,
})
const ActResult = Type.Object({ id: text(), destination: text(), state })
const ReplayResult = Type.Object({
  dryRun: Type.Boolean(),
  deliveries: Type.Array(
    Type.Object({ id: orNull(text('null on a dry run')), destination: text(), replayOf: orNull(text()) }),
  ),
  left: Type.Array(text('Where it was and does not go again: platform')),
})
const Plan = Type.Object({
  revision: orNull(count),
  same: Type.Boolean({ description: 'Nothing of the shared part changes' }),
  problems: Type.Array(
    Type.Object({ severity: oneOf(['error', 'warning']), at: text(), code: text(), message: text() }),
  ),
  changes: Type.Array(
    Type.Object({
      part: text(),
      name: text(),
      what: oneOf(['added', 'removed', 'changed', 'moved']),
      settings: Type.Array(Type.Object({ at: text(), from: orNull(text()), to: orNull(text()) })),
    }),
  ),
  affected: Type.Array(Type.Object({ destination: text(), open: count, parked: count })),
  orphans: Type.Array(text('Destination removed that has open or parked deliveries')),
  restart: Type.Array(text('Part of the node that holds from the next start')),
})
const Applied = Type.Object({ revision: count, plan: Plan, parked: count })
const PauseResult = Type.Object({ destination: text(), paused: Type.Boolean() })
const TestResult = Type.Object({
  destination: text(),
  ok: Type.Boolean(),
  step: oneOf(['connect', 'tls', 'answer']),
  code: orNull(code),
  detail: orNull(text()),
  ms: Type.Number(),
})
const ReplayStep = Type.Object({
  dryRun: Type.Boolean(),
  messages: count,
  deliveries: Type.Record(Type.String(), count),
  doubles: count,
  skipped: Type.Record(Type.String(), count),
  next: orNull(text('Give it as `after` for the next step')),
})
const BackupState = Type.Object({
  state: oneOf(['none', 'running', 'done', 'failed']),
  file: orNull(text()),
  done: count,
  total: count,
  messages: count,
  mails: count,
  images: count,
  code: orNull(code),
})
const AuditHead = Type.Object({
  size: count,
  root: text('SHA-256, hex'),
  atMs: count,
  keyId: text(),
  signature: text('Ed25519, base64'),
})
const AuditState = Type.Object({
  head: AuditHead,
  daily: Type.Array(AuditHead),
  publicKey: text('PEM'),
  waiting: count,
  missing: Type.Integer({ description: 'Events that are gone: anything but 0 was tampering or damage' }),
})
const AuditPage = Type.Object({
  events: Type.Array(
    Type.Object({
      n: count,
      atMs: count,
      line: text('FHIR AuditEvent: the bytes that are hashed and signed'),
      hash: text('SHA-256 of 0x00 and the line, hex'),
      signature: text('Ed25519, base64'),
    }),
  ),
  before: Type.Object({ size: count, hashes: Type.Array(text()) }),
  next: orNull(Type.Integer({ description: 'Give it as `after` for the next page; null: this is the last' })),
})
const AuditProof = Type.Object({ n: count, size: count, hash: text(), proof: Type.Array(text()), head: AuditHead })
const AuditConsistency = Type.Object({ first: count, second: count, proof: Type.Array(text()) })
const Alert = {
  id: text(),
  kind: oneOf(ALERT_KINDS),
  severity: oneOf(SEVERITIES),
  code,
  subject: text('What it is about; `*`: the region'),
  establishment: orNull(text()),
  params: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
  firstAt: time,
  lastAt: time,
  times: count,
  state: oneOf(ALERT_STATES),
  snoozedUntil: orNull(time),
  who: orNull(text()),
  why: orNull(text()),
  actedAt: orNull(time),
  endedAt: orNull(time),
}
const AlertPage = Type.Object({ alerts: Type.Array(Type.Object(Alert)), next: orNull(text('Give it as `after`')) })
const AlertDetail = Type.Object({
  ...Alert,
  notices: Type.Array(
    Type.Object({
      channel: text(),
      what: oneOf(['raised', 'ended']),
      state: oneOf(['waiting', 'sent', 'failed']),
      madeAt: time,
      attempts: count,
      code: orNull(code),
      doneAt: orNull(time),
    }),
  ),
})
const Bytes = Type.String({ description: 'The bytes as they came' })
const Ready = Type.Object({ status: text(), why: Type.Optional(orNull(code)) })

/** Every error of the API (RFC 9457). */
export const PROBLEM: TSchema = Type.Object(
  {
    type: text(),
    title: text(),
    status: Type.Integer(),
    code,
    detail: text('Help, in the language of Accept-Language'),
    instance: text('Number of the request, as in the log'),
    errors: Type.Optional(Type.Array(Type.Object({ at: text('JSON pointer'), rule: text() }))),
  },
  { description: 'A problem' },
)

/** By method and address: one sentence, and what a 200 holds. */
export const ANSWERS: Readonly<Record<string, readonly [summary: string, body: TSchema]>> = {
  ...PRIVACY_ANSWERS,
  ...APPOINTMENT_ANSWERS,
  ...DUTY_ANSWERS,
  ...MAILBOX_ANSWERS,
  ...CONFORMITY_ACT_ANSWERS,
  ...PROGRAMME_ANSWERS,
  ...DIRECTORY_ANSWERS,
  ...STRUCTURE_ANSWERS,
  ...WEBMAIL_ANSWERS,
  ...CASES_ANSWERS,
  ...CONFORMITY_ANSWERS,
  'GET /healthz': ['Alive?', Type.Object({ status: text(), version: text() })],
  'GET /readyz': ['Is new work taken? 503 and the reason when not', Ready],
  'GET /metrics': ['Figures for Prometheus', text()],
  'GET /api/status': ['Counts and queues', Status],
  'GET /api/messages': ['Messages, newest first', MessagePage],
  'POST /api/messages/search': ['The same, by what may not stand in an address', MessagePage],
  'GET /api/messages/:id': ['One message: deliveries, attempts, findings, timeline', MessageDetail],
  'GET /api/messages/:id/body': ['Its content, for the establishments concerned; noted on the timeline', Bytes],
  'POST /api/messages/:id/body': ['The same on purpose: its reason is kept with who saw it', Bytes],
  'POST /api/messages/:id/replay': ['New deliveries of one message', ReplayResult],
  'POST /api/deliveries/:id/resend': ['Queues a delivery again', ActResult],
  'POST /api/deliveries/:id/close': ['Ends a delivery unsent', ActResult],
  'POST /api/deliveries/:id/skip': ['Lets later messages pass', ActResult],
  'POST /api/messages/replay': ['New deliveries of many messages, 200 at a time, in their order', ReplayStep],
  'POST /api/destinations/:establishment/:name/pause': ['Begins nothing more there', PauseResult],
  'POST /api/destinations/:establishment/:name/resume': ['Begins again', PauseResult],
  'POST /api/destinations/:establishment/:name/test': ['Connects and sends no message', TestResult],
  'GET /api/replays': [
    'Replays to another destination, newest first',
    Type.Object({ replays: Type.Array(ReplayRequest) }),
  ],
  'GET /api/replays/:id': ['One of them', ReplayRequest],
  'POST /api/replays': ['Asks for one, which another person decides', ReplayRequest],
  'POST /api/replays/:id/approve': ['Lets it run: another person than asked for it', ReplayRequest],
  'POST /api/replays/:id/refuse': ['Ends it undone', ReplayRequest],
  'POST /api/replays/:id/continue': ['Goes on with one that stopped on the way', ReplayRequest],
  'GET /api/maintenance': ['Planned maintenance that is not over', Maintenances],
  'POST /api/maintenance': ['Announces one', Maintenance],
  'POST /api/maintenance/:id/end': ['Takes it back, or ends it early', Maintenances],
  'GET /api/backup': ['How far the backup is', BackupState],
  'POST /api/backup': ['Begins a backup on the machine of the gateway', BackupState],
  'GET /api/audit': ['Events of the audit, in the order of their commits', AuditPage],
  'GET /api/audit/head': [
    'The tree of the audit, signed now, with the heads of each day and the public key',
    AuditState,
  ],
  'GET /api/audit/:n/proof': ['What shows that an event is in the tree (RFC 6962 §2.1.1)', AuditProof],
  'GET /api/audit/consistency': ['What shows that one tree goes on from another (RFC 6962 §2.1.2)', AuditConsistency],
  'GET /api/alerts': ['Alerts: those that last first, the gravest before the others', AlertPage],
  'GET /api/alerts/:id': ['One alert, with what was told of it', AlertDetail],
  'POST /api/alerts/:id/acknowledge': ['Somebody has it in hand', AlertDetail],
  'POST /api/alerts/:id/snooze': ['Nobody is told before a time', AlertDetail],
  'POST /api/config/plan': ['What a change of the configuration would do', Plan],
  'POST /api/config/apply': ['Makes it the running configuration', Applied],
  'POST /api/config/rollback': ['Applies the revision before again', Applied],
}
