import { type Html, html } from '../html.ts'

/** A column of a table. */
export interface Column {
  readonly name: string
  readonly numeric?: boolean
}

/** A table whose roles are written out, because the narrow layout changes `display`, and with it what readers are told. */
export function table(
  id: string,
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly Html[])[],
  empty: string,
): Html {
  const kind = (i: number) => (columns[i]?.numeric === true ? 'n' : 't')
  if (rows.length === 0) return html`<h2 id="${id}">${caption}</h2><p class="empty">${empty}</p>`
  return html`<h2 id="${id}">${caption}</h2>
<table role="table" aria-labelledby="${id}">
<thead role="rowgroup"><tr role="row">${columns.map(
    ({ name }, i) => html`<th role="columnheader" scope="col" class="${kind(i)}">${name}</th>`,
  )}</tr></thead>
<tbody role="rowgroup">${rows.map(
    (row) => html`<tr role="row">${row.map((cell, i) =>
      i === 0
        ? html`<th role="rowheader" scope="row">${cell}</th>`
        : html`<td role="cell" class="${kind(i)}" data-label="${columns[i]?.name ?? ''}"><span>${cell}</span></td>`,
    )}</tr>
`,
  )}</tbody>
</table>`
}
