import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { machineIds } from '../../src/app/cli/machine.ts'
import { MOST_OWN } from '../../src/console/page/overview/live.ts'
import { corners, project } from '../../src/console/page/overview/map.ts'
import type { RouteRule } from '../../src/core/config.ts'
import { axeFaults, browserTest, faultsOf, look } from '../support/chromium.ts'
import { CANARY, delivery, INS, intake, type Running, startConsole } from './gateway.ts'
import { operator, someConfig } from './region.ts'

const ROUTE: RouteRule = {
  name: 'admissions',
  when: { from: ['ch-laval', 'ehpad-a'] },
  to: ['chu-angers/unv', 'chu-angers/dpi', 'platform'],
  lane: 'urgent',
  alertAfterMs: null,
  awaitAdmissionMs: 0,
  edit: [],
}
const places: Readonly<Record<string, readonly [number, number]>> = {
  'ch-laval': [-0.77, 48.07],
  'chu-angers': [-0.55, 47.48],
}

function region() {
  const config = someConfig({
    operators: [
      operator('admin'),
      operator('dpo'),
      operator('establishment-it', ['ch-laval']),
      operator('secretariat'),
    ],
    routes: [ROUTE],
  })
  const establishments = [...config.establishments].map(([id, one]) => {
    const at = places[id]
    return [id, at === undefined ? { ...one, finess: { ej: '490000031', eg: [] } } : { ...one, at }] as const
  })
  return {
    ...config,
    establishments: new Map(establishments),
    region: { ...config.region, departments: ['44', '49', '53', '72', '85'] },
  }
}

async function busy(): Promise<Running> {
  const running = await startConsole({}, region())
  const { journal } = running
  for (let n = 0; n < 12; n++) {
    await journal.commit([intake(journal, `C${n}`, { deliveries: [delivery('chu-angers/unv')] })])
  }
  await journal.commit([
    intake(journal, 'P1', { deliveries: [delivery('chu-angers/dpi', { state: 'poisoned', code: 'POISONED' })] }),
  ])
  await journal.commit([intake(journal, 'E1', { establishment: 'ehpad-a', kind: 'ADT^A31' })])
  await journal.apply({
    rows: [
      {
        sql: `INSERT INTO onboarding (establishment, flow, name, state, opened_at_ms, moved_at_ms, version)
          VALUES ('ehpad-a', 'letters', 'Courriers', 'qualifying', 1, 1, 1)`,
        parameters: [],
      },
    ],
  })
  await raise(running, { kind: 'unreachable', severity: 'important', code: 'UNREACHED', subject: 'chu-angers/unv' })
  await running.counted()
  return running
}

/** An alert as the watch writes it. */
async function raise(
  { journal }: Running,
  { kind, severity, code, subject }: Readonly<Record<'kind' | 'severity' | 'code' | 'subject', string>>,
): Promise<string> {
  const id = machineIds.uuid()
  const whose = subject.split('/', 1)[0] ?? null
  await journal.apply({
    rows: [
      {
        sql: `INSERT INTO alert (id, cause, kind, severity, code, subject, establishment, params, first_at_ms, last_at_ms,
          times, acknowledged) VALUES (?, ?, ?, ?, ?, ?, ?, '{"count":3}', ?, ?, 1, 0)`,
        parameters: [id, `${kind}:${subject}`, kind, severity, code, subject, whose, Date.now(), Date.now()],
      },
    ],
  })
  return id
}

/** What a reader sees of a page: no tags, no attributes. */
function seen(html: string): string {
  return html
    .replace(/<head>.*<\/head>/s, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
}

test('the page shows counts, standings and queues, escaped, with ways to the messages, and no message', async () => {
  const { call } = await busy()
  const { text, headers } = await call('/', { key: 'demo-admin' })
  expect(headers.get('content-language')).toBe('fr')
  const page = seen(text)
  expect(page).toContain('CHU &lt;b&gt;d’Angers&lt;/b&gt; &amp; &quot;Co&quot;')
  expect(page).toContain('Reçus 14 Terminés 1 En cours 12 À traiter 1')
  expect(page).toContain('Compte juste')
  expect(page).toMatch(
    /Centre hospitalier de Laval Normal 1 janv\., 11:00:00 silence habituel non encore appris 13 gam Sans trafic/,
  )
  expect(page).toMatch(/EHPAD Les Aubépines \(fictif\) Normal 1 janv\./)
  expect(page).toMatch(/chu-angers\/unv En alarme 12/)
  expect(page).toMatch(/chu-angers\/dpi À surveiller 0/)
  expect(page).toMatch(
    /admissions priorité urgence Centre hospitalier de Laval , EHPAD Les Aubépines \(fictif\) chu-angers\/unv , chu-angers\/dpi , la plateforme En alarme/,
  )
  expect(page).toContain('mllp 127.0.0.1:2575 3')
  expect(page).toContain('Nœud n1')
  expect(page).toMatch(/mllps 1 janvier 2040/)
  expect(page).toContain('Raccordements par état À raccorder 0 En qualification 1 En production 0 Suspendu 0')
  expect(text).toContain('href="/messages?from=ch-laval"')
  expect(text).toContain('href="/messages?to=chu-angers%2Fdpi&amp;state=parked"')
  for (const hidden of [CANARY, INS, 'C11', 'ADT^A01', 'P1']) expect(text).not.toContain(hidden)
})

test.each([
  [
    'establishment-it',
    /Reçus en 24 heures 13/,
    ['Centre hospitalier de Laval', 'gam'],
    ['chu-angers/unv', 'Aubépines', 'Compte juste', 'mllps'],
  ],
  ['dpo', /Reçus 14/, ['chu-angers/unv'], ['Toutes les alertes', 'href="/messages', 'Raccordements par état']],
])('what %s sees', async (role, counts, there, absent) => {
  const { call } = await busy()
  const { text } = await call('/', { key: `demo-${role}` })
  expect(seen(text)).toMatch(counts)
  for (const one of there) expect(text).toContain(one)
  // A flow of one's own names where it goes.
  const rest = text.replace(/<table[^>]*aria-labelledby="flows">.*?<\/table>/s, '')
  for (const one of absent) expect(rest).not.toContain(one)
})

test('who has no overview is led elsewhere, and gets no live counts', async () => {
  const { url, call } = await busy()
  const headers = { authorization: 'Bearer demo-secretariat' }
  const answer = await fetch(`${url}/`, { headers, redirect: 'manual' })
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/session'])
  expect((await call('/live/overview', { key: 'demo-secretariat' })).status).toBe(403)
  expect((await call('/live/overview')).status).toBe(401)
})

test('the French pages speak French', async () => {
  const running = await busy()
  const id = await raise(running, { kind: 'silence', severity: 'important', code: 'SILENT', subject: 'ch-laval' })
  for (const path of ['/', '/alertes', `/alertes/${id}`]) {
    const page = seen((await running.call(`${path}?lang=fr`, { key: 'demo-admin' })).text).toLowerCase()
    for (const word of [
      'gateway',
      'parked',
      'queued',
      'replay',
      'resend',
      'dry run',
      'finding',
      'lane',
      'unknown',
      'expired',
      'poisoned',
      'snooze',
      'acknowledge',
    ]) {
      expect(page, path).not.toContain(word)
    }
  }
})

test.each([
  ['/', { 'accept-language': 'en' }, 'en'],
  ['/?lang=en', { 'accept-language': 'fr' }, 'en'],
  ['/?lang=fr', { 'accept-language': 'en' }, 'fr'],
  ['/', {}, 'fr'],
])('language of %s with %o', async (path, headers, language) => {
  const { call } = await startConsole()
  expect((await call(path, { key: 'demo-admin', headers })).text).toContain(`<html lang="${language}"`)
})

test.each([
  ['the middle of Loire-Atlantique', [-1.682, 47.361], [145.3, 236.6]],
  ['the middle of Mayenne', [-0.658, 48.147], [188, 188.3]],
] as const)('a place on the map: %s', (_name, place, at) => {
  const [x, y] = project(place)
  expect(Math.hypot(x - at[0], y - at[1])).toBeLessThan(0.5)
})

test('the corners of a path of relative moves', () => {
  expect(corners('m 1,2 3,0 0,3 z m 10,10 1,1 z')).toEqual([
    [1, 2],
    [4, 2],
    [4, 5],
    [11, 12],
    [12, 13],
  ])
})

interface Stream {
  readonly response: IncomingMessage
  /** The next event: its number and what it tells. */
  next(): Promise<{ id: string; data: { v: Record<string, string>; s: Record<string, [string, string]> } }>
}

/** A viewer of the live overview. */
async function viewer({ url }: Running, key: string, headers: Readonly<Record<string, string>> = {}): Promise<Stream> {
  const request = get(`${url}/live/overview?lang=en`, { headers: { authorization: `Bearer ${key}`, ...headers } })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  onTestFinished(() => void request.destroy())
  let text = ''
  response.setEncoding('utf8')
  response.on('error', () => {})
  response.on('data', (chunk: string) => {
    text += chunk
    response.emit('more')
  })
  return {
    response,
    async next() {
      for (;;) {
        const found = /id: (\S+)\ndata: (.*)\n\n/.exec(text)
        if (found?.[1] !== undefined && found[2] !== undefined) {
          text = text.slice(found.index + found[0].length)
          return { id: found[1], data: JSON.parse(found[2]) }
        }
        await once(response, 'more')
      }
    },
  }
}

test('the live overview tells all at first, then what changes, and goes on where a broken line was', async () => {
  const running = await busy()
  const one = await viewer(running, 'demo-admin')
  expect(one.response.headers['content-type']).toContain('text/event-stream')
  expect(one.response.headers['cache-control']).toBe('no-store')
  const first = await one.next()
  expect(first.data.v).toMatchObject({ received: '14', inFlight: '12', 'd:chu-angers/unv:open': '12' })
  expect(first.data.s['d:chu-angers/unv']).toEqual(['alarm', 'Alarm'])
  await running.journal.commit([intake(running.journal, 'N1', { deliveries: [delivery('chu-angers/unv')] })])
  const second = await one.next()
  expect(second.data.v).toMatchObject({ received: '15', inFlight: '13' })
  expect(second.data.v['closed']).toBeUndefined()
  expect(second.data.s).toEqual({})

  const own = await viewer(running, 'demo-establishment-it')
  const { v } = (await own.next()).data
  expect(Object.keys(v).filter((key) => key.includes('chu-angers') || key === 'received')).toEqual([])
})

test('a live stream goes on where its line broke, and tells everything to whom it does not know', async () => {
  const running = await startConsole({}, region())
  const one = await viewer(running, 'demo-admin')
  const first = await one.next()
  const again = await viewer(running, 'demo-admin', { 'last-event-id': first.id })
  await running.journal.commit([intake(running.journal, 'G1')])
  const news = { received: '1', closed: '1' }
  expect((await again.next()).data.v).toEqual(news)
  expect((await one.next()).data.v).toEqual(news)
  const stranger = await viewer(running, 'demo-admin', { 'last-event-id': first.id })
  expect((await stranger.next()).data.v).toHaveProperty('d:chu-angers/dpi:open')
})

test('one person has a few live pages at most, and a stop ends them all', async () => {
  const running = await busy()
  const streams = await Promise.all(Array.from({ length: MOST_OWN }, () => viewer(running, 'demo-admin')))
  const more = await running.call('/live/overview', { key: 'demo-admin' })
  expect([more.status, more.json.code]).toEqual([429, 'VIEWER_LIMIT'])
  expect((await viewer(running, 'demo-dpo')).response.statusCode).toBe(200)
  const ended = streams.map(({ response }) => once(response, 'end'))
  running.live.stop()
  await Promise.all(ended)
  expect(running.live.viewers).toBe(0)
})

test('a viewer who leaves makes room', async () => {
  const running = await busy()
  const streams = await Promise.all(Array.from({ length: MOST_OWN }, () => viewer(running, 'demo-admin')))
  const before = running.live.viewers
  streams[0]?.response.destroy()
  // Its next event goes to those who are left.
  await streams[1]?.next()
  while (running.live.viewers === before) await new Promise((resolve) => setImmediate(resolve))
  expect((await viewer(running, 'demo-admin')).response.statusCode).toBe(200)
})

/** Contrast of every text with what is behind it (WCAG 2.2 §1.4.3), smallest first. */
function contrasts(page: Page): Promise<{ text: string; ratio: number }[]> {
  return page.evaluate(`(() => {
    const light = (css) => {
      const [r, g, b] = css.match(/[\\d.]+/g).map(Number).map((c) => c / 255)
        .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const behind = (element) => {
      for (let e = element; e; e = e.parentElement) {
        const css = getComputedStyle(e).backgroundColor
        if (!/, 0\\)$/.test(css)) return css
      }
      return 'rgb(255, 255, 255)'
    }
    return [...document.querySelectorAll('body *:not(svg *)')]
      .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim() !== ''))
      .map((e) => {
        const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x)
        return { text: e.textContent.trim().slice(0, 40), ratio: (a + 0.05) / (b + 0.05) }
      })
      .sort((x, y) => x.ratio - y.ratio)
  })()`)
}

const WORDS = {
  fr: {
    board: 'Établissements',
    skip: 'Aller au contenu',
    live: 'En direct',
    stale: 'ne répond plus',
    map: 'Carte',
    reason: 'Motif',
    acknowledge: 'Prendre en compte',
    acknowledged: 'Prise en compte',
    snooze: 'Mettre en sourdine',
    snoozed: 'En sourdine',
  },
  en: {
    board: 'Establishments',
    skip: 'Skip to content',
    live: 'Live',
    stale: 'does not answer',
    map: 'Map',
    reason: 'Reason',
    acknowledge: 'Acknowledge',
    acknowledged: 'Acknowledged',
    snooze: 'Snooze',
    snoozed: 'Snoozed until',
  },
} as const

browserTest.each([
  ['fr', 'dark'],
  ['en', 'light'],
] as const)(
  'in a browser, %s and %s: board, map, live counter, an alert taken in hand, no fault',
  async (language, theme) => {
    const words = WORDS[language]
    const running = await busy()
    const page = await (await look({ language, theme, key: 'demo-admin' })).newPage()
    const wrong = faultsOf(page, running.url)
    await page.goto(`${running.url}/`)
    await page.locator('#live-on').getByText(words.live).waitFor()
    const folder = process.env['PASSERELLE_SCREENSHOTS']
    if (folder) await page.screenshot({ path: join(folder, `overview-${theme}.png`), fullPage: true })

    const [worst, ...rest] = await contrasts(page)
    expect(rest.length).toBeGreaterThan(40)
    expect(worst?.ratio, worst?.text).toBeGreaterThanOrEqual(4.5)
    expect(await axeFaults(page)).toEqual([])
    for (const width of [360, 1200]) {
      await page.setViewportSize({ width, height: 800 })
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
      expect(await page.getByRole('table', { name: words.board }).getByRole('row').count()).toBe(4)
      if (folder && width === 360)
        await page.screenshot({ path: join(folder, `overview-${theme}-narrow.png`), fullPage: true })
    }
    expect(await page.getByRole('img', { name: words.map }).locator('.place').count()).toBe(3)
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).toBe(words.skip)

    const counter = page.locator('[data-live="received"]')
    expect(await counter.textContent()).toBe('14')
    await running.journal.commit([intake(running.journal, 'L1')])
    await counter.getByText('15', { exact: true }).waitFor()

    await page.locator('.alerts a').first().click()
    expect(await axeFaults(page)).toEqual([])
    if (folder) await page.screenshot({ path: join(folder, `alert-${theme}.png`), fullPage: true })
    await page.locator('#ack-reason').fill('known fault, ticket 12')
    await page.getByRole('button', { name: words.acknowledge }).click()
    await page.getByText(words.acknowledged).first().waitFor()
    await page.locator('#snooze-reason').fill('works on Monday')
    await page.getByRole('button', { name: words.snooze }).click()
    await page.getByText(words.snoozed).first().waitFor()
    await page.goto(`${running.url}/alertes`)
    expect(await page.getByRole('table').getByRole('row').count()).toBe(2)
    expect(await axeFaults(page)).toEqual([])
    await page.goto(`${running.url}/`)
    await page.locator('#live-on').getByText(words.live).waitFor()
    expect(wrong).toEqual([])

    running.live.stop()
    await running.door.close(0)
    await page.getByText(words.stale).waitFor()
  },
)

browserTest(
  'in a browser without script the page is whole, says when it was made, and leads to a fresh one',
  async () => {
    const running = await busy()
    const page = await (await look({ language: 'fr', theme: 'light', script: false, key: 'demo-admin' })).newPage()
    await page.goto(`${running.url}/`)
    expect(await page.getByRole('table').count()).toBeGreaterThanOrEqual(5)
    expect(await page.locator('#live-on').isVisible()).toBe(false)
    await running.journal.commit([intake(running.journal, 'W1')])
    await page.getByRole('link', { name: 'Actualiser' }).click()
    expect(await page.locator('[data-live="received"]').textContent()).toBe('15')
    await page.getByRole('link', { name: 'English' }).click()
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('Overview')
  },
)
