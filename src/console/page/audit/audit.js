// Progress of what takes long, and printing. The pages are whole without this.
const EVERY_MS = 500

for (const button of document.querySelectorAll('[data-print]')) {
  button.hidden = false
  button.addEventListener('click', () => window.print())
}

async function state(path) {
  const answer = await fetch(path, { cache: 'no-store', headers: { accept: 'application/json' } })
  return answer.ok ? answer.json() : null
}

function show(bar, { done, total }) {
  bar.hidden = false
  if (total > 0) bar.max = total
  if (total > 0) bar.value = done
}

const check = document.querySelector('[data-check="running"] progress')
async function followCheck() {
  const found = await state('/api/audit/check').catch(() => null)
  if (found === null || found.state === 'running') {
    if (found !== null) show(check, found)
    setTimeout(followCheck, EVERY_MS)
  } else location.reload()
}
if (check) setTimeout(followCheck, EVERY_MS)

// The server tells how far a run is under an id that this page made.
function followRun(id, bar) {
  bar.hidden = false
  const look = async () => {
    const run = await state(`/api/runs/${id}`).catch(() => null)
    if (run !== null) show(bar, run)
    if (run?.ended) bar.dataset.ended = 'true'
    else setTimeout(look, EVERY_MS)
  }
  setTimeout(look, EVERY_MS)
}
for (const one of document.querySelectorAll('[data-run]')) {
  const bar = document.getElementById(one.dataset.run ?? '')
  if (!bar) continue
  one.addEventListener(one instanceof HTMLFormElement ? 'submit' : 'click', () => {
    const id = crypto.randomUUID()
    if (one instanceof HTMLFormElement) one.elements.namedItem('run').value = id
    else one.search = `?run=${id}`
    followRun(id, bar)
  })
}
