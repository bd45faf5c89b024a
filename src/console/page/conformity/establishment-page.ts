import { may, reachOf } from '../../../core/caller.ts'
import type {
  ConformityViews,
  EstablishmentConformity,
  FoundExample,
  RequirementLine,
} from '../../../core/conformity-views.ts'
import { GatewayError } from '../../../core/errors.ts'
import type { StructureViews } from '../../../core/structures.ts'
import { colon } from '../colon.ts'
import { CONFIGURATION_WORDS } from '../configuration/words.ts'
import { type Html, html } from '../html.ts'
import { facts } from '../listing.ts'
import { momentOf, numberOf } from '../moment.ts'
import { type EnrolledViews, enrolledAt } from '../programmes/enrolled-at.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { contactsTable } from '../structures/contacts.ts'
import { pathOf } from '../structures/frame.ts'
import { STRUCTURE_WORDS } from '../structures/words.ts'
import { headedTable } from '../table.ts'
import { changeRow } from './changes-page.ts'
import { faultShown, findingShown } from './findings.ts'
import { apiQuery, choosing, frame, placeOf } from './frame.ts'
import { type Looking, lookingAt } from './looking.ts'
import { probesOf } from './probe-page.ts'
import { PROBE_WORDS } from './probe-words.ts'
import { progressBar } from './progress.ts'
import { askedText, confirmMark, percentOf, verdictMark, whyText } from './said.ts'
import { CONFORMITY_WORDS, type ConformityWords } from './words.ts'

/** How much of one establishment is written with. */
interface Telling {
  readonly one: EstablishmentConformity
  readonly looking: Looking
  readonly visit: KnownVisit
  readonly words: ConformityWords
}

/** What stands on the page beside verdicts: who to call, and programmes. */
export interface BesideEstablishment {
  readonly structures: Pick<StructureViews, 'contacts'>
  readonly programmes: EnrolledViews
}

/** One establishment: what fails first, why, and what to do. @throws {GatewayError} NOT_FOUND */
export async function establishmentPage(
  visit: KnownVisit,
  views: ConformityViews,
  { structures, programmes }: BesideEstablishment,
  id: string,
): Promise<PageBody> {
  const { query, config, caller, language } = visit
  const words = CONFORMITY_WORDS[language]
  const reach = reachOf(caller, 'conformity:read')
  const known = config.establishments.get(id)
  if (known === undefined || (reach !== null && reach.establishments?.includes(id) === false))
    throw new GatewayError('NOT_FOUND')
  const looking = await lookingAt(views, config, { framework: query.get('referentiel'), use: query.get('usage') })
  if (looking === null) return frame(visit, null, known.name, null, html``)
  const one = await views.establishment(id, looking.ask, reach)
  if (one === null) throw new GatewayError('NOT_FOUND')
  const telling = { one, looking, visit, words }
  const csv = `/api/conformity/establishments/${encodeURIComponent(id)}/requirements.csv?${apiQuery(looking.ask, { lang: language })}`
  const body = html`${choosing(visit, looking, null)}${about(telling)}${await whoToCall(telling, structures)}${await enrolledAt(visit, programmes, numbersOf(one))}${probing(telling)}
${one.lines.length === 0 ? html`<p class="empty">${words.noneAsked}</p>` : html`${lapsing(telling)}${parts(telling)}<p><a href="${csv}">${words.csv}</a>${reach?.applications != null ? null : statements(id, looking, telling)}</p>`}
${reach?.applications != null ? html`<p class="quiet">${words.ownOnly}</p>` : history(telling)}`
  return frame(visit, null, one.name, looking, body)
}

/** Where somebody may have its endpoints probed, if a probe judges anything of it. */
function probing({ one, looking, visit }: Telling): Html | null {
  const asked = one.lines.some(({ requirement }) => requirement.judging.by === 'probe')
  if (!asked || !may(visit.caller, 'conformity:review')) return null
  return html`<p><a class="act" href="${probesOf(one.id, looking)}">${PROBE_WORDS[visit.language].ask}</a></p>`
}

/** The signed statement, to keep and to show. */
function statements(id: string, { ask }: Looking, { visit: { language }, words }: Telling): Html {
  const at = (format: 'pdf' | 'json'): string =>
    `/api/conformity/establishments/${encodeURIComponent(id)}/statement?${apiQuery(ask, { format, lang: language })}`
  const report = (form: string): string =>
    `/api/conformity/establishments/${encodeURIComponent(id)}/${form}?${apiQuery(ask, { lang: language })}`
  return html` · <a href="${at('pdf')}">${words.statementFile} (PDF)</a> · <a href="${at('json')}">${words.statementFile} (JSON)</a>
 · <a href="${report('test-report')}">TestReport (FHIR)</a> · <a href="${report('measure-report')}">MeasureReport (FHIR)</a>`
}

function about({ one, visit: { language }, words }: Telling): Html {
  const { share, kind, department, finess } = one
  const kinds: Readonly<Record<string, string>> = CONFIGURATION_WORDS[language].kinds
  const numbers = [finess.ej, ...finess.eg].filter((number) => number !== null)
  return facts([
    [words.kind, kinds[kind] ?? kind],
    [words.department, department],
    [words.finess, numbers.join(', ')],
    [
      words.mandatoryMet,
      share.of === 0
        ? null
        : `${words.ofAll(numberOf(share.met, language), numberOf(share.of, language))} (${percentOf(share, language)})`,
    ],
  ])
}

/** Contacts of its FINESS numbers, for those who may read the register; nothing where none is noted. */
async function whoToCall({ one, visit }: Telling, structures: Pick<StructureViews, 'contacts'>): Promise<Html | null> {
  const numbers = numbersOf(one)
  const [first] = numbers
  if (first === undefined || !may(visit.caller, 'structures:read')) return null
  const words = STRUCTURE_WORDS[visit.language]
  const sheet = html`<p><a href="${pathOf(first)}">${words.identity} ${first}</a></p>`
  return html`${contactsTable(visit, words.whoToCall, await structures.contacts(numbers), null)}${sheet}`
}

function numbersOf({ finess: { ej, eg } }: EstablishmentConformity): readonly string[] {
  return [...(ej === null ? [] : [ej]), ...eg]
}

const iso = (atMs: number): string => new Date(atMs).toISOString()

function lapsing({ one, visit, words }: Telling): Html | null {
  if (one.lapsing.length === 0) return null
  const texts = new Map(one.lines.map(({ requirement }) => [requirement.id, requirement.text[visit.language]]))
  return html`<section aria-labelledby="lapsing"><h2 id="lapsing">${words.lapsing}</h2><ul>${one.lapsing.map(
    ({ requirement, untilMs }) =>
      html`<li>${words.until} ${momentOf(iso(untilMs), visit)} · <a href="#${placeOf(requirement)}">${requirement}</a> ${texts.get(requirement) ?? ''}</li>`,
  )}</ul></section>`
}

/** What fails at length; the others shorter. */
function parts(telling: Telling): Html {
  const { one, words } = telling
  const of = (...verdicts: readonly string[]) => one.lines.filter(({ verdict }) => verdicts.includes(verdict))
  const failing = of('unmet', 'lapsed', 'partly')
  return html`<section aria-labelledby="failing"><h2 id="failing">${words.failing}</h2>${
    failing.length === 0 ? html`<p class="empty">${words.noneFailing}</p>` : failing.map((line) => whole(line, telling))
  }</section>${[
    ['unmeasured', words.unmeasured, of('not-measured')] as const,
    ['met', words.met, of('met')] as const,
    ['not-asked', words.notAsked, of('not-applicable')] as const,
  ].map(([id, title, lines]) =>
    lines.length === 0
      ? null
      : html`<section aria-labelledby="${id}"><h2 id="${id}">${title} (${lines.length})</h2>${lines.map((line) => whole(line, telling))}</section>`,
  )}`
}

function whole(line: RequirementLine, telling: Telling): Html {
  const { visit, words, looking } = telling
  const { language } = visit
  const { requirement, verdict, regressedFrom, sinceMs, software, found, good, total, untilMs } = line
  const domain = looking.framework.domains.find(({ id }) => id === line.domain)
  const { document, clause } = requirement.source
  const opens = verdict === 'not-applicable' ? null : found
  return html`<article class="step" id="${placeOf(requirement.id)}"><h3>${requirement.id} · ${requirement.text[language]}</h3>
<p>${verdictMark(verdict, words)} <span class="quiet">${words.levels[requirement.level]} · ${domain?.name[language] ?? ''}</span>${confirmMark(looking.framework.confirm || requirement.confirm, words)}</p>
<p>${whyText(line, language)}${regressedFrom === null ? null : html` <strong>${words.regressed(words.verdicts[regressedFrom])}</strong>`}</p>
<p class="quiet">${askedText(requirement, language)}</p>
${line.progress === null ? null : progressBar(line.progress, placeOf(requirement.id), language)}
${opens === null || opens.length === 0 ? null : requirement.judging.by === 'probe' ? faults(opens, telling) : findings(opens, telling)}
${verdict === 'met' || verdict === 'not-applicable' ? null : html`<p><strong>${words.next} :</strong> ${requirement.next[language]}</p>`}
${facts([
  [words.countedName, total === 0 ? null : words.measured(numberOf(good, language), numberOf(total, language))],
  [words.software, software.join(', ')],
  [words.since, sinceMs === null ? null : momentOf(iso(sinceMs), visit)],
  [words.until, untilMs === null ? null : momentOf(iso(untilMs), visit)],
  [words.source, clause === null ? document : `${document}, ${clause}`],
])}${probeLink(requirement, telling)}</article>`
}

/** Where somebody may have it probed now. */
function probeLink({ id, judging }: RequirementLine['requirement'], { one, looking, visit }: Telling): Html | null {
  if (judging.by !== 'probe' || !may(visit.caller, 'conformity:review')) return null
  return html`<p><a href="${probesOf(one.id, looking, id)}">${PROBE_WORDS[visit.language].askOne} (${id})</a></p>`
}

/** What probes found: faults, each at so many endpoints. */
function faults(found: readonly FoundExample[], { visit: { language }, words }: Telling): Html {
  return html`<p>${words.found} :</p><ul>${found.map(
    ({ finding, messages }) =>
      html`<li>${faultShown(finding, language)}${colon(language)}${PROBE_WORDS[language].endpoints(numberOf(messages, language))}</li>`,
  )}</ul>`
}

function findings(found: readonly FoundExample[], { visit, words }: Telling): Html {
  const { language, config, caller } = visit
  const links = may(caller, 'messages:read')
  return html`<p>${words.found} :</p><ul>${found.map(({ finding, messages, examples }) => {
    const shown = examples.map(({ message, kind, atMs }) => {
      const told = html`${kind}, ${momentOf(iso(atMs), visit)}`
      return links ? html`<li><a href="/messages/${message}">${told}</a></li>` : html`<li>${told}</li>`
    })
    return html`<li>${findingShown(finding, config, language)}${colon(language)}${words.messages(numberOf(messages, language))}${
      shown.length === 0
        ? null
        : html`<details><summary>${words.examples} (${finding})</summary><ul>${shown}</ul></details>`
    }</li>`
  })}</ul>`
}

function history({ one, visit, words }: Telling): Html {
  const columns = [{ name: words.when }, { name: words.requirement }, { name: words.change }, { name: words.why }]
  const rows = one.history.map((change) => changeRow(change, visit, words))
  return headedTable('history', words.history, columns, rows, words.noHistory)
}
