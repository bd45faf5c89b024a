import { type Html, type HtmlValue, html } from './html.ts'

/** A column; `numeric` ones stand to the right. */
export interface Column {
  readonly name: string
  readonly numeric?: boolean
}

/** A row: its first cell is its head, and holds the link that keys lead to. */
export type Row = readonly HtmlValue[]

/** A table with a caption. Its roles are written out: the narrow layout changes `display`, and with it what readers are told. */
export function table(id: string, caption: string, columns: readonly Column[], rows: readonly Row[]): Html {
  return scrolled(
    id,
    columns.length,
    html`<table role="table" aria-labelledby="${id}">
<caption id="${id}">${caption}</caption>
${parts(columns, rows, true)}</table>`,
  )
}

/** Columns that fit beside each other on a tablet, in words of either language. */
const FITTING = 5

/** A table of more columns than a tablet holds moves in a frame of its own, so that the page does not; keys reach the frame. */
export function scrolled(id: string, columns: number, whole: Html): Html {
  if (columns <= FITTING) return whole
  return html`<div class="across" role="region" aria-labelledby="${id}" tabindex="0">${whole}</div>`
}

/** The same under a heading (and a note), or the heading and a sentence where there is no row. Keys do not walk its rows. */
export function headedTable(
  id: string,
  heading: string,
  columns: readonly Column[],
  rows: readonly Row[],
  empty: string,
  note: Html | null = null,
): Html {
  if (rows.length === 0) return html`<h2 id="${id}">${heading}</h2>${note}<p class="empty">${empty}</p>`
  const whole = html`<table role="table" aria-labelledby="${id}">
${parts(columns, rows, false)}</table>`
  return html`<h2 id="${id}">${heading}</h2>${note}
${scrolled(id, columns.length, whole)}`
}

function parts(columns: readonly Column[], rows: readonly Row[], walked: boolean): Html {
  const kind = (i: number) => (columns[i]?.numeric === true ? 'n' : 't')
  return html`<thead role="rowgroup"><tr role="row">${columns.map(
    ({ name }, i) => html`<th role="columnheader" scope="col" class="${kind(i)}">${name}</th>`,
  )}</tr></thead>
<tbody role="rowgroup">${rows.map(
    (row) => html`<tr role="row"${walked ? html` data-row` : null}>${row.map((cell, i) =>
      i === 0
        ? html`<th role="rowheader" scope="row">${cell}</th>`
        : html`<td role="cell" class="${kind(i)}" data-label="${columns[i]?.name ?? ''}"><span>${cell}</span></td>`,
    )}</tr>
`,
  )}</tbody>
`
}
