import { reachOf } from '../../../core/caller.ts'
import type { Verdict } from '../../../core/conformity.ts'
import type { ChangesAsk, ConformityViews, VerdictChange } from '../../../core/conformity-views.ts'
import { type Html, type HtmlValue, html } from '../html.ts'
import { instantOf, momentOf, wallOf } from '../moment.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { headedTable } from '../table.ts'
import { apiQuery, choosing, frame, queryOf, siteOf } from './frame.ts'
import { lookingAt } from './looking.ts'
import { BASE } from './parts.ts'
import { verdictMark, whyText } from './said.ts'
import { CONFORMITY_WORDS, type ConformityWords } from './words.ts'

const DAY_MS = 86_400_000
const PERIOD_DAYS = 30
const MOST = 200

/** What changed in a period, newest first. */
export async function changesPage(visit: KnownVisit, views: ConformityViews, nowMs: number): Promise<PageBody> {
  const { query, config, caller, language } = visit
  const words = CONFORMITY_WORDS[language]
  const looking = await lookingAt(views, config, { framework: query.get('referentiel'), use: query.get('usage') })
  if (looking === null) return frame(visit, 'changes', words.changes, null, html``)
  const { from, to, sinceMs, untilMs } = periodOf(visit, nowMs)
  const after = Number.parseInt(query.get('apres') ?? '', 10)
  const ask: ChangesAsk = { ...looking.ask, sinceMs, untilMs, limit: MOST, ...(after > 0 && { after }) }
  const reach = reachOf(caller, 'conformity:read')
  const { changes, next } = await views.changes(ask, reach)
  const rows = changes.map((change) => {
    const [when, ...rest] = changeRow(change, visit, words)
    const name = config.establishments.get(change.establishment)?.name ?? change.establishment
    return [
      when!,
      html`<a href="${siteOf(change.establishment, looking.ask, change.requirement)}">${name}</a>`,
      ...rest,
    ]
  })
  const columns = [words.when, words.establishment, words.requirement, words.change, words.why].map((name) => ({
    name,
  }))
  const csv = apiQuery(looking.ask, {
    from: new Date(sinceMs).toISOString(),
    to: new Date(untilMs).toISOString(),
    lang: language,
  })
  const body = html`${choosing(visit, looking, period(from, to, words))}
${reach?.applications != null ? html`<p class="quiet">${words.ownOnly}</p>` : null}
${headedTable('changes', words.changes, columns, rows, words.noChanges)}<p class="quiet">${words.changesTells}</p>
${next === null ? null : html`<p><a href="${BASE}/evolutions?${queryOf(looking.ask, { du: from, au: to, apres: String(next) })}">${words.older}</a></p>`}
<p><a href="/api/conformity/changes.csv?${csv}">${words.csv}</a></p>`
  return frame(visit, 'changes', words.changes, looking, body)
}

/** When, what, from what to what, and why. */
export function changeRow(change: VerdictChange, visit: KnownVisit, words: ConformityWords): readonly HtmlValue[] {
  const { was, verdict, atMs, requirement } = change
  const way = wayOf(was, verdict)
  return [
    momentOf(new Date(atMs).toISOString(), visit),
    requirement,
    html`${was === null ? words.first : verdictMark(was, words)} → ${verdictMark(verdict, words)}${way === null ? null : html` <span class="quiet">${words[way]}</span>`}`,
    whyText(change, visit.language),
  ]
}

const RANKS: Readonly<Partial<Record<Verdict, number>>> = { met: 3, partly: 2, unmet: 1, lapsed: 1 }

function wayOf(was: Verdict | null, verdict: Verdict): 'better' | 'worse' | null {
  const [before, now] = [was === null ? undefined : RANKS[was], RANKS[verdict]]
  if (before === undefined || now === undefined || before === now) return null
  return now > before ? 'better' : 'worse'
}

function period(from: string, to: string, words: ConformityWords): Html {
  return html`<div><label for="f-du">${words.from}</label><input type="date" id="f-du" name="du" value="${from}"></div>
<div><label for="f-au">${words.to}</label><input type="date" id="f-au" name="au" value="${to}"></div>`
}

/** The period of an address, in whole days of the region; the last thirty days unless it says otherwise. */
function periodOf({ query, config }: KnownVisit, nowMs: number) {
  const { timeZone } = config.region
  const day = (name: string, otherwiseMs: number): string => {
    const text = query.get(name) ?? ''
    return text.length === 10 && instantOf(text, timeZone) !== null ? text : wallOf(otherwiseMs, timeZone).slice(0, 10)
  }
  const [from, to] = [day('du', nowMs - PERIOD_DAYS * DAY_MS), day('au', nowMs)]
  const next = Temporal.PlainDate.from(to).add({ days: 1 }).toString()
  return { from, to, sinceMs: instantOf(from, timeZone) ?? 0, untilMs: instantOf(next, timeZone) ?? nowMs }
}
