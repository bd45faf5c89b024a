import { may, reachOf } from '../../../core/caller.ts'
import type { EstablishmentKind } from '../../../core/config.ts'
import { CONFIGURATION_WORDS } from '../configuration/words.ts'
import { type Html, html } from '../html.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { tabBar } from '../tabs.ts'
import { STRUCTURE_WORDS } from './words.ts'

/** Where the pages of establishments begin. */
export const BASE = '/etablissements'
/** Where files are imported. */
export const IMPORT = `${BASE}/import`

/** May this person change what the region knows, of some structure at least? */
export function maySome({ caller }: KnownVisit): boolean {
  return may(caller, 'structures:act')
}

/** May they import the national file, which is everybody's? */
export function mayImport(visit: KnownVisit): boolean {
  return maySome(visit) && reachOf(visit.caller, 'structures:act') === null
}

/** A page of establishments, with the way to the other part for those who may act. */
export function frame(visit: KnownVisit, here: 'list' | 'import' | null, title: string, body: Html): PageBody {
  const words = STRUCTURE_WORDS[visit.language]
  const tabs = [
    { path: BASE, name: words.tabs.list, isHere: here === 'list' },
    ...(maySome(visit) ? [{ path: IMPORT, name: words.tabs.import, isHere: here === 'import' }] : []),
  ]
  return {
    title,
    body: html`${tabs.length > 1 ? tabBar(words.parts, tabs) : null}${body}`,
    styles: ['forms.css', 'marks.css'],
    scripts: here === 'import' ? ['structures.js'] : [],
  }
}

/** The page of a structure. */
export function pathOf(finess: string): string {
  return `${BASE}/${encodeURIComponent(finess)}`
}

/** A kind in words. */
export function kindOf(kind: EstablishmentKind | null, { language }: KnownVisit): string | null {
  return kind === null ? null : CONFIGURATION_WORDS[language].kinds[kind]
}

/** A telephone number in pairs, as people read it. */
export function phoneText(phone: string): string {
  return /^\d{10}$/.test(phone) ? phone.replaceAll(/(\d{2})(?=\d)/g, '$1 ') : phone
}
