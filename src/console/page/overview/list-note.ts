import { type Html, html } from '../html.ts'
import type { Formats } from './formats.ts'
import type { Words } from './words.ts'

/** The tables of the overview that have a page of their own. */
export const LISTS = ['rows', 'queues', 'flows'] as const
/** One of them. */
export type ListName = (typeof LISTS)[number]

/** Where each has its page. */
export const LIST_PATHS: Readonly<Record<ListName, string>> = {
  rows: '/etat/etablissements',
  queues: '/etat/destinataires',
  flows: '/etat/flux',
}

/** Over a table of the overview: how much of it is shown, and the way to all. */
export function listNote(part: ListName, shown: number, all: number, words: Words, text: Formats): Html {
  const some = shown < all ? html`${words.someOf(text.number(shown), text.number(all))} ` : null
  return html`<p class="quiet">${some}<a href="${LIST_PATHS[part]}">${words.lists[part]}</a></p>`
}
