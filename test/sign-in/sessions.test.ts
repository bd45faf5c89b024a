import { expect, test } from 'vitest'
import { machineIds } from '../../src/app/cli/machine.ts'
import { demoName } from '../../src/app/sign-in/demo.ts'
import { Sessions } from '../../src/app/sign-in/sessions.ts'
import { ROLES } from '../../src/core/roles.ts'
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

test.each(ROLES.map((role) => [role]))('the demo signs in as %s', async (role) => {
  const { browser, answer } = await signedIn(role)
  expect(answer.status).toBe(303)
  expect((await browser.go('/session')).text).toContain(demoName(role))
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
  const { browser, journal, sessions } = await signedIn()
  const cookie = browser.cookies.get('session') ?? ''
  expect((await sessions.find(cookie))?.person).toMatchObject({ role: 'operator', who: 'demo-operator' })
  const other = new Sessions({
    journal,
    config: () => someConfig({ signIn: someSignIn({ demo: true }) }),
    clock: { nowMs: () => Date.now() },
    ids: machineIds,
    log: { info() {}, warn() {}, error() {} },
  })
  expect(await other.callerOf(cookie)).toMatchObject({ role: 'operator' })
  await sessions.signOut(cookie)
  expect(await other.callerOf(cookie)).toBeNull()
})
