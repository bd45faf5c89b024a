import { once } from 'node:events'
import { expect, test } from 'vitest'
import { MOST_OWN } from '../../src/console/page/overview/live.ts'
import { corners, project } from '../../src/console/page/overview/map.ts'
import { CANARY, delivery, INS, intake, startConsole } from './gateway.ts'
import { busy, raise, region, viewer } from './overview-world.ts'

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
