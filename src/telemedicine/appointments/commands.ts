import type {
  Appointed,
  Appointment,
  AppointmentCommands,
  AppointmentMessages,
  NewSlot,
  Published,
  Slot,
  SlotId,
} from '../../core/appointments.ts'
import type { Act, CaseViewer } from '../../core/cases.ts'
import type { ErrorCode } from '../../core/errors.ts'
import type { Effect, Journal, NewEvent, Statement } from '../../core/journal.ts'
import type { Clock, Ids } from '../../core/ports.ts'
import type { CareService } from '../../core/services.ts'
import { type CareCase, careCaseOf } from './care-case.ts'
import { type Step, stepped } from './moves.ts'
import { centresFor } from './offers.ts'
import { type Side, sideOf } from './reach.ts'
import {
  APPOINTMENT_COLUMNS,
  type AppointmentRow,
  appointmentOf,
  changeRow,
  giveBackRows,
  makeRow,
  offerRow,
  SLOT_COLUMNS,
  type SlotRow,
  slotOf,
  takeRows,
  withdrawRows,
} from './rows.ts'
import { sessions } from './sessions.ts'
import { remindersOf } from './timers.ts'

/** What the commands work with. */
export interface AppointmentParts {
  readonly journal: Pick<Journal, 'look' | 'read' | 'apply' | 'secret'>
  /** Services that are offered, by name. */
  readonly services: () => ReadonlyMap<string, CareService>
  readonly timeZone: () => string
  /** What a version of an appointment does to its case; absent: nothing. */
  readonly act?: ActOnCase
  /** Messages that it makes; absent: none. */
  readonly messages?: AppointmentMessages
  /** Told of each change that was committed here. */
  readonly changed: (appointment: Appointment) => void
  readonly clock: Clock
  readonly ids: Ids
}

/** Plans an act on a case: what is written with it, and what is to be done once it is; or why it may not. */
export type ActOnCase = (
  care: string,
  act: Extract<Act, { what: 'appointment' }>,
  viewer: CaseViewer,
) => Promise<
  | { readonly ok: true; readonly effect: Effect; readonly committed: () => void }
  | { readonly ok: false; readonly error: ErrorCode }
>

/** Slots that are offered at once. */
export const MOST_SLOTS = 500
/** A slot is no longer than a day. */
const LONGEST_MS = 86_400_000
/** Looks at a row that moves at every look, before it is somebody's busy one. */
const LOOKS = 5

/** The commands over a journal. */
export function appointmentCommands(parts: AppointmentParts): AppointmentCommands {
  return {
    publish: (slots, viewer) => publish(slots, viewer, parts),
    withdraw: (slot, viewer) => withdraw(slot, viewer, parts),
    async propose({ case: id, centre, startMs, endMs }, viewer) {
      const care = await careCaseOf(parts.journal, id)
      if (!isTime({ startMs, endMs })) return { ok: false, error: 'BAD_REQUEST' }
      // As a slot that is over: there is none to be had.
      if (startMs <= parts.clock.nowMs()) return { ok: false, error: 'SLOT_TAKEN' }
      const error = mayHave(care, centre, viewer, parts)
      if (error !== null) return { ok: false, error }
      const made = newAppointment(care!, { centre, slot: null, startMs, endMs, status: 'proposed' }, parts)
      return (await written(made, null, [makeRow(made)], viewer, parts)) ?? { ok: false, error: 'WRONG_STATE' }
    },
    book: (ask, viewer) => book(ask, viewer, parts),
    async move(id, slot, viewer) {
      const found = await slotMeant(slot, viewer, parts)
      if (found === null) return { ok: false, error: 'NOT_FOUND' }
      return change(id, { what: 'book', slot: found, isNew: typeof slot !== 'string' }, viewer, parts)
    },
    arrive: (id, role, viewer) =>
      change(id, { what: 'arrive', role }, viewer, parts, role === 'expert' ? 'centre' : 'site'),
    fulfil: (id, viewer) => change(id, { what: 'fulfil' }, viewer, parts),
    cancel: (id, reason, viewer) => change(id, { what: 'cancel', reason }, viewer, parts),
    noShow: (id, viewer) => change(id, { what: 'no-show' }, viewer, parts),
    ...sessions(parts),
  }
}

async function publish(slots: readonly NewSlot[], viewer: CaseViewer, parts: AppointmentParts): Promise<Published> {
  const { journal, clock, ids } = parts
  const atMs = clock.nowMs()
  if (slots.length === 0 || slots.length > MOST_SLOTS || !slots.every(isTime))
    return { ok: false, error: 'BAD_REQUEST' }
  for (const slot of slots) {
    const error = mayOffer(slot, viewer, parts)
    if (error !== null) return { ok: false, error }
  }
  const rows = slots.map((one) =>
    offerRow({ ...one, id: ids.uuid(), state: 'free', source: 'console', appointment: null }, null, atMs),
  )
  const events = [eventOf('publish-slots', slots[0]!.centre, viewer, parts)]
  return (await journal.apply({ rows, events }))
    ? { ok: true, slots: slots.length }
    : { ok: false, error: 'SLOT_OVERLAPS' }
}

/** May the caller offer time of this centre and service? Null: yes. */
function mayOffer(
  { service, centre }: NewSlot,
  { caller }: CaseViewer,
  { services }: AppointmentParts,
): ErrorCode | null {
  if (sideOf(caller, 'appointments:act', { site: centre, unit: null, centre }) === null) return 'NOT_FOUND'
  return (services().get(service)?.appointment ?? null) === null ? 'SERVICE_UNKNOWN' : null
}

/** A slot by its id, or one that is yet to be made of time that the caller may offer; else null. */
async function slotMeant(slot: SlotId | NewSlot, viewer: CaseViewer, parts: AppointmentParts): Promise<Slot | null> {
  if (typeof slot === 'string') return slotAt(slot, parts)
  if (!isTime(slot) || mayOffer(slot, viewer, parts) !== null) return null
  return { ...slot, id: parts.ids.uuid(), state: 'free', source: 'hl7v2', appointment: null }
}

async function withdraw(id: string, viewer: CaseViewer, parts: AppointmentParts): Promise<Published> {
  const slot = await slotAt(id, parts)
  const between = slot === null ? null : { site: slot.centre, unit: null, centre: slot.centre }
  if (between === null || sideOf(viewer.caller, 'appointments:act', between) === null)
    return { ok: false, error: 'NOT_FOUND' }
  const events = [eventOf('withdraw-slot', slot!.centre, viewer, parts)]
  const done = await parts.journal.apply({ rows: withdrawRows(id, parts.clock.nowMs()), events })
  return done ? { ok: true, slots: 0 } : { ok: false, error: 'SLOT_TAKEN' }
}

async function book(
  { case: id, slot: asked }: { readonly case: string; readonly slot: SlotId | NewSlot },
  viewer: CaseViewer,
  parts: AppointmentParts,
): Promise<Appointed> {
  const isNew = typeof asked !== 'string'
  for (let look = 0; look < LOOKS; look++) {
    const [care, found, open] = await Promise.all([
      careCaseOf(parts.journal, id),
      slotMeant(asked, viewer, parts),
      openOf(id, parts),
    ])
    if (found === null || (care !== null && found.service !== care.service)) return { ok: false, error: 'NOT_FOUND' }
    const error = mayHave(care, found.centre, viewer, parts)
    if (error !== null) return { ok: false, error }
    const slot = found.id
    if (open !== null && open.slot === slot && open.status === 'booked') return { ok: true, appointment: open }
    if (open !== null && open.status !== 'proposed') return { ok: false, error: 'WRONG_STATE' }
    if (!isFree(found, parts)) return { ok: false, error: 'SLOT_TAKEN' }
    const next =
      open === null
        ? newAppointment(
            care!,
            { centre: found.centre, slot, startMs: found.startMs, endMs: found.endMs, status: 'booked' },
            parts,
          )
        : stepped(open, { what: 'book', slot: found, isNew }, parts.clock.nowMs())
    const made = 'ok' in next ? next : { ok: true as const, appointment: next }
    if (!made.ok) return made
    const { appointment } = made
    const row = open === null ? makeRow(appointment) : changeRow(appointment)
    const atMs = appointment.changedAtMs
    const offered = isNew ? [offerRow(found, null, atMs)] : []
    const rows = [...offered, ...takeRows(slot, appointment.id, atMs), row]
    const said = await written(appointment, open, rows, viewer, parts)
    if (said !== null) return said
  }
  return { ok: false, error: isNew ? 'SLOT_OVERLAPS' : 'SLOT_TAKEN' }
}

/** One step of an appointment: `only` those of one side. */
async function change(
  id: string,
  step: Step,
  viewer: CaseViewer,
  parts: AppointmentParts,
  only: Exclude<Side, 'both'> | null = null,
): Promise<Appointed> {
  for (let look = 0; look < LOOKS; look++) {
    const one = await appointmentAt(id, parts)
    const side = one === null ? null : sideOf(viewer.caller, 'appointments:act', one)
    if (one === null || side === null) return { ok: false, error: 'NOT_FOUND' }
    if (only !== null && side !== 'both' && side !== only) return { ok: false, error: 'FORBIDDEN' }
    const atMs = parts.clock.nowMs()
    if (step.what === 'book') {
      if (step.slot.id === one.slot) return { ok: true, appointment: one }
      const slot = step.isNew ? step.slot : await slotAt(step.slot.id, parts)
      if (slot === null || slot.service !== one.service) return { ok: false, error: 'NOT_FOUND' }
      if (!isFree(slot, parts)) return { ok: false, error: 'SLOT_TAKEN' }
    }
    const next = stepped(one, step, atMs)
    if (!next.ok) return next
    const rows = [...slotRows(one, step, atMs), changeRow(next.appointment)]
    const said = await written(next.appointment, one, rows, viewer, parts)
    if (said !== null) return said
  }
  if (step.what !== 'book') return { ok: false, error: 'WRONG_STATE' }
  return { ok: false, error: step.isNew ? 'SLOT_OVERLAPS' : 'SLOT_TAKEN' }
}

/** What a step does to slots: time that is over is not offered again, nor a slot that a new one takes some time of. */
function slotRows(one: Appointment, step: Step, atMs: number): Statement[] {
  const rows: Statement[] = []
  const leaves = step.what === 'book' || step.what === 'cancel'
  const overlapped = step.what === 'book' && step.isNew && overlaps(one, step.slot)
  if (leaves && one.slot !== null && (overlapped || one.startMs > atMs))
    rows.push(...giveBackRows(one.slot, { appointment: one.id, state: overlapped ? 'withdrawn' : 'free' }, atMs))
  if (step.what === 'book' && step.isNew) rows.push(offerRow(step.slot, null, atMs))
  if (step.what === 'book') rows.push(...takeRows(step.slot.id, one.id, atMs))
  return rows
}

function overlaps(one: Appointment, { centre, startMs, endMs }: Slot): boolean {
  return one.centre === centre && one.startMs < endMs && one.endMs > startMs
}

/** Writes a version with all that follows of it, in one commit; null: something moved, and is decided afresh. */
async function written(
  one: Appointment,
  before: Appointment | null,
  rows: readonly Statement[],
  viewer: CaseViewer,
  parts: AppointmentParts,
): Promise<Appointed | null> {
  const { journal, services, act, messages, changed } = parts
  const care = await careCaseOf(journal, one.case)
  const { status, startMs, endMs, centre } = one
  const told = { what: 'appointment', appointment: one.id, status, startMs, endMs, centre } as const
  const planned = (await act?.(one.case, told, sided(viewer, one))) ?? null
  if (planned?.ok === false) return planned
  const moved = before !== null && before.status === 'booked' && before.slot !== one.slot
  const change = one.status !== 'booked' ? null : moved ? ('moved' as const) : ('booked' as const)
  const made = (await messages?.(one, care?.state ?? null, change)) ?? []
  const effect = planned?.effect ?? {}
  const done = await journal.apply({
    rows: [...rows, ...(effect.rows ?? [])],
    timers: [...remindersOf(one, services().get(one.service)?.appointment?.reminderMs ?? []), ...(effect.timers ?? [])],
    events: [eventOf(`appointment-${one.status}`, one.number, viewer, parts), ...(effect.events ?? [])],
    arrivals: [...made, ...(effect.arrivals ?? [])],
  })
  if (!done) return null
  planned?.committed()
  changed(one)
  return { ok: true, appointment: one }
}

/** Whoever reaches several establishments acts for the one that takes part. */
function sided(viewer: CaseViewer, one: Appointment): CaseViewer {
  const side = sideOf(viewer.caller, 'appointments:act', one)
  const own = viewer.participant.establishment
  const establishment = side === 'centre' ? one.centre : side === 'site' || own === null ? one.site : own
  return { ...viewer, participant: { ...viewer.participant, establishment } }
}

function newAppointment(
  care: CareCase,
  given: Pick<Appointment, 'centre' | 'slot' | 'startMs' | 'endMs' | 'status'>,
  { ids, clock }: AppointmentParts,
): Appointment {
  const { number, service, site, unit, test, drill } = care
  return {
    id: ids.uuid(),
    case: care.id,
    ...{ number, service, site, unit, test, drill },
    ...given,
    waiting: { requester: null, patient: null, expert: null },
    cancelled: null,
    version: 1,
    changedAtMs: clock.nowMs(),
  }
}

/** May the caller have time of this centre for the case? Null: yes. */
function mayHave(
  care: CareCase | null,
  centre: string,
  { caller }: CaseViewer,
  { services }: AppointmentParts,
): ErrorCode | null {
  if (
    care === null ||
    sideOf(caller, 'appointments:act', { ...care, centre: answers(care, centre) ? centre : null }) === null
  )
    return 'NOT_FOUND'
  const service = services().get(care.service)
  if ((service?.appointment ?? null) === null) return 'SERVICE_UNKNOWN'
  if (!isOffered(service!, care, centre)) return 'CENTRE_NOT_OFFERED'
  return care.open ? null : 'WRONG_STATE'
}

/** Does the centre take part in the case already, so that its people may act on it? */
function answers(care: CareCase, centre: string): boolean {
  return care.owner === centre || care.parts.includes(centre)
}

/** Is the centre one of those that answer the site, or do none answer it in particular? */
function isOffered(service: CareService, { site, owner }: CareCase, centre: string): boolean {
  return owner === centre || centresFor(service, site)?.includes(centre) !== false
}

function isTime({ startMs, endMs }: { readonly startMs: number; readonly endMs: number }): boolean {
  return (
    Number.isSafeInteger(startMs) && Number.isSafeInteger(endMs) && endMs > startMs && endMs - startMs <= LONGEST_MS
  )
}

function isFree(slot: Slot, { clock }: AppointmentParts): boolean {
  return slot.state === 'free' && slot.startMs > clock.nowMs()
}

async function slotAt(id: string, { journal }: AppointmentParts): Promise<Slot | null> {
  const [row] = await journal.look<SlotRow>({
    sql: `SELECT ${SLOT_COLUMNS} FROM slot AS s WHERE s.id = ?`,
    parameters: [id],
  })
  return row === undefined ? null : slotOf(row)
}

/** An appointment by its id, or null. */
export async function appointmentAt(
  id: string,
  { journal }: { readonly journal: Pick<Journal, 'look'> },
): Promise<Appointment | null> {
  const [row] = await journal.look<AppointmentRow>({
    sql: `SELECT ${APPOINTMENT_COLUMNS} FROM appointment AS a WHERE a.id = ?`,
    parameters: [id],
  })
  return row === undefined ? null : appointmentOf(row)
}

async function openOf(care: string, { journal }: AppointmentParts): Promise<Appointment | null> {
  const [row] = await journal.look<AppointmentRow>({
    sql: `SELECT ${APPOINTMENT_COLUMNS} FROM appointment AS a
      WHERE a.care_case = ? AND a.status IN ('proposed', 'booked', 'arrived')`,
    parameters: [care],
  })
  return row === undefined ? null : appointmentOf(row)
}

/** What the audit keeps: who, what and which case, by its number. */
export function eventOf(
  what: string,
  detail: string,
  { caller, participant }: CaseViewer,
  { clock }: { readonly clock: Clock },
): NewEvent {
  const who = participant.role === 'gateway' ? 'gateway' : caller.who
  return { atMs: clock.nowMs(), who, what, why: null, code: null, message: null, delivery: null, detail }
}
