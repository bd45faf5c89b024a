import type { Config } from '../core/config.ts'
import { type ErrorCode, GatewayError } from '../core/errors.ts'
import type { Follower } from '../core/follower.ts'
import type { Intake, Journal, NewEvent, Timer } from '../core/journal.ts'
import type { MessageId } from '../core/message.ts'
import type { Clock, Ids, Log } from '../core/ports.ts'
import { isTest, patientIdentifiersOf } from '../formats/fhir/facts.ts'
import { bears, concerned, isKept, patientAfter, systemsOf } from '../formats/fhir/identity-event.ts'
import { type JsonObject, writeJson } from '../formats/fhir/json.ts'
import { readHeader } from '../formats/hl7v2/header.ts'
import { type IdentityEvent, identityEvents, isIdentityEvent, tellsNir } from '../formats/hl7v2/identity-event.ts'
import { readMessage } from '../formats/hl7v2/message.ts'
import type { Hl7Identifier } from '../formats/identifiers/hl7-form.ts'
import { contentOf } from './fhir/reads.ts'
import { tokenRow, updateRows } from './fhir/rows.ts'
import { keysOf } from './intake.ts'
import type { Reading } from './reading.ts'

/** Name under which identity events wait, and what they are on a timeline. */
export const IDENTITY = 'identity'
/** Patients of one establishment that bear one identifier: more are a fault of its own. */
const MOST_PATIENTS = 50

const CODES: Readonly<Record<IdentityEvent['what'], ErrorCode>> = {
  merge: 'PATIENT_MERGED',
  change: 'IDENTIFIER_CHANGED',
  removal: 'IDENTIFIER_REMOVED',
  'ins-removal': 'INS_REMOVED',
  nir: 'INS_NIR_KNOWN',
}

interface Waiting {
  readonly message: MessageId
  readonly establishment: string
}

/**
 * The timer that a message of an identity event is committed with, due at once; none for any other. Its id sorts by the
 * time of the message, so that events are worked on in order. */
export function identityTimers(
  message: MessageId,
  { header, identifiers, establishment }: Reading,
  nowMs: number,
): Timer[] {
  if (!isIdentityEvent(header.kind) && !tellsNir(header.kind, identifiers)) return []
  const payload: Waiting = { message, establishment: establishment.id }
  return [{ id: `${IDENTITY}:${message}`, follower: IDENTITY, dueAtMs: nowMs, payload: JSON.stringify(payload) }]
}

/** What the follower works with. */
export interface IdentityParts {
  readonly journal: Journal
  readonly config: () => Config
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
}

/**
 * Does to the Patients that the sender's establishment keeps here what an identity event says: a new version of each, caused
 * by the message, with an event on its timeline, in one commit with the timer, so once. */
export function identityFollower(parts: IdentityParts): Follower {
  return {
    name: IDENTITY,
    reads: false,
    entries: async () => ({}),
    async timer(timer) {
      const waiting = JSON.parse(timer.payload) as Waiting
      try {
        return await effectOf(waiting, parts)
      } catch (fault) {
        // A body that is gone or damaged stays so: other timers must not wait for it.
        if (!(fault instanceof GatewayError) || !['NOT_FOUND', 'BODY_DAMAGED'].includes(fault.code)) throw fault
        parts.log.warn('identity.unread', { messageId: waiting.message, code: fault.code })
        return { events: [noted(waiting.message, fault.code, null, parts)] }
      }
    },
  }
}

async function effectOf({ message, establishment }: Waiting, parts: IdentityParts) {
  const patients = new Patients(establishment, parts)
  const events: NewEvent[] = []
  for (const event of await eventsOf(message, establishment, parts)) {
    const changed = await patients.take(event)
    events.push(noted(message, CODES[event.what], changed.length === 0 ? null : changed.join(' '), parts))
  }
  return { events, arrivals: patients.arrivals(message) }
}

async function eventsOf(message: MessageId, establishment: string, { journal, config }: IdentityParts) {
  const chunks: Uint8Array[] = []
  for await (const chunk of (await journal.body(message)).open()) chunks.push(chunk)
  const read = readMessage(Buffer.concat(chunks), config().establishments.get(establishment)?.charset)
  return read.ok ? identityEvents(read.message, readHeader(read.message).kind) : []
}

function noted(message: MessageId, code: ErrorCode, detail: string | null, { clock }: IdentityParts): NewEvent {
  return { atMs: clock.nowMs(), who: 'gateway', what: IDENTITY, why: null, code, message, delivery: null, detail }
}

interface Kept {
  readonly id: string
  readonly version: number
  /** As it is now, or as the events so far have made it. */
  resource: JsonObject
  changed: boolean
}

/** The Patients that an establishment keeps here, as far as they were asked for, with what events have made of them. */
class Patients {
  readonly #owner: string
  readonly #parts: IdentityParts
  readonly #known = new Map<string, Kept>()

  constructor(owner: string, parts: IdentityParts) {
    this.#owner = owner
    this.#parts = parts
  }

  /** Applies an event; gives the versions it makes, as `Patient/ID/_history/N`. */
  async take(event: IdentityEvent): Promise<string[]> {
    const found = await this.#bearing(concerned(event))
    const into = event.what === 'merge' && found.length > 0 ? await this.#survivor(event) : null
    const changed: string[] = []
    for (const kept of found) {
      const after = patientAfter(kept.resource, event, into === kept.id ? null : into)
      if (after === null) continue
      kept.resource = after
      kept.changed = true
      changed.push(`Patient/${kept.id}/_history/${kept.version + 1}`)
    }
    return changed
  }

  /** The new versions, each a message of its own that names its cause. */
  arrivals(cause: MessageId): Intake[] {
    return [...this.#known.values()].filter(({ changed }) => changed).map((kept) => this.#arrival(kept, cause))
  }

  async #survivor({ kept, merged }: Extract<IdentityEvent, { what: 'merge' }>): Promise<string | null> {
    const found = (await this.#bearing(kept)).filter(({ resource }) => isKept(resource, kept))
    const others = found.filter(({ resource }) => !merged.some((one) => bears(resource, one)))
    return [...others, ...found].find(({ resource }) => resource['active'] !== false)?.id ?? null
  }

  async #bearing(identifiers: readonly Hl7Identifier[]): Promise<Kept[]> {
    const { journal } = this.#parts
    const ids = new Set<string>()
    for (const identifier of identifiers) {
      for (const system of systemsOf(identifier)) {
        const { name, value } = tokenRow('identifier', system, identifier.value, journal.secret)
        const rows = await journal.look<{ id: string; version: number; message: string; withheld: string | null }>({
          sql: `SELECT r.id, r.version, r.message, m.withheld FROM resource_index i
            JOIN resource r ON r.type = i.type AND r.id = i.id JOIN message m ON m.id = r.message
            WHERE i.type = 'Patient' AND i.name = ? AND i.value = ? AND r.owner = ? AND r.deleted = 0
            ORDER BY r.id LIMIT ${MOST_PATIENTS}`,
          parameters: [name, value, this.#owner],
        })
        for (const { id, version, message, withheld } of rows) {
          ids.add(id)
          if (this.#known.has(id)) continue
          const resource = await contentOf(journal, message, withheld)
          if (resource !== null) this.#known.set(id, { id, version: Number(version), resource, changed: false })
        }
      }
    }
    return [...ids].flatMap((id) => this.#known.get(id) ?? [])
  }

  #arrival({ id, version, resource }: Kept, cause: MessageId): Intake {
    const { journal, config, clock, ids } = this.#parts
    const atMs = clock.nowMs()
    const message = ids.uuid()
    const { secret } = journal
    const write = { type: 'Patient', id, owner: this.#owner, message, atMs, resource, secret }
    return {
      id: message,
      receivedAtMs: atMs,
      entrance: 'internal',
      peer: 'internal',
      establishment: this.#owner,
      kind: 'Patient',
      controlId: id,
      application: '',
      facility: '',
      receivingApplication: '',
      receivingFacility: '',
      test: isTest(resource),
      bytes: Buffer.from(writeJson(resource), 'utf8'),
      repeatKey: null,
      answer: null,
      applicationAnswer: null,
      ...keysOf(patientIdentifiersOf(resource), this.#owner, secret),
      findings: [],
      deliveries: [],
      events: [],
      revision: config().revision,
      parent: null,
      ask: null,
      rows: updateRows(write, version),
      cause,
    }
  }
}
