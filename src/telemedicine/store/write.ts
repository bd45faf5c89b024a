import { CASES_FOLLOWER, type Case, type CaseWork, CLOSED_STATES, type Happening } from '../../core/cases.ts'
import type { Effect, NewEvent, Statement, Timer } from '../../core/journal.ts'
import type { CareService } from '../../core/services.ts'
import { ANSWER } from '../case/climb.ts'
import { type CaseFacts, due, GATEWAY, tick } from '../case/due.ts'
import { type CaseName, evolveAll } from '../case/evolve.ts'
import type { CaseParts, CaseWrites } from '../projection.ts'
import { forgetTimer } from './forget.ts'
import { caseKeys } from './keys.ts'
import { caseRow, changedRow, happeningRows, type Joining, keyRows, messageRows, partRows } from './rows.ts'

/** When something is decided, and the row by which it is written only if no step of the clock came between. */
export interface Moment {
  readonly nowMs: number
  readonly step: number
  readonly guard: Statement | null
}

/** Now. */
export function moment({ clock, steps }: CaseParts): Moment {
  return { nowMs: clock.nowMs(), step: steps?.last ?? 0, guard: steps?.guard() ?? null }
}

/** A change to write. */
export interface Change {
  readonly before: Case | null
  /** What was done; what is due by then is added. */
  readonly happenings: readonly Happening[]
  readonly name: CaseName
  /** Name written in the audit, and why it was done. */
  readonly who: string
  readonly why: string | null
  readonly at: Moment
  /** Of a new case: what must not be there, and rows of its own. */
  readonly unless?: Joining | null
  readonly rows?: readonly Statement[]
}

/** A change as it would be committed. */
export interface Written {
  readonly after: Case
  readonly effect: Effect
}

/** The timer of a case at a version. Only the one of the version that stands does anything. */
export function dueTimer({ id, version }: Case, dueAtMs: number): Timer {
  const work: CaseWork = { what: 'due', id, version }
  return {
    id: `${CASES_FOLLOWER}:due:${id}:${version}`,
    follower: CASES_FOLLOWER,
    dueAtMs,
    payload: JSON.stringify(work),
  }
}

/** A new case looks back at once, and again for what was accepted while other nodes did not know of it yet. */
const BACK_AFTER_MS: readonly number[] = [0, 15_000]

function backTimer({ id }: Case, dueAtMs: number): Timer {
  const work: CaseWork = { what: 'back', id }
  return {
    id: `${CASES_FOLLOWER}:back:${id}:${dueAtMs}`,
    follower: CASES_FOLLOWER,
    dueAtMs,
    payload: JSON.stringify(work),
  }
}

/** A case that is finished without a report makes it by itself, behind the answer, where its service says so. */
function reportTimers(before: Case | null, { id, state, report }: Case, service: CareService, nowMs: number): Timer[] {
  const isFinished = state === 'done' && before?.state !== 'done'
  if (!isFinished || report !== null || !service.reportAtFinish || service.reports.length === 0) return []
  const work: CaseWork = { what: 'report', id }
  return [
    {
      id: `${CASES_FOLLOWER}:report:${id}`,
      follower: CASES_FOLLOWER,
      dueAtMs: nowMs,
      payload: JSON.stringify(work),
    },
  ]
}

/** Did the requests of a case reach every destination? Asked only once the delay is over; undefined: not yet. */
export async function factsOf(
  of: Case,
  service: CareService,
  nowMs: number,
  { journal }: CaseParts,
): Promise<CaseFacts> {
  const delay = service.delays.find(({ name }) => name === 'request-undelivered')
  if (delay === undefined || of.owner !== null || of.seenAtMs !== null || CLOSED_STATES.includes(of.state)) return {}
  if (nowMs < of.openedAtMs + delay.afterMs) return {}
  // What the case itself made of a request for a centre counts as the request does.
  const own = await journal.look<{ id: string }>({
    sql: `SELECT m.id FROM care_message c JOIN message m ON m.id = c.message
      WHERE c.care_case = ? AND m.entrance = 'internal' AND m.kind <> 'Task'`,
    parameters: [of.id],
  })
  const messages = [...of.requests.flatMap(({ message }) => message ?? []), ...own.map(({ id }) => id)]
  const deliveries = await Promise.all(messages.map((message) => journal.deliveriesOf(message)))
  return { delivered: deliveries.flat().every(({ state }) => state === 'delivered' || state === 'closed') }
}

/** Steps of the clock that the case has not taken along yet, as happenings. */
function caughtUp(before: Case | null, nowMs: number, { steps }: CaseParts): readonly Happening[] {
  const behind = before === null || steps === undefined ? [] : steps.after(before.clock)
  return behind.map(({ step, byMs }, i) => ({
    seq: before!.version + 1 + i,
    atMs: nowMs,
    recordedAtMs: nowMs,
    by: GATEWAY,
    act: { what: 'clock', step, byMs },
  }))
}

/** The case with its times as the clock has them now, and what was added for that. */
export function onTime(
  before: Case,
  name: CaseName,
  { nowMs }: Moment,
  parts: CaseParts,
): readonly [Case, readonly Happening[]] {
  const steps = caughtUp(before, nowMs, parts)
  return [evolveAll(before, steps, name), steps]
}

/** The rows, timers and events of a change, with what is due by now and what other parts make of it. */
export async function written(change: Change, parts: CaseParts): Promise<Written> {
  const { before, name } = change
  const { nowMs } = change.at
  const { service } = name
  const acted = evolveAll(before, change.happenings, name)
  const facts = await factsOf(acted, service, nowMs, parts)
  const ticked = await named(tick(acted, nowMs, { ...name, facts, uuid: parts.uuid }), change, parts)
  const happenings = [...change.happenings, ...ticked]
  const made = evolveAll(acted, ticked, name)
  const config = parts.config()
  const context = { before, after: made, happenings, service, config, nowMs }
  const more: CaseWrites[] = []
  for (const project of parts.projections) more.push(await project(context))
  const task = more.map((one) => one.task).findLast((one) => one !== undefined) ?? made.task
  const after: Case = { ...made, task }
  const next = due(after, service, facts)[0]?.atMs ?? null
  return {
    after,
    effect: {
      rows: [...rowsOf(change, after, happenings, next, parts), ...more.flatMap(({ rows }) => rows ?? [])],
      timers: [
        ...(next === null ? [] : [dueTimer(after, next)]),
        ...(after.closedAtMs === null || before?.closedAtMs != null
          ? []
          : [forgetTimer(after.id, nowMs + service.keptMs)]),
        ...reportTimers(before, after, service, nowMs),
        ...more.flatMap(({ timers }) => timers ?? []),
        ...(before === null && parts.recent !== undefined
          ? BACK_AFTER_MS.map((ms) => backTimer(after, nowMs + ms))
          : []),
      ],
      events: [...eventsOf(change, after, happenings), ...more.flatMap(({ events }) => events ?? [])],
      arrivals: more.flatMap(({ arrivals }) => arrivals ?? []),
      deliveries: more.flatMap(({ deliveries }) => deliveries ?? []),
    },
  }
}

function rowsOf(
  { before, at, who, unless, rows }: Change,
  after: Case,
  happenings: readonly Happening[],
  dueAtMs: number | null,
  { search, config }: CaseParts,
): readonly Statement[] {
  const { nowMs } = at
  const row =
    before === null ? caseRow(after, nowMs, dueAtMs, unless ?? null) : changedRow(after, before.version, nowMs, dueAtMs)
  return [
    row,
    ...(at.guard === null ? [] : [at.guard]),
    ...(rows ?? []),
    ...happeningRows(after.id, happenings, who),
    ...keyRows(before === null ? [] : caseKeys(before, search), caseKeys(after, search), after),
    ...partRows(before, after, nowMs, config().telemedicine?.coordination ?? null),
    ...messageRows(after.id, happenings.flatMap(messagesOf)),
  ]
}

function messagesOf({ act }: Happening): readonly string[] {
  if (act.what === 'request') return act.request.message === null ? [] : [act.request.message]
  const has = act.what === 'score' || act.what === 'biology' || act.what === 'report'
  return has && act.message != null ? [act.message] : []
}

async function named(
  happenings: readonly Happening[],
  { name: { service }, at: { nowMs } }: Change,
  { nameOf, config }: CaseParts,
): Promise<readonly Happening[]> {
  const done: Happening[] = []
  for (const one of happenings) {
    if (one.act.what !== 'rung' && one.act.what !== 'late') {
      done.push(one)
      continue
    }
    const notices = []
    const ladder = one.act.what === 'rung' ? one.act.ladder : ANSWER
    for (const notice of one.act.notices) {
      const told = nameOf === undefined ? null : await nameOf(notice, { service, nowMs, ladder })
      const place = notice.establishment === null ? null : config().establishments.get(notice.establishment)?.name
      notices.push({ ...notice, name: told ?? place ?? notice.establishment ?? '' })
    }
    done.push({ ...one, act: { ...one.act, notices } })
  }
  return done
}

/** What the audit keeps of each: who, what and why, and nothing of its content. */
function eventsOf({ who, why }: Change, { number }: Case, happenings: readonly Happening[]): readonly NewEvent[] {
  return happenings.map(({ by, recordedAtMs, act, ...happening }) => {
    const own = by.role === 'gateway'
    const [message = null] = messagesOf({ by, recordedAtMs, act, ...happening })
    return {
      atMs: recordedAtMs,
      who: own ? 'gateway' : who,
      what: `case-${act.what}`,
      why: own ? null : why,
      code: null,
      message,
      delivery: null,
      detail: `case:${number}`,
    }
  })
}
