import { parsed } from './markup.js'

// Live counters by server-sent events, and once a minute the parts that are drawn anew. The page is whole without this.
const FRESH_MS = 60_000
const AGAIN_MS = 10_000
const LEAST_MS = 5_000
const from = document.querySelector('[data-live-from]')
const made = document.getElementById('made')
const live = document.getElementById('live-on')
const stale = document.getElementById('stale')
let source = null
let again = 0
let pending = 0
let drawnAt = 0
// All that was told since the stream began: what is drawn anew may be older.
const known = { v: {}, t: {}, s: {} }

function state(on) {
  if (made) made.hidden = on
  if (live) live.hidden = !on
  const text = on ? '' : (stale?.dataset.text ?? '')
  if (stale && stale.textContent !== text) stale.textContent = text
}

const named = (attribute, key) => document.querySelectorAll(`[${attribute}="${CSS.escape(key)}"]`)

function show({ v, t, s }) {
  for (const [key, text] of Object.entries(v)) for (const element of named('data-live', key)) element.textContent = text
  for (const [key, iso] of Object.entries(t)) {
    for (const element of named('data-live', key)) {
      if (!(element instanceof HTMLTimeElement)) continue
      element.dateTime = iso
      element.title = `${iso.slice(0, 19).replace('T', ' ')} UTC`
    }
  }
  for (const [key, [standing, word]] of Object.entries(s)) {
    for (const element of named('data-live-mark', key)) {
      element.className = `mark mark-${standing}`
      element.querySelector('use')?.setAttribute('href', `#mark-${standing}`)
      const said = element.querySelector('span')
      if (said) said.textContent = word
    }
  }
}

function open() {
  if (!from || source || document.hidden) return
  source = new EventSource(`${from.dataset.liveFrom}?lang=${document.documentElement.lang}`)
  source.onmessage = (event) => {
    const told = JSON.parse(event.data)
    for (const kind of ['v', 't', 's']) Object.assign(known[kind], told[kind])
    show(told)
    state(true)
    if (told.again) soon()
  }
  source.onopen = () => state(true)
  source.onerror = () => {
    state(false)
    // An answer that is no stream (too many are open, the session is over) ends it for good: ask again later.
    if (source?.readyState !== EventSource.CLOSED) return
    source = null
    clearTimeout(again)
    again = setTimeout(open, AGAIN_MS)
  }
}

function close() {
  source?.close()
  source = null
}

// Other rows are to be shown: they are drawn at once, but not all the time.
function soon() {
  clearTimeout(pending)
  pending = setTimeout(() => fresh().catch(() => {}), Math.max(0, drawnAt + LEAST_MS - Date.now()))
}

async function fresh() {
  if (document.hidden || !source) return
  drawnAt = Date.now()
  const answer = await fetch(location.href, {
    cache: 'no-store',
    headers: { accept: 'text/html', 'x-passerelle-again': '1' },
    signal: AbortSignal.timeout(FRESH_MS),
  })
  if (!answer.ok) return
  const page = parsed(await answer.text())
  for (const part of document.querySelectorAll('[data-fresh]')) {
    const next = page.getElementById(part.id)
    if (next && !part.contains(document.activeElement) && !part.querySelector('details[open]')) part.replaceWith(next)
  }
  show(known)
}

document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()))
setInterval(() => fresh().catch(() => {}), FRESH_MS)
open()
