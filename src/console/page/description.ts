import type { Language } from '../../formats/http/language.ts'
import { type Html, html } from './html.ts'

const WORDS = {
  fr: {
    title: 'Adresses HTTP',
    lead: 'Chaque adresse de cette entrée. La description complète, pour les programmes :',
    columns: ['Méthode', 'Adresse', 'Ce que cela fait', 'Réponses'],
  },
  en: {
    title: 'HTTP addresses',
    lead: 'Every address of this door. The whole description, for programs:',
    columns: ['Method', 'Address', 'What it does', 'Answers'],
  },
} as const

interface Operation {
  readonly method: string
  readonly path: string
  readonly tag: string
  readonly summary: string
  readonly answers: string
}

/** The operations of an OpenAPI description, as a page without script. */
export function descriptionPage(description: object, language: Language): Html {
  const words = WORDS[language]
  const groups = Map.groupBy(operationsOf(description), ({ tag }) => tag)
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${words.title} · Passerelle</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/console.css">
</head>
<body>
<header><h1>${words.title}</h1></header>
<main id="main">
<p>${words.lead} <a href="/openapi.json">openapi.json</a></p>
${[...groups].map(([tag, operations]) => groupTable(tag, operations, words.columns))}
</main>
</body>
</html>
`
}

function groupTable(tag: string, operations: readonly Operation[], columns: readonly string[]): Html {
  return html`<table aria-label="${tag}">
<caption>${tag}</caption>
<thead><tr>${columns.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${operations.map(
    ({ method, path, summary, answers }) =>
      html`<tr><td>${method}</td><th scope="row"><code>${path}</code></th><td>${summary}</td><td>${answers}</td></tr>
`,
  )}</tbody>
</table>
`
}

type Described = { tags?: string[]; summary?: string; responses?: object }

function operationsOf(description: object): Operation[] {
  const { paths = {} } = description as { paths?: Record<string, Record<string, Described>> }
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { tags = [], summary = '', responses = {} }]) => ({
      method: method.toUpperCase(),
      path,
      tag: tags[0] ?? '',
      summary,
      answers: Object.keys(responses).join(' '),
    })),
  )
}
