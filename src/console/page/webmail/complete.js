// Offers addresses of the directory while somebody types recipients. Without this, a button does the same.
const WAIT = 150
const SHORTEST = 2

// Enter in a line is no wish to send.
for (const field of document.querySelectorAll('form[data-draft] input[type="text"]'))
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') event.preventDefault()
  })

for (const part of document.querySelectorAll('[data-complete]')) {
  const field = document.getElementById(part.dataset.complete)
  part.querySelector('[data-plain]').hidden = true
  const list = document.createElement('ul')
  list.id = `${field.id}-found`
  list.className = 'offered'
  list.hidden = true
  list.setAttribute('role', 'listbox')
  list.setAttribute('aria-label', part.dataset.some)
  const told = document.createElement('p')
  told.className = 'hidden'
  told.setAttribute('role', 'status')
  field.after(list, told)
  for (const [name, value] of [
    ['role', 'combobox'],
    ['aria-autocomplete', 'list'],
    ['aria-expanded', 'false'],
    ['aria-controls', list.id],
  ])
    field.setAttribute(name, value)

  let timer
  let asked = 0
  let at = -1

  const typed = () => /[^,;]*$/.exec(field.value)[0].trim()
  const close = () => {
    asked++
    at = -1
    list.hidden = true
    list.replaceChildren()
    field.setAttribute('aria-expanded', 'false')
    field.removeAttribute('aria-activedescendant')
  }
  const mark = (to) => {
    at = to
    for (const [i, one] of [...list.children].entries()) one.setAttribute('aria-selected', String(i === at))
    field.setAttribute('aria-activedescendant', list.children[at].id)
    list.children[at].scrollIntoView({ block: 'nearest' })
  }
  const take = (address) => {
    const before = field.value.slice(0, field.value.length - /[^,;]*$/.exec(field.value)[0].length)
    field.value = `${before}${before === '' ? '' : ' '}${address}, `
    close()
    field.focus()
  }
  const show = (addresses) => {
    told.textContent = addresses.length === 0 ? part.dataset.none : `${part.dataset.some} : ${addresses.length}`
    if (addresses.length === 0) return
    list.replaceChildren(
      ...addresses.map(({ address, name }, i) => {
        const one = document.createElement('li')
        one.id = `${list.id}-${i}`
        one.setAttribute('role', 'option')
        one.setAttribute('aria-selected', 'false')
        one.textContent = `${name} <${address}>`
        one.addEventListener('mousedown', (event) => {
          event.preventDefault()
          take(address)
        })
        one.dataset.address = address
        return one
      }),
    )
    list.hidden = false
    field.setAttribute('aria-expanded', 'true')
  }
  const ask = async () => {
    const words = typed()
    const turn = ++asked
    if (words.length < SHORTEST) return
    try {
      const answer = await fetch('/api/mail/directory/complete', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ words }),
      })
      if (answer.ok && turn === asked) show((await answer.json()).addresses)
    } catch {
      // The field takes whatever is typed.
    }
  }
  field.addEventListener('input', () => {
    close()
    clearTimeout(timer)
    timer = setTimeout(ask, WAIT)
  })
  field.addEventListener('blur', close)
  field.addEventListener('keydown', (event) => {
    const count = list.children.length
    if (count === 0) return
    if (event.key === 'ArrowDown') mark((at + 1) % count)
    else if (event.key === 'ArrowUp') mark((at - 1 + count) % count)
    else if (event.key === 'Escape') close()
    else if (event.key === 'Enter' && at >= 0) take(list.children[at].dataset.address)
    else return
    event.preventDefault()
  })
}
