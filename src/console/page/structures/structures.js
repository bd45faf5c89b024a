// Sends a file of the register as it is read from the disk, and tells how far its import is. Without it the command line imports.
const form = document.querySelector('form[data-structures]')
const told = document.getElementById('told')
const bar = document.getElementById('bar')
const language = document.documentElement.lang

/** Asks until no import runs, then shows the page anew. */
async function follow(api) {
  bar.hidden = false
  for (;;) {
    const answer = await fetch(`${api}/state`, { headers: { accept: 'application/json' }, cache: 'no-store' })
    if (!answer.ok) return
    const { running } = await answer.json()
    if (running === null) {
      location.reload()
      return
    }
    if (running.bytes) {
      bar.max = running.bytes
      bar.value = running.bytesRead
    }
    told.textContent = `${told.dataset.label} : ${running.rows.toLocaleString(language)} ${told.dataset.rows}`
    await new Promise((resolve) => setTimeout(resolve, 700))
  }
}

if (form) {
  const api = form.dataset.structures
  form.hidden = false
  if ('running' in told.dataset) follow(api)
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const [file] = form.elements.namedItem('national').files
    if (file === undefined) return
    told.textContent = told.dataset.label
    form.querySelector('button').disabled = true
    const query = new URLSearchParams({ name: file.name })
    const answer = await fetch(`${api}/import?${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream', accept: 'application/json' },
      body: file,
    }).catch(() => null)
    form.querySelector('button').disabled = false
    if (answer?.ok) return follow(api)
    const problem = await answer?.json().catch(() => null)
    told.textContent = problem?.detail ?? problem?.title ?? '!'
  })
}
