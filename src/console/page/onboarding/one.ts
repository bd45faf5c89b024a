import { may, reachOf } from '../../../core/caller.ts'
import { GatewayError } from '../../../core/errors.ts'
import type { FlowRule, Hindrance, Onboarding, OnboardingViews } from '../../../core/onboarding.ts'
import type { Permission } from '../../../core/roles.ts'
import { type Html, html } from '../html.ts'
import { facts, listing, moment } from '../listing.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { addressOf, stateMark } from './list.ts'
import { stepSection } from './step.ts'
import { caseTable, trialTable } from './trials.ts'
import { ONBOARDING_WORDS, type OnboardingWords } from './words.ts'

/** What the page of one onboarding is made from. */
export interface OneParts {
  readonly views: OnboardingViews
  /** Addresses of the sandbox doors, as people write them. */
  readonly sandbox: () => readonly string[]
}

/** May the person do this to this establishment's onboardings? @throws {GatewayError} NOT_FOUND when it is none of theirs */
export function within({ caller }: KnownVisit, permission: Permission, establishment: string): void {
  const reach = reachOf(caller, permission)
  if (reach !== null && !(reach.establishments ?? []).includes(establishment)) throw new GatewayError('NOT_FOUND')
}

/** An onboarding that the person may see, with its flow. @throws {GatewayError} NOT_FOUND */
export async function seen(
  visit: KnownVisit,
  views: OnboardingViews,
  { establishment = '', flow = '' }: Readonly<Record<string, string>>,
): Promise<{ readonly one: Onboarding; readonly flow: FlowRule }> {
  within(visit, 'onboarding:read', establishment)
  const one = await views.one(establishment, flow, reachOf(visit.caller, 'onboarding:read')?.applications ?? null)
  const rule = views.rules.flows.find(({ id }) => id === flow)
  if (one === null || rule === undefined) throw new GatewayError('NOT_FOUND')
  return { one, flow: rule }
}

/** One onboarding: its steps, its test book, its signatures, its history. */
export async function onePage(
  visit: KnownVisit,
  { views, sandbox }: OneParts,
  params: Readonly<Record<string, string>>,
): Promise<PageBody> {
  const { language, query } = visit
  const words = ONBOARDING_WORDS[language]
  const { one, flow } = await seen(visit, views, params)
  const refused = query.get('refus') ?? ''
  const told = Object.hasOwn(words.hindrances, refused) ? words.hindrances[refused as Hindrance] : undefined
  const at = query.get('etape')
  const sentence = told === undefined ? null : html`<p class="alarm" role="alert">${told}</p>`
  const book = flow.book === null ? undefined : views.rules.books.get(flow.book)
  const steps = views.rules.steps.map((rule) => {
    const inside =
      rule.check === 'sign'
        ? goLive(visit, one, words)
        : rule.check === 'test-book'
          ? caseTable(book, one, { visit, words, doors: sandbox() })
          : null
    return stepSection(rule, one, { visit, words, inside, told: at === rule.id ? sentence : null })
  })
  const body = html`${at === null ? sentence : null}
<p>${stateMark(one.state, words)} <a href="${addressOf(one)}/fiche">${words.sheet}</a> · <a href="${addressOf(one)}/bloc">${words.block}</a></p>
${facts([
  [words.guide, flow.guide],
  [words.kind, flow.kinds.join(', ')],
  ['MSH-12', flow.version],
])}
${steps}
${trialTable(one.trials, visit, words)}
${management(visit, one, words)}
${history(visit, one, views, words)}`
  return { title: words.of(one.name, flow.name[language]), body, styles: ['forms.css'] }
}

function reasonForm(action: string, id: string, button: string, words: OnboardingWords): Html {
  return html`<form method="post" action="${action}"><label for="reason-${id}">${words.reason}</label><input id="reason-${id}" name="reason" maxlength="500" required autocomplete="off"><button>${button}</button></form>`
}

function goLive(visit: KnownVisit, one: Onboarding, words: OnboardingWords): Html {
  const { caller, language, config } = visit
  const columns = [{ name: words.who }, { name: words.when }, { name: words.why }]
  const rows = one.signatures.map(({ who, why, atMs }) => ({
    cells: [html`${who}`, moment(atMs, language, config.region.timeZone), html`${why}`],
  }))
  const signs = one.state === 'qualifying' && may(caller, 'onboarding:sign')
  return html`${rows.length === 0 ? html`<p class="quiet">${words.noSignature}</p>` : listing('signatures', words.signatures, columns, rows, words.noSignature)}
${signs ? reasonForm(`${addressOf(one)}/signer`, 'sign', words.sign, words) : null}`
}

function management({ caller }: KnownVisit, one: Onboarding, words: OnboardingWords): Html {
  if (!may(caller, 'onboarding:change')) return html``
  const form = (act: string, button: string) => reasonForm(`${addressOf(one)}/${act}`, act, button, words)
  return html`<section aria-labelledby="management"><h2 id="management">${words.management}</h2>
${one.state === 'suspended' ? form('reprendre', words.resume) : form('suspendre', words.suspend)}
${one.state === 'production' && may(caller, 'onboarding:sign') ? form('retirer', words.withdraw) : null}</section>`
}

function history(
  { language, config }: KnownVisit,
  { establishment, flow, history: acts }: Onboarding,
  { rules }: OnboardingViews,
  words: OnboardingWords,
): Html {
  const say = (word: string): string => {
    const rule = rules.steps.find(({ id }) => id === word)
    if (rule !== undefined) return rule.name[language]
    return words.acts[word] ?? (words.reached as Readonly<Record<string, string>>)[word] ?? word
  }
  const rows = acts.map(({ atMs, who, what, why, detail }) => {
    const more = detail.slice(`${establishment}/${flow}`.length).trim().split(' ').filter(Boolean).map(say)
    return {
      cells: [
        moment(atMs, language, config.region.timeZone),
        html`${[words.acts[what] ?? what, ...more].join(' · ')}`,
        html`${who}`,
        html`${why ?? '–'}`,
      ],
    }
  })
  const columns = [{ name: words.when }, { name: words.act }, { name: words.who }, { name: words.why }]
  return listing('history', words.history, columns, rows, words.noHistory)
}
