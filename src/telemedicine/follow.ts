import { CASES_FOLLOWER, type CaseMessage, type CaseReading, type CaseWork, type ReadCase } from '../core/cases.ts'
import { type ErrorCode, GatewayError } from '../core/errors.ts'
import type { Follower } from '../core/follower.ts'
import type { Effect, Journal, NewEvent, Timer } from '../core/journal.ts'
import type { Log } from '../core/ports.ts'
import { samePlacer } from '../formats/case/reading.ts'
import { denied, type Hearing, hearAll, hearing } from './heard.ts'
import type { CaseParts } from './projection.ts'
import { forgetRows } from './store/forget.ts'
import { caseKeys } from './store/keys.ts'
import { loadCase } from './store/load.ts'
import { gatewayViewer, planAct, planDue, planRequest, together } from './store/plan.ts'
import type { Told } from './store/told.ts'
import type { Written } from './store/write.ts'
import type { Heard } from './whose.ts'

/** What came before a case is looked for so far back (ms). */
const BACK_MS = 86_400_000
/** A request that was cancelled is looked for so far back (ms): as long as messages are kept. */
const ORDERS_MS = 30 * 86_400_000
/** A timer whose work failed by a fault of ours is tried again after that (ms): it must not hold the others. */
const AGAIN_MS = 10_000

/** What the follower works with. */
export interface FollowCaseParts extends CaseParts {
  readonly journal: CaseParts['journal'] & Pick<Journal, 'body'>
  readonly read: ReadCase
  readonly told: Told
  readonly log: Log
}

/** Opens and moves cases behind the answer: by the messages that set a timer of its own, and by what is due. */
export function caseFollower(parts: FollowCaseParts): Follower {
  return {
    name: CASES_FOLLOWER,
    reads: false,
    entries: async () => ({}),
    async timer(timer) {
      try {
        await parts.steps?.check()
        return await effectOf(JSON.parse(timer.payload) as CaseWork, parts)
      } catch (fault) {
        if (fault instanceof GatewayError && fault.code.startsWith('STORE_')) throw fault
        parts.log.error('cases.fault', {}, fault)
        return { timers: [again(timer, parts.clock.nowMs())], events: stuck(timer, parts) }
      }
    },
  }
}

function again(timer: Timer, nowMs: number): Timer {
  const [id = timer.id, tries = '0'] = timer.id.split('#')
  return { ...timer, id: `${id}#${Number(tries) + 1}`, dueAtMs: nowMs + AGAIN_MS }
}

/** A message whose work failed is told of at the first failure: whoever asked waits, and it may fail for good. */
function stuck({ id, payload }: Timer, parts: FollowCaseParts): readonly NewEvent[] {
  const work = JSON.parse(payload) as CaseWork
  if (id.includes('#') || (work.what !== 'open' && work.what !== 'about')) return []
  const services = work.what === 'open' ? work.services : ['*']
  return services.map((service) => unread(work.message, service, 'CASE_UNREAD', parts))
}

async function effectOf(work: CaseWork, parts: FollowCaseParts): Promise<Effect> {
  switch (work.what) {
    case 'due': {
      const done = await planDue(work.id, work.version, parts)
      return done === null ? {} : telling([done], parts)
    }
    case 'report':
      return reported(work.id, parts)
    case 'back':
      return lookedBack(work.id, parts)
    case 'forget':
      return { rows: forgetRows(work.id, parts) }
    case 'open':
      return opened(work.message, work.services, parts)
    case 'about':
      return concerned(work.message, parts)
  }
}

/** The closing report of a case that was finished without one; nothing when somebody has made it, or it goes on again. */
async function reported(id: string, parts: FollowCaseParts): Promise<Effect> {
  const one = await loadCase(parts.journal, id)
  if (one === null || one.state !== 'done' || one.report !== null) return {}
  const act = { what: 'report', type: '', message: null, text: '' } as const
  const viewer = gatewayViewer(one.owner?.establishment ?? one.site)
  const planned = await planAct(id, act, viewer, { version: null, atMs: null, why: null }, parts)
  return planned.ok ? telling(planned.writes, parts) : {}
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
  let isHeard = false
  for (const service of services) {
    const reading = bytes === null ? null : await tried(bytes, message, service, parts)
    if (reading?.request == null) {
      if (reading === null || saysNothing(reading)) events.push(unread(message, service, 'CASE_UNREAD', parts))
      // What it says beside a request is the same for every service.
      else if (!isHeard) {
        isHeard = true
        const heard = await hearing({ message, reading }, parts)
        writes.push(...heard.writes)
        events.push(...heard.events)
        if (heard.unknown) events.push(await unknownOrder({ message, reading }, parts))
      }
      continue
    }
    const planned = await planRequest(reading.request, gatewayViewer(message.establishment), parts)
    if (!planned.ok) {
      events.push(unread(message, service, planned.error, parts))
      continue
    }
    // A score, results, studies that came with the request: on the case as it is then.
    const more = await hearAll(planned.case, [{ message, reading }], parts)
    writes.push(...planned.writes, ...more.writes)
    events.push(...more.events)
  }
  const effect = telling(writes, parts)
  return { ...effect, events: [...(effect.events ?? []), ...events] }
}

function saysNothing({ acts, cancels, answers = [] }: CaseReading): boolean {
  return acts.length === 0 && cancels === null && answers.length === 0
}

/** What was heard, as an effect. */
function heardEffect({ writes, events }: Hearing, parts: FollowCaseParts): Effect {
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
  return reading === null ? {} : heardEffect(await hearing({ message, reading }, parts), parts)
}

/** A cancel that finds no open case: of one that is closed, or of an order that was never asked for here. */
async function unknownOrder({ message, reading }: Heard, parts: FollowCaseParts): Promise<NewEvent> {
  const said = await earlier(message.keys, parts.clock.nowMs() - ORDERS_MS, message.test, parts)
  const isRequest = said.some(({ message: { establishment }, reading: { request } }) => {
    const placer = establishment === message.establishment ? (request?.placer ?? null) : null
    return placer !== null && samePlacer(placer, reading.cancels!)
  })
  return denied('cancel', message, isRequest ? 'CASE_CLOSED' : 'ORDER_UNKNOWN', parts.clock.nowMs())
}

/** What messages that bear one of these keys have said since, the oldest first. */
async function earlier(
  keys: readonly string[],
  sinceMs: number,
  test: boolean,
  parts: FollowCaseParts,
): Promise<readonly Heard[]> {
  const said: Heard[] = []
  const messages = (await parts.recent?.(keys, sinceMs)) ?? []
  for (const message of messages.toReversed()) {
    if (message.test !== test) continue
    const bytes = await bytesOf(message, parts)
    const reading = bytes === null ? null : await tried(bytes, message, null, parts)
    if (reading !== null) said.push({ message, reading })
  }
  return said
}

async function lookedBack(id: string, parts: FollowCaseParts): Promise<Effect> {
  const { journal, search, clock } = parts
  const one = await loadCase(journal, id)
  if (one === null || one.closedAtMs !== null) return {}
  const said = await earlier(caseKeys(one, search), clock.nowMs() - BACK_MS, one.test, parts)
  return heardEffect(await hearAll(one, await unspent(said, parts), parts), parts)
}

/** What no closed case has taken: it was of that event, and a request that is made again is not taken back by the old cancel. */
async function unspent(said: readonly Heard[], { journal }: FollowCaseParts): Promise<readonly Heard[]> {
  if (said.length === 0) return []
  const ids = said.map(({ message }) => message.id)
  const taken = await journal.look<{ message: string }>({
    sql: `SELECT w.message FROM care_message w JOIN care_case c ON c.id = w.care_case
      WHERE c.closed_at_ms IS NOT NULL AND w.message IN (${ids.map(() => '?').join(', ')})`,
    parameters: ids,
  })
  const spent = new Set(taken.map(({ message }) => message))
  return said.filter(({ message }) => !spent.has(message.id))
}
