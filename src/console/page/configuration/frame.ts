import { type Html, html } from '../html.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { tabBar } from '../tabs.ts'
import { CONFIGURATION_WORDS, type ConfigurationWords } from './words.ts'

/** The parts of the configuration, and where each begins. */
const TABS: readonly (readonly [tab: keyof ConfigurationWords['tabs'], path: string])[] = [
  ['establishments', '/configuration'],
  ['routes', '/configuration/routes'],
  ['file', '/configuration/fichier'],
  ['revisions', '/configuration/revisions'],
  ['change', '/configuration/modifier'],
]

/** A page of the configuration, with the way to the other parts. */
export function frame(
  { language }: KnownVisit,
  here: keyof ConfigurationWords['tabs'],
  title: string,
  body: Html,
): PageBody {
  const words = CONFIGURATION_WORDS[language]
  const tabs = TABS.map(([tab, path]) => ({ path, name: words.tabs[tab], isHere: tab === here }))
  return {
    title,
    body: html`${tabBar(words.parts, tabs)}
${body}`,
    styles: ['forms.css'],
  }
}
