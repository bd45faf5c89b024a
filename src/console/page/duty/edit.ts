import type { DutyEntry, DutyPlace, DutyProblem, RotaHours, RotaSave } from '../../../core/duty.ts'
import { COORDINATION } from '../../../core/duty.ts'
import { colon } from '../colon.ts'
import { type Html, html } from '../html.ts'
import { instantOf, wallOf } from '../moment.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { rotaTitle, weekGrid } from './grid.ts'
import { mondayText, type Week, whenText } from './week.ts'
import { DUTY_WORDS } from './words.ts'

/** Lines of one form, and those that stand empty for what is new. */
const MOST_LINES = 80
const EMPTY_LINES = 4

/** A line of the form, as it was typed. */
export interface Line {
  readonly place: string
  readonly person: string
  readonly rpps: string
  readonly phone: string
  readonly mobile: string
  readonly from: string
  readonly until: string
}

const BLANK: Line = { place: '', person: '', rpps: '', phone: '', mobile: '', from: '', until: '' }
const NAMES = Object.keys(BLANK) as (keyof Line)[]

/** Lines of the duties that begin in the week. */
export function linesOf({ duties }: RotaHours, { fromMs }: Week, timeZone: string): Line[] {
  return duties
    .filter((one) => one.fromMs >= fromMs)
    .sort((a, b) => a.fromMs - b.fromMs || a.place - b.place)
    .map((one) => ({
      place: String(one.place),
      person: one.person,
      rpps: one.rpps ?? '',
      phone: one.phone,
      mobile: one.mobile ?? '',
      from: wallOf(one.fromMs, timeZone),
      until: wallOf(one.untilMs, timeZone),
    }))
}

/** Lines of a form that were filled in and not taken out. */
export function typedLines(fields: URLSearchParams): Line[] {
  const count = Math.min(MOST_LINES, Number(fields.get('lines')) || 0)
  return Array.from({ length: count }, (_, n) => n)
    .filter((n) => fields.get(`remove.${n}`) !== 'yes')
    .map(
      (n) =>
        Object.fromEntries(NAMES.map((name) => [name, (fields.get(`${name}.${n}`) ?? '').trim()])) as unknown as Line,
    )
    .filter(({ person, phone, from, until }) => [person, phone, from, until].some((text) => text !== ''))
}

/** What a form would save. A time that is none is no time of the week, and is refused as such. Pure. */
export function saveOf(
  { service, centre }: Pick<RotaSave, 'service' | 'centre'>,
  week: Week,
  lines: readonly Line[],
  timeZone: string,
): RotaSave {
  const duties = lines.map(
    (line): DutyEntry => ({
      place: (['0', '1', '2'].includes(line.place) ? Number(line.place) : 1) as DutyPlace,
      person: line.person,
      rpps: line.rpps || null,
      phone: line.phone,
      mobile: line.mobile || null,
      fromMs: instantOf(line.from, timeZone) ?? 0,
      untilMs: instantOf(line.until, timeZone) ?? 0,
    }),
  )
  return { service, centre, fromMs: week.fromMs, untilMs: week.untilMs, duties }
}

/** What the editor shows. */
export interface Editing {
  readonly visit: KnownVisit
  readonly rota: RotaHours
  readonly week: Week
  readonly lines: readonly Line[]
  readonly problems: readonly DutyProblem[]
}

/** The form of a rota for a week. */
export function editPage({ visit, rota, week, lines, problems }: Editing): PageBody {
  const { language } = visit
  const words = DUTY_WORDS[language]
  const shown = [...lines, ...Array.from({ length: EMPTY_LINES }, () => BLANK)].slice(0, MOST_LINES)
  const empty = problems.flatMap((one) => (one.what === 'empty' ? [one] : []))
  const body = html`<p><a href="/garde?semaine=${week.monday}">${words.back}</a></p>
<p>${words.week(mondayText(week, language))}. ${words.changeLead}</p>
${problemList(problems, visit)}
${weekGrid(rota, week, visit, problems.length > 0 ? empty : rota.empty)}
<form class="rota" method="post" action="/garde/tableau">
<input type="hidden" name="service" value="${rota.service}"><input type="hidden" name="centre" value="${rota.centre}"><input type="hidden" name="semaine" value="${week.monday}"><input type="hidden" name="lines" value="${shown.length}">
${shown.map((line, n) => lineFields(line, n, rota, problems, visit))}
<p><button class="main" name="act" value="save">${words.save}</button> <button name="act" value="more">${words.more}</button></p>
</form>`
  return { title: words.changeTitle(rotaTitle(rota, visit)), body, styles: ['forms.css', 'duty.css'] }
}

function lineFields(
  line: Line,
  n: number,
  rota: RotaHours,
  problems: readonly DutyProblem[],
  { language }: KnownVisit,
): Html {
  const words = DUTY_WORDS[language]
  const wrong = problems.flatMap((one) => ('at' in one && one.at === n ? [words.wrong[one.what]] : []))
  const field = (name: keyof Line, type: string, longest: number) => {
    const id = `${name}-${n}`
    const limit = type === 'datetime-local' ? null : html` maxlength="${longest}"`
    return html`<div><label for="${id}">${words.columns[name]}</label><input id="${id}" name="${name}.${n}" type="${type}"${limit} value="${line[name]}" autocomplete="off"></div>`
  }
  const places = rota.service === COORDINATION ? ([0] as const) : ([1, 2] as const)
  return html`<fieldset class="duty-line"${wrong.length > 0 ? html` aria-describedby="line-${n}-wrong"` : null}><legend>${words.line(n + 1)}</legend>
<div><label for="place-${n}">${words.columns.place}</label><select id="place-${n}" name="place.${n}">${places.map(
    (one) =>
      html`<option value="${one}"${String(one) === line.place ? html` selected` : null}>${words.places[one]}</option>`,
  )}</select></div>
${field('person', 'text', 100)}${field('phone', 'tel', 30)}${field('mobile', 'tel', 30)}${field('rpps', 'text', 11)}${field('from', 'datetime-local', 0)}${field('until', 'datetime-local', 0)}
${line.person === '' ? null : html`<label class="tick"><input type="checkbox" name="remove.${n}" value="yes"> ${words.removeLine(n + 1)}</label>`}
${wrong.length === 0 ? null : html`<p class="alarm" id="line-${n}-wrong">${wrong.join(' ; ')}</p>`}</fieldset>`
}

function problemList(problems: readonly DutyProblem[], { language, config }: KnownVisit): Html | null {
  if (problems.length === 0) return null
  const words = DUTY_WORDS[language]
  const at = (ms: number): string => whenText(ms, config.region.timeZone, language)
  const lines = problems.slice(0, 50).map((one) => {
    if (one.what === 'empty') return words.empty(words.places[one.place], at(one.fromMs), at(one.untilMs))
    if (one.what === 'overlap') {
      return words.overlap(words.places[one.place], one.people.join(', '), at(one.fromMs), at(one.untilMs))
    }
    return `${words.line(one.at + 1)}${colon(language)}${words.wrong[one.what]}`
  })
  return html`<div class="alarm box" role="alert"><p>${words.refused}</p><ul>${lines.map((line) => html`<li>${line}</li>`)}</ul></div>`
}
