// Repeats the hour as the server understands it, and sends files in pieces over a poor line. The form is whole without this.
const PIECE = 262144
const understood = document.getElementById('understood')
const form = understood?.closest('form') ?? document.querySelector('form.asking')

async function repeat() {
  const asked = new URLSearchParams()
  for (const name of ['day', 'hour', 'shown']) asked.set(name, String(new FormData(form).get(name) ?? ''))
  if (asked.get('hour') === '') {
    understood.textContent = ''
    return
  }
  try {
    const answer = await fetch(understood.dataset.ask, { method: 'POST', body: asked })
    if (answer.ok) understood.textContent = await answer.text()
  } catch {
    understood.textContent = ''
  }
}

if (understood) {
  form.addEventListener('change', repeat)
  setInterval(() => document.hidden || repeat(), 30000)
}

// A second press sends nothing more.
form?.addEventListener('submit', (event) => {
  if (form.dataset.sent === 'yes') event.preventDefault()
  else if (event.submitter?.value === 'send') form.dataset.sent = 'yes'
})
window.addEventListener('pageshow', () => form && delete form.dataset.sent)

const wait = (ms) => new Promise((done) => setTimeout(done, ms))

/** Sends a file from where the server has it; a line that breaks is waited for. */
async function upload(file, told) {
  const begun = await fetch('/api/cases/uploads', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ bytes: file.size, type: file.type, as: form.elements.site.value }),
  })
  const made = await begun.json()
  if (!begun.ok) throw new Error(made.detail ?? made.title)
  const path = `/api/cases/uploads/${made.id}`
  let { received: at } = made
  for (let tries = 0; ; ) {
    told(Math.floor((100 * at) / file.size))
    let answer
    let upload
    try {
      answer = await fetch(path, {
        method: 'PATCH',
        headers: { 'content-type': 'application/offset+octet-stream', 'upload-offset': String(at) },
        body: file.slice(at, at + PIECE),
      })
      upload = await answer.json()
    } catch {
      told(null)
      at = await stands(path, () => wait(Math.min(1000 * 2 ** ++tries, 30000)))
      continue
    }
    if (!answer.ok) throw new Error(upload.detail ?? upload.title)
    tries = 0
    at = upload.received
    if (upload.attachment) return upload.attachment
  }
}

/** How far the server has it, asked until it answers: a piece whose answer was lost is not sent again. */
async function stands(path, pause) {
  for (;;) {
    await pause()
    const answer = await fetch(path, { method: 'HEAD' }).catch(() => null)
    if (answer?.ok) return Number(answer.headers.get('upload-offset'))
    if (answer && answer.status < 500) throw new Error(files.dataset.lost)
  }
}

const files = document.querySelector('.files')
const state = document.getElementById('files-state')
for (const input of files?.querySelectorAll('input[type="file"]') ?? []) {
  input.addEventListener('change', async () => {
    for (const file of [...input.files]) {
      try {
        const id = await upload(file, (percent) => {
          state.textContent = percent === null ? files.dataset.broken : `${files.dataset.sending} : ${percent} %`
        })
        const kept = Object.assign(document.createElement('input'), { type: 'hidden', name: 'attachment', value: id })
        document.getElementById('attachments').append(kept)
        state.textContent = `${document.querySelectorAll('[name="attachment"]').length} ✓`
      } catch (fault) {
        state.textContent = fault.message
      }
    }
    input.value = ''
  })
}
