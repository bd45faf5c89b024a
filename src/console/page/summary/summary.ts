import type { Case, Happening } from '../../../core/cases.ts'
import { TIME_NAMES } from '../../../core/services.ts'
import { isBroughtBy, messagesTakenOut } from '../../../formats/case/brought.ts'
import { CASE_WORDS } from '../../../formats/case/words.ts'
import { CLOCK_WORDS, dayTimeText } from '../../../formats/clock/words.ts'
import { type PhoneBook, phonesOf, spaced } from '../cases/phones.ts'
import { placeOf, type ShownCase } from '../cases/shown.ts'
import { decisionName } from '../cases/timeline.ts'
import { CASE_PAGE_WORDS } from '../cases/words.ts'
import { type Html, html } from '../html.ts'
import { dateText, momentText } from '../moment.ts'
import type { PageBody } from '../shell/shell.ts'
import type { Visit } from '../shell/visit.ts'
import { SUMMARY_WORDS, type SummaryWords } from './words.ts'

/** What the summary is drawn from. */
export interface SummaryFacts {
  readonly shown: ShownCase
  readonly happenings: readonly Happening[]
  readonly book: PhoneBook
  readonly nowMs: number
}

type Row = readonly [name: string, said: Html | string]

/** One page for those who go with the patient and those who receive them: made to be printed, whole without script. */
export function summaryPage(facts: SummaryFacts, visit: Visit): PageBody {
  const { case: one } = facts.shown
  const words = SUMMARY_WORDS[visit.language]
  const { sections } = words
  const body = html`<div class="transfer"><p class="back"><a href="/dossiers/${one.id}">${words.back}</a></p>${drillMark(one, visit)}
<p><strong>${one.number}</strong> · ${placeOf(visit.config, one.site)}${one.unit === null ? null : ` · ${one.unit}`} · ${words.printed(momentText(new Date(facts.nowMs).toISOString(), visit))}</p>
${part('identity', sections.identity, identityRows(one, visit), words)}
${part('clock', sections.clock, clockRows(facts, visit), words)}
${part('severity', sections.severity, severityRows(one, visit), words)}
${part('images', sections.images, imageRows(one, visit), words)}
${part('biology', sections.biology, biologyRows(facts, visit), words)}
${part('advice', sections.advice, adviceRows(one, visit), words)}
${part('decision', sections.decision, decisionRows(facts.shown, visit), words)}
${part('phones', sections.phones, phoneRows(facts, visit), words)}</div>`
  const mark = one.drill ? `${CASE_WORDS[visit.language].drill} ` : ''
  return { title: `${mark}${words.title} ${one.number}`, body, styles: ['summary.css'] }
}

/** The mark of a drill, or of a test, in front of everything. */
export function drillMark({ drill, test }: Pick<Case, 'drill' | 'test'>, { language }: Visit): Html | null {
  const words = CASE_WORDS[language]
  return drill || test ? html`<p class="drill">${drill ? words.drill : words.test}</p>` : null
}

function part(id: string, title: string, rows: readonly Row[], words: SummaryWords): Html {
  const inner =
    rows.length === 0
      ? html`<p class="quiet">${words.none}</p>`
      : html`<table aria-labelledby="t-${id}"><tbody>${rows.map(
          ([name, said]) => html`<tr><th scope="row">${name}</th><td>${said}</td></tr>`,
        )}</tbody></table>`
  return html`<section><h2 id="t-${id}">${title}</h2>${inner}</section>`
}

const whenOf = (atMs: number, visit: Visit): string => momentText(new Date(atMs).toISOString(), visit)

function identityRows({ patient, requests }: Case, { language }: Visit): readonly Row[] {
  const words = CASE_WORDS[language]
  const person = [
    patient.family,
    patient.given,
    patient.birthDate === null ? '' : SUMMARY_WORDS[language].born(dateText(patient.birthDate, language)),
  ]
  return [
    [words.identity[patient.status], person.filter((one) => one !== '').join(' ')],
    ...patient.identifiers.map(({ type, value, authority }): Row => [type ?? authority, value]),
    ...requests
      .filter(({ reason }) => reason !== '')
      .map(({ reason }): Row => [SUMMARY_WORDS[language].reason, reason]),
  ]
}

function clockRows({ shown, nowMs }: SummaryFacts, visit: Visit): readonly Row[] {
  const { language, config } = visit
  const words = CASE_WORDS[language]
  const clock = CLOCK_WORDS[language]
  const at = (ms: number): string => dayTimeText(ms, nowMs, config.region.timeZone, language)
  const { case: one, clocks } = shown
  const told = TIME_NAMES.flatMap((name): Row[] => {
    const time = one.times[name]
    if (time === undefined) return []
    const doubt = clocks.toVerify.includes(name) ? ` (${words.toVerify})` : ''
    return [
      [
        words.times[name],
        `${at(time.atMs)}, ${words.precisions[time.precision]}, ${words.sources[time.source]}${doubt}`,
      ],
    ]
  })
  const windows = clocks.clocks
    .flatMap((all) => all.windows)
    .filter(({ state }) => state === 'running' || state === 'over')
    .map(({ state, endsMs, lengthMs, name }): Row => {
      const left = endsMs - nowMs
      return [name[language], state === 'over' ? clock.over(lengthMs, -left) : `${at(endsMs)}, ${clock.left(left)}`]
    })
  return [...told, ...windows]
}

function severityRows({ nihss }: Case, { language }: Visit): readonly Row[] {
  if (nihss?.total == null) return []
  const score = `${nihss.total}/42`
  const doubt = CASE_PAGE_WORDS[language].nihss.differs
  return [[SUMMARY_WORDS[language].nihss, nihss.differs ? html`${score}. ${doubt}` : score]]
}

function imageRows({ studies }: Case, { language }: Visit): readonly Row[] {
  const words = CASE_WORDS[language]
  return studies.map(({ modality, accession, received, expected, held }) => [
    [modality, accession].filter((one) => one !== null).join(' ') || words.chipImages,
    held > 0 ? `${words.imagesOf(received, expected)} · ${words.imagesHeld}` : words.imagesOf(received, expected),
  ])
}

function biologyRows({ happenings }: SummaryFacts, visit: Visit): readonly Row[] {
  const gone = messagesTakenOut(happenings)
  return happenings.flatMap(({ act, atMs }): Row[] =>
    act.what === 'biology' && !isBroughtBy(gone, act)
      ? [[whenOf(atMs, visit), html`<div class="text-said">${act.text}</div>`]]
      : [],
  )
}

function adviceRows({ advice }: Case, visit: Visit): readonly Row[] {
  if (advice === null) return []
  const words = SUMMARY_WORDS[visit.language]
  const read = advice.readAtMs === null ? '' : `, ${words.read(whenOf(advice.readAtMs, visit))}`
  return [
    [`${whenOf(advice.atMs, visit)}, ${advice.by.name}${read}`, html`<div class="text-said">${advice.text}</div>`],
  ]
}

function decisionRows({ case: { decision }, service }: ShownCase, visit: Visit): readonly Row[] {
  if (decision === null) return []
  const name = decisionName(decision.id, service, visit.language)
  return [[whenOf(decision.atMs, visit), decision.text === '' ? name : `${name} : ${decision.text}`]]
}

function phoneRows({ shown, book }: SummaryFacts, { language }: Visit): readonly Row[] {
  const words = CASE_PAGE_WORDS[language]
  const labels = { requester: words.callRequester, expert: words.callExpert, centre15: words.callCentre15 }
  return phonesOf(shown.case, 'centre', book).map(
    ({ whose, name, number }): Row => [[labels[whose], name].filter((one) => one !== '').join(' '), spaced(number)],
  )
}
