import {
  COORDINATION,
  type Duty,
  type DutyPlace,
  type Hours,
  type RotaHours,
  type RotaName,
} from '../../../core/duty.ts'
import { type Html, html } from '../html.ts'
import type { KnownVisit } from '../shell/pages.ts'
import { dayText, hoursText, type Week, type WeekDay } from './week.ts'
import { DUTY_WORDS } from './words.ts'

/** Name of a rota for people: its service, its ladder where it is another, its centre. */
export function rotaTitle({ service, centre }: RotaName, { language, config }: KnownVisit): string {
  if (service === COORDINATION) return DUTY_WORDS[language].coordination
  const [name = service, ladder] = service.split('.')
  const care = config.careServices?.get(name)
  const title = care?.title[language] ?? name
  const other =
    ladder === undefined ? null : (care?.ladders.find((one) => one.name === ladder)?.title[language] ?? ladder)
  const where = config.establishments.get(centre)?.name ?? centre
  return [title, other, where].filter((one) => one !== null).join(' · ')
}

/** Places of a rota: those that it needs, and those that somebody has. */
export function placesOf({ places, duties, service }: RotaHours): readonly DutyPlace[] {
  const all = new Set<DutyPlace>([...places, ...duties.map(({ place }) => place)])
  if (all.size === 0) all.add(service === COORDINATION ? 0 : 1)
  return [...all].sort((a, b) => a - b)
}

/** The week of a rota: a row for each place, a column for each day; hours without anybody stand where they are. */
export function weekGrid(rota: RotaHours, week: Week, visit: KnownVisit, empty: readonly Hours[] = rota.empty): Html {
  const { language } = visit
  const words = DUTY_WORDS[language]
  const title = rotaTitle(rota, visit)
  return html`<div class="wide" role="region" tabindex="0" aria-label="${title}"><table class="week"><thead><tr><th scope="col">${words.place}</th>${week.days.map(
    (day) => html`<th scope="col">${dayText(day, language)}</th>`,
  )}</tr></thead><tbody>${placesOf(rota).map(
    (place) =>
      html`<tr><th scope="row">${words.places[place]}</th>${week.days.map((day) => cell(place, day, rota.duties, empty, visit))}</tr>`,
  )}</tbody></table></div>`
}

function cell(
  place: DutyPlace,
  day: WeekDay,
  duties: readonly Duty[],
  empty: readonly Hours[],
  { language, config }: KnownVisit,
): Html {
  const words = DUTY_WORDS[language]
  const zone = config.region.timeZone
  const here = <T extends { place: DutyPlace; fromMs: number; untilMs: number }>(all: readonly T[]): readonly T[] =>
    all.filter((one) => one.place === place && one.fromMs < day.untilMs && one.untilMs > day.fromMs)
  const entries = [
    ...here(duties).map((duty) => ({ fromMs: duty.fromMs, text: dutyEntry(duty, day, zone, words.takenShort) })),
    ...here(empty).map((hours) => ({
      fromMs: hours.fromMs,
      text: html`<p class="nobody">${words.nobody(hoursText(hours, day, zone))}</p>`,
    })),
  ]
  const told = entries.sort((a, b) => a.fromMs - b.fromMs).map(({ text }) => text)
  return html`<td data-label="${dayText(day, language)}">${entries.length === 0 ? html`<span class="quiet">—</span>` : html`<div>${told}</div>`}</td>`
}

function dutyEntry(duty: Duty, day: WeekDay, zone: string, taken: string): Html {
  return html`<p><span class="hours">${hoursText(duty, day, zone)}</span> <a href="/garde/${duty.id}">${duty.person}</a>${
    duty.takenAtMs === null ? null : html` <span class="quiet">✓ ${taken}</span>`
  }</p>`
}
