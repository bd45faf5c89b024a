import type { Severity } from '../../../core/alerts.ts'
import { type Html, html } from '../html.ts'

/** How something is, from the best to the worst: each has a word, a shape and a colour. */
export const STANDINGS = ['sound', 'idle', 'paused', 'watch', 'alarm'] as const
/** One of them. */
export type Standing = (typeof STANDINGS)[number]

/** The shapes: a disk, a ring, two bars, a triangle, a square on its corner. */
const SHAPES: Readonly<Record<Standing, Html>> = {
  sound: html`<circle cx="8" cy="8" r="6"></circle>`,
  idle: html`<path d="M8 1a7 7 0 1 0 .01 0zM8 4a4 4 0 1 1-.01 0z" fill-rule="evenodd"></path>`,
  paused: html`<path d="M3 2h4v12H3zM9 2h4v12H9z"></path>`,
  watch: html`<path d="M8 1l7.5 14H.5z"></path>`,
  alarm: html`<path d="M8 0l8 8-8 8-8-8z"></path>`,
}

/** The shapes, once in a page that shows marks. */
export function markShapes(): Html {
  return html`<svg class="shapes" aria-hidden="true" focusable="false">${STANDINGS.map(
    (one) => html`<symbol id="mark-${one}" viewBox="0 0 16 16">${SHAPES[one]}</symbol>`,
  )}</svg>`
}

/** A shape and its word. `key`: it is live under this name. */
export function mark(standing: Standing, word: string, key?: string): Html {
  const live = key === undefined ? null : html` data-live-mark="${key}"`
  return html`<span class="mark mark-${standing}"${live}><svg aria-hidden="true" focusable="false"><use href="#mark-${standing}"></use></svg> <span>${word}</span></span>`
}

/** The worst of several; of none: `idle`. */
export function worst(standings: readonly Standing[]): Standing {
  return standings.toSorted((a, b) => STANDINGS.indexOf(b) - STANDINGS.indexOf(a))[0] ?? 'idle'
}

/** How grave an alert looks. */
export const STANDING_OF: Readonly<Record<Severity, Standing>> = { urgent: 'alarm', important: 'watch', info: 'idle' }
