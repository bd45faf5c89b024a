import {
  type Appointed,
  type Appointment,
  type AppointmentCommands,
  type AppointmentViews,
  CANCEL_REASONS,
  type NewSlot,
  SESSION_ROLES,
} from '../../../core/appointments.ts'
import type { CaseSheets } from '../../../core/case-sheet.ts'
import type { CaseViews } from '../../../core/cases.ts'
import { type ErrorCode, GatewayError } from '../../../core/errors.ts'
import { HELP_EN } from '../../../core/help-en.ts'
import { HELP_FR } from '../../../core/help-fr.ts'
import type { Clock } from '../../../core/ports.ts'
import { callerAsViewer, patientOf, type TellAudit } from '../../viewer.ts'
import { weekOf } from '../duty/week.ts'
import { instantOf } from '../moment.ts'
import type { Elsewhere, FormRoute, KnownVisit, PageRoute, RawRoute, Routes } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { appointmentCasePage } from './case-page.ts'
import { appointmentPage, rolesOf } from './one-page.ts'
import { casesToPlan } from './to-plan.ts'
import { type CalendarShown, type Choosing, calendarPage, centresFor, nothingPage } from './week-page.ts'
import { CALENDAR_WORDS } from './words.ts'

/** What the pages of appointments read and change. */
export interface CalendarParts {
  readonly appointments: AppointmentCommands
  readonly appointmentViews: AppointmentViews
  readonly views: Pick<CaseViews, 'list' | 'one'>
  readonly sheets: CaseSheets
  readonly clock: Clock
}

/** Slots and appointments of one week. */
const MOST = 500
/** Cases that wait for an appointment, as they are listed. */
const MOST_TO_PLAN = 50
/** Weeks that slots are offered for at once. */
const MOST_WEEKS = 26

/** The calendar, one appointment, and what is done to them. */
export function calendarRoutes(parts: CalendarParts, about: TellAudit): Routes {
  const pages: PageRoute[] = [
    {
      path: '/rendez-vous',
      permission: 'appointments:read',
      show: (visit) => calendar(visit, null, parts),
    },
    {
      path: '/rendez-vous/:id',
      permission: 'appointments:read',
      show: async (visit, { id = '' }) => appointmentPage(visit, await found(id, visit, parts)),
    },
  ]
  return {
    pages,
    raw: [caseRoute(parts, about)],
    forms: [bookRoute(parts), moveRoute(parts), publishRoute(parts), withdrawRoute(parts), ...stepRoutes(parts)],
  }
}

/** The case of an appointment, for whoever may not open the case itself. */
function caseRoute({ sheets }: CalendarParts, about: TellAudit): RawRoute {
  return {
    method: 'GET',
    path: '/rendez-vous/dossiers/:id',
    permission: 'appointments:read',
    async answer({ visit, request, params: { id = '' } }) {
      const known = visit as KnownVisit
      const sheet = await sheets.of(id, known.caller)
      if (sheet === null) throw new GatewayError('CASE_NOT_FOUND')
      about(request, { case: sheet.number, ...patientOf(sheet) })
      return appointmentCasePage(known, sheet)
    },
  }
}

async function found(id: string, { caller }: KnownVisit, { appointmentViews }: CalendarParts): Promise<Appointment> {
  const one = await appointmentViews.one(id, caller)
  if (one === null) throw new GatewayError('NOT_FOUND')
  return one
}

function helpOf(error: ErrorCode, { language }: KnownVisit): string {
  return (language === 'fr' ? HELP_FR : HELP_EN)[error]
}

async function calendar(
  visit: KnownVisit,
  told: string | null,
  parts: CalendarParts,
  about = visit.query,
): Promise<PageBody> {
  const { caller, config } = visit
  const services = [...(config.careServices?.values() ?? [])].filter(({ appointment }) => appointment !== null)
  const choosing = await choosingOf(visit, parts, about)
  const wanted =
    choosing?.what === 'book' ? choosing.case.service : (choosing?.appointment.service ?? about.get('service'))
  const service = services.find(({ name }) => name === wanted) ?? services[0]
  if (service === undefined) return nothingPage(visit)
  const nowMs = parts.clock.nowMs()
  const week = weekOf(about.get('semaine'), nowMs, config.region.timeZone)
  const asked = { service: service.name, fromMs: week.fromMs, untilMs: week.untilMs, limit: MOST }
  const [slots, appointments, waiting] = await Promise.all([
    parts.appointmentViews.slots(asked, caller),
    parts.appointmentViews.list(asked, caller),
    choosing === null ? casesToPlan(parts.views, service.name, caller) : [],
  ])
  const offered = slots.filter(({ state }) => state !== 'withdrawn')
  const shown: CalendarShown = {
    visit,
    services,
    service,
    week,
    slots: offered,
    appointments,
    toPlan: waiting.slice(0, MOST_TO_PLAN),
    moreToPlan: Math.max(0, waiting.length - MOST_TO_PLAN),
    choosing,
    told,
    nowMs,
  }
  return calendarPage(shown)
}

async function choosingOf(visit: KnownVisit, parts: CalendarParts, about: URLSearchParams): Promise<Choosing> {
  const move = about.get('deplacer')
  if (move !== null) return { what: 'move', appointment: await found(move, visit, parts) }
  const id = about.get('dossier')
  if (id === null) return null
  const line = await parts.views.one(id, visit.caller)
  if (line === null) throw new GatewayError('NOT_FOUND')
  return { what: 'book', case: line.case }
}

/** The calendar as the answer to a form: it is looked at under its own address. */
async function atCalendar(page: Promise<PageBody>): Promise<PageBody> {
  return { ...(await page), address: '/rendez-vous' }
}

function bookRoute(parts: CalendarParts): FormRoute {
  return {
    path: '/rendez-vous/reserver',
    permission: 'appointments:act',
    look: 'list-appointments',
    async act(visit, fields) {
      const [id, slot] = [fields.get('case') ?? '', fields.get('slot') ?? '']
      const done = await parts.appointments.book({ case: id, slot }, callerAsViewer(visit.caller))
      if (done.ok) return { to: `/rendez-vous/${done.appointment.id}` }
      if ((await parts.views.one(id, visit.caller)) === null) throw new GatewayError(done.error)
      return atCalendar(calendar(visit, helpOf(done.error, visit), parts, stillChoosing('dossier', id, fields)))
    },
  }
}

/** The week that somebody chose in, where what is free still stands. */
function stillChoosing(what: 'dossier' | 'deplacer', id: string, fields: URLSearchParams): URLSearchParams {
  return new URLSearchParams({ [what]: id, semaine: fields.get('semaine') ?? '' })
}

/** Moves to another slot; one that was taken meanwhile leaves the week to choose from. */
function moveRoute(parts: CalendarParts): FormRoute {
  return {
    path: '/rendez-vous/:id/deplacer',
    permission: 'appointments:act',
    async act(visit, fields, { id = '' }) {
      const one = await found(id, visit, parts)
      const done = await parts.appointments.move(one.id, fields.get('slot') ?? '', callerAsViewer(visit.caller))
      if (done.ok) return { to: `/rendez-vous/${one.id}` }
      if (done.error === 'SLOT_TAKEN')
        return atCalendar(calendar(visit, helpOf(done.error, visit), parts, stillChoosing('deplacer', one.id, fields)))
      const page = appointmentPage(visit, await found(id, visit, parts), { told: helpOf(done.error, visit) })
      return { ...page, address: `/rendez-vous/${one.id}` }
    },
  }
}

function stepRoutes(parts: CalendarParts): FormRoute[] {
  const { appointments } = parts
  type Run = (one: Appointment, visit: KnownVisit, fields: URLSearchParams) => Promise<Appointed>
  const step = (name: string, run: Run): FormRoute => ({
    path: `/rendez-vous/:id/${name}`,
    permission: 'appointments:act',
    async act(visit, fields, { id = '' }): Promise<PageBody | Elsewhere> {
      const one = await found(id, visit, parts)
      const done = await run(one, visit, fields)
      if (done.ok) return { to: `/rendez-vous/${one.id}` }
      const page = appointmentPage(visit, await found(id, visit, parts), { told: helpOf(done.error, visit) })
      return { ...page, address: `/rendez-vous/${one.id}` }
    },
  })
  const viewer = ({ caller }: KnownVisit) => callerAsViewer(caller)
  return [
    step('arrivee', async ({ id }, visit, fields) => {
      const role = SESSION_ROLES.find((one) => one === fields.get('role'))
      return role === undefined ? { ok: false, error: 'BAD_REQUEST' } : appointments.arrive(id, role, viewer(visit))
    }),
    step('tenu', ({ id }, visit) => appointments.fulfil(id, viewer(visit))),
    step('absent', ({ id }, visit) => appointments.noShow(id, viewer(visit))),
    step('annuler', async ({ id }, visit, fields) => {
      const reason = CANCEL_REASONS.find((one) => one === fields.get('reason')) ?? 'other'
      return appointments.cancel(id, reason, viewer(visit))
    }),
    {
      path: '/rendez-vous/:id/seance',
      permission: 'cases:act',
      async act(visit, _fields, { id = '' }) {
        const one = await found(id, visit, parts)
        const role = rolesOf(visit, one).includes('expert') ? 'expert' : 'requester'
        const link = await appointments.join(id, role, viewer(visit))
        const page = appointmentPage(visit, one, link.ok ? { link } : { told: helpOf(link.error, visit) })
        return { ...page, address: `/rendez-vous/${one.id}` }
      },
    },
  ]
}

function publishRoute(parts: CalendarParts): FormRoute {
  return {
    path: '/rendez-vous/creneaux',
    permission: 'appointments:act',
    look: 'list-appointments',
    async act(visit, fields) {
      const words = CALENDAR_WORDS[visit.language]
      const about = new URLSearchParams({ service: fields.get('service') ?? '', semaine: fields.get('date') ?? '' })
      const service = visit.config.careServices?.get(fields.get('service') ?? '')
      if (service === undefined || !centresFor(service, visit).includes(fields.get('centre') ?? ''))
        throw new GatewayError('NOT_FOUND')
      const slots = slotsOf(fields, visit.config.region.timeZone)
      if (slots === null) return atCalendar(calendar(visit, words.wrongHours, parts, about))
      const done = await parts.appointments.publish(slots, callerAsViewer(visit.caller))
      return atCalendar(calendar(visit, done.ok ? words.offered(done.slots) : helpOf(done.error, visit), parts, about))
    },
  }
}

/** The time that a form offers, cut into slots; null: it is none. A day on which clocks change keeps its hours. */
export function slotsOf(fields: URLSearchParams, timeZone: string): NewSlot[] | null {
  const [service, centre] = [fields.get('service') ?? '', fields.get('centre') ?? '']
  const [minutes, weeks] = [Number(fields.get('minutes')), Number(fields.get('weeks'))]
  if (!(Number.isInteger(minutes) && minutes >= 5 && minutes <= 480)) return null
  if (!(Number.isInteger(weeks) && weeks >= 1 && weeks <= MOST_WEEKS)) return null
  const [, year, month, day] = /^(20\d\d)-(\d\d)-(\d\d)$/.exec(fields.get('date') ?? '') ?? []
  if (day === undefined) return null
  const slots: NewSlot[] = []
  for (let week = 0; week < weeks; week += 1) {
    const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day) + 7 * week)).toISOString().slice(0, 10)
    const [from, until] = ['from', 'until'].map((name) => instantOf(`${date}T${fields.get(name) ?? ''}`, timeZone))
    if (from == null || until == null || until <= from) return null
    for (let startMs = from; startMs + minutes * 60_000 <= until; startMs += minutes * 60_000) {
      slots.push({ service, centre, startMs, endMs: startMs + minutes * 60_000 })
    }
  }
  return slots.length === 0 || slots.length > MOST ? null : slots
}

function withdrawRoute(parts: CalendarParts): FormRoute {
  return {
    path: '/rendez-vous/creneaux/retrait',
    permission: 'appointments:act',
    look: 'list-appointments',
    async act(visit, fields) {
      const done = await parts.appointments.withdraw(fields.get('slot') ?? '', callerAsViewer(visit.caller))
      if (!done.ok && done.error === 'NOT_FOUND') throw new GatewayError('NOT_FOUND')
      const about = new URLSearchParams({ service: fields.get('service') ?? '' })
      return done.ok ? { to: `/rendez-vous?${about}` } : calendar(visit, helpOf(done.error, visit), parts, about)
    },
  }
}
