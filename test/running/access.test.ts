import { request } from 'node:http'
import { expect, test } from 'vitest'
import { type Admits, breadthOf, MAY, PERMISSIONS, ROLES } from '../../src/core/roles.ts'
import { sha256 } from '../console/region.ts'
import { everyRoute, type Route } from './every-route.ts'
import { makeWorld, type World } from './gateway.ts'

/** What anybody may ask for: a route that is added here shows nothing of anybody. */
const OPEN = [
  'GET /.well-known/security.txt',
  'GET /api/sessions/keys',
  'GET /connexion',
  'GET /connexion/:provider',
  'GET /connexion/:provider/retour',
  'GET /connexion/urgence',
  'GET /degrade-sw.js',
  'GET /docs',
  'GET /fhir/.well-known/smart-configuration',
  'GET /fhir/metadata',
  'GET /healthz',
  'GET /lancer',
  'GET /openapi.json',
  ...['', '.atom', '.csv', '.json'].map((ending) => `GET /public/conformite${ending}`),
  'GET /readyz',
  'POST /api/sessions/verify',
  'POST /connexion/demo',
  'POST /connexion/role',
  'POST /connexion/urgence',
  'POST /deconnexion',
  'POST /lancer',
  'POST /oauth/token',
  'POST /telemedicine/reports/:channel',
]

/** Starts a whole gateway with somebody in every role; gives every route that its HTTP door serves. */
async function wholeGateway(): Promise<{ world: World; routes: readonly Route[] }> {
  const routes = everyRoute()
  const world = makeWorld()
  const bound = { establishments: ['sender'] }
  world.write(
    {},
    {
      establishments: [
        {
          id: 'sender',
          name: 'S',
          kind: 'hospital',
          senders: { facilities: ['S'], keys: [{ keySha256: sha256('k-sender') }] },
        },
      ],
      routes: [],
      operators: ROLES.map((role) => ({
        name: role,
        role,
        keySha256: sha256(`k-${role}`),
        ...(breadthOf(role) === 'own' && role !== 'editor' ? bound : {}),
        ...(role === 'editor' ? { ...bound, applications: ['DPI'] } : {}),
      })),
    },
  )
  await world.start()
  return { world, routes }
}

/** Calls from an address of this machine that was not used: failures are counted by address. */
let calls = 0
function statusOf(world: World, { method, url }: Route, key: string | null): Promise<number> {
  const path = url
    .replace(/:type/g, 'Patient')
    .replace(/:n\b/g, '1')
    .replace(/:version/g, '1')
    .replace(/:\w+/g, 'none')
  calls += 1
  const localAddress = `127.0.${1 + Math.floor(calls / 20 / 250)}.${2 + (Math.floor(calls / 20) % 250)}`
  const body = method === 'POST' || method === 'PUT' || method === 'PATCH' ? '{}' : null
  return new Promise((resolve, reject) => {
    const sent = request(
      world.url() + path,
      {
        method,
        localAddress,
        agent: false,
        headers: {
          ...(key === null ? {} : { authorization: `Bearer ${key}` }),
          ...(body === null ? {} : { 'content-type': 'application/json', 'content-length': 2 }),
        },
      },
      (answer) => {
        answer.resume()
        // A live stream has no end of its own.
        if (answer.headers['content-type']?.startsWith('text/event-stream')) {
          resolve(answer.statusCode ?? 0)
          sent.destroy()
        } else answer.on('end', () => resolve(answer.statusCode ?? 0))
      },
    )
    sent.on('error', reject)
    sent.end(body ?? undefined)
  })
}

const PEOPLE = [...ROLES, 'sender', 'nobody', 'stranger'] as const

/** Enough for what refuses a method, and for HEAD, which stands behind the guard of its GET. */
const FEW = ['requester', 'admin', 'sender', 'nobody'] as const

/** What the table says: passes, or the status of the refusal. */
function expected(admits: Admits, who: (typeof PEOPLE)[number]): 'passes' | 401 | 403 {
  if (admits === 'open' || admits === 'machine') return 'passes'
  if (who === 'nobody' || who === 'stranger') return 401
  if (admits === 'establishment' || admits === 'client') return who === 'sender' ? 'passes' : 403
  return MAY[who === 'sender' ? 'establishment' : who][admits] === undefined ? 403 : 'passes'
}

test('every route of a whole gateway says whom it lets pass, and lets pass exactly those in every role', async () => {
  const { world, routes } = await wholeGateway()
  expect(routes.length).toBeGreaterThan(40)
  expect(routes.filter(({ admits }) => admits === null)).toEqual([])
  const open = routes.filter(({ admits, refuses, method }) => admits === 'open' && !refuses && method !== 'HEAD')
  // Styles and scripts are the same for everybody.
  const named = open.map(({ method, url }) => `${method} ${url}`).filter((one) => !one.startsWith('GET /assets/'))
  expect(named.sort()).toEqual(OPEN)
  const wrong: string[] = []
  for (const route of routes) {
    const { method, url, admits, refuses } = route
    await Promise.all(
      (refuses || method === 'HEAD' ? FEW : PEOPLE).map(async (who) => {
        const status = await statusOf(world, route, who === 'nobody' ? null : `k-${who}`)
        const wanted = expected(admits!, who)
        const found = refuses
          ? status === 405
            ? 'passes'
            : status
          : status === 401 || status === 403
            ? status
            : 'passes'
        if (found !== wanted && !OWN_FAILURES.includes(url)) wrong.push(`${method} ${url}: ${who} got ${status}`)
        if (status >= 500) wrong.push(`${method} ${url}: ${who} got ${status}`)
      }),
    )
  }
  expect(wrong).toEqual([])
  const asked = new Set(routes.map(({ admits }) => admits))
  expect([...asked].filter((one) => one !== null && !KINDS.has(one))).toEqual([])
}, 240_000)

/** They ask for a proof of their own in what is sent, and tell themselves that it is missing. */
const OWN_FAILURES = ['/oauth/token', '/lancer', '/connexion/urgence']
const KINDS: ReadonlySet<string> = new Set([...PERMISSIONS, 'open', 'machine', 'establishment', 'client'])
