import {
  ALERT_KINDS,
  ALERT_STATES,
  type AlertCommands,
  type AlertDetail,
  type AlertFilter,
  type AlertView,
  type AlertViews,
  SEVERITIES,
} from '../../../core/alerts.ts'
import { may, reachOf } from '../../../core/caller.ts'
import { GatewayError } from '../../../core/errors.ts'
import { HELP_EN } from '../../../core/help-en.ts'
import { HELP_FR } from '../../../core/help-fr.ts'
import type { Clock } from '../../../core/ports.ts'
import { ALERT_WORDS, subjectName } from '../../../formats/alert/words.ts'
import { siteOf } from '../conformity/frame.ts'
import { type Html, html } from '../html.ts'
import { type Formats, formatsOf } from '../overview/formats.ts'
import { mark, markShapes, STANDING_OF } from '../overview/mark.ts'
import type { FormRoute, KnownVisit, PageRoute } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { headedTable } from '../table.ts'
import { ALERT_PAGE_WORDS } from './words.ts'

interface Parts {
  readonly views: AlertViews
  readonly commands: AlertCommands
  readonly clock: Clock
}

const STYLES = ['marks.css']
const HOUR_MS = 3_600_000

/** The list of alerts, and one of them. */
export function alertPages({ views }: Parts): PageRoute[] {
  return [
    {
      path: '/alertes',
      permission: 'alerts:read',
      async show(visit) {
        const filter = filterOf(visit.query)
        const { alerts, next } = await views.list(filter, reachOf(visit.caller, 'alerts:read'))
        return listPage(visit, filter, alerts, next)
      },
    },
    {
      path: '/alertes/:id',
      permission: 'alerts:read',
      async show(visit, { id }) {
        const alert = await views.one(id ?? '', reachOf(visit.caller, 'alerts:read'))
        if (alert === null) throw new GatewayError('NOT_FOUND')
        return onePage(visit, alert, null)
      },
    },
  ]
}

/** What people do with an alert; without a reason the page says so. */
export function alertForms({ views, commands, clock }: Parts): FormRoute[] {
  const form = (path: string, run: (id: string, who: string, why: string, fields: URLSearchParams) => Promise<void>) =>
    ({
      path: `/alertes/:id/${path}`,
      permission: 'alerts:act',
      async act(visit, fields, { id = '' }) {
        const why = (fields.get('reason') ?? '').trim().slice(0, 500)
        if (why === '') {
          const alert = await views.one(id, null)
          if (alert === null) throw new GatewayError('NOT_FOUND')
          return onePage(visit, alert, ALERT_PAGE_WORDS[visit.language].reasonMissing)
        }
        await run(id, visit.caller.who, why, fields)
        return { to: `/alertes/${encodeURIComponent(id)}` }
      },
    }) satisfies FormRoute
  return [
    form('prise-en-compte', (id, who, why) => commands.acknowledge(id, who, why)),
    form('sourdine', (id, who, why, fields) =>
      commands.snooze(id, clock.nowMs() + Number(fields.get('hours')) * HOUR_MS, who, why),
    ),
  ]
}

function filterOf(query: URLSearchParams): AlertFilter {
  const one = <T extends string>(name: string, words: readonly T[]): T | undefined =>
    words.find((word) => word === query.get(name))
  const [state, kind, severity] = [one('state', ALERT_STATES), one('kind', ALERT_KINDS), one('severity', SEVERITIES)]
  const establishment = query.get('establishment')
  const after = query.get('after')
  return {
    ...(state && { state }),
    ...(kind && { kind }),
    ...(severity && { severity }),
    ...(establishment && { establishment }),
    ...(after && { after }),
  }
}

function listPage(visit: KnownVisit, filter: AlertFilter, alerts: readonly AlertView[], next: string | null): PageBody {
  const { language, config } = visit
  const words = ALERT_PAGE_WORDS[language]
  const said = ALERT_WORDS[language]
  const text = formatsOf(language, config.region.timeZone)
  const columns = [
    { name: words.columns.what },
    { name: words.columns.severity },
    { name: words.columns.state },
    { name: words.columns.since },
    { name: words.columns.last },
    { name: words.columns.times, numeric: true },
  ]
  const row = (alert: AlertView) => [
    html`<a href="/alertes/${alert.id}">${said.sentence(alert, nameOf(alert, visit))}</a>`,
    mark(STANDING_OF[alert.severity], said.severities[alert.severity]),
    html`${stateText(alert, visit, text)}`,
    text.timeElement(alert.firstAt),
    text.timeElement(alert.endedAt ?? alert.lastAt),
    html`${text.number(alert.times)}`,
  ]
  const empty = Object.keys(filter).length === 0 ? words.none : words.noneFound
  const body = html`${markShapes()}<p>${words.about}</p>
${filters(visit, filter)}
${headedTable('list', words.title, columns, alerts.map(row), empty)}
${next === null ? null : html`<p><a href="/alertes?${moreQuery(filter, next)}">${words.more}</a></p>`}`
  return { title: words.title, body, styles: STYLES }
}

function moreQuery(filter: AlertFilter, after: string): string {
  return new URLSearchParams({ ...(filter as Record<string, string>), after }).toString()
}

function filters({ language }: KnownVisit, filter: AlertFilter): Html {
  const words = ALERT_PAGE_WORDS[language]
  const said = ALERT_WORDS[language]
  const select = (
    name: 'state' | 'kind' | 'severity',
    values: readonly string[],
    names: Readonly<Record<string, string>>,
  ) =>
    html`<div><label for="f-${name}">${words.filters[name]}</label><select id="f-${name}" name="${name}"><option value="">${words.all}</option>${values.map(
      (value) =>
        html`<option value="${value}"${filter[name] === value ? html` selected` : null}>${names[value] ?? value}</option>`,
    )}</select></div>`
  return html`<form class="filters" method="get" action="/alertes">${select('state', ALERT_STATES, said.states)}${select(
    'severity',
    SEVERITIES,
    said.severities,
  )}${select('kind', ALERT_KINDS, said.kinds)}<button>${words.filter}</button></form>`
}

function nameOf({ subject }: AlertView, { config, language }: KnownVisit): string {
  return subjectName(subject, config.establishments, language)
}

function stateText(alert: AlertView, { language }: KnownVisit, text: Formats): string {
  const words = ALERT_PAGE_WORDS[language]
  if (alert.state !== 'ended' && alert.snoozedUntil !== null) return words.snoozedUntil(text.time(alert.snoozedUntil))
  return ALERT_WORDS[language].states[alert.state]
}

function onePage(visit: KnownVisit, alert: AlertDetail, fault: string | null): PageBody {
  const { language, config } = visit
  const words = ALERT_PAGE_WORDS[language]
  const said = ALERT_WORDS[language]
  const text = formatsOf(language, config.region.timeZone)
  const help = (language === 'fr' ? HELP_FR : HELP_EN)[alert.code]
  const title = said.sentence(alert, nameOf(alert, visit))
  const acted = alert.who === null ? null : html`<dt>${words.acts}</dt><dd>${words.by(alert.who, alert.why ?? '')}</dd>`
  const link = messagesLink(visit, alert)
  const conformity = conformityLink(visit, alert)
  const body = html`${markShapes()}<p><a href="/alertes">${words.back}</a></p>
<dl class="facts"><dt>${words.columns.severity}</dt><dd>${mark(STANDING_OF[alert.severity], said.severities[alert.severity])}</dd>
<dt>${words.columns.state}</dt><dd>${stateText(alert, visit, text)}</dd>${acted}
<dt>${words.filters.kind}</dt><dd>${said.kinds[alert.kind]}</dd>
<dt>${words.columns.about}</dt><dd>${nameOf(alert, visit)}</dd>
<dt>${words.columns.since}</dt><dd>${text.timeElement(alert.firstAt)}</dd>
<dt>${words.columns.last}</dt><dd>${text.timeElement(alert.endedAt ?? alert.lastAt)}</dd>
<dt>${words.columns.times}</dt><dd>${text.number(alert.times)}</dd></dl>
<h2>${words.help}</h2><p>${help} <span class="quiet">${alert.code}</span></p>
${link === null ? null : html`<p><a href="${link}">${words.messages}</a></p>`}
${conformity === null ? null : html`<p><a href="${conformity}">${words.conformity}</a></p>`}
${actForms(visit, alert, fault)}
${noticeTable(visit, alert, text)}`
  return { title, body, styles: STYLES }
}

/** Where the messages that it is about are listed. */
function messagesLink({ caller }: KnownVisit, { kind, subject, establishment }: AlertView): string | null {
  if (establishment === null || kind === 'certificate' || kind === 'conformity' || !may(caller, 'messages:read'))
    return null
  const query = new URLSearchParams(subject.includes('/') ? { to: subject } : { from: subject })
  if (kind === 'parked') query.set('state', 'parked')
  return `/messages?${query}`
}

/** The requirement that it is about, on the page of its establishment. */
function conformityLink({ caller }: KnownVisit, { kind, establishment, params }: AlertView): string | null {
  if (kind !== 'conformity' || establishment === null || !may(caller, 'conformity:read')) return null
  const use = params['use'] === 'production' ? 'production' : 'qualification'
  return siteOf(establishment, { framework: String(params['framework']), use }, String(params['requirement']))
}

function actForms({ caller, language }: KnownVisit, { id, state }: AlertDetail, fault: string | null): Html | null {
  const words = ALERT_PAGE_WORDS[language]
  if (!may(caller, 'alerts:act')) return null
  if (state === 'ended') return html`<h2>${words.acts}</h2><p>${words.noActs}</p>`
  const reason = (name: string) =>
    html`<div><label for="${name}-reason">${words.reason}</label><input id="${name}-reason" name="reason" required maxlength="500" autocomplete="off"></div>`
  const form = (path: string, name: string, title: string, inner: Html | null) =>
    html`<form class="act" method="post" action="/alertes/${id}/${path}"><h3>${title}</h3>${inner}${reason(name)}<button>${title}</button></form>`
  const hours = html`<div><label for="hours">${words.during}</label><select id="hours" name="hours">${words.durations.map(
    ([value, word]) => html`<option value="${value}">${word}</option>`,
  )}</select></div>`
  return html`<h2>${words.acts}</h2>${fault === null ? null : html`<p class="alarm" role="alert">${fault}</p>`}
${state === 'open' ? form('prise-en-compte', 'ack', words.acknowledge, null) : null}
${form('sourdine', 'snooze', words.snooze, hours)}`
}

function noticeTable({ language }: KnownVisit, { notices }: AlertDetail, text: Formats): Html {
  const words = ALERT_PAGE_WORDS[language]
  const { channel, what, state, attempts, when } = words.noticeColumns
  const columns = [
    { name: channel },
    { name: what },
    { name: state },
    { name: attempts, numeric: true },
    { name: when },
  ]
  const rows = notices.map((one) => [
    html`${one.channel}`,
    html`${words.noticeWhats[one.what]}`,
    html`${words.noticeStates[one.state]}${one.code === null ? null : html` <span class="quiet">${one.code}</span>`}`,
    html`${text.number(one.attempts)}`,
    text.timeElement(one.doneAt ?? one.madeAt),
  ])
  return headedTable('notices', words.notices, columns, rows, words.noNotices)
}
