import { reachOf } from '../../../core/caller.ts'
import type { Picture } from '../../../core/overview.ts'
import { type Html, html } from '../html.ts'
import { type PageOf, pageOf, pager } from '../pager.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { type Board, type BoardFlow, boardOf } from './board.ts'
import { formatsOf } from './formats.ts'
import { LIST_PATHS, type ListName } from './list-note.ts'
import { liveValues } from './live-values.ts'
import { markShapes, STANDINGS, type Standing } from './mark.ts'
import type { Drawn } from './page.ts'
import { rowStanding } from './shown.ts'
import { flowTable, queueTable, rowTable } from './tables.ts'
import { WORDS, type Words } from './words.ts'

/** All of one table of the overview: searched by name (`q`), by how it is (`etat`), page by page. */
export function listPage(part: ListName, visit: KnownVisit, picture: Picture): PageBody {
  const { config, caller, language, query } = visit
  const reach = reachOf(caller, 'overview:read')
  const words = WORDS[language]
  const text = formatsOf(language, config.region.timeZone)
  const board = boardOf(picture, config, reach)
  const asked = askedOf(query)
  const name = (id: string): string => config.establishments.get(id)?.name ?? id
  const { page, shown } = chosen(part, board, asked, name, query)
  const values = liveValues(picture, board, shown, reach, words, text)
  const drawn: Drawn = { config, caller, board, shown, values, words, text, note: () => null }
  const table = { rows: rowTable, queues: queueTable, flows: flowTable }[part]
  const none = asked.text === '' && asked.standing === null ? undefined : words.noneFound
  const ways = pager(LIST_PATHS[part], query, page, language)
  const body = html`${markShapes()}
<p class="quiet">${words.asOf} ${text.timeElement(picture.status.at)} · <a href="/">${words.title}</a></p>
${searchForm(part, asked, words)}
${table(drawn, none)}
${ways}`
  return { title: words.lists[part], body, styles: ['forms.css', 'marks.css', 'overview.css'] }
}

interface Asked {
  readonly text: string
  readonly standing: Standing | null
}

/** Letters that are looked for: more are nobody's name. */
const MOST_LETTERS = 100

function askedOf(query: URLSearchParams): Asked {
  const standing = STANDINGS.find((one) => one === query.get('etat')) ?? null
  return { text: (query.get('q') ?? '').trim().slice(0, MOST_LETTERS), standing }
}

/** What is the same to who looks for a name: case and accents apart. */
function plain(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()
}

function chosen(
  part: ListName,
  board: Board,
  { text, standing }: Asked,
  name: (id: string) => string,
  query: URLSearchParams,
): { readonly page: PageOf<unknown>; readonly shown: Board } {
  const wanted = plain(text)
  const fits = (own: Standing, ...names: readonly string[]): boolean =>
    (standing === null || own === standing) && (wanted === '' || names.some((one) => plain(one).includes(wanted)))
  const none: Board = { ...board, rows: [], queues: [], flows: [] }
  if (part === 'rows') {
    const all = board.rows.filter((row) => fits(rowStanding(row), row.establishment.name, row.establishment.id))
    const page = pageOf(all, query)
    return { page, shown: { ...none, rows: page.rows } }
  }
  if (part === 'queues') {
    const all = board.queues.filter(({ status, standing: own }) =>
      fits(own, status.id, status.establishment === null ? '' : name(status.establishment)),
    )
    const page = pageOf(all, query)
    return { page, shown: { ...none, queues: page.rows } }
  }
  const ends = ({ from, to }: BoardFlow): readonly string[] => [...(from ?? []).flatMap((id) => [id, name(id)]), ...to]
  const all = board.flows.filter((flow) => fits(flow.standing, flow.route.name, ...ends(flow)))
  const page = pageOf(all, query)
  return { page, shown: { ...none, flows: page.rows } }
}

function searchForm(part: ListName, { text, standing }: Asked, words: Words): Html {
  return html`<form class="line" method="get" action="${LIST_PATHS[part]}" role="search">
<label for="q">${words.find}</label> <input id="q" name="q" type="search" value="${text}" maxlength="${MOST_LETTERS}">
<label for="standing">${words.standing}</label>
<select id="standing" name="etat"><option value="">${words.every}</option>${STANDINGS.map(
    (one) => html`<option value="${one}"${one === standing ? html` selected` : null}>${words.standings[one]}</option>`,
  )}</select>
<button>${words.show}</button></form>`
}
