import type { AlertView } from '../../../core/alerts.ts'
import { type Caller, may, type Reach, reachOf } from '../../../core/caller.ts'
import type { Config } from '../../../core/config.ts'
import { ONBOARDING_STATES, type OnboardingViews } from '../../../core/onboarding.ts'
import type { CertificateEnd, Picture, TrafficPoint } from '../../../core/overview.ts'
import { ALERT_WORDS, subjectName } from '../../../formats/alert/words.ts'
import type { Language } from '../../../formats/http/language.ts'
import { type Html, html } from '../html.ts'
import { ONBOARDING_WORDS } from '../onboarding/words.ts'
import type { PageBody } from '../shell/shell.ts'
import { headedTable } from '../table.ts'
import { type Board, boardOf } from './board.ts'
import { charts } from './charts.ts'
import { type Formats, formatsOf } from './formats.ts'
import { type ListName, listNote } from './list-note.ts'
import { countsOf, type LiveValues, liveValues } from './live-values.ts'
import { type Department, mapOf } from './map.ts'
import { mark, markShapes, STANDING_OF } from './mark.ts'
import { shownOf } from './shown.ts'
import { flowTable, queueTable, rowTable } from './tables.ts'
import { WORDS, type Words } from './words.ts'

/** What the overview is drawn from. */
export interface OverviewPage {
  readonly picture: Picture
  readonly points: readonly TrafficPoint[]
  readonly certificates: readonly CertificateEnd[]
  /** By state; null: not for these eyes. */
  readonly onboardings: Awaited<ReturnType<OnboardingViews['counts']>> | null
  readonly departments: readonly Department[]
  readonly config: Config
  readonly caller: Caller
  readonly language: Language
}

/** What the tables are drawn from. */
export interface Drawn {
  readonly config: Config
  readonly caller: Caller
  readonly board: Board
  /** What of the board is shown. */
  readonly shown: Board
  readonly values: LiveValues
  readonly words: Words
  readonly text: Formats
  /** What stands over a table. */
  note(part: ListName): Html | null
}

/** What the parts of the page share. */
interface DrawnPage extends OverviewPage, Drawn {
  readonly reach: Reach | null
}

const MOST_ALERTS = 5
const DAY_MS = 86_400_000

/** The overview, whole without script. What changes has a name by which script finds it. */
export function overviewPage(page: OverviewPage): PageBody {
  const { picture, config, caller, language } = page
  const reach = reachOf(caller, 'overview:read')
  const words = WORDS[language]
  const text = formatsOf(language, config.region.timeZone)
  const board = boardOf(picture, config, reach)
  const shown = shownOf(board)
  const values = liveValues(picture, board, shown, reach, words, text)
  const note = (part: ListName): Html => listNote(part, shown[part].length, board[part].length, words, text)
  const drawn: DrawnPage = { ...page, reach, board, shown, values, words, text, note }
  const region = reach === null
  const body = html`${markShapes()}
<p class="quiet" data-live-from="/live/overview"><span id="made">${words.asOf} ${text.timeElement(picture.status.at)} · <a href="/">${words.refresh}</a></span> <span id="live-on" hidden>${words.live}</span> · ${words.node} ${picture.status.node}</p>
<p id="stale" class="alarm" role="status" data-text="${words.stale}"></p>
${counts(drawn)}
${alertList(drawn)}
<div id="map-part" data-fresh>${mapPart(drawn)}</div>
<div id="rows-part" data-fresh>${rowTable(drawn)}</div>
<div id="queues-part" data-fresh>${queueTable(drawn)}</div>
<div id="flows-part" data-fresh>${flowTable(drawn)}</div>
${region ? html`<section id="charts" data-fresh aria-labelledby="charts-title">${charts(page.points, words, text)}</section>` : null}
${onboardingCards(drawn)}
${certificateTable(drawn)}
${region ? doorTable(drawn) : null}`
  return { title: words.title, body, scripts: ['overview.js'], styles: ['marks.css', 'overview.css'] }
}

function counts({ words, values, reach, picture }: DrawnPage): Html {
  const card = (label: string, key: string) =>
    html`<div class="card"><dt>${label}</dt><dd data-live="${key}">${values.texts.get(key) ?? ''}</dd></div>`
  const sound = picture.status.difference === 0
  return html`<section aria-labelledby="counts"><h2 id="counts">${words.counts}</h2>
<dl class="cards">${countsOf(reach).map((name) => card(words.cards[name], name))}${card(words.cards.alerts, 'alerts')}</dl>
${reach === null ? html`<p class="${sound ? 'sound' : 'alarm'}" data-live="conserved">${values.texts.get('conserved') ?? ''}</p>` : null}</section>`
}

function alertList({ board, words, language, config, caller, text }: DrawnPage): Html | null {
  if (!may(caller, 'alerts:read')) return null
  const said = ALERT_WORDS[language]
  const line = (alert: AlertView) =>
    html`<li>${mark(STANDING_OF[alert.severity], said.severities[alert.severity])} · <a href="/alertes/${alert.id}">${said.sentence(alert, subjectName(alert.subject, config.establishments, language))}</a> <span class="quiet">${text.timeElement(alert.firstAt)}</span></li>`
  const all = html`<p><a href="/alertes">${words.allAlerts}</a></p>`
  return html`<section id="alerts-part" data-fresh aria-labelledby="alerts-title"><h2 id="alerts-title">${words.alerts}</h2>${
    board.alerts.length === 0
      ? html`<p class="sound">${words.noAlerts}</p>`
      : html`<ul class="alerts">${board.alerts.slice(0, MOST_ALERTS).map(line)}</ul>`
  }${all}</section>`
}

function mapPart({ board, config, departments, words }: DrawnPage): Html | null {
  const names = {
    title: words.map,
    about: words.mapAbout,
    standing: (one: keyof Words['standings']) => words.standings[one],
  }
  const map = mapOf(board, config, departments, names)
  if (map === null) return null
  return html`<h2>${words.map}</h2><figure class="region">${map}<figcaption class="quiet">${(
    ['sound', 'idle', 'paused', 'watch', 'alarm'] as const
  ).map(
    (one) => html`${mark(one, words.standings[one])} `,
  )}<br>${words.mapAbout} ${words.mapSource}</figcaption></figure>`
}

function onboardingCards({ onboardings, language }: DrawnPage): Html | null {
  if (onboardings === null) return null
  const words = ONBOARDING_WORDS[language]
  return html`<section aria-labelledby="onboardings"><h2 id="onboardings"><a href="/raccordements">${words.counts}</a></h2>
<dl class="cards">${ONBOARDING_STATES.map(
    (state) => html`<div class="card"><dt>${words.states[state]}</dt><dd>${onboardings[state]}</dd></div>`,
  )}</dl></section>`
}

function certificateTable({ certificates, reach, board, words, text, picture }: DrawnPage): Html | null {
  const own = new Set(board.queues.map(({ status }) => status.id))
  const shown = certificates.filter(({ part }) => reach === null || own.has(part))
  if (reach !== null && shown.length === 0) return null
  const nowMs = Date.parse(picture.status.at)
  const columns = [{ name: words.part }, { name: words.ends }, { name: words.left }]
  const rows = shown.map(({ part, endsAtMs }) => {
    const days = Math.floor((endsAtMs - nowMs) / DAY_MS)
    const standing = days < 7 ? 'alarm' : days < 60 ? 'watch' : 'sound'
    const iso = new Date(endsAtMs).toISOString()
    const left = endsAtMs < nowMs ? words.expired : words.days(days)
    return [html`${part}`, html`<time datetime="${iso}">${text.day(iso)}</time>`, mark(standing, left)]
  })
  return headedTable('certificates', words.certificates, columns, rows, words.noCertificates)
}

function doorTable({ picture, words, text }: DrawnPage): Html {
  const columns = [
    { name: words.door },
    { name: words.address, numeric: true },
    { name: words.connections, numeric: true },
  ]
  const rows = picture.status.entrances.map((door) => [
    html`${door.name}`,
    html`${door.host}:${door.port}`,
    html`${text.number(door.connections)}`,
  ])
  return headedTable('doors', words.doors, columns, rows, '')
}
