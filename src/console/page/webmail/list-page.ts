import {
  MAIL_FOLDERS,
  type MailFolder,
  type MailItem,
  type WebmailBox,
  type WebmailPage,
  type WebmailViews,
} from '../../../core/webmail.ts'
import { mailPerson } from '../../mail-person.ts'
import { type Html, html } from '../html.ts'
import { hidden, tick } from '../inputs.ts'
import { listing, moment, several } from '../listing.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { BASE, boxPath, foldersOf, frame, itemPath } from './frame.ts'
import { WEBMAIL_WORDS } from './words.ts'

/** Mails of one page. */
const MOST = 50

/** The mailboxes of whoever looks. */
export async function boxesPage(visit: KnownVisit, views: WebmailViews): Promise<PageBody> {
  const words = WEBMAIL_WORDS[visit.language]
  if (!views.open) return frame(visit, words.boxes, html`<p>${words.closedHere}</p>`)
  const boxes = await views.boxes(mailPerson(visit.caller))
  const columns = [{ name: words.boxes }, { name: words.folders.INBOX }]
  const rows = boxes.map((box) => {
    const { unread } = box.folders.INBOX
    return {
      cells: [
        html`<a href="${boxPath(box.address)}">${box.address}</a> <span class="quiet">${box.name}${box.own ? null : ` · ${words.delegated}`}${box.suspended ? ` · ${words.suspended}` : null}</span>`,
        unread === 0 ? html`${words.unread(0)}` : html`<strong>${words.unread(unread)}</strong>`,
      ],
    }
  })
  return frame(visit, words.boxes, listing('boxes', words.boxes, columns, rows, words.none))
}

/** What a search looks for. */
export interface Sought {
  readonly words: string
  readonly texts: boolean
  /** `next` of the page before; null: from the newest. */
  readonly after: string | null
}

/** The folder that an address names. */
export function folderOf(name: string | null): MailFolder {
  return MAIL_FOLDERS.find((one) => one === name) ?? 'INBOX'
}

/** A folder: its mails, newest first, or what a search found in it. */
export async function folderPage(
  visit: KnownVisit,
  views: WebmailViews,
  address: string,
  folder: MailFolder,
  sought: Sought,
): Promise<PageBody> {
  const words = WEBMAIL_WORDS[visit.language]
  const person = mailPerson(visit.caller)
  const page = await views.list(person, address, { ...sought, folder, limit: MOST })
  const box = await views.box(person, address)
  const isSearch = sought.words !== ''
  const done = noteOf(visit)
  const body = html`${foldersOf(visit, box, folder)}
${done === null ? null : html`<p role="status" data-sent>${done}</p>`}
<p role="status" data-unsent="${boxPath(address)}" hidden><a href="${itemPath(address, 'nouveau')}">${words.kept}</a></p>
${page.waiting > 0 ? html`<p role="status">${words.waiting(page.waiting)}</p>` : null}
${searchForm(visit, box, folder, sought)}
${isSearch ? html`<p role="status">${words.found(sought.words)}${page.searched === null ? null : html` ${words.searched(page.searched)}`}</p>` : null}
${mailList(visit, box, folder, page, sought)}`
  const shown = frame(visit, words.folders[folder], body, boxPath(box.address, folder))
  return box.own ? shown : { ...shown, about: { mailbox: box.address } }
}

/** What was just done, by a word of the address. */
function noteOf({ query, language }: KnownVisit): string | null {
  const words = WEBMAIL_WORDS[language]
  const done = query.get('fait')
  return done === 'envoi' ? words.sent : done === 'sans-copie' ? words.notCopied : null
}

function searchForm({ language }: KnownVisit, { address }: WebmailBox, folder: MailFolder, sought: Sought): Html {
  const words = WEBMAIL_WORDS[language]
  // By POST: what is looked for names patients, and addresses are kept.
  return html`<form class="filters" method="post" action="${BASE}/${encodeURIComponent(address)}/recherche">${hidden('dossier', folder)}<div><label for="f-q">${words.search}</label><input id="f-q" name="q" type="search" maxlength="200" value="${sought.words}" autocomplete="off"></div>${tick('textes', words.searchTexts, sought.texts)}<button>${words.searchAct}</button></form>`
}

function mailList(
  { language, config }: KnownVisit,
  { address }: WebmailBox,
  folder: MailFolder,
  page: WebmailPage,
  sought: Sought,
): Html {
  const words = WEBMAIL_WORDS[language]
  const out = folder === 'Sent'
  const columns = [
    { name: words.subject },
    { name: out ? words.to : words.from },
    { name: words.date },
    { name: words.marks },
    { name: words.size, numeric: true },
  ]
  const rows = page.items.map((item) => {
    const subject = html`<a href="${itemPath(address, item.id)}">${item.subject || words.noSubject}</a>`
    const people = html`${out ? item.to : item.from}`
    return {
      cells: [
        item.seen ? subject : html`<strong>${subject}</strong>`,
        item.seen ? people : html`<strong>${people}</strong>`,
        moment(item.atMs, language, config.region.timeZone),
        html`${several(marksOf(item, language))}`,
        html`${words.bytes(item.size)}`,
      ],
    }
  })
  const isSearch = sought.words !== ''
  const older =
    page.next === null
      ? null
      : isSearch
        ? html`<form method="post" action="${BASE}/${encodeURIComponent(address)}/recherche">${hidden('dossier', folder)}${hidden('q', sought.words)}${hidden('avant', page.next)}<button>${words.more}</button></form>`
        : html`<p><a href="${BASE}/${encodeURIComponent(address)}?dossier=${folder}&amp;avant=${page.next}">${words.more}</a></p>`
  return html`${listing('mails', words.folders[folder], columns, rows, isSearch ? words.noneFound : words.empty)}
${older}`
}

function marksOf(item: MailItem, language: KnownVisit['language']): string[] {
  const words = WEBMAIL_WORDS[language]
  return [
    ...(item.seen ? [] : [words.isUnread]),
    ...(item.answered ? [words.isAnswered] : []),
    ...(item.kind === 'mail' ? [] : [words.kinds[item.kind]]),
    ...(item.attachments ? [words.hasFiles] : []),
  ]
}
