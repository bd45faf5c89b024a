import type { AuditCheck, AuditFound, AuditSearch, AuditState } from '../../../core/audit.ts'
import { may } from '../../../core/caller.ts'
import type { AuditFact } from '../../../formats/audit/event.ts'
import { readEvent } from '../../../formats/audit/record.ts'
import { type Html, html } from '../html.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { table } from '../table.ts'
import { choice, dayStart, field, reasonField } from './parts.ts'
import { proofSection } from './proof.ts'
import { actText, KNOWN_ACTS } from './sentence.ts'
import { type Telling, tellingTo } from './telling.ts'
import type { AuditWords } from './words.ts'

/** Events on a page. */
const PAGE = 50
const DAY_MS = 86_400_000
const FIELDS = ['who', 'what', 'establishment', 'message', 'outcome', 'since', 'until'] as const

/** What the address of the page asks for. A condition that cannot be read is none. */
export function askOf({ query, config }: Pick<KnownVisit, 'query' | 'config'>): AuditSearch {
  const { timeZone } = config.region
  const given = (name: string) => (query.get(name) ?? '').trim().slice(0, 200) || null
  const [who, what, establishment, message, outcome] = FIELDS.map(given)
  const since = dayStart(given('since'), timeZone)
  // The day after begins 23 to 25 hours later.
  const untilStart = dayStart(given('until'), timeZone)
  const until =
    untilStart === null ? null : dayStart(new Date(untilStart + 1.5 * DAY_MS).toISOString().slice(0, 10), timeZone)
  const below = /^\d{1,15}$/.exec(query.get('avant') ?? '')
  return {
    limit: PAGE,
    ...(who ? { who: [/^(plateforme|platform)$/i.test(who) ? 'gateway' : who] } : {}),
    ...(what ? { what: [what] } : {}),
    ...(establishment ? { establishment: [establishment] } : {}),
    ...(message ? { message } : {}),
    ...(outcome === 'refused' || outcome === 'done' ? { refused: outcome === 'refused' } : {}),
    ...(since === null ? {} : { sinceMs: since }),
    ...(until === null ? {} : { untilMs: until - 1 }),
    ...(below === null ? {} : { below: Number(below[0]) }),
  }
}

/** The search, what it found, the report of a patient, and the proof. */
export function searchPage(visit: KnownVisit, found: AuditFound, state: AuditState, check: AuditCheck): PageBody {
  const telling = tellingTo(visit)
  const { words } = telling
  const asked = FIELDS.some((name) => visit.query.get(name))
  const body = html`<p>${words.lead}</p>
${proofSection(state, check, telling)}
${searchForm(visit, telling)}
${found.events.length === 0 ? html`<p>${asked ? words.nothing : words.empty}</p>` : eventTable(found, visit, telling)}
${patientForm(telling)}
<section aria-labelledby="take"><h2 id="take">${words.exportTitle}</h2>
<p><a href="/audit/export" data-run="export" download>${words.export}</a> <progress id="export" hidden aria-label="${words.export}"></progress></p>
<p class="quiet"><code>${words.exportNote}</code></p></section>
${
  may(visit.caller, 'incident:export')
    ? html`<section aria-labelledby="incident"><h2 id="incident">${words.incident}</h2>
<p><a href="/audit/incident">${words.incidentLink}</a></p></section>`
    : null
}`
  return { title: words.title, body, styles: ['audit.css'], scripts: ['audit.js'] }
}

function searchForm({ query, config, language }: KnownVisit, { words }: Telling): Html {
  const value = (name: string) => (query.get(name) ?? '').slice(0, 200)
  const bare = {
    n: 0,
    atMs: 0,
    who: '',
    why: null,
    code: null,
    message: null,
    delivery: null,
    detail: null,
    patients: [],
    site: '',
  }
  const acts = KNOWN_ACTS.map((what) => [what, actText({ ...bare, what }, language)] as const)
  return html`<form method="get" action="/audit" class="fields" role="search" aria-label="${words.filters}">
${field('who', words.who, { value: value('who'), hint: words.whoHint, attributes: html`data-search autocomplete="off"` })}
${choice('what', words.what, value('what'), [['', words.any], ...acts])}
${choice('establishment', words.establishment, value('establishment'), [
  ['', words.any],
  ...[...config.establishments.values()].map(({ id, name }) => [id, name] as const),
])}
${field('message', words.message, { value: value('message'), attributes: html`autocomplete="off"` })}
${choice('outcome', words.outcome, value('outcome'), Object.entries(words.outcomes))}
${field('since', words.since, { type: 'date', value: value('since') })}
${field('until', words.until, { type: 'date', value: value('until') })}
<p class="field"><button>${words.search}</button></p>
</form>`
}

function eventTable(found: AuditFound, visit: KnownVisit, { words, text, tell }: Telling): Html {
  const rows = found.events.map(({ n, atMs, line }) => {
    const fact = readEvent(line)
    return [
      html`<a href="/audit/${n}">${text.number(n)}</a>`,
      text.time(atMs),
      html`${tell(fact)}`,
      outcome(fact, words),
    ]
  })
  const columns = [{ name: words.number }, { name: words.when }, { name: words.sentence }, { name: words.result }]
  return html`${table('events', words.found, columns, rows)}
${found.next === null ? null : html`<p><a href="/audit?${olderOf(visit, found.next)}">${words.older}</a></p>`}`
}

function outcome({ what, code }: AuditFact, words: AuditWords): Html {
  if (code === null) return html`${words.done}`
  return html`<span class="alarm">${what === 'alert' ? words.alert(code) : words.failed(code)}</span>`
}

function olderOf({ query }: KnownVisit, next: number): string {
  const kept = FIELDS.flatMap((name) => (query.get(name) ? [[name, query.get(name)!]] : []))
  return new URLSearchParams([...kept, ['avant', String(next)]]).toString()
}

/** Who a report is wanted of. The identifier travels in the body alone. */
function patientForm({ words }: Telling): Html {
  return html`<section aria-labelledby="by-patient"><h2 id="by-patient">${words.byPatient}</h2>
<p>${words.byPatientLead}</p>
<form method="post" action="/audit/patient" class="fields" autocomplete="off">
${field('authority', words.authority, { hint: words.authorityHint, attributes: html`maxlength="199"` })}
${field('identifier', words.identifier, { attributes: html`required maxlength="199"` })}
${reasonField(words.reason)}
<p class="field"><button>${words.report}</button></p>
</form></section>`
}
