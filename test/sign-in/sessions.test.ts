import { expect, test } from 'vitest'
import { machineIds } from '../../src/app/cli/machine.ts'
import { BOUND } from '../../src/app/sign-in/bound.ts'
import { demoName } from '../../src/app/sign-in/demo.ts'
import { Sessions } from '../../src/app/sign-in/sessions.ts'
import { MAY, ROLES } from '../../src/core/roles.ts'
import { someConfig } from '../console/region.ts'
import { someSignIn, startSignIn } from './world.ts'

const MINUTE = 60_000

async function signedIn(role = 'operator') {
  const world = await startSignIn({ demo: true })
  const browser = world.browser()
  const answer = await browser.send('/connexion/demo', { role, suite: '/session' })
  return { ...world, browser, answer }
}

test('one click: a session, whose cookie no script reads and no other site sends', async () => {
  const { browser, answer, events, journal } = await signedIn()
  expect([answer.status, answer.location]).toEqual([303, '/session'])
  expect(answer.setCookies).toEqual([expect.stringMatching(/^session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/)])
  expect((await browser.go('/session')).text).toContain('demo-operator')
  expect((await browser.go('/api/status')).status).toBe(200)
  expect((await browser.go('/api/audit/head')).status).toBe(404)
  expect((await events()).map(({ what, who }) => [what, who])).toEqual([
    ['sign-in', 'demo-operator'],
    ['take-role', 'demo-operator'],
  ])
  const kept = JSON.stringify(await journal.read({ sql: 'SELECT * FROM session', parameters: [] }))
  expect(kept).not.toContain(browser.cookies.get('session'))
})

test('the demo signs in as every role, and each sees a page of its own', async () => {
  const { browser } = await startSignIn({ demo: true })
  for (const role of ROLES) {
    const own = browser()
    expect((await own.send('/connexion/demo', { role })).status, role).toBe(303)
    const { text } = await own.go('/session')
    expect(text, role).toContain(demoName(role))
    const reach = role === 'expert' ? 'Angers' : 'Laval'
    expect(/<dt>Périmètre<\/dt><dd>([^<]*)/.exec(text)?.[1], role).toContain(
      BOUND.includes(role) ? reach : 'toute la région',
    )
    const first = await own.go('/')
    expect([first.status, first.location], role).toEqual(
      MAY[role]['overview:read'] === undefined ? [303, '/session'] : [200, null],
    )
  }
})

test.each<[name: string, passMs: number, status: number]>([
  ['used within the idle limit', 29 * MINUTE, 200],
  ['unused beyond it', 31 * MINUTE, 303],
])('a session %s', async (_name, passMs, status) => {
  const { browser, pass, events } = await signedIn()
  pass(passMs)
  expect((await browser.go('/session')).status).toBe(status)
  const ended = (await events()).filter(({ what }) => what === 'end-session')
  expect(ended.map(({ detail }) => detail?.split(' · ').at(-1))).toEqual(status === 200 ? [] : ['idle'])
})

test('however much it is used, a session ends', async () => {
  const { browser, pass, events } = await signedIn()
  for (let hours = 0; hours < 9.9; hours += 0.45) {
    expect((await browser.go('/session')).status).toBe(200)
    pass(0.45 * 60 * MINUTE)
  }
  expect((await browser.go('/session')).status).toBe(303)
  expect((await events()).at(-1)?.detail).toMatch(/absolute$/)
})

test('that it was used is written once a minute', async () => {
  const { browser, pass, journal } = await signedIn()
  const used = async () =>
    Number((await journal.read<{ n: number }>({ sql: 'SELECT used_at_ms AS n FROM session', parameters: [] }))[0]?.n)
  const first = await used()
  pass(MINUTE / 2)
  await browser.go('/session')
  expect(await used()).toBe(first)
  pass(MINUTE / 2)
  await browser.go('/session')
  expect(await used()).toBeGreaterThan(first)
})

test('a session is known to another node, and after a restart', async () => {
  const { browser, journal, sessions, nowMs } = await signedIn()
  const cookie = browser.cookies.get('session') ?? ''
  expect((await sessions.find(cookie))?.person).toMatchObject({ role: 'operator', who: 'demo-operator' })
  const other = new Sessions({
    journal,
    config: () => someConfig({ signIn: someSignIn({ demo: true }) }),
    clock: { nowMs },
    ids: machineIds,
    log: { info() {}, warn() {}, error() {} },
  })
  expect(await other.callerOf(cookie)).toMatchObject({ role: 'operator' })
  await sessions.signOut(cookie)
  expect(await other.callerOf(cookie)).toBeNull()
})

test('a page that shows the sessions used last says how many are open; signing out everywhere ends them all', async () => {
  const { browser, sessions } = await startSignIn({ demo: true })
  const [auditor, here] = [browser(), browser()]
  await auditor.send('/connexion/demo', { role: 'auditor' })
  await here.send('/connexion/demo', { role: 'operator' })
  expect((await auditor.go('/session')).text).not.toContain('utilisées en dernier')
  const { row } = (await sessions.find(here.cookies.get('session')!))!
  for (let n = 0; n < 201; n += 1) await sessions.begin(row, 'sign-in')
  expect((await auditor.go('/session')).text).toContain('Les 200 sessions utilisées en dernier, sur 203 ouvertes.')
  await here.send('/session/partout')
  expect(await sessions.count()).toBe(1)
})

test('sessions of one person: seen, ended one by one and all at once; those of others by who may', async () => {
  const { browser, sessions, events } = await startSignIn({ demo: true })
  const [here, there, other, auditor] = [browser(), browser(), browser(), browser()]
  for (const [one, role] of [
    [here, 'operator'],
    [there, 'operator'],
    [other, 'support'],
    [auditor, 'auditor'],
  ] as const) {
    await one.send('/connexion/demo', { role })
  }
  const named = async (who: string) =>
    (await sessions.list(null)).filter((row) => row.who === who).map(({ name }) => name)
  const [support = ''] = await named('demo-support')
  // Not of others, and not by a name that is none.
  expect((await here.send('/session/fin', { session: support })).status).toBe(404)
  expect((await here.send('/session/fin', { session: 'x' })).status).toBe(404)
  const page = (await here.go('/session')).text
  expect([...page.matchAll(/name="session" value="([^"]+)"/g)]).toHaveLength(1)
  expect((await auditor.go('/session')).text).toContain(support)
  expect((await auditor.send('/session/fin', { session: support })).location).toBe('/session')
  expect((await other.go('/session')).status).toBe(303)
  expect((await events()).at(-1)).toMatchObject({
    what: 'end-session',
    who: 'demo-auditor',
    detail: expect.stringMatching(/of demo-support · by-another$/),
  })
  const [, ended = ''] = /name="session" value="([^"]+)"/.exec(page) ?? []
  expect((await here.send('/session/fin', { session: ended })).location).toBe('/session')
  expect((await there.go('/session')).status).toBe(303)
  await there.send('/connexion/demo', { role: 'operator' })
  expect((await here.send('/session/partout')).location).toBe('/connexion?fin=1')
  for (const one of [here, there]) expect((await one.go('/session')).status).toBe(303)
  expect((await auditor.go('/session')).status).toBe(200)
  expect((await auditor.send('/deconnexion')).location).toBe('/connexion?fin=1')
  expect(auditor.cookies.size).toBe(0)
  expect(await sessions.list(null)).toEqual([])
})

test('whoever signs in again leaves the session before', async () => {
  const { browser, sessions } = await signedIn()
  const first = browser.cookies.get('session')
  await browser.send('/connexion/demo', { role: 'dpo' })
  expect((await sessions.list(null)).map(({ who }) => who)).toEqual(['demo-dpo'])
  expect((await browser.go('/session', { cookie: `session=${first}` })).status).toBe(303)
})

test('what is over is marked so without a visit, and forgotten a week later', async () => {
  const { sessions, pass, events, journal } = await signedIn()
  await sessions.tidy()
  expect(await sessions.list(null)).toHaveLength(1)
  pass(31 * MINUTE)
  await sessions.tidy()
  expect((await events()).at(-1)).toMatchObject({ what: 'end-session', detail: expect.stringMatching(/idle$/) })
  const rows = () => journal.read({ sql: 'SELECT id FROM session', parameters: [] })
  expect(await rows()).toHaveLength(1)
  pass(8 * 24 * 60 * MINUTE)
  await sessions.tidy()
  expect(await rows()).toHaveLength(0)
})

test('a demo that is switched off ends its sessions', async () => {
  const { browser, change } = await signedIn()
  change({ demo: false })
  expect((await browser.go('/session')).status).toBe(303)
})

test('what a page asks by itself keeps no session alive', async () => {
  const { browser, pass } = await signedIn()
  for (let minutes = 0; minutes < 30; minutes += 10) {
    pass(10 * MINUTE)
    expect((await browser.go('/session', { 'sec-fetch-mode': 'cors' })).status).toBe(200)
  }
  pass(MINUTE)
  expect((await browser.go('/session', { 'sec-fetch-mode': 'cors' })).status).toBe(303)
})

test('every word of the French pages is French', async () => {
  const { browser } = await signedIn('auditor')
  const seen = (text: string) => text.replace(/<[^>]*>/g, ' ').toLowerCase()
  for (const path of ['/session', '/connexion?fin=1']) {
    const { text } = await browser.go(path, path === '/session' ? {} : { cookie: '' })
    expect(seen(text)).not.toMatch(
      /\b(sign|login|logout|token|session id|gateway|provider|break-glass|password|role)\b/,
    )
  }
})
