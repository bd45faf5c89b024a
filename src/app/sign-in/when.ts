import { type Html, html } from '../../console/page/html.ts'
import type { Visit } from '../../console/page/shell/visit.ts'

/** A time as people read it, in the region's time zone, with UTC on hover. */
export function when(atMs: number, { language, config }: Visit): Html {
  const iso = new Date(atMs).toISOString()
  return html`<time datetime="${iso}" title="${iso.slice(0, 19).replace('T', ' ')} UTC">${whenText(atMs, { language, config })}</time>`
}

/** The same as bare text. */
export function whenText(atMs: number, { language, config }: Pick<Visit, 'language' | 'config'>): string {
  const times = new Intl.DateTimeFormat(language === 'fr' ? 'fr-FR' : 'en-GB', {
    timeZone: config.region.timeZone,
    dateStyle: 'medium',
    timeStyle: 'short',
  })
  return times.format(new Date(atMs))
}
