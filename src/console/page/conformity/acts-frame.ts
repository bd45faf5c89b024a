import { may } from '../../../core/caller.ts'
import type { Permission } from '../../../core/roles.ts'
import type { Html } from '../html.ts'
import { html } from '../html.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { tabBar } from '../tabs.ts'
import { CONFORMITY_ACT_WORDS } from './acts-words.ts'

/** Where the pages of conformity begin. */
export const BASE = '/conformite'

/** The parts of conformity, where each begins, and who sees it. */
export const TABS = [
  ['region', BASE, 'conformity:file'],
  ['evidence', `${BASE}/preuves`, 'conformity:file'],
  ['frameworks', `${BASE}/referentiels`, 'conformity:publish'],
  ['overrides', `${BASE}/verdicts`, 'conformity:publish'],
] as const satisfies readonly (readonly [tab: string, path: string, permission: Permission])[]
/** One of them. */
export type ConformityTab = (typeof TABS)[number][0]

/** A page of conformity, with the way to the other parts. */
export function frame(visit: KnownVisit, here: ConformityTab, title: string, body: Html): PageBody {
  const words = CONFORMITY_ACT_WORDS[visit.language]
  const tabs = TABS.filter(([, , permission]) => may(visit.caller, permission)).map(([tab, path]) => ({
    ...{ path, name: words.tabs[tab], isHere: tab === here },
  }))
  return {
    title,
    body: html`${tabBar(words.parts, tabs)}
${body}`,
    styles: ['forms.css', 'marks.css'],
    address: visit.path,
  }
}
