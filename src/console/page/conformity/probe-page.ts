import type { Establishment } from '../../../core/config.ts'
import type { Requirement } from '../../../core/conformity.ts'
import { faultSentence } from '../../../core/probe-faults.ts'
import type { ProbeFacts, ProbeStep } from '../../../core/probes.ts'
import type { Language } from '../../../formats/http/language.ts'
import { type Html, html } from '../html.ts'
import { choice } from '../inputs.ts'
import { lengthOf } from '../moment.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { headedTable } from '../table.ts'
import { reasonInput, type Typed, told } from './acts-parts.ts'
import { frame, queryOf, siteOf } from './frame.ts'
import type { Looking } from './looking.ts'
import { BASE } from './parts.ts'
import { PROBE_WORDS } from './probe-words.ts'

/** What the page of probes shows: what may be asked, what was typed, and what came of it. */
export interface ProbePage {
  readonly establishment: Pick<Establishment, 'id' | 'name'>
  readonly looking: Looking
  /** Those that a probe judges there. */
  readonly requirements: readonly Requirement[]
  readonly typed: Typed
  readonly fault: string | null
  /** Null: none were made. */
  readonly steps: readonly ProbeStep[] | null
}

/** Where probes of an establishment are asked for; `requirement`: of this one. */
export function probesOf(id: string, { ask }: Pick<Looking, 'ask'>, requirement?: string): string {
  const more = requirement === undefined ? {} : { exigence: requirement }
  return `${BASE}/etablissements/${encodeURIComponent(id)}/sondes?${queryOf(ask, more)}`
}

/** The form that asks for probes, and what they found in words. */
export function probePage(visit: KnownVisit, shown: ProbePage): PageBody {
  const { establishment, looking, requirements, steps, fault } = shown
  const words = PROBE_WORDS[visit.language]
  const body = html`${told(fault)}${steps === null ? null : results(shown, steps, visit.language)}
${requirements.length === 0 ? html`<p class="empty">${words.noneAsked}</p>` : form(visit, shown)}
<p><a href="${siteOf(establishment.id, looking.ask)}">${words.back}</a></p>`
  return {
    ...frame(visit, null, words.title(establishment.name), looking, body),
    scripts: ['audit.js'],
  }
}

function form(visit: KnownVisit, { establishment, looking, requirements, typed }: ProbePage): Html {
  const { language } = visit
  const words = PROBE_WORDS[language]
  return html`<section aria-labelledby="ask"><h2 id="ask">${words.ask}</h2><p>${words.tells}</p>
<form method="post" action="${probesOf(establishment.id, looking)}" data-run="probes"><input type="hidden" name="run" value="">
${choice({ name: 'requirement', label: words.requirement, value: typed['requirement'] ?? '' }, [
  ['', words.every],
  ...requirements.map(({ id, text }) => [id, `${id} · ${text[language]}`] as const),
])}
${reasonInput('probe-reason', visit, typed)}
<p><button class="main">${words.go}</button> <progress id="probes" hidden aria-label="${words.running}"></progress></p></form></section>`
}

function results({ looking }: ProbePage, steps: readonly ProbeStep[], language: Language): Html {
  const words = PROBE_WORDS[language]
  const texts = new Map(
    looking.framework.domains.flatMap(({ requirements }) => requirements.map(({ id, text }) => [id, text[language]])),
  )
  const columns = [
    { name: words.requirement },
    { name: words.endpoint },
    { name: words.outcome },
    { name: words.faults },
    { name: words.facts },
  ]
  const rows = steps.map(({ wanted, endpoint, result, because }) => {
    const id = wanted.name.slice(wanted.name.indexOf('/') + 1)
    return [
      html`${id} <span class="quiet">${texts.get(id) ?? ''}</span>`,
      endpoint,
      result === null ? words.because[because ?? 'stopped'] : words.outcomes[result.outcome],
      (result?.faults ?? []).map((one) => html`<div>${faultSentence(one, language)} <code>${one.fault}</code></div>`),
      result === null ? '' : factsText(result.facts, language),
    ]
  })
  return html`<div role="status">${headedTable('results', words.results, columns, rows, words.none)}${
    rows.length === 0 ? null : html`<p class="quiet">${words.later}</p>`
  }</div>`
}

function factsText({ tls, suite, software, version, fhirVersion, answerMs }: ProbeFacts, language: Language): string {
  const named = software === undefined ? null : [software, version].filter((one) => one !== undefined).join(' ')
  return [
    tls,
    suite,
    named,
    fhirVersion === undefined ? null : `FHIR ${fhirVersion}`,
    answerMs === undefined ? null : PROBE_WORDS[language].answered(lengthOf(answerMs, language)),
  ]
    .filter((one) => one !== null && one !== undefined)
    .join(' · ')
}
