import { parsed } from './markup.js'
import { passedThreshold, remainingMs, spanOf } from './remaining.js'
import { ready, ring, unlock } from './sound.js'

// Live cases. The page is whole without this; times count from the server's, and what is left never says more than there is.
const SILENCE_MS = 4_000
const FRESH_MS = 60_000
// What was lost is tried again after this, then ever more slowly: whole floors share one address, and its limit at the door.
const AGAIN_MS = 2_000
const MOST_AGAIN_MS = 30_000
// A page that has not come by then never does: a network may swallow an answer and carry the next.
const PATIENCE_MS = 10_000
const bar = document.querySelector('[data-cases-from]')
const lost = document.getElementById('cases-lost')
const live = document.getElementById('cases-live')
const soundState = document.getElementById('sound-state')
// When the server said what time it was, by both clocks of this machine, taken before it was asked.
let asked = { monotonic: 0, wall: performance.timeOrigin, serverNowMs: Number(bar?.dataset.now) }
let source = null
let heardAt = performance.now()
let freshAt = performance.now()
let busy = false
let again = false
// From what failed until the stream stands again: the timer alone asks meanwhile.
let isDown = false
let trying = null
let waitMs = AGAIN_MS
const rung = new Set()
const left = new Map()

const text = (element, said) => {
  if (element && element.textContent !== said) element.textContent = said
}

const sinceAsked = () => ({
  monotonicMs: performance.now() - asked.monotonic,
  wallMs: Date.now() - asked.wall,
})

/** Shows what time it is; true when something of it ended, or all is old. */
function show() {
  const since = sinceAsked()
  const facts = (endsMs) => remainingMs({ endsMs, serverNowMs: asked.serverNowMs }, since)
  const day = bar.dataset.short
  let ended = false
  for (const element of document.querySelectorAll('[data-ends], [data-left]')) {
    const endsMs = Number(element.dataset.ends ?? element.dataset.left)
    const ms = facts(endsMs)
    if (ms <= 0) ended ||= element.dataset.over === undefined
    if (ms <= 0) element.dataset.over = ''
    const said = ms <= 0 ? '0 min' : (spanOf(ms, day) ?? bar.dataset.less)
    text(element, said)
    if (element.dataset.said !== undefined) announce(element, ms, said)
  }
  for (const element of document.querySelectorAll('[data-since]')) {
    text(element, spanOf(facts(Number(element.dataset.since)), day) ?? bar.dataset.less)
  }
  const now = performance.now()
  const silent = isDown || (source !== null && now - heardAt > SILENCE_MS)
  text(lost, silent ? lost.dataset.text : '')
  if (live) live.hidden = silent || source === null
  return ended || now - freshAt > FRESH_MS
}

function announce({ dataset }, ms, said) {
  const key = `${dataset.said} ${dataset.ends}`
  const before = left.get(key)
  left.set(key, ms)
  if (before === undefined || passedThreshold(before, ms) === null) return
  document.getElementById('cases-said').textContent = dataset.said.replace('{left}', said)
}

function sound() {
  const before = rung.size
  for (const { dataset } of document.querySelectorAll('[data-rings]')) rung.add(dataset.rings)
  bar.dataset.rang = String(rung.size)
  if (rung.size > before) ring()
  text(soundState, ready() ? soundState.dataset.on : soundState?.dataset.off)
}

// Somebody writes here, or reads again what they wrote: their words are not taken away under their hands.
const chosen = (field) =>
  ![...field.options].some((one) => one.defaultSelected)
    ? field.selectedIndex > 0
    : !field.options[field.selectedIndex].defaultSelected
const written = (part) =>
  part.contains(document.activeElement) ||
  (bar.dataset.kept !== undefined && part.querySelector('form') !== null) ||
  [...part.querySelectorAll('select')].some(chosen) ||
  [...part.querySelectorAll('textarea, input:not([type="hidden"])')].some((field) => field.value !== field.defaultValue)

async function fresh() {
  if (busy) {
    again = true
    return
  }
  busy = true
  const before = { monotonic: performance.now(), wall: Date.now() }
  const patience = new AbortController()
  const over = setTimeout(() => patience.abort(), PATIENCE_MS)
  try {
    const answer = await fetch(bar.dataset.page ?? location.href, {
      cache: 'no-store',
      headers: { accept: 'text/html', 'x-passerelle-again': '1' },
      signal: patience.signal,
    })
    // A session that ended is led to sign-in.
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status))
    const page = parsed(await answer.text())
    const now = Number(page.querySelector('[data-cases-from]')?.dataset.now)
    if (!now) throw new Error('another page')
    asked = { ...before, serverNowMs: now }
    freshAt = performance.now()
    for (const part of document.querySelectorAll('[data-fresh]')) {
      const next = page.getElementById(part.id)
      const focused = part.contains(document.activeElement) ? document.activeElement.id : ''
      const list = part.id === 'cases'
      if (!next || (!list && written(part))) continue
      for (const details of part.querySelectorAll('details[open][id]'))
        next.querySelector(`#${CSS.escape(details.id)}`)?.setAttribute('open', '')
      if (part.isEqualNode(next)) continue
      part.replaceWith(next)
      if (focused !== '') document.getElementById(focused)?.focus({ preventScroll: true })
    }
    for (const id of ['tabs']) {
      const [part, next] = [document.getElementById(id), page.getElementById(id)]
      if (part && next && !part.contains(document.activeElement)) part.replaceWith(next)
    }
    sound()
    if (source === null) open()
  } catch {
    down()
  } finally {
    clearTimeout(over)
    busy = false
    if (again) {
      again = false
      void fresh()
    }
    show()
  }
}

/** Says that the connection is lost, and tries again later. */
function down() {
  source?.close()
  source = null
  again = false
  isDown = true
  if (trying !== null) return
  trying = setTimeout(() => {
    trying = null
    void fresh()
  }, waitMs)
  waitMs = Math.min(2 * waitMs, MOST_AGAIN_MS)
}

function open() {
  source = new EventSource(bar.dataset.casesFrom)
  source.addEventListener('open', () => {
    heardAt = performance.now()
    isDown = false
    waitMs = AGAIN_MS
    void fresh()
  })
  source.addEventListener('beat', () => {
    heardAt = performance.now()
  })
  source.addEventListener('changed', (event) => {
    heardAt = performance.now()
    const { cases } = JSON.parse(event.data)
    if (bar.dataset.case === undefined || cases.includes(bar.dataset.case)) void fresh()
  })
  source.addEventListener('error', () => {
    // An answer that is no stream ends it for good.
    if (source?.readyState === EventSource.CLOSED) down()
  })
}

if (bar) {
  for (const one of document.querySelectorAll('.scripted')) one.hidden = false
  document.getElementById('sound-test')?.addEventListener('click', async () => {
    await unlock()
    ring()
    text(soundState, ready() ? soundState.dataset.on : soundState.dataset.off)
  })
  // Any touch of the page opens the sound again, so that one test at the start of a duty is enough.
  addEventListener('pointerdown', () => void unlock().then(sound), { once: true })
  setInterval(() => {
    if (show() && trying === null) void fresh()
  }, 1_000)
  sound()
  show()
  open()
}
