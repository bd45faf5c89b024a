import type { ErrorCode } from '../../core/errors.ts'
import type { Entry, NewDelivery, QueueEntry } from '../../core/journal.ts'
import type { DeliveryId, EntranceName, Lane, State } from '../../core/message.ts'

/** A row as a store gives it. */
export type StoredRow = Readonly<Record<string, unknown>>

/** The message that a delivery belongs to, as far as its queue entry shows it. */
export interface Owner {
  readonly seq: number
  readonly id: string
  readonly kind: string
  readonly revision: number
  readonly ask: string | null
  readonly withheld: string | null
  readonly keys: readonly string[]
}

/** The columns of a queue entry, of delivery `d` and its message `m`. */
export const QUEUE_COLUMNS = `d.id, d.seq, m.id AS message, d.destination, m.kind, d.route, coalesce(d.revision, m.revision) AS revision, m.ask, m.withheld, d.lane,
  d.state, d.held, d.holds, m.order_keys, d.committed_at_ms, d.due_at_ms, d.expires_at_ms, d.attempts, d.last_code, d.same_code, d.replay_of`

/** A queue entry of a row with `QUEUE_COLUMNS`. */
export function queueEntry(row: StoredRow): QueueEntry {
  return {
    id: String(row['id']),
    seq: Number(row['seq']),
    messageId: String(row['message']),
    destination: String(row['destination']),
    kind: String(row['kind']),
    route: String(row['route']),
    revision: Number(row['revision']),
    ask: row['ask'] === null ? null : String(row['ask']),
    withheld: row['withheld'] === null ? null : String(row['withheld']),
    lane: row['lane'] as Lane,
    state: row['state'] as State,
    held: row['held'] === 1,
    holds: row['holds'] === 1,
    keys: JSON.parse(String(row['order_keys'])),
    committedAtMs: Number(row['committed_at_ms']),
    dueAtMs: Number(row['due_at_ms']),
    expiresAtMs: Number(row['expires_at_ms']),
    attempts: Number(row['attempts']),
    lastCode: row['last_code'] as ErrorCode | null,
    sameCode: Number(row['same_code']),
    isReplay: row['replay_of'] !== null,
  }
}

/** The entry of a delivery about to be written. */
export function newEntry(seq: number, nowMs: number, owner: Owner, one: NewDelivery): QueueEntry {
  return {
    id: one.id,
    seq,
    messageId: owner.id,
    destination: one.destination,
    kind: owner.kind,
    route: one.route,
    revision: one.revision ?? owner.revision,
    ask: owner.ask,
    withheld: owner.withheld,
    lane: one.lane,
    state: one.state,
    held: one.state === 'poisoned',
    holds: one.state !== 'delivered',
    keys: owner.keys,
    committedAtMs: nowMs,
    dueAtMs: one.dueAtMs,
    expiresAtMs: one.expiresAtMs,
    attempts: 0,
    lastCode: one.code,
    sameCode: one.code === null ? 0 : 1,
    isReplay: one.replayOf !== null,
  }
}

/** So many texts, of so many characters at most, are known by heart. */
const MOST_KNOWN = 500
const LONGEST_KNOWN = 2_000

/** The columns of a followed entry. */
export const ENTRY_COLUMNS =
  'seq, id, received_at_ms, entrance, establishment, kind, control_id, application, test, profiles, software_version, bytes, cause, findings'

/** What followers see of a row of `message`: the values of `ENTRY_COLUMNS`, in their order. */
export function entryOf(row: readonly unknown[]): Entry {
  const [seq, id, receivedAtMs, entrance, establishment, kind, controlId, application, test, ...others] = row
  const [profiles, softwareVersion, bytes, cause, findings] = others
  return {
    position: String(seq),
    id: String(id),
    receivedAtMs: Number(receivedAtMs),
    entrance: entrance as EntranceName,
    establishment: establishment === null ? null : String(establishment),
    kind: String(kind),
    controlId: String(controlId),
    application: String(application),
    test: test === 1,
    profiles: typeof profiles === 'string' ? profilesOf(profiles) : [],
    softwareVersion: typeof softwareVersion === 'string' ? softwareVersion : '',
    bytes: Number(bytes),
    cause: cause === null ? null : String(cause),
    findings: findingsOf(String(findings)),
  }
}

/** The findings, and the profiles, of a text; the same text gives the same list. */
const findingsOf = reading<Entry['findings']>()
const profilesOf = reading<readonly string[]>()

/** Texts that were read lately are known by heart: what one product sends mostly bears the same ones. */
function reading<List>(): (text: string) => List {
  const known = new Map<string, List>()
  return (text) => {
    const before = known.get(text)
    if (before !== undefined) return before
    const list: List = JSON.parse(text)
    if (known.size >= MOST_KNOWN) known.clear()
    if (text.length <= LONGEST_KNOWN) known.set(text, list)
    return list
  }
}

/** The search key within an order key, `domain:searchKey`. */
export function searchPart(orderKey: string): string {
  return orderKey.slice(orderKey.lastIndexOf(':') + 1)
}

/** Up to so many keys are compared with each other. */
const FEW = 8

/** The keys, each once. */
export function distinct(keys: readonly string[]): readonly string[] {
  if (keys.length < 2) return keys
  // A set would hash each of the few that there are.
  return keys.length > FEW ? [...new Set(keys)] : keys.filter((key, i) => keys.indexOf(key) === i)
}

/** Id of the timer that warns of a delivery that has not arrived; its follower is `alerts`. */
export function alertTimer(id: DeliveryId): string {
  return `alert:${id}`
}
