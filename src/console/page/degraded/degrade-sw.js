// Keeps the pages of the degraded mode in the browser: the server's when it answers, else those that were seen last.
// How long the server may say nothing (ms): a network that swallows everything must not hide what is kept.
const PATIENCE_MS = 5_000
const KEPT = 'procedure-degradee-1'
const HERE = /^\/(procedure-degradee(\/[^/]*)?|assets\/[a-z-]+\.(css|js|svg))$/

self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))

async function fresh(request) {
  const answer = await fetch(request)
  // A page that leads to sign-in is no kit.
  if (answer.ok && !answer.redirected)
    await (await caches.open(KEPT)).put(new URL(request.url).pathname, answer.clone())
  return answer
}

async function kept(request) {
  return (await caches.open(KEPT)).match(new URL(request.url).pathname, { ignoreVary: true })
}

async function answered(request) {
  const asked = fresh(request).then(
    (answer) => ({ answer }),
    (fault) => ({ fault }),
  )
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))
  const soon = await Promise.race([asked, late])
  if (soon?.answer && soon.answer.status < 500) return soon.answer
  const last = await kept(request)
  if (last) return last
  const { answer, fault } = await asked
  if (fault) throw fault
  return answer
}

self.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method === 'GET' && origin === self.location.origin && HERE.test(pathname))
    event.respondWith(answered(request))
})

self.addEventListener('message', (event) => {
  const all = (event.data?.paths ?? []).filter((path) => HERE.test(path))
  const keeping = Promise.allSettled(all.map((path) => fresh(new Request(path))))
  event.waitUntil(
    keeping.then((done) => event.source?.postMessage({ kept: done.every((one) => one.status === 'fulfilled') })),
  )
})
