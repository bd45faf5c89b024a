import type { Language } from '../../formats/http/language.ts'
import { type Html, html } from './html.ts'

/** Rows of one page of a long list. */
export const PAGE_ROWS = 100

/** A page of a list that is all there. */
export interface PageOf<T> {
  readonly rows: readonly T[]
  /** From 1. */
  readonly page: number
  readonly pages: number
  readonly count: number
}

const WORDS: Readonly<
  Record<
    Language,
    { label: string; before: string; after: string; of: (from: string, to: string, all: string) => string }
  >
> = {
  fr: {
    label: 'Pages',
    before: 'Précédents',
    after: 'Suivants',
    of: (from, to, all) => `${from} à ${to} sur ${all}`,
  },
  en: { label: 'Pages', before: 'Previous', after: 'Next', of: (from, to, all) => `${from} to ${to} of ${all}` },
}

/** The page that an address names (`page=N`); the nearest one there is. Pure. */
export function pageOf<T>(all: readonly T[], query: URLSearchParams): PageOf<T> {
  const pages = Math.max(1, Math.ceil(all.length / PAGE_ROWS))
  const asked = /^\d{1,6}$/.test(query.get('page') ?? '') ? Number(query.get('page')) : 1
  const page = Math.min(Math.max(1, asked), pages)
  return { rows: all.slice((page - 1) * PAGE_ROWS, page * PAGE_ROWS), page, pages, count: all.length }
}

/** The way to the pages before and after, with the rest of the address as it is; null where there is one page. */
export function pager(
  path: string,
  query: URLSearchParams,
  { page, pages, count }: PageOf<unknown>,
  language: Language,
): Html | null {
  if (pages === 1) return null
  const words = WORDS[language]
  const number = new Intl.NumberFormat(language === 'fr' ? 'fr-FR' : 'en-GB')
  const link = (to: number, text: string, rel: string): Html | null => {
    if (to < 1 || to > pages) return null
    const asked = new URLSearchParams(query)
    asked.set('page', String(to))
    return html`<a href="${path}?${asked.toString()}" rel="${rel}">${text}</a>`
  }
  const first = (page - 1) * PAGE_ROWS + 1
  const told = words.of(
    number.format(first),
    number.format(Math.min(first + PAGE_ROWS - 1, count)),
    number.format(count),
  )
  return html`<nav class="pages" aria-label="${words.label}"><span>${told}</span> ${link(page - 1, words.before, 'prev')} ${link(page + 1, words.after, 'next')}</nav>`
}
