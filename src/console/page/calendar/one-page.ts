import {
  type Appointment,
  CANCEL_REASONS,
  type JoinLink,
  SESSION_ROLES,
  type SessionRole,
} from '../../../core/appointments.ts'
import { may, reaches, reachOf } from '../../../core/caller.ts'
import { CASE_WORDS } from '../../../formats/case/words.ts'
import { whenText } from '../duty/week.ts'
import { type Html, html } from '../html.ts'
import { choice } from '../inputs.ts'
import { facts } from '../listing.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { CALENDAR_WORDS } from './words.ts'

/** Roles that somebody may say are there: those of their side. */
export function rolesOf({ caller }: KnownVisit, { site, centre }: Appointment): readonly SessionRole[] {
  const reach = reachOf(caller, 'appointments:act')
  const isSite = reaches(reach, site)
  const isCentre = reaches(reach, centre)
  return SESSION_ROLES.filter((role) => (role === 'expert' ? isCentre : isSite))
}

/** One appointment: its state, its waiting room, and what may be done. */
export function appointmentPage(
  visit: KnownVisit,
  one: Appointment,
  {
    told = null,
    link = null,
  }: { readonly told?: string | null; readonly link?: Extract<JoinLink, { ok: true }> | null } = {},
): PageBody {
  const { language, config, caller } = visit
  const words = CALENDAR_WORDS[language]
  const zone = config.region.timeZone
  const name = (id: string): string => config.establishments.get(id)?.name ?? id
  const drill = one.drill ? CASE_WORDS[language].drill : null
  const body = html`<p><a href="/rendez-vous?service=${one.service}">${words.back}</a></p>
${drill === null ? null : html`<p class="exercise">${drill}</p>`}
${told === null ? null : html`<p class="alarm box" role="alert">${told}</p>`}
${link === null ? null : joinPart(link, visit)}
<div id="live">${facts([
    [words.status, html`<strong>${words.statuses[one.status]}</strong>`],
    [words.when, `${whenText(one.startMs, zone, language)} – ${whenText(one.endMs, zone, language)}`],
    [words.service, config.careServices?.get(one.service)?.title[language] ?? one.service],
    [words.site, name(one.site)],
    [words.centre, name(one.centre)],
  ])}
<h2>${words.waiting}</h2>
<ul class="waiting">${SESSION_ROLES.map((role) => {
    const since = one.waiting[role]
    return html`<li><strong>${words.roles[role]}</strong> ${since === null ? `○ ${words.notHere}` : `● ${words.waits(whenText(since, zone, language))}`}</li>`
  })}</ul></div>
<p id="stale" class="alarm" role="status" data-text="${words.stale}"></p>
<p>${may(caller, 'cases:read') ? html`<a href="/dossiers/${one.case}">${words.caseLink}</a> · ` : null}<a href="/rendez-vous/dossiers/${one.case}">${words.sheetLink}</a></p>
${may(caller, 'appointments:act') ? acts(visit, one) : null}`
  const title = words.one(one.number)
  return { title: drill === null ? title : `${drill} · ${title}`, body, styles: ['forms.css', 'calendar.css'] }
}

function joinPart({ url, expiresAtMs }: Extract<JoinLink, { ok: true }>, { language, config }: KnownVisit): Html {
  const words = CALENDAR_WORDS[language]
  return html`<p class="box"><a href="${url}" rel="noreferrer">${words.joinLink}</a> <span class="quiet">${words.joinUntil(
    whenText(expiresAtMs, config.region.timeZone, language),
  )}</span></p>`
}

function acts(visit: KnownVisit, one: Appointment): Html | null {
  if (!['proposed', 'booked', 'arrived'].includes(one.status)) return null
  const words = CALENDAR_WORDS[visit.language]
  const action = (name: string): string => `/rendez-vous/${one.id}/${name}`
  const button = (name: string, text: string, main = false) =>
    html`<form method="post" action="${action(name)}"><button${main ? html` class="main"` : null}>${text}</button></form>`
  const isBooked = one.status !== 'proposed'
  const missing = isBooked ? rolesOf(visit, one).filter((role) => one.waiting[role] === null) : []
  const mayJoin = isBooked && may(visit.caller, 'cases:act')
  return html`<h2>${words.acts}</h2><div class="acts">${missing.map(
    (role) =>
      html`<form method="post" action="${action('arrivee')}"><input type="hidden" name="role" value="${role}"><button>${words.arrives[role]}</button></form>`,
  )}${mayJoin ? button('seance', words.join, true) : null}${one.status === 'arrived' ? button('tenu', words.fulfil) : null}${isBooked ? button('absent', words.noShow) : null}
<a class="button" href="/rendez-vous?deplacer=${one.id}">${words.move}</a></div>
<form method="post" action="${action('annuler')}">${choice(
    { name: 'reason', label: words.cancelReason },
    CANCEL_REASONS.map((reason) => [reason, words.reasons[reason]] as const),
  )}<button>${words.cancel}</button></form>`
}
