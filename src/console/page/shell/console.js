import { parsed } from './markup.js'

// Swaps the live part of the page for a fresh one. The page is whole without this.
const EVERY_MS = 5000
// A page that has not come by then never does.
const PATIENCE_MS = 10_000
const stale = document.getElementById('stale')
let busy = false

async function refresh() {
  // An answer that comes late must not replace one that was asked for after it.
  if (busy || document.hidden || !document.getElementById('live')) return
  busy = true
  try {
    // A page that answers a form is asked for under its own address.
    const answer = await fetch(document.documentElement.dataset.page ?? location.href, {
      cache: 'no-store',
      headers: { accept: 'text/html', 'x-passerelle-again': '1' },
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    const fresh = parsed(await answer.text()).getElementById('live')
    // A session that ended is led to sign-in.
    if (!answer.ok || answer.redirected || !fresh) throw new Error(String(answer.status))
    document.getElementById('live')?.replaceWith(fresh)
    if (stale) stale.textContent = ''
  } catch {
    if (stale && stale.textContent === '') stale.textContent = stale.dataset.text ?? ''
  } finally {
    busy = false
  }
}

if (document.getElementById('live')) {
  setInterval(refresh, EVERY_MS)
  document.addEventListener('visibilitychange', refresh)
}
