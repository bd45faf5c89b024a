import { MAIL_FOLDERS, type MailFolder, type WebmailBox } from '../../../core/webmail.ts'
import { type Html, html } from '../html.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { tabBar } from '../tabs.ts'
import { WEBMAIL_WORDS } from './words.ts'

/** Where the pages of mail begin. */
export const BASE = '/messagerie/courrier'

/** The address of a mailbox's page, of one of its folders. */
export function boxPath(address: string, folder: MailFolder = 'INBOX'): string {
  return `${BASE}/${encodeURIComponent(address)}${folder === 'INBOX' ? '' : `?dossier=${folder}`}`
}

/** The address of the page of a mail, or of something below it. */
export function itemPath(address: string, id: string, ...below: readonly (string | number)[]): string {
  return [`${BASE}/${encodeURIComponent(address)}`, id, ...below].join('/')
}

/** A page of mail. Its title names nobody: browsers keep titles. */
export function frame({ language, path }: KnownVisit, title: string, body: Html, address = path): PageBody {
  const words = WEBMAIL_WORDS[language]
  return { title: `${title} · ${words.title}`, body, styles: ['forms.css', 'webmail.css'], address }
}

/** The way to the folders of a mailbox, and to a new mail. */
export function foldersOf({ language }: KnownVisit, box: WebmailBox, here: MailFolder | null): Html {
  const words = WEBMAIL_WORDS[language]
  const folders = MAIL_FOLDERS.map((folder) => {
    const { unread } = box.folders[folder]
    const behind = unread === 0 ? null : html` <span class="quiet">(${words.unread(unread)})</span>`
    return { path: boxPath(box.address, folder), name: words.folders[folder], isHere: folder === here, behind }
  })
  const suspended = box.suspended ? html`<p class="alarm">${words.suspendedTells}</p>` : null
  const write = { path: itemPath(box.address, 'nouveau'), name: words.write, isHere: false }
  return html`<p><a href="${BASE}">${words.boxes}</a> · ${box.address} · <a href="/messagerie/annuaire">${words.directory}</a></p>
${suspended}${tabBar(words.parts, box.suspended ? folders : [...folders, write])}`
}
