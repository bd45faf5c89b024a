import { frame as conformityFrame } from '../conformity/acts-frame.ts'
import { type Html, html } from '../html.ts'
import { markShapes } from '../overview/mark.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { PROGRAMME_WORDS } from './words.ts'

/** A page of programmes, in the frame of conformity. `address`: where it is looked at. */
export function frame(visit: KnownVisit, title: string, address: string, body: Html): PageBody {
  const page = conformityFrame(
    visit,
    'programmes',
    title,
    html`${markShapes()}${body}
<p class="quiet">${PROGRAMME_WORDS[visit.language].statement}</p>`,
  )
  return { ...page, styles: [...(page.styles ?? []), 'conformity.css', 'bars.css'], address }
}
