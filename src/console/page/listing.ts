import type { Language } from '../../formats/http/language.ts'
import { type Html, html } from './html.ts'
import { scrolled } from './table.ts'

/** A column of a listing; `numeric` ones are set right. */
export interface Column {
  readonly name: string
  readonly numeric?: boolean
}

/** A row: its cells, and the place by which an address can lead to it. */
export interface Row {
  readonly id?: string
  readonly cells: readonly Html[]
}

/**
 * A table with its heading as caption, readable on a phone as a stack of cards. Roles are written out, because the narrow
 * layout changes `display`, and with it what readers are told. Without rows `empty` is said instead. */
export function listing(
  id: string,
  caption: string,
  columns: readonly Column[],
  rows: readonly Row[],
  empty: string,
): Html {
  if (rows.length === 0) return html`<h2 id="${id}">${caption}</h2><p class="quiet">${empty}</p>`
  const kind = (i: number) => (columns[i]?.numeric === true ? 'n' : 't')
  return scrolled(
    id,
    columns.length,
    html`<table role="table" aria-labelledby="${id}">
<caption id="${id}">${caption}</caption>
<thead role="rowgroup"><tr role="row">${columns.map(
      ({ name }, i) => html`<th role="columnheader" scope="col" class="${kind(i)}">${name}</th>`,
    )}</tr></thead>
<tbody role="rowgroup">${rows.map(
      (row) => html`<tr role="row"${row.id === undefined ? null : html` id="${row.id}"`}>${row.cells.map((cell, i) =>
        i === 0
          ? html`<th role="rowheader" scope="row">${cell}</th>`
          : html`<td role="cell" class="${kind(i)}" data-label="${columns[i]?.name ?? ''}"><span>${cell}</span></td>`,
      )}</tr>
`,
    )}</tbody>
</table>`,
  )
}

/** Names and values, one under the other; those without a value are left out. */
export function facts(pairs: readonly (readonly [name: string, value: Html | string | null])[]): Html {
  const told = pairs.filter(([, value]) => value !== null && value !== '')
  return html`<dl class="facts">${told.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`
}

/** A time in the region's zone, UTC on hover. */
export function moment(atMs: number, language: Language, timeZone: string): Html {
  const iso = new Date(atMs).toISOString()
  const text = new Intl.DateTimeFormat(language === 'fr' ? 'fr-FR' : 'en-GB', {
    timeZone,
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  }).format(new Date(atMs))
  return html`<time datetime="${iso}" title="${iso.replace('T', ' ').slice(0, 19)} UTC">${text}</time>`
}

/** A list inside a cell or a fact; one entry stands alone. */
export function several(entries: readonly (Html | string)[]): Html | null {
  if (entries.length === 0) return null
  if (entries.length === 1) return html`${entries[0] ?? ''}`
  return html`<ul class="several">${entries.map((one) => html`<li>${one}</li>`)}</ul>`
}
