import { type Html, html } from '../html.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { type ConformityPart, partsBar } from './parts.ts'

/** A page on which something of conformity is done, with the ways to the other parts. */
export function frame(visit: KnownVisit, here: ConformityPart, title: string, body: Html): PageBody {
  return {
    title,
    body: html`${partsBar(visit, here)}
${body}`,
    styles: ['forms.css', 'marks.css'],
    address: visit.path,
  }
}
