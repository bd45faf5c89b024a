import type { DirectoryAsk, DirectoryEntry, DirectoryImport, DirectoryViews } from '../../../core/directory.ts'
import { MAILBOX_KINDS } from '../../../core/mailboxes.ts'
import { sightOf } from '../../directory.ts'
import { type Html, html } from '../html.ts'
import { facts, listing, moment } from '../listing.ts'
import type { KnownVisit, Routes } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { DIRECTORY_WORDS } from './directory-words.ts'
import { BASE, frame, helpOf } from './frame.ts'
import { MAIL_WORDS } from './words.ts'

/** Where the page of the directory is. */
const PATH = `${BASE}/annuaire`
/** Mailboxes of one page. */
const MOST = 50
const FIELDS = ['q', 'rpps', 'finess', 'speciality', 'town'] as const

/** The page of the directory. */
export function directoryRoutes(views: DirectoryViews): Routes {
  return {
    pages: [{ path: PATH, permission: 'directory:read', look: null, show: (visit) => directoryPage(visit, views) }],
  }
}

async function directoryPage(visit: KnownVisit, views: DirectoryViews): Promise<PageBody> {
  const words = DIRECTORY_WORDS[visit.language]
  const asked = askedOf(visit.query)
  const after = visit.query.get('after')
  const page = asked.size === 0 ? null : await views.search(askOf(asked), { limit: MOST, after }, sightOf(visit.caller))
  const more = new URLSearchParams([...asked, ['after', page?.next ?? '']])
  const body = html`<p>${words.lead}</p>
${form(visit, asked)}
${page === null ? null : results(visit, page.entries)}
${page === null || page.next === null ? null : html`<p><a href="${PATH}?${more.toString()}">${words.more}</a></p>`}
${await imports(visit, views)}`
  return frame(visit, 'directory', words.title, body)
}

function askedOf(query: URLSearchParams): ReadonlyMap<string, string> {
  const text = (name: string): string => (query.get(name) ?? '').trim().slice(0, 200)
  const kind = MAILBOX_KINDS.find((one) => one === query.get('kind')) ?? ''
  const pairs = [...FIELDS.map((name) => [name, text(name)] as const), ['kind', kind] as const]
  const asked = new Map(pairs.filter(([, value]) => value !== ''))
  // A kind alone finds half a country.
  return asked.size === 1 && asked.has('kind') ? new Map() : asked
}

function askOf(asked: ReadonlyMap<string, string>): DirectoryAsk {
  const of = (name: string): string | undefined => asked.get(name)
  const [q, rpps, finess, speciality, town] = FIELDS.map(of)
  const kind = MAILBOX_KINDS.find((one) => one === of('kind'))
  // Whoever types an address looks for it.
  const address = q !== undefined && /^\S*@\S+$/.test(q) ? ({ text: q, how: 'part' } as const) : null
  return {
    ...(address !== null ? { address } : q !== undefined && { words: q }),
    ...(rpps !== undefined && { person: rpps }),
    ...(finess !== undefined && { structure: finess }),
    ...(speciality !== undefined && { speciality }),
    ...(town !== undefined && { town }),
    ...(kind !== undefined && { kinds: [kind] }),
  }
}

function form({ language }: KnownVisit, asked: ReadonlyMap<string, string>): Html {
  const words = DIRECTORY_WORDS[language]
  const { kinds } = MAIL_WORDS[language]
  return html`<form class="filters" method="get" action="${PATH}" role="search">${FIELDS.map(
    (name) =>
      html`<div><label for="f-${name}">${words.fields[name]}</label><input id="f-${name}" name="${name}" type="search" maxlength="200" value="${asked.get(name) ?? ''}" autocomplete="off"></div>`,
  )}<div><label for="f-kind">${words.fields.kind}</label><select id="f-kind" name="kind"><option value="">${words.all}</option>${MAILBOX_KINDS.map(
    (one) => html`<option value="${one}"${asked.get('kind') === one ? html` selected` : null}>${kinds[one]}</option>`,
  )}</select></div><button>${words.search}</button></form>`
}

function results({ language }: KnownVisit, entries: readonly DirectoryEntry[]): Html {
  const words = DIRECTORY_WORDS[language]
  const { kinds } = MAIL_WORDS[language]
  const { address, name, kind, job, place } = words.columns
  const joined = (parts: readonly (string | null)[]): string => parts.filter((part) => part !== null).join(' · ')
  const rows = entries.map((one) => ({
    cells: [
      html`${one.address}`,
      html`${one.name}${one.establishment === null ? null : html` <span class="quiet">(${one.red ? `${words.ours}, ${words.red}` : words.ours})</span>`}`,
      html`${kinds[one.kind]}`,
      html`${joined([one.profession, one.speciality])}`,
      html`${joined([one.organisation, one.town ?? one.department])}`,
    ],
  }))
  const columns = [address, name, kind, job, place].map((title) => ({ name: title }))
  return listing('found', words.found, columns, rows, words.noneFound)
}

async function imports(visit: KnownVisit, views: DirectoryViews): Promise<Html> {
  const { language, config } = visit
  const words = DIRECTORY_WORDS[language]
  const { current, running, last } = await views.state()
  const time = (ms: number | null): Html | null => (ms === null ? null : moment(ms, language, config.region.timeZone))
  const number = (n: number): string => n.toLocaleString(language === 'fr' ? 'fr-FR' : 'en-GB')
  const told = (one: DirectoryImport): Html => {
    const code = one.code === null ? null : html`<p class="alarm">${helpOf(one.code, language)}</p>`
    const columns = one.problems.flatMap(({ column }) => (column === null ? [] : [column])).join(', ')
    return html`${facts([
      [words.facts.file, `${one.name} (${words.states[one.state]})`],
      [words.facts.generated, time(one.generatedAtMs)],
      [words.facts.imported, time(one.endedAtMs)],
      [words.facts.rows, number(one.rows)],
      [words.facts.repeated, one.repeated === 0 ? null : number(one.repeated)],
      [words.facts.bad, one.bad === 0 ? null : number(one.bad)],
    ])}${code}${columns === '' ? null : html`<p class="alarm">${columns}</p>`}`
  }
  const failed = last[0]?.state === 'failed' ? last[0] : null
  const share = running?.bytes ? ` ${Math.floor((100 * running.bytesRead) / running.bytes)} %` : ''
  return html`<h2>${words.imports}</h2>
${current === null ? html`<p class="quiet">${words.never}</p>` : told(current)}
${running === null ? null : html`<p>${words.facts.progress}${share} : ${number(running.rows)} ${words.facts.rows}</p>`}
${failed === null ? null : told(failed)}
<p class="quiet">${words.command}</p>`
}
