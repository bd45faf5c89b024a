import type { State } from '../../../core/message.ts'
import type { MessageDetail, TimelineEntry } from '../../../core/views.ts'
import { type Html, type HtmlValue, html } from '../html.ts'
import { lengthOf, momentOf } from '../moment.ts'
import type { KnownVisit } from '../shell/pages.ts'
import { codeOf, stateText } from './pieces.ts'
import { MESSAGE_WORDS, type MessageWords } from './words.ts'

/** What happened to a message, from the first byte to the last known step, each with its time and how long it took. */
export function timelineSection({ timeline }: MessageDetail, visit: KnownVisit): Html {
  const { language } = visit
  const words = MESSAGE_WORDS[language]
  const first = timeline[0]?.at
  const endMs = Math.max(...timeline.map(({ at, ms, what }) => Date.parse(at) + (what === 'attempt' ? (ms ?? 0) : 0)))
  const startMs = first === undefined ? 0 : Date.parse(first)
  return html`<section aria-labelledby="timeline"><h2 id="timeline">${words.timeline}</h2>
${first === undefined ? null : html`<p class="quiet">${words.total(lengthOf(endMs - startMs, language))}</p>`}
<ol class="timeline">${timeline.map((entry) => line(entry, startMs, visit, words))}</ol></section>`
}

function line(entry: TimelineEntry, startMs: number, visit: KnownVisit, words: MessageWords): Html {
  const { language } = visit
  const sinceMs = Date.parse(entry.at) - startMs
  const lasted = entry.ms === null ? null : html` · ${words.lasted} ${lengthOf(entry.ms, language)}`
  const who = entry.who === null || entry.who === 'gateway' ? null : html` · ${words.by} ${entry.who}`
  const why = entry.why === null || entry.why === '' ? null : html` · « ${entry.why} »`
  const code = entry.code === null ? null : html` · ${codeOf(entry.code, language)}`
  return html`<li class="${entry.what}"><span class="at">${momentOf(entry.at, visit)}</span> <span class="quiet">${words.after} ${lengthOf(sinceMs, language)}</span><br>${told(entry, visit, words)}${lasted}${code}${who}${why}</li>
`
}

/** Words of ours for what happened; protocol facts as they are. */
function told(entry: TimelineEntry, visit: KnownVisit, words: MessageWords): HtmlValue {
  const { what, detail, destination, route } = entry
  const at = destination ?? ''
  switch (what) {
    case 'received':
      return `${words.lines.received} ${words.entrances[detail as keyof MessageWords['entrances']] ?? ''}`
    case 'answered':
      return words.lines.answered
    case 'routed':
    case 'replayed': {
      const by = route === null || route === 'replay' ? '' : ` · ${words.route} : ${route}`
      return `${words.lines[what]} ${at}${by}${detail === 'urgent' ? ` · ${words.urgent}` : ''}`
    }
    case 'attempt':
      return [`${words.lines.attempt} ${at} · ${words.attempt} ${entry.n ?? ''} : `, ...outcome(detail, words)]
    case 'ended':
      return `${words.lines.ended} ${at} · ${stateWord(detail, at, visit)}`
    case 'caused':
      return [`${words.lines.caused} `, html`<a href="/messages/${entry.message}">${detail}</a>`]
    case 'event':
      return eventText(entry, visit, words)
  }
}

/** The outcome, then what the far side said. */
function outcome(detail: string | null, words: MessageWords): readonly HtmlValue[] {
  const [kind = '', ...answer] = (detail ?? '').split(' ')
  const said = answer.join(' ')
  return [words.outcomes[kind] ?? '', said === '' ? null : html` · <code>${said}</code>`]
}

function stateWord(state: string | null, destination: string, visit: KnownVisit): HtmlValue {
  if (state === null) return ''
  const delivery = { id: '', destination, state: state as State, attempts: 0, lastError: null }
  return stateText(delivery, visit) ?? ''
}

function eventText({ event, detail, destination }: TimelineEntry, visit: KnownVisit, words: MessageWords): HtmlValue {
  const ofCase = event?.startsWith('case-') === true
  const name = words.events[event ?? ''] ?? (ofCase ? words.caseEvent : words.otherEvent)
  const at = destination === null ? '' : ` · ${destination}`
  if (event === 'resend' || event === 'close' || event === 'skip') {
    return [`${name}${at} (`, stateWord(detail, destination ?? '', visit), ')']
  }
  if (event === 'replay') return `${name} ${detail ?? ''}`
  const known = Object.hasOwn(words.events, event ?? '') || (ofCase && /^case:[\w-]+$/.test(detail ?? ''))
  return [`${name}${at}`, known && detail !== null && detail !== '' ? html` · <code>${detail}</code>` : null]
}
