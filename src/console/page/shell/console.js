import { parsed } from './markup.js'

// Swaps the live part of the page for a fresh one. The page is whole without this.
const EVERY_MS = 5000
const stale = document.getElementById('stale')

async function refresh() {
  if (document.hidden || !document.getElementById('live')) return
  try {
    const answer = await fetch(location.href, {
      cache: 'no-store',
      headers: { accept: 'text/html', 'x-passerelle-again': '1' },
    })
    if (!answer.ok) throw new Error(String(answer.status))
    const fresh = parsed(await answer.text()).getElementById('live')
    if (fresh) document.getElementById('live')?.replaceWith(fresh)
    if (stale) stale.textContent = ''
  } catch {
    if (stale && stale.textContent === '') stale.textContent = stale.dataset.text ?? ''
  }
}

if (document.getElementById('live')) {
  setInterval(refresh, EVERY_MS)
  document.addEventListener('visibilitychange', refresh)
}
