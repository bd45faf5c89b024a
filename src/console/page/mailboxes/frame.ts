import { may } from '../../../core/caller.ts'
import type { ErrorCode } from '../../../core/errors.ts'
import { HELP_EN } from '../../../core/help-en.ts'
import { HELP_FR } from '../../../core/help-fr.ts'
import type { Permission } from '../../../core/roles.ts'
import type { Language } from '../../../formats/http/language.ts'
import { type Html, html } from '../html.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { tabBar } from '../tabs.ts'
import { MAIL_WORDS, type MailWords } from './words.ts'

/** Where the pages of secure mail begin. */
export const BASE = '/messagerie'

/** The parts of secure mail, where each begins, and who may see it. */
const TABS: readonly (readonly [tab: keyof MailWords['tabs'], path: string, permission: Permission])[] = [
  ['mailboxes', BASE, 'mail:read'],
  ['create', `${BASE}/nouvelle`, 'mail:act'],
  ['import', `${BASE}/import`, 'mail:act'],
  ['directory', `${BASE}/annuaire`, 'directory:read'],
  ['whiteList', `${BASE}/liste-blanche`, 'mail:read'],
  ['indicators', `${BASE}/indicateurs`, 'mail:read'],
  ['letters', `${BASE}/courrier`, 'mailbox:use'],
]

/** A page of secure mail, with the way to the other parts. */
export function frame(visit: KnownVisit, here: keyof MailWords['tabs'], title: string, body: Html): PageBody {
  const words = MAIL_WORDS[visit.language]
  const tabs = TABS.filter(([, , permission]) => may(visit.caller, permission)).map(([tab, path]) => ({
    path,
    name: words.tabs[tab],
    isHere: tab === here,
  }))
  return {
    title,
    body: html`${tabBar(words.parts, tabs)}
${body}`,
    styles: ['forms.css', 'marks.css'],
    address: visit.path,
  }
}

/** What a code tells a person to do. */
export function helpOf(code: ErrorCode, language: Language): string {
  return (language === 'fr' ? HELP_FR : HELP_EN)[code]
}

/** The address of a mailbox's page. */
export function pathOf(address: string): string {
  return `${BASE}/boites/${encodeURIComponent(address)}`
}
