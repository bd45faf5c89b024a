// Tells how far long work is while it goes on. Every page works without it.
function follow(address, said) {
  const source = new EventSource(address)
  source.addEventListener('message', ({ data }) => {
    const { done, over } = JSON.parse(data)
    said(done, over)
    if (over) source.close()
  })
  source.addEventListener('error', () => source.close())
}

const language = document.documentElement.lang
for (const form of document.querySelectorAll('form[data-progress]')) {
  const told = form.querySelector('output')
  form.addEventListener('submit', () => {
    told.textContent = '…'
    const { progress, done: label, over: ending } = form.dataset
    follow(progress, (done, over) => {
      told.textContent = `${done.toLocaleString(language)} ${label}${over ? `, ${ending}` : ''}`
    })
  })
}
for (const bar of document.querySelectorAll('progress[data-progress]')) {
  const told = document.getElementById(bar.id.replace('bar', 'told'))
  follow(bar.dataset.progress, (done, over) => {
    bar.value = done
    if (told) told.textContent = `${done.toLocaleString(language)} / ${bar.max.toLocaleString(language)}`
    if (over) location.reload()
  })
}
