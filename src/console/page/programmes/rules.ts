import { reaches, reachOf } from '../../../core/caller.ts'
import { PAYMENT_PARTS, type Programme } from '../../../core/programmes.ts'
import { type Html, html } from '../html.ts'
import { facts, several } from '../listing.ts'
import { numberOf } from '../moment.ts'
import type { KnownVisit } from '../shell/pages.ts'
import { headedTable } from '../table.ts'
import { confirmMark, depositText, envelopeText, periodText, shareText } from './said.ts'
import { PROGRAMME_WORDS } from './words.ts'

/** What a programme is, and what it asks for. */
export function rulesOf(programme: Programme, visit: KnownVisit): Html {
  const { language } = visit
  const words = PROGRAMME_WORDS[language]
  return html`${facts([
    [words.period, periodText(programme, visit)],
    [words.publisher, programme.publisher],
    [words.envelope, envelopeText(programme, language)],
    [words.kindsName, programme.kinds.map((kind) => words.kinds[kind] ?? kind).join(', ')],
    [words.domains, domainsOf(programme, visit)],
    [words.payment, paymentOf(programme, visit)],
    [words.projects, several(programme.projects.map(({ name }) => name[language]))],
    [words.source, html`${programme.source}${confirmMark(programme.confirm, language)}`],
  ])}
${tracks(programme, visit)}
${targets(programme, visit)}`
}

function domainsOf({ domains, domainsEach, domainsEachConfirm, exceptions }: Programme, visit: KnownVisit): Html {
  const { language } = visit
  const words = PROGRAMME_WORDS[language]
  const each =
    domainsEach === null
      ? null
      : html`<p>${words.domainsEach(numberOf(domainsEach, language))}${confirmMark(domainsEachConfirm, language)}</p>`
  const named = exceptions.map(
    ({ finess, domains: many, source, confirm }) =>
      html`<span title="${source}">${words.exception(nameOf(finess, visit), numberOf(many, language))}</span>${confirmMark(confirm, language)}`,
  )
  return html`${several(
    domains.map(
      ({ name, deposit, confirm }) =>
        html`${name[language]}${deposit === null ? null : html` <span class="quiet">${words.deposit} : ${depositText(deposit, visit)}</span>`}${confirmMark(confirm, language)}`,
    ),
  )}${each}${named.length === 0 ? null : html`<p>${words.exceptions}</p>${several(named)}`}`
}

/** The name of an establishment that this person may see; else its number. */
function nameOf(finess: string, { config, caller }: KnownVisit): string {
  const reach = reachOf(caller, 'programmes:read')
  const own = [...config.establishments.values()].find(({ finess: { ej, eg } }) => ej === finess || eg.includes(finess))
  return own !== undefined && reaches(reach, own.id) ? own.name : finess
}

function paymentOf({ shares, sharesSource, sharesConfirm }: Programme, { language }: KnownVisit): Html {
  const words = PROGRAMME_WORDS[language]
  const parts = PAYMENT_PARTS.filter((part) => shares[part] > 0)
  return html`<span title="${sharesSource}">${parts.map((part) => `${words.parts[part]} ${shareText(shares[part], language)}`).join(', ')}</span>${confirmMark(sharesConfirm, language)}`
}

function tracks(programme: Programme, visit: KnownVisit): Html | null {
  if (programme.tracks.length === 0) return null
  const { language } = visit
  const words = PROGRAMME_WORDS[language]
  const columns = [words.track, words.body, words.deposit, words.source].map((name) => ({ name }))
  const limit = (n: number | null): string | null => (n === null ? null : numberOf(n, language))
  const rows = programme.tracks.map(({ name, minimum, maximum, deposit, source, confirm }) => [
    html`${name[language]}${confirmMark(confirm, language)}`,
    words.size(limit(minimum), limit(maximum)),
    depositText(deposit, visit),
    source,
  ])
  return headedTable('tracks', words.tracks, columns, rows, '')
}

function targets(programme: Programme, { language }: KnownVisit): Html | null {
  if (programme.targets.length === 0) return null
  const words = PROGRAMME_WORDS[language]
  const columns = [
    ...[words.target, words.value].map((name) => ({ name })),
    { name: words.threshold, numeric: true },
    { name: words.source },
  ]
  const rows = programme.targets.map(({ name, numerator, denominator, threshold, source, confirm, counts }) => [
    name[language],
    html`${words.fraction(numerator[language], denominator[language])} <span class="quiet">${counts === null ? words.byPeople : words.byCounts}</span>`,
    html`${shareText(threshold, language)}${confirmMark(confirm, language)}`,
    source,
  ])
  return headedTable('targets', words.targets, columns, rows, '')
}
