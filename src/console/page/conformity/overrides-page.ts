import type { Framework } from '../../../core/conformity.ts'
import { type KeptOverride, SETTABLE } from '../../../core/conformity-commands.ts'
import { type Html, html } from '../html.ts'
import { choice, hidden, input } from '../inputs.ts'
import { listing, moment } from '../listing.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { frame } from './acts-frame.ts'
import { establishmentsOf, lastDay, nameOf, reasonInput, requirementChoice, type Typed, told } from './acts-parts.ts'
import { CONFORMITY_ACT_WORDS } from './acts-words.ts'
import { BASE } from './parts.ts'

/** Where verdicts are set by hand. */
export const OVERRIDES_PATH = `${BASE}/verdicts`

/** What the page shows. */
export interface OverridesShown {
  readonly overrides: readonly KeptOverride[]
  readonly frameworks: readonly Framework[]
  readonly typed: Typed
  readonly fault: string | null
}

/** Verdicts that were set, with who and why, and the form that sets one. */
export function overridesPage(visit: KnownVisit, shown: OverridesShown): PageBody {
  const words = CONFORMITY_ACT_WORDS[visit.language]
  const body = html`<p>${words.overridesLead}</p>
${told(shown.fault)}
${heldTable(visit, shown.overrides)}
${setForm(visit, shown)}`
  return { ...frame(visit, 'overrides', words.tabs.overrides, body), address: OVERRIDES_PATH }
}

function heldTable(visit: KnownVisit, overrides: readonly KeptOverride[]): Html {
  const { language, config } = visit
  const words = CONFORMITY_ACT_WORDS[language]
  const at = (ms: number): Html => moment(ms, language, config.region.timeZone)
  const names = [words.requirement, words.establishment, words.verdict, words.setBy, words.lift]
  const rows = overrides.map((one, n) => ({
    cells: [
      html`${one.requirement} <span class="quiet">${one.framework}</span>`,
      html`${nameOf(visit, one.establishment)} <span class="quiet">${words.uses[one.use]}</span>`,
      html`<strong>${words.verdicts[one.verdict]}</strong> ${one.untilMs === null ? words.forGood : html`${words.untilDay} ${lastDay(one.untilMs, visit)}`}`,
      html`${at(one.atMs)} ${words.actOf(one.who, one.why)}`,
      html`<form method="post" action="${OVERRIDES_PATH}/lever">${hidden('establishment', one.establishment)}${hidden('asked', `${one.framework} ${one.requirement}`)}${hidden('use', one.use)}${reasonInput(`lift-${n}`, visit)}<button>${words.lift}</button></form>`,
    ],
  }))
  return listing(
    'held',
    words.overrides,
    names.map((name) => ({ name })),
    rows,
    words.overridesNone,
  )
}

function setForm(visit: KnownVisit, { frameworks, typed }: OverridesShown): Html {
  const words = CONFORMITY_ACT_WORDS[visit.language]
  const requirements = frameworks.flatMap((framework) =>
    framework.domains.flatMap((domain) =>
      domain.requirements.map(({ id, text }) => [framework, id, text[visit.language]] as const),
    ),
  )
  if (requirements.length === 0) return html`<p class="quiet">${words.setNone}</p>`
  return html`<section aria-labelledby="set"><h2 id="set">${words.set}</h2>
<form method="post" action="${OVERRIDES_PATH}">
${choice({ name: 'establishment', label: words.establishment, value: typed['establishment'] ?? '', required: true }, establishmentsOf(visit, 'conformity:publish'))}
${requirementChoice(visit, requirements, typed['asked'] ?? '')}
${choice(
  { name: 'use', label: words.use, value: typed['use'] ?? '', required: true },
  (['production', 'qualification'] as const).map((one) => [one, words.uses[one]]),
)}
${choice(
  { name: 'verdict', label: words.verdict, value: typed['verdict'] ?? '', required: true },
  SETTABLE.map((one) => [one, words.verdicts[one]]),
)}
${input({ name: 'until', label: words.until, help: words.overrideUntilHelp, value: typed['until'] ?? '', type: 'date' })}
${reasonInput('set-reason', visit, typed)}
<p><button class="main">${words.setAct}</button></p></form></section>`
}
