import { workerAddress } from './markup.js'

// Has this page, the kits that it leads to, and what they are made of kept by the browser.
const state = document.getElementById('kept')

function paths() {
  const parts = [...document.querySelectorAll('link[href^="/assets/"], script[src^="/assets/"]')]
  const assets = parts.map((one) => one.getAttribute('href') ?? one.getAttribute('src'))
  const kits = [...document.querySelectorAll('a.kit')].map((one) => one.getAttribute('href'))
  return [location.pathname, '/assets/markup.js', ...kits, ...assets]
}

if (state) {
  if ('serviceWorker' in navigator) {
    navigator.serviceWorker.addEventListener('message', ({ data }) => {
      if (data.kept) state.textContent = state.dataset.kept
    })
    navigator.serviceWorker
      .register(workerAddress('/degrade-sw.js'), { scope: '/procedure-degradee' })
      .then(() => navigator.serviceWorker.ready)
      .then(({ active }) => active.postMessage({ paths: paths() }))
      .catch(() => {
        state.textContent = state.dataset.not
      })
  } else {
    state.textContent = state.dataset.not
  }
}
