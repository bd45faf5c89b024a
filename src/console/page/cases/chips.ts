import type { Case, Extent } from '../../../core/cases.ts'
import type { CaseWords } from '../../../formats/case/words.ts'
import { type Html, html } from '../html.ts'

/** How far a step of a case is: each has a sign of its own, so that colour is never alone. */
type Reached = 'done' | 'now' | 'waits' | 'held'

interface Chip {
  readonly name: string
  readonly reached: Reached
}

const SIGNS: Readonly<Record<Reached, string>> = { done: '✓', now: '◐', waits: '○', held: '!' }

/** The steps of a case, in the order of its way: demandé → vu → accepté → imagerie n/N → biologie → avis rendu → décision. Pure. */
export function chipsOf(one: Case, words: CaseWords): readonly Chip[] {
  const accepted = one.owner !== null
  const chips: Chip[] = [
    { name: words.states.requested, reached: 'done' },
    { name: words.states.seen, reached: one.seenAtMs !== null || accepted ? 'done' : 'waits' },
    {
      name: one.state === 'refused' ? words.states.refused : words.states.accepted,
      reached: accepted ? 'done' : one.state === 'refused' ? 'held' : 'waits',
    },
  ]
  if (one.kind === 'stroke')
    chips.push(imagesChip(one, words), { name: biologyName(words), reached: one.biology === null ? 'waits' : 'done' })
  if (one.kind === 'teleconsultation') {
    const status = one.appointment?.status
    chips.push({
      name: words.states.planned,
      reached: status === undefined || status === 'proposed' ? 'waits' : 'done',
    })
  }
  const advised = one.advice !== null
  chips.push({ name: words.states.advised, reached: advised ? 'done' : 'waits' })
  if (one.kind === 'stroke') {
    chips.push({ name: words.states.decided, reached: one.decision === null ? 'waits' : 'done' })
  }
  return chips
}

const biologyName = (words: CaseWords): string => words.chipBiology

function imagesChip({ studies }: Case, words: CaseWords): Chip {
  const held = studies.some((study) => study.held > 0)
  const received = studies.reduce((sum, study) => sum + study.received, 0)
  const expected = studies.every((study) => study.expected !== null)
    ? studies.reduce((sum, study) => sum + (study.expected ?? 0), 0)
    : null
  if (held) return { name: words.identityToCheck, reached: 'held' }
  if (studies.length === 0) return { name: words.chipImages, reached: 'waits' }
  const whole = expected !== null && expected > 0 && received >= expected
  return { name: words.imagesOf(received, expected), reached: whole ? 'done' : 'now' }
}

/** Whoever sees no clinical word sees the state, and the studies where those are theirs. */
function narrowChips(one: Case, words: CaseWords, extent: Extent): readonly Chip[] {
  const state: Chip = { name: words.states[one.state], reached: 'now' }
  return extent === 'study' ? [state, imagesChip(one, words)] : [state]
}

/** The chips as markup: a list, each with its sign and its word. */
export function chips(one: Case, words: CaseWords, extent: Extent = 'whole'): Html {
  const seen = extent === 'whole' ? chipsOf(one, words) : narrowChips(one, words, extent)
  return html`<ol class="chips">${seen.map(
    ({ name, reached }) =>
      html`<li class="chip chip-${reached}"><span class="sign" aria-hidden="true">${SIGNS[reached]}</span> ${name}<span class="unseen"> (${words.reached[reached]})</span></li>`,
  )}</ol>`
}
