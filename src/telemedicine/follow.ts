import { CASES_FOLLOWER, type CaseMessage, type CaseReading, type CaseWork, type ReadCase } from '../core/cases.ts'
import { type ErrorCode, GatewayError } from '../core/errors.ts'
import type { Follower } from '../core/follower.ts'
import type { Effect, Journal, NewEvent, Timer } from '../core/journal.ts'
import type { Log } from '../core/ports.ts'
import { type Heard, type Hearing, hearAll, hearing } from './heard.ts'
import type { CaseParts } from './projection.ts'
import { forgetRows } from './store/forget.ts'
import { caseKeys } from './store/keys.ts'
import { loadCase } from './store/load.ts'
import { gatewayViewer, planAct, planDue, planRequest, together } from './store/plan.ts'
import type { Told } from './store/told.ts'
import type { Written } from './store/write.ts'

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
  for (const service of services) {
    const reading = bytes === null ? null : await tried(bytes, message, service, parts)
    if (reading?.request == null) {
      if (reading === null || saysNothing(reading)) events.push(unread(message, service, 'CASE_UNREAD', parts))
      else {
        const heard = await hearing({ message, reading }, parts)
        writes.push(...heard.writes)
        events.push(...heard.events)
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

async function lookedBack(id: string, parts: FollowCaseParts): Promise<Effect> {
  const { journal, search, clock, recent } = parts
  const one = await loadCase(journal, id)
  if (one === null || one.closedAtMs !== null || recent === undefined) return {}
  const said: Heard[] = []
  const messages = await recent(caseKeys(one, search), clock.nowMs() - BACK_MS)
  for (const message of messages.toReversed()) {
    if (message.test !== one.test) continue
    const bytes = await bytesOf(message, parts)
    const reading = bytes === null ? null : await tried(bytes, message, null, parts)
    if (reading !== null) said.push({ message, reading })
  }
  return heardEffect(await hearAll(one, said, parts), parts)
}
