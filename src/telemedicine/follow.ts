import {
  CASES_FOLLOWER,
  type Case,
  type CaseMessage,
  type CaseReading,
  type CaseWork,
  type ReadCase,
} from '../core/cases.ts'
import { type ErrorCode, GatewayError } from '../core/errors.ts'
import type { Effect, Follower, Journal, NewEvent, Timer } from '../core/journal.ts'
import type { Log } from '../core/ports.ts'
import { decide } from './case/decide.ts'
import { evolveAll } from './case/evolve.ts'
import type { CaseParts } from './projection.ts'
import { caseKeys } from './store/keys.ts'
import { loadCase } from './store/load.ts'
import { gatewayViewer, planDue, planRequest, together } from './store/plan.ts'
import { messageRows } from './store/rows.ts'
import type { Told } from './store/told.ts'
import { onTime, type Written, written } from './store/write.ts'

/** What came before a case is looked for so far back (ms). */
const BACK_MS = 86_400_000
/** A timer whose work failed by a fault of ours is tried again after that (ms): it must not hold the others. */
const AGAIN_MS = 10_000

/** What the follower works with. */
export interface FollowCaseParts extends CaseParts {
  readonly journal: CaseParts['journal'] & Pick<Journal, 'body'>
  readonly read: ReadCase
  readonly told: Told
  readonly log: Log
  /** Notes that a patient came to a site or left it; absent: nothing is kept of that. */
  readonly register?: (bytes: Buffer, message: CaseMessage) => Promise<Effect>
}

/** Opens and moves cases behind the answer: by the messages that set a timer of its own, and by what is due. */
export function caseFollower(parts: FollowCaseParts): Follower {
  return {
    name: CASES_FOLLOWER,
    reads: false,
    entries: async () => ({}),
    async timer(timer) {
      try {
        return await effectOf(JSON.parse(timer.payload) as CaseWork, parts)
      } catch (fault) {
        if (fault instanceof GatewayError && fault.code.startsWith('STORE_')) throw fault
        parts.log.error('cases.fault', {}, fault)
        return { timers: [again(timer, parts.clock.nowMs())] }
      }
    },
  }
}

function again(timer: Timer, nowMs: number): Timer {
  const [id = timer.id, tries = '0'] = timer.id.split('#')
  return { ...timer, id: `${id}#${Number(tries) + 1}`, dueAtMs: nowMs + AGAIN_MS }
}

async function effectOf(work: CaseWork, parts: FollowCaseParts): Promise<Effect> {
  switch (work.what) {
    case 'due': {
      const done = await planDue(work.id, work.version, parts)
      return done === null ? {} : telling([done], parts)
    }
    case 'back':
      return lookedBack(work.id, parts)
    case 'open':
      return opened(work.message, work.services, parts)
    case 'about':
      return concerned(work.message, parts)
    case 'register': {
      const bytes = await bytesOf(work.message, parts)
      return bytes === null || parts.register === undefined ? {} : parts.register(bytes, work.message)
    }
  }
}

/** The effect, whose cases are told of once the runner has applied it. */
function telling(writes: readonly Written[], { told }: FollowCaseParts): Effect {
  return told.expect(
    together(writes),
    writes.map(({ after }) => after),
  )
}

async function bytesOf({ id }: CaseMessage, { journal }: FollowCaseParts): Promise<Buffer | null> {
  const chunks: Uint8Array[] = []
  try {
    for await (const chunk of (await journal.body(id)).open()) chunks.push(chunk)
  } catch (fault) {
    if (fault instanceof GatewayError && ['NOT_FOUND', 'BODY_DAMAGED'].includes(fault.code)) return null
    throw fault
  }
  return Buffer.concat(chunks)
}

/** A message that met a service's rule and opens nothing is for a person to look at, at once. */
function unread(message: CaseMessage, service: string, code: ErrorCode, { clock }: FollowCaseParts): NewEvent {
  const detail = `service:${service}`
  return {
    atMs: clock.nowMs(),
    who: 'gateway',
    what: 'alert',
    why: null,
    code,
    message: message.id,
    delivery: null,
    detail,
  }
}

async function opened(message: CaseMessage, services: readonly string[], parts: FollowCaseParts): Promise<Effect> {
  const bytes = await bytesOf(message, parts)
  const events: NewEvent[] = []
  const writes: Written[] = []
  for (const service of services) {
    const reading = bytes === null ? null : await tried(bytes, message, service, parts)
    if (reading?.request == null) {
      if (reading === null || (reading.acts.length === 0 && reading.cancels === null)) {
        events.push(unread(message, service, 'CASE_UNREAD', parts))
      } else writes.push(...(await moved(message, reading, parts)))
      continue
    }
    const planned = await planRequest(reading.request, gatewayViewer(message.establishment), parts)
    if (!planned.ok) events.push(unread(message, service, planned.error, parts))
    else writes.push(...planned.writes)
  }
  const effect = telling(writes, parts)
  return { ...effect, events: [...(effect.events ?? []), ...events] }
}

async function tried(
  bytes: Buffer,
  message: CaseMessage,
  service: string | null,
  { read, log }: FollowCaseParts,
): Promise<CaseReading | null> {
  try {
    return await read(bytes, message, service)
  } catch (fault) {
    log.error('cases.unread', { messageId: message.id, code: 'CASE_UNREAD' }, fault)
    return null
  }
}

async function concerned(message: CaseMessage, parts: FollowCaseParts): Promise<Effect> {
  const bytes = await bytesOf(message, parts)
  const reading = bytes === null ? null : await tried(bytes, message, null, parts)
  return reading === null ? {} : telling(await moved(message, reading, parts), parts)
}

/** The open cases that share a key with a message. */
async function casesOf({ keys, test }: CaseMessage, { journal }: FollowCaseParts): Promise<readonly Case[]> {
  if (keys.length === 0) return []
  const found = await journal.look<{ id: string }>({
    sql: `SELECT DISTINCT c.id FROM care_key k JOIN care_case c ON c.id = k.care_case
      WHERE k.search_key IN (${keys.map(() => '?').join(', ')}) AND c.test = ? AND c.closed_at_ms IS NULL ORDER BY c.id`,
    parameters: [...keys, test ? 1 : 0],
  })
  const cases = await Promise.all(found.map(({ id }) => loadCase(journal, id)))
  return cases.filter((one) => one !== null)
}

async function moved(message: CaseMessage, reading: CaseReading, parts: FollowCaseParts): Promise<readonly Written[]> {
  const writes: Written[] = []
  for (const one of await casesOf(message, parts)) {
    const done = await movedBy([{ message, reading }], one, parts)
    if (done !== null) writes.push(done)
  }
  return writes
}

interface Read {
  readonly message: CaseMessage
  readonly reading: CaseReading
}

/** The case after what messages say of it; null: they say nothing, or had been heard before. */
async function movedBy(said: readonly Read[], before: Case, parts: FollowCaseParts): Promise<Written | null> {
  const service = parts.config().careServices?.get(before.service)
  if (service === undefined) return null
  const nowMs = parts.clock.nowMs()
  const name = { id: before.id, number: before.number, service }
  const heard = await parts.journal.look<{ message: string }>({
    sql: 'SELECT message FROM care_message WHERE care_case = ?',
    parameters: [before.id],
  })
  const known = new Set(heard.map(({ message }) => message))
  let [now, happenings] = onTime(before, name, nowMs, parts)
  const taken: string[] = []
  for (const { message, reading } of said) {
    if (known.has(message.id)) continue
    const viewer = gatewayViewer(message.establishment)
    const atMs = message.receivedAtMs
    for (const act of [...reading.acts, ...cancelling(now, reading)]) {
      const decision = decide(now, act, viewer, service, { nowMs, atMs })
      if (!decision.ok || decision.happenings.length === 0) continue
      now = evolveAll(now, decision.happenings, name)
      happenings = [...happenings, ...decision.happenings]
      taken.push(message.id)
    }
  }
  if (taken.length === 0) return null
  const rows = messageRows(before.id, taken)
  return written({ before, happenings, name, who: 'gateway', why: null, nowMs, rows }, parts)
}

/** An order taken back closes the case that it alone opened; of a joined one it is written down for people to see. */
function cancelling({ requests }: Case, { cancels }: CaseReading): CaseReading['acts'] {
  if (cancels === null) return []
  const named = requests.filter(
    ({ placer }) => placer?.value === cancels.value && placer.authority === cancels.authority,
  )
  if (named.length === 0) return []
  return requests.length === 1
    ? [{ what: 'cancel', reason: cancels.value }]
    : [{ what: 'write', text: `ORC-1 CA ${cancels.value}` }]
}

async function lookedBack(id: string, parts: FollowCaseParts): Promise<Effect> {
  const { journal, search, clock, recent } = parts
  const one = await loadCase(journal, id)
  if (one === null || one.closedAtMs !== null || recent === undefined) return {}
  const said: Read[] = []
  const messages = await recent(caseKeys(one, search), clock.nowMs() - BACK_MS)
  for (const message of messages.toReversed()) {
    if (message.test !== one.test) continue
    const bytes = await bytesOf(message, parts)
    const reading = bytes === null ? null : await tried(bytes, message, null, parts)
    if (reading !== null) said.push({ message, reading })
  }
  const done = await movedBy(said, one, parts)
  return done === null ? {} : telling([done], parts)
}
