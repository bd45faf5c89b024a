import { html } from '../../console/page/html.ts'
import { sheetBody } from '../../console/page/onboarding/sheet-pages.ts'
import { SHEET_WORDS } from '../../console/page/onboarding/sheet-words.ts'
import type { OnboardingSheet } from '../../core/onboarding.ts'

/** Enough for paper; a file that is sent has nothing beside it. */
const STYLE = `body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
table{width:100%;border-collapse:collapse;margin:1rem 0 0}caption{font-weight:600;font-size:1.1rem;text-align:left}
th,td{border:1px solid #999;padding:.25rem .5rem;text-align:left;vertical-align:top;font-weight:400}thead th{font-weight:600}`

/** The sheet as one HTML file, to be sent or printed. */
export function sheetFile(sheet: OnboardingSheet, language: 'fr' | 'en'): string {
  const title = SHEET_WORDS[language].title(sheet.name, sheet.region)
  const { text } = html`<html lang="${language}"><head><meta charset="utf-8"><title>${title}</title>`
  const body = html`<body><h1>${title}</h1>
${sheetBody(sheet, language)}</body></html>
`
  return `<!doctype html>\n${text}<style>${STYLE}</style></head>${body.text}`
}
