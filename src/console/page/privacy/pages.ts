import { may } from '../../../core/caller.ts'
import { PLATFORM } from '../../../core/message.ts'
import type { ErasePlan, PatientErased, PatientFound, RetentionRow } from '../../../core/privacy.ts'
import { reasonField, type Writing, writing } from '../audit/parts.ts'
import { type Html, html } from '../html.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { table } from '../table.ts'
import { PRIVACY_WORDS, type PrivacyWords } from './words.ts'

const STYLES = { styles: ['audit.css'], scripts: ['audit.js'] }
const DAY_MS = 86_400_000

function speaking({ language, config }: KnownVisit): { readonly words: PrivacyWords; readonly text: Writing } {
  return { words: PRIVACY_WORDS[language], text: writing(language, config.region.timeZone) }
}

/** What a form says again on the next one: in the body of a request, never in an address. */
interface Said {
  readonly identifiers: readonly string[]
  readonly reason: string
}

function hidden({ identifiers, reason }: Said): Html {
  return html`<input type="hidden" name="identifiers" value="${identifiers.join('\n')}"><input type="hidden" name="reason" value="${reason}">`
}

/** Who is looked for, and what is kept how long. */
export function privacyPage(visit: KnownVisit, retention: readonly RetentionRow[]): PageBody {
  const { words } = speaking(visit)
  const body = html`<p>${words.lead}</p>
<section aria-labelledby="patient"><h2 id="patient">${words.patient}</h2>
<form method="post" action="/vie-privee/patient" class="fields" autocomplete="off">
<p class="field wide"><label for="identifiers">${words.identifiers}</label>
<textarea id="identifiers" name="identifiers" rows="3" required maxlength="4000" aria-describedby="identifiers-hint" spellcheck="false" data-search></textarea>
<span id="identifiers-hint" class="quiet">${words.identifiersHint}</span></p>
${reasonField(words.reason)}
<p class="field"><button>${words.find}</button></p>
</form></section>
${retentionTable(visit, retention)}`
  return { title: words.title, body, ...STYLES }
}

function retentionTable(visit: KnownVisit, rows: readonly RetentionRow[]): Html {
  const { words, text } = speaking(visit)
  const kept = ({ what, keptMs }: RetentionRow) => {
    if (keptMs === null) return words.inUse[what] ?? words.none
    return keptMs >= DAY_MS
      ? words.days(text.number(Math.round(keptMs / DAY_MS)))
      : words.minutes(text.number(Math.ceil(keptMs / 60_000)))
  }
  const time = (iso: string | null) => (iso === null ? html`${words.none}` : text.time(Date.parse(iso)))
  const columns = [
    { name: words.what },
    { name: words.n, numeric: true },
    { name: words.kept },
    { name: words.setting },
    { name: words.oldest },
    { name: words.next },
  ]
  return table(
    'retention',
    words.retention,
    columns,
    rows.map((row) => [
      html`${words.whats[row.what]}`,
      html`${row.n === null ? words.none : text.number(row.n)}`,
      html`${kept(row)}`,
      row.setting === null
        ? html`${row.keptMs === null ? words.none : words.fixed}`
        : html`<code>${row.setting}</code>`,
      time(row.oldestAt),
      time(row.nextAt),
    ]),
  )
}

/** What is kept of the patient, and what may be done with it. */
export function foundPage(visit: KnownVisit, found: PatientFound, said: Said): PageBody {
  const { words, text } = speaking(visit)
  const { messages, bytes, states, cases, closedCases, registrations, marks } = found
  const figures = { messages, ...states, cases, closedCases, registrations }
  const isNothing = messages + registrations + cases + closedCases === 0
  const body = isNothing
    ? html`<p>${words.nothing}</p><p><a href="/vie-privee">${words.back}</a></p>`
    : html`<dl class="cards">${Object.entries(figures).map(
        ([name, n]) => html`<div class="card"><dt>${words.counts[name] ?? name}</dt><dd>${text.number(n)}</dd></div>`,
      )}<div class="card"><dt>${words.counts['bytes'] ?? ''}</dt><dd>${text.bytes(bytes)}</dd></div></dl>
${foundTables(found, words, text)}
<p class="quiet">${words.marks} : ${marks.map((one) => html`<code>${one}</code> `)}</p>
<section aria-labelledby="export-title"><h2 id="export-title">${words.export}</h2><p>${words.exportLead}</p>
<form method="post" action="/vie-privee/export" data-run="export">${hidden(said)}<input type="hidden" name="run" value="">
<button>${words.exportGo}</button> <progress id="export" hidden aria-label="${words.exportGo}"></progress></form></section>
${may(visit.caller, 'privacy:erase') ? eraseForm(words, said) : null}
<p><a href="/vie-privee">${words.back}</a></p>`
  return { title: isNothing ? words.patient : words.found(text.number(messages)), body, ...STYLES }
}

function eraseForm(words: PrivacyWords, said: Said): Html {
  return html`<section aria-labelledby="erase"><h2 id="erase">${words.erase}</h2><p>${words.eraseLead}</p>
<form method="post" action="/vie-privee/simulation">${hidden(said)}<button>${words.plan}</button></form></section>`
}

function foundTables({ resources, deliveries, newest }: PatientFound, words: PrivacyWords, text: Writing): Html {
  const number = (n: number) => html`${text.number(n)}`
  return html`${table(
    'newest',
    words.newest,
    [
      { name: words.received },
      { name: words.from },
      { name: words.kind },
      { name: words.state },
      { name: words.size, numeric: true },
      { name: words.link },
    ],
    newest.map((one) => [
      html`<a href="/messages/${one.id}">${text.time(Date.parse(one.receivedAt))}</a>`,
      html`${one.from ?? words.none}`,
      html`${one.kind}`,
      html`${words.messageStates[one.state] ?? one.state}`,
      html`${text.bytes(one.bytes)}`,
      html`${words.as[one.as] ?? one.as}`,
    ]),
  )}${
    deliveries.length === 0
      ? null
      : table(
          'deliveries',
          words.deliveries,
          [{ name: words.destination }, { name: words.state }, { name: words.n, numeric: true }],
          deliveries.map(({ destination, state, n }) => [
            html`${destination === PLATFORM ? words.platform : destination}`,
            html`${words.states[state] ?? state}`,
            number(n),
          ]),
        )
  }${
    resources.length === 0
      ? null
      : table(
          'resources',
          words.resources,
          [{ name: words.type }, { name: words.n, numeric: true }],
          resources.map(({ type, n }) => [html`${type}`, number(n)]),
        )
  }`
}

/** Exactly what goes, what stays and why; and the button, where nothing stands in the way. */
export function planPage(visit: KnownVisit, plan: ErasePlan, said: Said): PageBody {
  const { words, text } = speaking(visit)
  const { bars, goes, stays, shared, mark } = plan
  const figure = (name: string, n: number) => html`${name === 'bytes' ? text.bytes(n) : text.number(n)}`
  const rows = (of: Readonly<Record<string, number>>, names: Readonly<Record<string, string>>) =>
    Object.entries(of).map(([name, n]) => [html`${names[name] ?? name}`, figure(name, n)])
  const columns = [{ name: words.what }, { name: words.n, numeric: true }]
  const body = html`${
    bars.length === 0
      ? null
      : html`<section class="alarm" role="alert" aria-labelledby="bars"><h2 id="bars">${words.bars}</h2>
<ul>${bars.map(({ why, n, hold }) => html`<li>${words.barred[why]?.(text.number(n)) ?? why}${hold === null ? null : html` (${hold})`}</li>`)}</ul></section>`
  }
${table('goes', words.goes, columns, rows(goes, words.goesRows))}
${shared === 0 ? null : html`<p>${words.shared(text.number(shared))}</p>`}
${table('stays', words.stays, columns, rows(stays, words.staysRows))}
<p class="quiet">${words.staysMore}</p>
${
  bars.length > 0
    ? null
    : html`<form method="post" action="/vie-privee/effacement">${hidden(said)}<input type="hidden" name="mark" value="${mark}">
<p><label class="check"><input type="checkbox" name="read" value="yes" required> ${words.confirm}</label></p>
<button>${words.eraseGo}</button></form>`
}
<p><a href="/vie-privee">${words.back}</a></p>`
  return { title: words.planTitle, body, ...STYLES }
}

/** That it is done. */
export function erasedPage(visit: KnownVisit, { messages, resources, cases }: PatientErased): PageBody {
  const { words, text } = speaking(visit)
  const body = html`<p class="sound" role="status">${words.erased(text.number(messages), text.number(resources), text.number(cases))}</p>
<p><a href="/vie-privee">${words.back}</a></p>`
  return { title: words.erasedTitle, body, ...STYLES }
}
