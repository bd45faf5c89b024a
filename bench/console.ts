/**
 * The console on a store of a million messages: first paint and answer to a key in a real browser, time of the pages at the
 * server, and what fifty people who watch the overview cost. */
import { get } from 'node:http'
import { type Browser, chromium } from 'playwright-core'
import { OPERATOR_KEY } from '../test/support/world/region.ts'
import { makeWorld, type World } from '../test/support/world/world.ts'
import { atMost, type Figure, median, quantile } from './figure.ts'
import { fillStore, openEmbedded } from './search.ts'
import { WATCHING, watched } from './viewers.ts'

const MESSAGES = 1_000_000
/** As many as `fillStore` has send. */
const ESTABLISHMENTS = 40
const PAINTS = 9
const KEYS = 40
const ASKED = 100
const PAGES = ['/', '/messages', '/a-traiter', '/alertes', '/configuration', '/raccordements', '/audit']
const HEADERS = { authorization: `Bearer ${OPERATOR_KEY}`, accept: 'text/html' }

const NAMES = Array.from({ length: ESTABLISHMENTS }, (_, n) => `ch-${n}`)
const FACILITIES = NAMES.map((name) => name.toUpperCase())

/** Establishments that send, each to a destination of its own. */
function region(): Promise<World> {
  return makeWorld({
    sources: FACILITIES,
    top: { operators: WATCHING },
    destinations: Object.fromEntries(NAMES.map((name) => [`r${name}/dpi`, {}])),
    routes: NAMES.map((name) => ({
      name: `results of ${name}`,
      when: { kinds: ['ORU^R01'], from: [name] },
      to: [`r${name}/dpi`],
    })),
  })
}

interface Asked {
  readonly status: number
  readonly ms: number
}

/** One GET on a connection that is kept. */
function ask(port: number, path: string): Promise<Asked> {
  const startedMs = performance.now()
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, headers: HEADERS }, (answer) =>
      answer.resume().on('end', () => resolve({ status: answer.statusCode ?? 0, ms: performance.now() - startedMs })),
    ).on('error', reject)
  })
}

/** Time from a key to the next frame after it (ms), of keys that lead through rows, open and close help, and write. */
async function interactions(browser: Browser, origin: string): Promise<number[]> {
  const context = await browser.newContext({ extraHTTPHeaders: HEADERS })
  const page = await context.newPage()
  await page.goto(`${origin}/messages`)
  await page.evaluate(`(() => {
    globalThis.taken = []
    addEventListener('keydown', (event) => {
      // After the frame that shows what the key did.
      requestAnimationFrame(() => setTimeout(() => taken.push(performance.now() - event.timeStamp)))
    }, { capture: true })
  })()`)
  for (let n = 0; n < KEYS; n++) {
    await page.keyboard.press((['j', 'j', 'k', '?', 'Escape'] as const)[n % 5]!)
    await page.evaluate(`new Promise((resolve) => {
      const look = () => (taken.length > ${n} ? resolve() : requestAnimationFrame(look))
      look()
    })`)
  }
  const taken = await page.evaluate<number[]>('taken')
  await context.close()
  return taken
}

/** First contentful paint (ms) of a page in a browser that has nothing of it yet. */
async function firstPaint(browser: Browser, url: string): Promise<number> {
  const context = await browser.newContext({ extraHTTPHeaders: HEADERS })
  const page = await context.newPage()
  await page.goto(url)
  const ms = await page.evaluate<number>(`new Promise((resolve) =>
    new PerformanceObserver((list) => list.getEntriesByName('first-contentful-paint').forEach((one) => resolve(one.startTime)))
      .observe({ type: 'paint', buffered: true }))`)
  await context.close()
  return ms
}

/** The figures of the pages that there are. */
export async function benchConsole(
  tell: (line: string) => void = console.error,
  messages: number = MESSAGES,
): Promise<Figure[]> {
  const world = await region()
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  })
  try {
    await fillStore(await openEmbedded(world.store), messages, tell)
    const { pid } = await world.start()
    const port = world.httpPort
    const origin = `http://127.0.0.1:${port}`
    const figures: Figure[] = []
    const served: string[] = []
    for (const path of PAGES) {
      if ((await ask(port, path)).status !== 200) continue
      served.push(path)
      const ms: number[] = []
      for (let n = 0; n < ASKED; n++) ms.push((await ask(port, path)).ms)
      const name = `page ${path}, ${messages} messages: p95`
      const p95 = quantile(ms, 0.95)
      // What is asked of a list of messages; the others are told.
      figures.push(path === '/messages' ? atMost(name, p95, 'ms', 100) : { name, value: p95, unit: 'ms' })
    }
    for (const path of ['/', '/messages'].filter((one) => served.includes(one))) {
      const paints: number[] = []
      for (let n = 0; n < PAINTS; n++) paints.push(await firstPaint(browser, origin + path))
      figures.push(atMost(`first paint of ${path}, ${messages} messages: median`, median(paints), 'ms', 800))
    }
    if (served.includes('/messages')) {
      const taken = await interactions(browser, origin)
      figures.push(atMost('from a key to its frame on /messages: p95', quantile(taken, 0.95), 'ms', 100))
    }
    await browser.close()
    figures.push(...(await watched(world, pid, FACILITIES, tell)))
    return figures
  } finally {
    await browser.close()
    await world.close()
  }
}

if (import.meta.main) console.table(await benchConsole())
