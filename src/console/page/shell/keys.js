// Keys for those who would rather not reach for a mouse. Every page works without them.
const writes = (target) =>
  target instanceof Element && target.closest('input, textarea, select, [contenteditable]') !== null
const help = document.getElementById('keys')
let leading = false
let leadingUntil = 0

function goTo(letter) {
  const link = [...document.querySelectorAll('nav a[data-key]')].find((one) => one.dataset.key === letter)
  link?.click()
}

function step(by) {
  const rows = [...document.querySelectorAll('[data-row]')]
  const links = rows.map((row) => row.querySelector('a')).filter((link) => link !== null)
  if (links.length === 0) return
  const here = links.findIndex((link) => link.closest('[data-row]')?.contains(document.activeElement))
  const next = here < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(here + by, 0), links.length - 1)
  links[next].focus()
}

function search(event) {
  const box = document.querySelector('[data-search]')
  event.preventDefault()
  if (box instanceof HTMLElement) box.focus()
  else goTo('m')
}

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || writes(event.target)) return
  if (leading && event.timeStamp < leadingUntil) {
    leading = false
    goTo(event.key)
    return
  }
  leading = event.key === 'g'
  leadingUntil = event.timeStamp + 1500
  if (event.key === '/') search(event)
  else if (event.key === 'j') step(1)
  else if (event.key === 'k') step(-1)
  else if (event.key === '?' && help instanceof HTMLDialogElement && !help.open) help.showModal()
})
const opener = document.querySelector('[data-opens="keys"]')
if (opener instanceof HTMLElement && help instanceof HTMLDialogElement) {
  opener.hidden = false
  opener.addEventListener('click', (event) => {
    event.preventDefault()
    help.showModal()
  })
}
