import { CLOCK_WORDS } from '../../../formats/clock/words.ts'
import { type Html, html } from '../html.ts'
import type { KnownVisit } from '../shell/pages.ts'
import { CASE_PAGE_WORDS } from './words.ts'

/**
 * What a page of cases says of itself: whether it is live, the sound and its test, the connection that was lost, and where
 * thresholds are announced. All but its place is script's. `one`: the case that is looked at, and whether forms hold what was
 * typed and not done; absent: all cases. */
export function soundBar(
  { language }: KnownVisit,
  nowMs: number,
  one?: { readonly id: string; readonly isTyped: boolean },
): Html {
  const words = CASE_PAGE_WORDS[language]
  const of =
    one === undefined
      ? null
      : html` data-case="${one.id}" data-page="/dossiers/${one.id}"${one.isTyped ? html` data-kept` : null}`
  return html`<div class="livebar" data-cases-from="/live/cases" data-now="${nowMs}"${of} data-short="${language === 'fr' ? 'j' : 'd'}" data-less="${CLOCK_WORDS[language].span(0)}">
<p id="cases-lost" class="lost" role="alert" data-text="${words.lost}"></p>
<p class="scripted" hidden><span id="cases-live" class="sound" hidden>${words.live}</span> <button type="button" id="sound-test">${words.soundTest}</button> <span id="sound-state" data-on="${words.soundOn}" data-off="${words.soundOff}">${words.soundOff}</span></p>
<p id="cases-said" class="unseen" role="status"></p></div>`
}
