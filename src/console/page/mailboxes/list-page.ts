import { reachOf } from '../../../core/caller.ts'
import {
  MAILBOX_KINDS,
  MAILBOX_STATES,
  type MailboxFilter,
  type MailboxLine,
  type MailboxViews,
} from '../../../core/mailboxes.ts'
import { type Html, html } from '../html.ts'
import { listing } from '../listing.ts'
import { mark, markShapes, type Standing } from '../overview/mark.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { BASE, frame, pathOf } from './frame.ts'
import { MAIL_WORDS } from './words.ts'

/** Mailboxes of one page. */
const MOST = 100

/** How each state looks. */
export const STANDING_OF_BOX: Readonly<Record<MailboxLine['state'], Standing>> = {
  active: 'sound',
  suspended: 'paused',
  closed: 'idle',
}

/** All mailboxes that the person reaches, with search and filters. */
export async function listPage(visit: KnownVisit, views: MailboxViews): Promise<PageBody> {
  const { language, config, query, caller } = visit
  const words = MAIL_WORDS[language]
  const reach = reachOf(caller, 'mail:read')
  const filter = filterOf(query)
  const after = query.get('after')
  const page = await views.list(filter, { limit: MOST, ...(after && { after }) }, reach)
  const columns = [
    { name: words.fields.address },
    { name: words.fields.name },
    { name: words.fields.kind },
    { name: words.fields.state },
    { name: words.fields.establishment },
  ]
  const rows = page.mailboxes.map((box) => ({
    cells: [
      html`<a href="${pathOf(box.address)}">${box.address}</a>`,
      html`${box.name}`,
      html`${words.kinds[box.kind]}`,
      mark(STANDING_OF_BOX[box.state], words.states[box.state]),
      html`${config.establishments.get(box.establishment)?.name ?? box.establishment}`,
    ],
  }))
  const asked = new URLSearchParams({ ...filter })
  const more = new URLSearchParams({ ...filter, after: page.next ?? '' })
  const empty = asked.size === 0 ? words.none : words.noneFound
  const body = html`${markShapes()}<p>${views.open ? words.lead : words.closedHere}</p>
${filters(visit, filter, views.domains(reach))}
${listing('list', words.list, columns, rows, empty)}
${page.next === null ? null : html`<p><a href="${BASE}?${more.toString()}">${words.more}</a></p>`}
<p><a href="${BASE}/boites.csv?${asked.toString()}">${words.csv}</a></p>`
  return frame(visit, 'mailboxes', words.title, body)
}

/** Which mailboxes an address of a page asks for. */
export function filterOf(query: URLSearchParams): MailboxFilter {
  const kind = MAILBOX_KINDS.find((one) => one === query.get('kind'))
  const state = MAILBOX_STATES.find((one) => one === query.get('state'))
  const text = (name: string): string => (query.get(name) ?? '').trim().slice(0, 200)
  const [domain, establishment, q] = [text('domain'), text('establishment'), text('q')]
  return {
    ...(domain && { domain }),
    ...(establishment && { establishment }),
    ...(kind && { kind }),
    ...(state && { state }),
    ...(q && { q }),
  }
}

function filters(visit: KnownVisit, filter: MailboxFilter, domains: ReturnType<MailboxViews['domains']>): Html {
  const { config } = visit
  const words = MAIL_WORDS[visit.language]
  const select = (
    name: 'kind' | 'state' | 'domain' | 'establishment',
    choices: readonly (readonly [value: string, label: string])[],
  ) =>
    html`<div><label for="f-${name}">${words.fields[name]}</label><select id="f-${name}" name="${name}"><option value="">${words.all}</option>${choices.map(
      ([value, label]) =>
        html`<option value="${value}"${filter[name] === value ? html` selected` : null}>${label}</option>`,
    )}</select></div>`
  const establishments = [...new Set(domains.map(({ establishment }) => establishment))]
  return html`<form class="filters" method="get" action="${BASE}"><div><label for="f-q">${words.search}</label><input id="f-q" name="q" type="search" maxlength="100" value="${filter.q ?? ''}" autocomplete="off"></div>${select(
    'kind',
    MAILBOX_KINDS.map((one) => [one, words.kinds[one]]),
  )}${select(
    'state',
    MAILBOX_STATES.map((one) => [one, words.states[one]]),
  )}${select(
    'domain',
    domains.map(({ name }) => [name, name]),
  )}${select(
    'establishment',
    establishments.map((id) => [id, config.establishments.get(id)?.name ?? id]),
  )}<button>${words.filter}</button></form>`
}
