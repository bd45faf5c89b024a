// Keeps what is being written until it is sent, in this tab alone: a session may end meanwhile. Forms are whole without this.
const { account } = document.documentElement.dataset
const own = `draft:${account}:`
// Which of them was sent last: it is over when a page says so.
const SENDING = 'sending'
// For so long at most a second press does nothing.
const ON_ITS_WAY_MS = 30_000
const drafts = () => Object.keys(sessionStorage).filter((key) => key.startsWith('draft:'))
const forget = (keys) => {
  for (const key of [...keys, SENDING]) sessionStorage.removeItem(key)
}
const sending = sessionStorage.getItem(SENDING)

// Whoever signs in finds nothing of anybody else.
const others = account ? drafts().filter((key) => !key.startsWith(own)) : []
if (others.length > 0) forget(others)
for (const form of document.querySelectorAll('form[action="/deconnexion"]'))
  form.addEventListener('submit', () => forget(drafts()))

if (sending && document.querySelector('[data-sent]')) forget([sending])
for (const note of document.querySelectorAll('[data-held]')) note.hidden = !sending
for (const note of document.querySelectorAll('[data-unsent]')) {
  const key = drafts().find((one) => one.startsWith(`${own}${note.dataset.unsent}/`))
  if (key) note.querySelector('a').href = key.slice(own.length)
  note.hidden = !key
}

const form = document.querySelector('form[data-draft]')
if (account && form) {
  const key = `${own}${form.dataset.draft}`
  const fields = [...form.elements].filter(({ name, type }) => name && /^(text|textarea|checkbox)$/.test(type))
  const held = (type) => (type === 'checkbox' ? 'checked' : 'value')
  const keep = () => {
    try {
      sessionStorage.setItem(key, JSON.stringify(fields.map((field) => [field.name, field[held(field.type)]])))
    } catch {
      // No room: what is typed stands in the form alone.
    }
  }
  const note = document.querySelector('[data-restored]')
  const kept = 'fresh' in form.dataset ? JSON.parse(sessionStorage.getItem(key) ?? 'null') : null
  for (const [name, value] of kept ?? []) {
    const field = fields.find((one) => one.name === name)
    if (field) field[held(field.type)] = value
  }
  note.hidden = !kept
  note.querySelector('button').addEventListener('click', () => {
    forget([key])
    form.reset()
    note.hidden = true
  })
  sessionStorage.removeItem(SENDING)
  if (!('fresh' in form.dataset)) keep()
  form.addEventListener('input', keep)
  // A second press while it is on its way would send it twice. Whoever comes back to the page, or stopped it, may send again.
  let isOnItsWay = false
  addEventListener('pageshow', () => {
    isOnItsWay = false
  })
  form.addEventListener('submit', (event) => {
    if (isOnItsWay) return event.preventDefault()
    keep()
    if (event.submitter?.value !== 'send') return
    sessionStorage.setItem(SENDING, key)
    isOnItsWay = true
    setTimeout(() => {
      isOnItsWay = false
    }, ON_ITS_WAY_MS)
  })
}
