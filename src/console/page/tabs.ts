import { type Html, html } from './html.ts'

/** One of several views beside each other. */
export interface Tab {
  readonly path: string
  readonly name: string
  /** It is the one that is shown. */
  readonly isHere: boolean
  /** What stands behind its link. */
  readonly behind?: Html | null
}

/** The ways between views; `label`: what they are views of, for those who hear the page. */
export function tabBar(label: string, tabs: readonly Tab[]): Html {
  const entries = tabs.map(
    ({ path, name, isHere, behind = null }) =>
      html`<li><a href="${path}"${isHere ? html` aria-current="page"` : null}>${name}</a>${behind}</li>`,
  )
  return html`<nav class="tabs" aria-label="${label}"><ul>${entries}</ul></nav>`
}
