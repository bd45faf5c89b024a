import { HELP_EN } from '../../../core/help-en.ts'
import { HELP_FR } from '../../../core/help-fr.ts'
import type { Onboarding, TestBook, Trial } from '../../../core/onboarding.ts'
import type { Language } from '../../../formats/http/language.ts'
import { type Html, html } from '../html.ts'
import { listing, moment, several } from '../listing.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { OnboardingWords } from './words.ts'

/** Trials on the page, the newest. */
const SHOWN = 50

/** The cases of a book, and which of them are passed. */
export function caseTable(
  book: TestBook | undefined,
  one: Onboarding,
  {
    visit,
    words,
    doors,
  }: { readonly visit: KnownVisit; readonly words: OnboardingWords; readonly doors: readonly string[] },
): Html {
  if (book === undefined) return html`<p class="quiet">${words.noBook}</p>`
  const { language } = visit
  const facility = visit.config.establishments.get(one.establishment)?.facilities[0] ?? one.establishment.toUpperCase()
  const rows = book.cases.map((one_) => {
    const result = one.cases.find(({ id }) => id === one_.id)
    const state = result?.result ?? 'waiting'
    return {
      id: `case-${one_.id}`,
      cells: [
        html`<code>${one_.id}</code> ${one_.name[language]}`,
        html`<span class="state ${state === 'passed' ? 'done' : state}">${words.results[state]}</span>`,
        html`${one_.how[language]}${
          one_.examples.length === 0
            ? null
            : html`<details><summary>${words.example}</summary>${one_.examples.map(
                (text) =>
                  html`<div class="text" tabindex="0" role="region" aria-label="${words.example} ${one_.id}"><pre><code>${text.replaceAll('{facility}', facility)}</code></pre></div>`,
              )}</details>`
        }`,
        result === undefined || result.trial === null ? html`–` : trialNote(result.trial, visit, words),
      ],
    }
  })
  const columns = [{ name: words.case }, { name: words.result }, { name: words.how }, { name: words.message }]
  return html`<p>${words.sandboxTells(doors.join(', '))}</p>
${listing(`cases-${book.id}`, words.cases, columns, rows, words.noBook)}`
}

function trialNote({ controlId, answer, atMs }: Trial, { language, config }: KnownVisit, words: OnboardingWords): Html {
  return html`${controlId ?? '–'} → ${answer ?? words.noAnswer}, ${moment(atMs, language, config.region.timeZone)}`
}

/** What came at the sandbox door, newest first. */
export function trialTable(
  trials: readonly Trial[],
  { language, config }: KnownVisit,
  words: OnboardingWords,
  caption: string = words.trials,
): Html {
  const rows = trials
    .slice(-SHOWN)
    .reverse()
    .map((trial) => ({
      cells: [
        moment(trial.atMs, language, config.region.timeZone),
        html`${trial.kind ?? '–'}`,
        html`${trial.controlId ?? '–'}`,
        html`${trial.answer ?? words.noAnswer}`,
        told(trial, language, words),
      ],
    }))
  const columns = [
    { name: words.when },
    { name: words.kind },
    { name: words.controlId },
    { name: words.answer },
    { name: words.told },
  ]
  return listing('trials', caption, columns, rows, words.noTrial)
}

function told({ code, at, findings, repeat }: Trial, language: Language, words: OnboardingWords): Html {
  const help: Readonly<Record<string, string>> = language === 'fr' ? HELP_FR : HELP_EN
  const sentence = (one: string, place: string | null) =>
    html`${help[one] ?? one} <span class="quiet">${one}${place === null ? '' : ` · ${place}`}</span>`
  if (code !== null) return sentence(code, at)
  if (repeat) return html`${words.again}`
  const places = Map.groupBy(findings, (one) => one.code)
  const said = [...places].map(([one, of]) =>
    sentence(one, of.flatMap(({ at: place }) => place ?? []).join(', ') || null),
  )
  return several(said) ?? html`${words.taken}`
}
