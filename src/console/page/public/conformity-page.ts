import type { PublicCell, PublishedConformity } from '../../../core/conformity-public.ts'
import { STATEMENT_NOTICE } from '../../../core/conformity-statement.ts'
import type { Language } from '../../../formats/http/language.ts'
import { colon } from '../colon.ts'
import { CONFIGURATION_WORDS } from '../configuration/words.ts'
import { type Html, html } from '../html.ts'
import { numberOf } from '../moment.ts'
import { headedTable } from '../table.ts'
import { PUBLIC_WORDS, type PublicWords } from './words.ts'

/** Where what is published stands. */
export const PUBLIC_PATH = '/public/conformite'

/** An address of what is published; `ending`: the form of a file. */
export function publicAddress(framework: string, language: Language, ending = ''): string {
  return `${PUBLIC_PATH}${ending}?${new URLSearchParams({ referentiel: framework, lang: language })}`
}

/**
 * The whole page for anybody: no menu, no script, no sign-in and nothing that remembers who looks. It is cached by others, so it
 * depends on its address alone. Pure. */
export function publicPage(published: PublishedConformity, language: Language): Html {
  const words = PUBLIC_WORDS[language]
  const { framework, region, establishments } = published
  const other: Language = language === 'fr' ? 'en' : 'fr'
  const named = `${framework.title[language]} ${framework.version}`
  return html`<!doctype html>
<html lang="${language}" data-theme="auto">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="description" content="${words.about(region)} ${STATEMENT_NOTICE[language]}">
<title>${words.title} · ${named} · ${region}</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="alternate" hreflang="${other}" href="${publicAddress(framework.name, other)}">
<link rel="alternate" type="application/atom+xml" title="${words.feed}" href="${publicAddress(framework.name, language, '.atom')}">
${['console.css', 'marks.css', 'conformity.css'].map((name) => html`<link rel="stylesheet" href="/assets/${name}">`)}
</head>
<body>
<a class="skip" href="#main">${words.skip}</a>
<header><p class="brand">${region}</p></header>
<main id="main" tabindex="-1">
<h1>${words.title}</h1>
<p>${words.about(region)}</p>
<p class="use" role="note"><strong>${STATEMENT_NOTICE[language]}</strong></p>
${heading(published, named, language, words)}
${establishments.length === 0 ? html`<p class="empty">${words.empty}</p>` : html`${domains(published, language, words)}${whole(published, language, words)}<p class="quiet">${words.silence}</p>`}
<p>${words.files}${colon(language)}<a href="${publicAddress(framework.name, language, '.csv')}">CSV</a> · <a href="${publicAddress(framework.name, language, '.json')}">JSON</a> · <a href="${publicAddress(framework.name, language, '.atom')}">${words.feed}</a></p>
</main>
<footer><p><a href="${publicAddress(framework.name, other)}" hreflang="${other}" lang="${other}">${words.other}</a></p></footer>
</body>
</html>
`
}

function heading(
  { framework, frameworks }: PublishedConformity,
  named: string,
  language: Language,
  words: PublicWords,
): Html {
  const others = frameworks.filter(({ name }) => name !== framework.name)
  const confirm = framework.confirm
    ? html` <span class="confirm" title="${words.confirmTells}">${words.confirm}</span>`
    : null
  return html`<p>${words.framework}${colon(language)}<strong>${named}</strong>${confirm} · ${words.publisher} ${framework.publisher}</p>
${
  others.length === 0
    ? null
    : html`<nav aria-label="${words.frameworks}"><ul>${others.map(
        (one) =>
          html`<li><a href="${publicAddress(one.name, language)}">${one.title[language]} ${one.version}</a></li>`,
      )}</ul></nav>`
}`
}

function domains({ domains: all, establishments }: PublishedConformity, language: Language, words: PublicWords): Html {
  const count = (i: number, verdict: string): string =>
    numberOf(establishments.filter(({ cells }) => cells[i]?.verdict === verdict).length, language)
  const columns = [
    { name: words.domain },
    { name: words.metAt, numeric: true },
    { name: words.partlyAt, numeric: true },
  ]
  const rows = all.map(({ name }, i) => [name[language], count(i, 'met'), count(i, 'partly')])
  return headedTable('domains', words.perDomain, columns, rows, words.empty)
}

function whole({ domains: all, establishments }: PublishedConformity, language: Language, words: PublicWords): Html {
  const kinds: Readonly<Record<string, string>> = CONFIGURATION_WORDS[language].kinds
  return html`<h2 id="matrix">${words.whole}</h2>
<div class="scroll" role="region" aria-labelledby="matrix" tabindex="0"><table class="matrix" role="table" aria-labelledby="matrix">
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">${words.establishment}</th>${all.map(
    ({ name }) => html`<th role="columnheader" scope="col">${name[language]}</th>`,
  )}</tr></thead>
<tbody role="rowgroup">${establishments.map(
    ({
      name,
      kind,
      finess,
      cells,
    }) => html`<tr role="row"><th role="rowheader" scope="row">${name}<br><span class="quiet">${kinds[kind] ?? kind}${finess === null ? null : html` · FINESS ${finess}`}</span></th>${cells.map(
      (cell, i) =>
        html`<td role="cell" data-label="${all[i]?.name[language] ?? ''}"><span>${shown(cell, language, words)}</span></td>`,
    )}</tr>
`,
  )}</tbody>
</table></div>`
}

function shown(cell: PublicCell | null, language: Language, words: PublicWords): Html {
  if (cell === null) return html`<span class="quiet" role="img" aria-label="${words.nothing}">–</span>`
  const { verdict, met, of, since, byPerson } = cell
  const person = byPerson ? html` <span class="confirm" title="${words.byPersonTells}">${words.byPerson}</span>` : null
  return html`<span class="v v-${verdict}">${words.verdicts[verdict]}</span> ${numberOf(met, language)}/${numberOf(of, language)}${person}<br><span class="quiet">${words.since.toLowerCase()} <time datetime="${since}">${since}</time></span>`
}
