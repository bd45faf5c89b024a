import type { Appointment, Slot } from '../../../core/appointments.ts'
import { reaches, reachOf } from '../../../core/caller.ts'
import type { Case } from '../../../core/cases.ts'
import type { CareService } from '../../../core/services.ts'
import { CASE_WORDS } from '../../../formats/case/words.ts'
import { dayText, hoursText, mondayText, type Week, type WeekDay } from '../duty/week.ts'
import { type Html, html } from '../html.ts'
import { choice, input } from '../inputs.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { tabBar } from '../tabs.ts'
import { CALENDAR_WORDS } from './words.ts'

/** What a slot is chosen for; null: nothing. */
export type Choosing =
  | { readonly what: 'book'; readonly case: Pick<Case, 'id' | 'number' | 'service' | 'drill'> }
  | { readonly what: 'move'; readonly appointment: Appointment }
  | null

/** What the calendar shows. */
export interface CalendarShown {
  readonly visit: KnownVisit
  readonly services: readonly CareService[]
  readonly service: CareService
  readonly week: Week
  readonly slots: readonly Slot[]
  readonly appointments: readonly Appointment[]
  /** Cases of the service that have no appointment. */
  readonly toPlan: readonly Case[]
  /** How many wait beyond these. */
  readonly moreToPlan: number
  readonly choosing: Choosing
  readonly told: string | null
  readonly nowMs: number
}

const STYLES = ['forms.css', 'calendar.css']

/** The week of a service. */
export function calendarPage(shown: CalendarShown): PageBody {
  const { visit, week, choosing, told } = shown
  const words = CALENDAR_WORDS[visit.language]
  const body = html`<p>${words.lead}</p>
${told === null ? null : html`<p class="box" role="status">${told}</p>`}
${tabs(shown)}
${choosing === null ? null : chosenFor(choosing, shown)}
<p class="weeks"><a href="${address(shown, week.before)}">← ${words.before}</a> <strong>${words.week(mondayText(week, visit.language))}</strong> <a href="${address(shown, week.after)}">${words.after} →</a></p>
<div class="days">${week.days.map((day) => dayPart(day, shown))}</div>
${choosing === null ? toPlanPart(shown) : null}
${choosing === null ? publishPart(shown) : null}`
  return { title: words.title, body, styles: STYLES }
}

function address({ service, choosing }: CalendarShown, monday: string): string {
  const query = new URLSearchParams({ service: service.name, semaine: monday })
  if (choosing?.what === 'book') query.set('dossier', choosing.case.id)
  if (choosing?.what === 'move') query.set('deplacer', choosing.appointment.id)
  return `/rendez-vous?${query}`
}

function tabs({ visit, services, service, choosing }: CalendarShown): Html | null {
  if (services.length < 2 || choosing !== null) return null
  const words = CALENDAR_WORDS[visit.language]
  const all = services.map(({ name, title }) => ({
    path: `/rendez-vous?service=${name}`,
    name: title[visit.language],
    isHere: name === service.name,
  }))
  return tabBar(words.service, all)
}

function chosenFor(choosing: NonNullable<Choosing>, { visit, service }: CalendarShown): Html {
  const words = CALENDAR_WORDS[visit.language]
  const about = choosing.what === 'book' ? choosing.case : choosing.appointment
  const drill = about.drill ? `${CASE_WORDS[visit.language].drill} · ` : ''
  const text = choosing.what === 'book' ? words.bookFor(about.number) : words.moveFor(about.number)
  return html`<p class="announced"><strong>${drill}${text}</strong> <a href="/rendez-vous?service=${service.name}">${words.stopBooking}</a></p>`
}

function dayPart(day: WeekDay, shown: CalendarShown): Html {
  const { visit, slots, appointments } = shown
  const { language } = visit
  const words = CALENDAR_WORDS[language]
  const here = <T extends { startMs: number }>(all: readonly T[]): T[] =>
    all.filter(({ startMs }) => startMs >= day.fromMs && startMs < day.untilMs)
  // What was proposed without a slot has a place of its own.
  const taken = new Set(slots.map(({ appointment }) => appointment))
  const entries = [
    ...here(slots).map((slot) => ({ startMs: slot.startMs, text: slotEntry(slot, day, shown) })),
    ...here(appointments)
      .filter(({ id }) => !taken.has(id))
      .map((one) => ({ startMs: one.startMs, text: appointmentEntry(one, day, shown) })),
  ].sort((a, b) => a.startMs - b.startMs)
  return html`<section class="day"><h2>${dayText(day, language)}</h2>${
    entries.length === 0 ? html`<p class="quiet">${words.noSlots}</p>` : entries.map(({ text }) => text)
  }</section>`
}

function slotEntry(slot: Slot, day: WeekDay, shown: CalendarShown): Html {
  const { visit, week, appointments, choosing, nowMs } = shown
  const { language, config } = visit
  const words = CALENDAR_WORDS[language]
  const mine = appointments.find(({ id }) => id === slot.appointment)
  if (mine !== undefined) return appointmentEntry(mine, day, shown)
  const time = hoursText({ fromMs: slot.startMs, untilMs: slot.endMs }, day, config.region.timeZone)
  const centre = config.establishments.get(slot.centre)?.name ?? slot.centre
  const isFree = slot.state === 'free' && slot.startMs > nowMs
  if (isFree && choosing !== null) {
    const [action, name, value] =
      choosing.what === 'book'
        ? ['/rendez-vous/reserver', 'case', choosing.case.id]
        : [`/rendez-vous/${choosing.appointment.id}/deplacer`, 'appointment', choosing.appointment.id]
    return html`<form method="post" action="${action}"><input type="hidden" name="${name}" value="${value}"><input type="hidden" name="slot" value="${slot.id}"><input type="hidden" name="semaine" value="${week.monday}"><button class="slot free" aria-label="${words.choose(time, centre)}"><span class="hours">${time}</span> ${centre}</button></form>`
  }
  const mayWithdraw = slot.state === 'free' && reaches(reachOf(visit.caller, 'appointments:act'), slot.centre)
  const withdraw = html`<form method="post" action="/rendez-vous/creneaux/retrait"><input type="hidden" name="slot" value="${slot.id}"><input type="hidden" name="service" value="${slot.service}"><button class="small" aria-label="${words.withdrawSlot(time)}">${words.withdraw}</button></form>`
  return html`<div class="slot ${isFree ? 'free' : 'busy'}"><span class="hours">${time}</span> ${centre} · ${isFree ? words.free : words.busy}${mayWithdraw && isFree ? withdraw : null}</div>`
}

function appointmentEntry(one: Appointment, day: WeekDay, { visit }: CalendarShown): Html {
  const { language, config } = visit
  const words = CALENDAR_WORDS[language]
  const time = hoursText({ fromMs: one.startMs, untilMs: one.endMs }, day, config.region.timeZone)
  const site = config.establishments.get(one.site)?.name ?? one.site
  const drill = one.drill ? html`<strong>${CASE_WORDS[language].drill}</strong> · ` : null
  return html`<div class="slot taken ${one.status}"><span class="hours">${time}</span> ${drill}<a href="/rendez-vous/${one.id}">${one.number}</a> · ${site} · <strong>${words.statuses[one.status]}</strong></div>`
}

function toPlanPart({ visit, toPlan, moreToPlan }: CalendarShown): Html | null {
  if (toPlan.length === 0) return null
  const { language, config } = visit
  const words = CALENDAR_WORDS[language]
  return html`<h2>${words.toPlan}</h2><p>${words.toPlanLead}</p><ul>${toPlan.map(
    ({ id, number, site, drill }) =>
      html`<li>${drill ? html`<strong>${CASE_WORDS[language].drill}</strong> · ` : null}${number} · ${config.establishments.get(site)?.name ?? site} <a href="/rendez-vous?dossier=${id}" aria-label="${words.plan} : ${number}">${words.plan}</a></li>`,
  )}</ul>${moreToPlan === 0 ? null : html`<p>${words.moreToPlan(moreToPlan)}</p>`}`
}

/** Centres of a service for which somebody may offer time. */
export function centresFor({ ladders }: CareService, { caller, config }: KnownVisit): readonly string[] {
  const reach = reachOf(caller, 'appointments:act')
  const [ladder] = ladders
  const all = new Set((ladder?.centres ?? []).flatMap(({ centres }) => centres))
  return [...all].filter((id) => reaches(reach, id) && config.establishments.has(id))
}

function publishPart(shown: CalendarShown): Html | null {
  const { visit, service, week } = shown
  const words = CALENDAR_WORDS[visit.language]
  const centres = centresFor(service, visit)
  if (centres.length === 0) return null
  const names = centres.map((id) => [id, visit.config.establishments.get(id)?.name ?? id] as const)
  const minutes = String(Math.round((service.appointment?.lengthMs ?? 0) / 60_000))
  return html`<details class="publish"><summary>${words.publish}</summary><p>${words.publishLead}</p>
<form method="post" action="/rendez-vous/creneaux"><input type="hidden" name="service" value="${service.name}">
<div class="entry">${choice({ name: 'centre', label: words.centre }, names)}${input({ name: 'date', label: words.date, type: 'date', value: week.monday, required: true })}${input(
    { name: 'from', label: words.from, type: 'time', value: '09:00', required: true },
  )}${input({ name: 'until', label: words.until, type: 'time', value: '12:00', required: true })}${input({ name: 'minutes', label: words.minutes, type: 'number', value: minutes, required: true })}${input(
    { name: 'weeks', label: words.weeks, type: 'number', value: '1', required: true },
  )}</div>
<p><button>${words.offer}</button></p></form></details>`
}

/** The page of a region that has no such service. */
export function nothingPage({ language }: KnownVisit): PageBody {
  const words = CALENDAR_WORDS[language]
  return { title: words.title, body: html`<p>${words.none}</p>`, styles: STYLES }
}
