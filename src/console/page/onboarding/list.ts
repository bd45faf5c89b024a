import { may, reachOf } from '../../../core/caller.ts'
import {
  ONBOARDING_STATES,
  type OnboardingNote,
  type OnboardingState,
  type OnboardingViews,
} from '../../../core/onboarding.ts'
import { type Html, html } from '../html.ts'
import { listing, moment } from '../listing.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { trialTable } from './trials.ts'
import { ONBOARDING_WORDS, type OnboardingWords } from './words.ts'

/** All onboardings that the person reaches: how many in each state, each with its state, and the way to begin one. */
export async function listPage(visit: KnownVisit, views: OnboardingViews): Promise<PageBody> {
  const { caller, language, config } = visit
  const words = ONBOARDING_WORDS[language]
  const reach = reachOf(caller, 'onboarding:read')
  const notes = await views.list(reach === null ? null : (reach.establishments ?? []))
  // Whose they are nobody knows: they are for those who see the whole region.
  const strangers = reach === null ? await views.strangers() : []
  const flowName = (id: string) => views.rules.flows.find((flow) => flow.id === id)?.name[language] ?? id
  const columns = [
    { name: words.establishment },
    { name: words.flow },
    { name: words.state },
    { name: words.progress, numeric: true },
    { name: words.since },
  ]
  const rows = notes.map((note) => ({
    cells: [
      html`<a href="${addressOf(note)}">${note.name}</a>`,
      html`${flowName(note.flow)}`,
      stateMark(note.state, words),
      html`${words.steps(String(note.done), String(note.needed))}`,
      moment(note.movedAtMs, language, config.region.timeZone),
    ],
  }))
  const body = html`<p>${words.lead}</p>
${cards(notes, words)}
${listing('onboardings', words.all, columns, rows, words.none)}
${may(caller, 'onboarding:change') ? beginForm(visit, views, words) : null}
${strangers.length === 0 ? null : trialTable(strangers, visit, words, words.strangers)}`
  return { title: words.title, body, styles: ['forms.css'] }
}

/** Where an onboarding stands. */
export function addressOf({ establishment, flow }: { readonly establishment: string; readonly flow: string }): string {
  return `/raccordements/${establishment}/${flow}`
}

/** A state as a mark with its word. */
export function stateMark(state: OnboardingState, words: OnboardingWords): Html {
  return html`<span class="state ${state}">${words.states[state]}</span>`
}

function cards(notes: readonly OnboardingNote[], words: OnboardingWords): Html {
  return html`<section aria-labelledby="counts"><h2 id="counts">${words.counts}</h2><dl class="cards">${ONBOARDING_STATES.map(
    (state) =>
      html`<div class="card"><dt>${words.states[state]}</dt><dd>${notes.filter((note) => note.state === state).length}</dd></div>`,
  )}</dl></section>`
}

function beginForm({ config, language }: KnownVisit, { rules }: OnboardingViews, words: OnboardingWords): Html {
  const known = [...config.establishments.values()].map(({ id, name }) => html`<option value="${id}">${name}</option>`)
  const flows = rules.flows.map(({ id, name }) => html`<option value="${id}">${name[language]}</option>`)
  return html`<section aria-labelledby="begin"><h2 id="begin">${words.begin}</h2><p class="quiet">${words.beginTells}</p>
<form method="post" action="/raccordements">
<label for="establishment">${words.known}</label><select id="establishment" name="establishment"><option value="">${words.another}</option>${known}</select>
<label for="id">${words.newId}</label><input id="id" name="id" maxlength="63" pattern="[a-z0-9][a-z0-9\\-]*" autocomplete="off">
<label for="name">${words.newName}</label><input id="name" name="name" maxlength="200" autocomplete="off">
<label for="flow">${words.flow}</label><select id="flow" name="flow" required>${flows}</select>
<p><button class="main">${words.beginAct}</button></p></form></section>`
}
