import { expect, test } from 'vitest'
import type { Provider } from '../../src/core/sign-in.ts'
import { providerOf, type RunningProvider, signInAt, startProvider } from './provider.ts'
import { grant, type SignInWorld, startSignIn } from './world.ts'

const PEOPLE = [
  { name: 'Camille', provider: 'psc', subject: '899700000017', match: {}, grants: [grant('operator')] },
  {
    name: null,
    provider: 'chu',
    subject: null,
    match: { groups: 'passerelle-exploitation' },
    grants: [grant('operator'), grant('auditor')],
  },
]

interface With extends SignInWorld {
  readonly provider: RunningProvider
}

async function withProvider(changes: Partial<Provider> = {}): Promise<With> {
  const world = await startSignIn({ people: PEOPLE })
  const provider = await startProvider(['psc', 'chu'].map((id) => `${world.url}/connexion/${id}/retour`))
  world.change({
    providers: [
      providerOf(provider.issuer, changes),
      providerOf(provider.issuer, { id: 'chu', name: 'CHU', claims: { subject: 'sub', name: ['given_name'] } }),
    ],
  })
  return { ...world, provider }
}

/** A browser that went to the provider, and the address it is sent back to. */
async function gone({ browser, provider }: With, login = 'camille', id = 'psc', edit = (url: URL) => url) {
  const own = browser()
  const start = await own.go(`/connexion/${id}?suite=${encodeURIComponent('/session')}`)
  const url = edit(new URL(start.location ?? ''))
  return { own, start, back: new URL(await signInAt(provider.issuer, url.href, login)) }
}

const pathOf = ({ pathname, search }: URL): string => pathname + search

test('somebody signs in with a provider: PKCE, state and nonce, one role, no token in the browser', async () => {
  const world = await withProvider()
  const { own, start, back } = await gone(world)
  const asked = new URL(start.location ?? '').searchParams
  expect(Object.fromEntries(asked)).toMatchObject({
    response_type: 'code',
    scope: 'openid',
    code_challenge_method: 'S256',
    state: expect.stringMatching(/^.{43}$/),
    nonce: expect.stringMatching(/^.{43}$/),
  })
  expect(start.setCookies[0]).toMatch(/^errand-psc=[\w-]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=600$/)
  expect(back.searchParams.get('iss')).toBe(world.provider.issuer)
  const page = await own.go(pathOf(back))
  expect([page.status, page.location]).toEqual([200, null])
  expect(page.text).toContain('href="/connexion?suite=%2Fsession"')
  expect([...own.cookies.keys()]).toEqual(['session'])
  expect((await own.go('/connexion?suite=%2Fsession')).location).toBe('/session')
  expect((await own.go('/session')).text).toMatch(/Camille<\/dd>.*Exploitant.*Pro Santé Connect/s)
  expect((await world.events()).map(({ what, who }) => [what, who])).toEqual([
    ['sign-in', 'Camille'],
    ['take-role', 'Camille'],
  ])
})

test('whoever has several roles chooses one, and the cookie changes', async () => {
  const world = await withProvider()
  const { own, back } = await gone(world, 'camille', 'chu')
  await own.go(pathOf(back))
  const before = own.cookies.get('session')
  expect((await own.go('/session')).status).toBe(303)
  expect((await own.go('/api/status', { accept: 'application/json' })).status).toBe(401)
  const choice = await own.go('/connexion?suite=%2Fsession')
  const grants = [...choice.text.matchAll(/name="grant" value="([^"]*)"/g)].map(([, value = '']) =>
    value.replaceAll('&quot;', '"'),
  )
  expect(grants.map((text) => JSON.parse(text).role)).toEqual(['operator', 'auditor'])
  expect((await own.send('/connexion/role', { grant: grants[1]!, suite: '/session' })).location).toBe('/session')
  expect(own.cookies.get('session')).not.toBe(before)
  expect((await own.go('/session')).text).toContain('Camille (chu camille)')
  expect((await own.go('/session', { cookie: `session=${before}` })).status).toBe(303)
  // Another role, from the page on the session; one that was not given is no role.
  await own.send('/connexion/role', { grant: grants[0]! })
  expect((await own.go('/api/status')).status).toBe(200)
  await own.send('/connexion/role', { grant: grants[0]!.replace('operator', 'admin') })
  expect((await own.go('/session')).text).toContain('Exploitant')
})

const ATTACKS: [name: string, attack: (world: With) => Promise<{ status: number; text: string }>, code: string][] = [
  [
    'the state of somebody else',
    async (world) => {
      const { own, back } = await gone(world)
      back.searchParams.set('state', 'x'.repeat(43))
      return own.go(pathOf(back))
    },
    'SIGN_IN_EXPIRED',
  ],
  ['in another browser', async (world) => world.browser().go(pathOf((await gone(world)).back)), 'SIGN_IN_EXPIRED'],
  [
    'the same answer twice',
    async (world) => {
      const { own, back } = await gone(world)
      const cookies = new Map(own.cookies)
      await own.go(pathOf(back))
      for (const [name, value] of cookies) own.cookies.set(name, value)
      return own.go(pathOf(back))
    },
    'SIGN_IN_EXPIRED',
  ],
  [
    'ten minutes late',
    async (world) => {
      const { own, back } = await gone(world)
      world.pass(600_001)
      return own.go(pathOf(back))
    },
    'SIGN_IN_EXPIRED',
  ],
  [
    'a code that was used',
    async (world) => {
      const first = await gone(world)
      await first.own.go(pathOf(first.back))
      const { own, back } = await gone(world)
      back.searchParams.set('code', first.back.searchParams.get('code') ?? '')
      return own.go(pathOf(back))
    },
    'PROVIDER_REFUSED',
  ],
  [
    'a nonce that is not ours',
    async (world) => {
      const { own, back } = await gone(world, 'camille', 'psc', (url) => {
        url.searchParams.set('nonce', 'of-another-sign-in')
        return url
      })
      return own.go(pathOf(back))
    },
    'PROVIDER_UNTRUSTED',
  ],
  [
    'a PKCE challenge that is not ours',
    async (world) => {
      const { own, back } = await gone(world, 'camille', 'psc', (url) => {
        url.searchParams.set('code_challenge', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM')
        return url
      })
      return own.go(pathOf(back))
    },
    'PROVIDER_REFUSED',
  ],
  [
    'an answer that says it is of another provider (RFC 9207)',
    async (world) => {
      const { own, back } = await gone(world)
      back.searchParams.set('iss', 'https://other.test')
      return own.go(pathOf(back))
    },
    'PROVIDER_UNTRUSTED',
  ],
  [
    'an answer without its provider (RFC 9207)',
    async (world) => {
      const { own, back } = await gone(world)
      back.searchParams.delete('iss')
      return own.go(pathOf(back))
    },
    'PROVIDER_UNTRUSTED',
  ],
  [
    'the answer to another provider of ours',
    async (world) => {
      const { own, back } = await gone(world)
      return own.go(pathOf(back).replace('/connexion/psc/', '/connexion/chu/'))
    },
    'SIGN_IN_EXPIRED',
  ],
  [
    'given up at the provider',
    async (world) => {
      const { own, back } = await gone(world)
      back.searchParams.delete('code')
      back.searchParams.set('error', 'access_denied')
      return own.go(pathOf(back))
    },
    'PROVIDER_REFUSED',
  ],
  [
    'nobody we know',
    async (world) => {
      const { own, back } = await gone(world, 'dominique')
      return own.go(pathOf(back))
    },
    'PERSON_UNKNOWN',
  ],
]

test('nobody is signed in by anything but a whole and fresh answer', async () => {
  const world = await withProvider()
  for (const [name, attack, code] of ATTACKS) {
    const { status, text } = await attack(world)
    expect(status, name).toBeGreaterThanOrEqual(400)
    expect(text, name).toContain(code === 'PERSON_UNKNOWN' ? '899700000025' : code)
    const events = await world.events()
    expect(events.at(-1), name).toMatchObject({ what: 'refuse-sign-in', code })
    // Some attacks begin with a sign-in that is in order.
    const begun = events.filter(({ what }) => what === 'sign-in').length
    expect(await world.sessions.list(null), name).toHaveLength(begun)
  }
  expect((await world.events()).filter(({ what }) => what === 'sign-in')).toHaveLength(2)
})

test.each<[name: string, changes: Partial<Provider>, login: string, code: string]>([
  ['an assurance that was not reached', { acrValues: ['eidas1'] }, 'camille', 'PROVIDER_UNTRUSTED'],
  ['a signature of another algorithm', { signatures: ['ES256'] }, 'camille', 'PROVIDER_UNTRUSTED'],
  ['a wrong secret of ours', { clientSecret: 'wrong' }, 'camille', 'PROVIDER_REFUSED'],
  [
    'an address that the provider has not verified',
    { claims: { subject: 'email', name: [] } },
    'sacha',
    'PERSON_UNKNOWN',
  ],
])('refused: %s', async (_name, changes, login, code) => {
  const world = await withProvider(changes)
  const { own, back } = await gone(world, login)
  expect((await own.go(pathOf(back))).status).toBeGreaterThanOrEqual(400)
  expect((await world.events()).at(-1)).toMatchObject({ what: 'refuse-sign-in', code })
  expect(world.log.join('')).not.toMatch(/code=|secret"|eyJ/)
})

test('a provider that is out says so on a page, and others go on; what it said before holds for a while', async () => {
  const world = await withProvider()
  const other = providerOf('http://127.0.0.1:9', { id: 'out', name: 'Panne' })
  world.change({ providers: [other, providerOf(world.provider.issuer)] })
  const out = await world.browser().go('/connexion/out')
  expect([out.status, out.text]).toEqual([502, expect.stringContaining('Le fournisseur d&#39;identité ne répond pas')])
  const { own, back } = await gone(world)
  expect((await own.go(pathOf(back))).status).toBe(200)
  await world.provider.stop()
  world.pass(3_600_001)
  expect((await world.browser().go('/connexion/psc')).status).toBe(303)
  expect((await own.go(pathOf(back))).status).toBe(400)
})

test('a grant that leaves the configuration ends the sessions it allowed at once', async () => {
  const world = await withProvider()
  const { own, back } = await gone(world)
  await own.go(pathOf(back))
  expect((await own.go('/api/status')).status).toBe(200)
  world.change({ people: [{ ...PEOPLE[0]!, grants: [grant('auditor')] }] })
  expect((await own.go('/api/status', { accept: '*/*' })).status).toBe(401)
  world.change({ people: PEOPLE })
  expect((await own.go('/api/status', { accept: '*/*' })).status).toBe(401)
  const ended = (await world.events()).filter(({ what }) => what === 'end-session')
  expect(ended).toMatchObject([{ who: 'Camille', detail: expect.stringMatching(/not-granted$/) }])
})
