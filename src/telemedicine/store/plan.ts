import { may, reachOf } from '../../core/caller.ts'
import type { Act, Case, CaseId, CaseRequest, CaseViewer, Happening, Remark } from '../../core/cases.ts'
import { isTrialRegion } from '../../core/config.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { Effect, NewEvent } from '../../core/journal.ts'
import type { CareService } from '../../core/services.ts'
import { isAskedAgain } from '../case/answered.ts'
import { broughtBy, leftWithout } from '../case/brought.ts'
import { decide } from '../case/decide.ts'
import { due, GATEWAY } from '../case/due.ts'
import { evolveAll } from '../case/evolve.ts'
import { isOfAnother } from '../case/identity.ts'
import type { CaseParts } from '../projection.ts'
import { lateKeys, requestKeys } from './keys.ts'
import { loadCase, loadHappenings } from './load.ts'
import { dayOf, nextNumber } from './number.ts'
import { type Joining, joined } from './rows.ts'
import { dueTimer, factsOf, type Moment, moment, onTime, type Written, written } from './write.ts'

/** What an act would come to: effects to apply, none when it is so already, or why it may not. */
export type Planned =
  | { readonly ok: true; readonly case: Case; readonly writes: readonly Written[] }
  | { readonly ok: false; readonly error: ErrorCode }

/** The viewer of what no person does: what messages say, and what is due. */
export function gatewayViewer(establishment: string): CaseViewer {
  return {
    caller: { role: 'establishment', who: 'gateway', establishment, scope: null },
    participant: { ...GATEWAY, establishment },
  }
}

/** May the establishment ask this service? */
export function mayAsk({ askers }: CareService, site: string, { config }: Pick<CaseParts, 'config'>): boolean {
  const kind = config().establishments.get(site)?.kind
  return askers.establishments.includes(site) || (kind !== undefined && askers.kinds.includes(kind))
}

function mayRequest({ caller, participant }: CaseViewer, { site, unit }: CaseRequest): boolean {
  if (participant.role === 'gateway') return true
  if (!may(caller, 'cases:act')) return false
  const reach = reachOf(caller, 'cases:act')
  if (reach === null) return true
  const units = reach.units ?? null
  return reach.establishments?.includes(site) !== false && (units === null || unit === null || units.includes(unit))
}

const serviceOf = ({ config }: CaseParts, name: string): CareService | undefined => config().careServices?.get(name)

/** A request, as a new case or joined to the open one that is about the same event. */
export async function planRequest(given: CaseRequest, viewer: CaseViewer, parts: CaseParts): Promise<Planned> {
  const service = serviceOf(parts, given.service)
  if (service === undefined || !mayAsk(service, given.site, parts)) return { ok: false, error: 'CASE_SERVICE' }
  if (!mayRequest(viewer, given)) return { ok: false, error: 'CASE_FORBIDDEN' }
  const test = given.test || isTrialRegion(parts.config())
  const keys = given.late ? lateKeys({ ...given, test }, parts.search) : requestKeys(given, parts.search)
  const request = { ...given, test, keys }
  const at = moment(parts)
  // What is written down afterwards began when it did: however long ago, the same is the same.
  const openedAfterMs = request.late ? Number.MIN_SAFE_INTEGER : at.nowMs - service.joinMs
  const joining: Joining = { ...request, service: service.name, openedAfterMs }
  const { before, apart } = await foundFor(request, joining, parts)
  if (before !== null) return joinTo(before, { request, viewer, service, at }, parts)
  const guarded = { ...joining, apart: apart.map(({ of }) => of.id) }
  return opening({ request, viewer, service, joining: guarded, apart, at, id: parts.uuid() }, parts)
}

/** A case that shares a key with a request that does not join it, and what is noted of it on both. */
interface Apart {
  readonly of: Case
  readonly remark: 'other-request' | 'asked-again'
}

/** The case that a request joins, if any, and those that share a key with it though they are of another patient or answered. */
async function foundFor(
  request: CaseRequest,
  joining: Joining,
  { journal }: CaseParts,
): Promise<{ readonly before: Case | null; readonly apart: readonly Apart[] }> {
  const apart: Apart[] = []
  while (joining.keys.length > 0) {
    const [found] = await journal.look<{ id: string }>(joined({ ...joining, apart: apart.map(({ of }) => of.id) }))
    const before = found === undefined ? null : await loadCase(journal, found.id)
    if (before === null || request.late) return { before, apart }
    const isOther = isOfAnother(before, request)
    if (!isOther && !isAskedAgain(before, request)) return { before, apart }
    apart.push({ of: before, remark: isOther ? 'other-request' : 'asked-again' })
  }
  return { before: null, apart }
}

interface Opening {
  readonly id: CaseId
  readonly request: CaseRequest
  readonly viewer: CaseViewer
  readonly service: CareService
  /** Null: it joins nothing, and nothing that it would join is in its way. */
  readonly joining: Joining | null
  /** Open cases that it shares a number or INS with, and does not join. */
  readonly apart?: readonly Apart[]
  /** What its message has measured, where it was another case's before. */
  readonly brought?: readonly Happening[]
  readonly at: Moment
}

async function opening(made: Opening, parts: CaseParts): Promise<Planned> {
  const { id, request, viewer, service, joining, apart = [], brought = [], at } = made
  const { nowMs } = at
  const zone = parts.config().region.timeZone
  const { number, row } = await nextNumber(parts.journal, `${service.prefix}-${dayOf(nowMs, zone)}`)
  const name = { id, number, service }
  const step = parts.steps?.last ?? 0
  const first: Happening = {
    seq: 1,
    atMs: request.atMs,
    recordedAtMs: nowMs,
    by: request.asker,
    act: { what: 'request', request },
  }
  const clock: Happening = {
    seq: 2,
    atMs: nowMs,
    recordedAtMs: nowMs,
    by: GATEWAY,
    act: { what: 'clock', step, byMs: 0 },
  }
  const begun = step === 0 ? [first] : [first, clock]
  const remarks = apart.map(({ of, remark }, i) => remarked(remark, of.number, begun.length + 1 + i, nowMs))
  const happenings = [...begun, ...remarks, ...brought].map((one, i) => ({ ...one, seq: i + 1 }))
  const change = {
    before: null,
    happenings,
    name,
    who: viewer.caller.who,
    why: null,
    at,
    unless: joining,
    rows: [row],
  }
  const done = await written(change, parts)
  const writes = [done]
  for (const other of apart) writes.push(await toldOf(other, done.after, made, parts))
  return { ok: true, case: done.after, writes }
}

/** What the gateway notes by itself. */
function remarked(remark: Remark, text: string, seq: number, nowMs: number): Happening {
  return { seq, atMs: nowMs, recordedAtMs: nowMs, by: GATEWAY, act: { what: 'write', text, remark } }
}

/** A case with the remark that another one has its number or INS; where that is of another patient, with the alert. */
async function toldOf(
  { of: before, remark }: Apart,
  opened: Case,
  { request, viewer, service, at }: Opening,
  parts: CaseParts,
): Promise<Written> {
  const name = { id: before.id, number: before.number, service }
  const [now, steps] = onTime(before, name, at, parts)
  const happenings = [...steps, remarked(remark, opened.number, now.version + 1, at.nowMs)]
  const done = await written({ before, happenings, name, who: viewer.caller.who, why: null, at }, parts)
  if (remark === 'asked-again') return done
  const alert = patientAlert(request.message, [before, opened], at.nowMs)
  return { ...done, effect: together([done, { effect: { events: [alert] } }]) }
}

/** The alert that people look at who the patients of these cases are. `message`: by which it was found; null: the form. */
export function patientAlert(
  message: CaseRequest['message'],
  cases: readonly Pick<Case, 'number'>[],
  atMs: number,
): NewEvent {
  const detail = cases.map(({ number }) => `case:${number}`).join(' ')
  const about = { message, delivery: null, detail }
  return { atMs, who: 'gateway', what: 'alert', why: null, code: 'CASE_PATIENT', ...about }
}

async function joinTo(
  before: Case,
  { request, viewer, service, at }: Omit<Opening, 'id' | 'joining'>,
  parts: CaseParts,
): Promise<Planned> {
  const known = before.requests.some(
    ({ id, message }) => id === request.id || (message !== null && message === request.message),
  )
  if (known) return { ok: true, case: before, writes: [] }
  const name = { id: before.id, number: before.number, service }
  const [now, steps] = onTime(before, name, at, parts)
  const act: Act = { what: 'request', request }
  const happening: Happening = {
    seq: now.version + 1,
    atMs: request.atMs,
    recordedAtMs: at.nowMs,
    by: request.asker,
    act,
  }
  const change = { before, happenings: [...steps, happening], name, who: viewer.caller.who, why: null, at }
  const done = await written(change, parts)
  return { ok: true, case: done.after, writes: [done] }
}

/** When acts are done, on which version, and why. `version`: the one that was looked at; null: whatever it is. */
export interface Acting {
  readonly version: number | null
  readonly atMs: number | null
  readonly why: string | null
}

/** What acts would come to together; refused: which of them, counted from 0. */
export type PlannedTogether =
  | Exclude<Planned, { ok: false }>
  | (Extract<Planned, { ok: false }> & { readonly act: number })

/** An act on a case. */
export async function planAct(
  id: CaseId,
  act: Act,
  viewer: CaseViewer,
  how: Acting,
  parts: CaseParts,
): Promise<Planned> {
  const planned = await planActs(id, [act], viewer, how, parts)
  return planned.ok ? planned : { ok: false, error: planned.error }
}

/** Acts on a case in their order, each decided on what the one before makes of it: one change of the case, or none. */
export async function planActs(
  id: CaseId,
  acts: readonly Act[],
  viewer: CaseViewer,
  how: Acting,
  parts: CaseParts,
): Promise<PlannedTogether> {
  const before = await loadCase(parts.journal, id)
  const service = before === null ? undefined : serviceOf(parts, before.service)
  if (before === null || service === undefined) return { ok: false, error: 'CASE_NOT_FOUND', act: 0 }
  const at = moment(parts)
  const name = { id, number: before.number, service }
  const [onIt, steps] = onTime(before, name, at, parts)
  const coordination = parts.config().telemedicine?.coordination ?? null
  const happenings: Happening[] = []
  const apart: Pick<Opening, 'id' | 'request' | 'brought'>[] = []
  const isTakenOut = acts.some(({ what }) => what === 'separate')
  const earlier = isTakenOut ? [...(await loadHappenings(parts.journal, id)), ...steps] : []
  let now = onIt
  for (const [i, act] of acts.entries()) {
    const asked = named(act, parts)
    const decision = decide(now, asked, viewer, service, { nowMs: at.nowMs, atMs: how.atMs, coordination })
    if (!decision.ok) return { ...decision, act: i }
    let done = decision.happenings
    if (asked.what === 'separate') {
      const since = [...earlier, ...happenings]
      const request = now.requests.find((one) => one.id === asked.request)!
      apart.push({ id: asked.into, request, brought: broughtBy(request, since) })
      done = done.map((one) => ({ ...one, act: { ...asked, ...leftWithout(request, since, name) } }))
    }
    happenings.push(...done)
    now = evolveAll(now, done, name)
  }
  // Nothing to do is done at any version.
  if (acts.length > 0 && how.version !== null && how.version !== before.version)
    return { ok: false, error: 'CASE_VERSION', act: 0 }
  if (happenings.length === 0) return { ok: true, case: before, writes: [] }
  const change = { before, happenings: [...steps, ...happenings], name, who: viewer.caller.who, why: how.why, at }
  const done = await written(change, parts)
  const writes: Written[] = [done]
  for (const one of apart) {
    const opened = await opening({ ...one, viewer, service, joining: null, at }, parts)
    if (!opened.ok) return { ...opened, act: 0 }
    writes.push(...opened.writes)
  }
  return { ok: true, case: done.after, writes }
}

/** The act with the ids of what it makes: the case of a request taken out, the message of a report that did not come as one. */
function named(act: Act, { uuid }: CaseParts): Act {
  if (act.what === 'separate') return { ...act, into: uuid() }
  return act.what === 'report' && act.message === null ? { ...act, message: uuid() } : act
}

/** What is due of a case, when it still is at this version; null: nothing any more, or not yet. */
export async function planDue(id: CaseId, version: number, parts: CaseParts): Promise<Written | null> {
  const before = await loadCase(parts.journal, id)
  const service = before === null ? undefined : serviceOf(parts, before.service)
  if (before === null || service === undefined || before.version !== version) return null
  return planTick(before, service, parts)
}

/** What is due of a case, whatever its version; null: nothing, now or later. */
export async function planTick(before: Case, service: CareService, parts: CaseParts): Promise<Written | null> {
  const at = moment(parts)
  const name = { id: before.id, number: before.number, service }
  const [now, steps] = onTime(before, name, at, parts)
  const facts = await factsOf(now, service, at.nowMs, parts)
  const next = due(now, service, facts)[0]
  if (steps.length === 0 && next === undefined) return null
  // Nothing to write down: only the timer goes on.
  if (steps.length === 0 && next!.atMs > at.nowMs)
    return { after: before, effect: { timers: [dueTimer(before, next!.atMs)] } }
  return written({ before, happenings: steps, name, who: 'gateway', why: null, at }, parts)
}

/** One effect of several changes. */
export function together(writes: readonly { readonly effect: Effect }[]): Effect {
  const all = writes.map(({ effect }) => effect)
  return {
    rows: all.flatMap(({ rows }) => rows ?? []),
    timers: all.flatMap(({ timers }) => timers ?? []),
    events: all.flatMap(({ events }) => events ?? []),
    arrivals: all.flatMap(({ arrivals }) => arrivals ?? []),
    deliveries: all.flatMap(({ deliveries }) => deliveries ?? []),
  }
}
