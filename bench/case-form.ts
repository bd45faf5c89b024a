/**
 * A person at a browser asks for a stroke opinion: from the sign-in page until the case stands on the page of an expert in
 * another browser, at the pace of somebody who types; and many times over, from the key that sends the form to that page. */
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { connect } from '../test/support/world/client.ts'
import { adt, patient } from '../test/support/world/messages.ts'
import { until } from '../test/support/world/until.ts'
import { makeWorld, type World } from '../test/support/world/world.ts'
import { ASKED, casesSpec } from './cases-region.ts'
import { atMost, type Figure, quantile, table } from './figure.ts'

const RUNS = 50
/** How fast the person types, and how long they look before each action (ms). */
const KEY_MS = 120
const LOOK_MS = 500
/** Patients that the site registered. */
const REGISTERED = 5
const FIRST_PATIENT = 700_000
const WITHIN_MS = 20_000

const nowMs = (): number => performance.timeOrigin + performance.now()
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** A person at the keyboard: a key that moves or chooses, or a text that is typed, is one action. */
class Person {
  actions = 0
  readonly #page: Page
  readonly #human: boolean

  constructor(page: Page, human: boolean) {
    this.#page = page
    this.#human = human
  }

  /** The moment of the key (ms). */
  async press(key: string): Promise<number> {
    await this.#look()
    const atMs = nowMs()
    await this.#page.keyboard.press(key)
    return atMs
  }

  async type(text: string): Promise<void> {
    await this.#look()
    await this.#page.keyboard.type(text, { delay: this.#human ? KEY_MS : 0 })
  }

  async #look(): Promise<void> {
    this.actions += 1
    if (this.#human) await pause(LOOK_MS)
  }
}

/** The four fields, from the first on: patient, hour, reason, number. The number of the time before is selected, and typed over. */
async function fillIn(person: Person): Promise<void> {
  await person.press('Space')
  for (const text of [null, null, '00:01', null, 'Hémiparésie droite', '0261910077']) {
    await person.press('Tab')
    if (text !== null) await person.type(text)
  }
}

async function signIn(page: Page, origin: string, role: string): Promise<void> {
  await page.goto(`${origin}/connexion`)
  await page.locator(`button[name=role][value=${role}]`).click()
  await page.waitForURL((url) => !url.pathname.startsWith('/connexion'))
}

/** Resolves in the page with the moment a case that was not there stands on it, and its id. */
const NEXT_CASE = `(() => {
  const shown = () => [...document.querySelectorAll('.case a[href^="/dossiers/"]')].map((one) => one.pathname.split('/')[2])
  const before = new Set(shown())
  globalThis.nextCase = new Promise((resolve) => {
    const look = () => {
      const id = shown().find((one) => !before.has(one))
      if (id === undefined) return
      watching.disconnect()
      resolve({ id, atMs: performance.timeOrigin + performance.now() })
    }
    const watching = new MutationObserver(look)
    watching.observe(document.body, { childList: true, subtree: true })
  })
})()`

interface Shown {
  readonly id: string
  readonly atMs: number
}

/** Takes the request back, so that the next is a case of its own, and waits until it has left the page. */
async function takeBack(world: World, { id }: Shown, expert: Page): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${world.httpPort}/api/cases/${id}/acts`, {
    method: 'POST',
    headers: { authorization: 'Bearer requester-ch-laval', 'content-type': 'application/json' },
    body: JSON.stringify({ act: { what: 'cancel', reason: 'bench' } }),
  })
  if (answer.status !== 200) throw new Error(`a case was not taken back: ${answer.status} ${await answer.text()}`)
  const gone = async (): Promise<boolean> => (await expert.locator(`.case a[href^="/dossiers/${id}"]`).count()) === 0
  await until('the case has left the page', gone, { withinMs: WITHIN_MS, everyMs: 20 })
}

async function register(world: World): Promise<void> {
  const client = await connect(world.mllpPort)
  for (let n = 0; n < REGISTERED; n++) {
    const parts = { facility: ASKED.route.site, patient: patient(FIRST_PATIENT + n), controlId: `STAY${n}` }
    const answer = await client.post(adt(parts))
    if (answer?.code !== 'AA') throw new Error(`a registration was answered ${answer?.code}`)
  }
  client.close()
}

interface Run {
  readonly actions: number
  /** From the key that sends to the case on the expert's page (ms). */
  readonly sentMs: number
  readonly shown: Shown
}

/** Opens the form, fills it in and sends it; the expert's page is watched meanwhile. */
async function ask(requester: Page, expert: Page, origin: string, human: boolean): Promise<Run> {
  await expert.evaluate(NEXT_CASE)
  if (human) {
    await requester.goto(`${origin}/demandes`)
    await pause(LOOK_MS)
    await requester.locator('a[href="/demandes/stroke"]').first().click()
  } else await requester.goto(`${origin}/demandes/stroke`)
  await requester.locator('input[name=patient], #in-hour').first().waitFor()
  const person = new Person(requester, human)
  await fillIn(person)
  const beganMs = await person.press('Enter')
  const shown = await expert.evaluate<Shown>('globalThis.nextCase')
  await requester.waitForURL(/\/dossiers\/[0-9a-f-]+$/)
  return { actions: person.actions, sentMs: shown.atMs - beganMs, shown }
}

async function contexts(browser: Browser): Promise<readonly BrowserContext[]> {
  const eyes = { locale: 'fr-FR', timezoneId: 'Europe/Paris', viewport: { width: 1200, height: 900 } }
  return Promise.all([browser.newContext(eyes), browser.newContext(eyes)])
}

/** From the sign-in page to the expert's, once as a person does it; from the key that sends to the expert's page, many times. */
export async function benchCaseForm({ runs = RUNS } = {}): Promise<Figure[]> {
  const tell = (line: string): void => console.error(`  ${line}`)
  const world = await makeWorld(casesSpec())
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-timer-throttling'],
  })
  try {
    await world.start()
    await register(world)
    const origin = `http://127.0.0.1:${world.httpPort}`
    const [theirs, ours] = await contexts(browser)
    const [requester, expert] = [await theirs!.newPage(), await ours!.newPage()]
    await signIn(expert, origin, 'expert')
    await expert.goto(`${origin}/dossiers`)
    await expert.locator('#cases-live:not([hidden])').waitFor()
    const beganMs = nowMs()
    await signIn(requester, origin, 'requester')
    const first = await ask(requester, expert, origin, true)
    const seconds = (first.shown.atMs - beganMs) / 1_000
    tell(`as a person: ${seconds.toFixed(1)} s, ${first.actions} actions, ${first.sentMs.toFixed(0)} ms after sending`)
    await takeBack(world, first.shown, expert)
    const taken: number[] = []
    for (let n = 0; n < runs; n++) {
      const { sentMs, shown } = await ask(requester, expert, origin, false)
      taken.push(sentMs)
      await takeBack(world, shown, expert)
    }
    return [
      atMost('form: from signing in to the expert, at the pace of a person', seconds, 's', 20),
      atMost('form: key actions', first.actions, '', 12),
      { name: 'form: from sending to the page of the expert, p50', value: quantile(taken, 0.5), unit: 'ms' },
      { name: 'form: from sending to the page of the expert, p95', value: quantile(taken, 0.95), unit: 'ms' },
      atMost('form: from sending to the page of the expert, p99', quantile(taken, 0.99), 'ms', 1_000),
    ]
  } finally {
    await browser.close()
    await world.close()
  }
}

if (import.meta.main) console.log(table(await benchCaseForm({ runs: 5 })))
