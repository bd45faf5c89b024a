import { expect, test } from 'vitest'
import { until } from '../support/world/until.ts'
import { careWorld, cases, page, REGISTERED, register } from './care-world.ts'
import { everyRoute } from './every-route.ts'
import type { World } from './gateway.ts'

const KEY = 'requester-ch-laval'
const CARE = ['cases:read', 'cases:clinical', 'cases:act', 'appointments:read']
/** What shows nobody: ids that changed, slots, open cases of a duty by their number, the hour as it is understood, services. */
const NOBODY = ['/live/cases', '/api/slots', '/api/duty/:id/open']
/** Shows services, and no one. */
const BARE = ['/demandes']
const WEEK = 'from=2026-01-01T00:00:00Z&to=2099-01-01T00:00:00Z'

/** What the audit says that this person looked at, as AuditEvents. */
async function looked(world: World, who: string): Promise<readonly string[]> {
  const answer = await fetch(`${world.url()}/api/audit?limit=1000`, { headers: { authorization: 'Bearer admin' } })
  const { events } = (await answer.json()) as { events: readonly { line: string }[] }
  return events
    .map(({ line }) => JSON.parse(line))
    .filter(({ agent }) => agent[0].who.display === who)
    .map(({ entity }) => /GET [a-z/:-]*/.exec(entity[0]?.detail?.[0]?.valueString ?? '')?.[0] ?? '')
}

test('whatever page or answer shows cases, appointments or patients is in the audit, once for each opening', async () => {
  const routes = everyRoute()
  const world = await careWorld()
  await register(world)
  await until('the registration', async () =>
    (await page(world, KEY, '/demandes/stroke')).text.includes(REGISTERED[0]!),
  )
  const request = {
    service: 'stroke',
    callBack: '0199005001',
    reason: 'essai',
    patient: { identifiers: [], family: 'ESSAI', given: 'A', birthDate: null, sex: 'unknown' },
  }
  const asked = await fetch(`${world.url()}/api/cases`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ request }),
  })
  expect(asked.status).toBe(201)
  const [one] = await cases(world, KEY)
  const at: Readonly<Record<string, string>> = {
    '/dossiers': '/dossiers',
    '/dossiers/:id': `/dossiers/${one!.id}`,
    '/dossiers/:id/images': `/dossiers/${one!.id}/images`,
    '/dossiers/:id/synthese': `/dossiers/${one!.id}/synthese`,
    '/demandes/:service': '/demandes/stroke',
    '/rendez-vous': '/rendez-vous',
    '/api/cases': '/api/cases',
    '/api/cases/:id': `/api/cases/${one!.id}`,
    '/api/cases/:id/notices': `/api/cases/${one!.id}/notices`,
    '/api/cases/:id/attachments': `/api/cases/${one!.id}/attachments`,
    '/api/appointments': `/api/appointments?${WEEK}`,
  }
  // What there is none of here is not found, and shows nobody: each is told by its permission as those are.
  const unmade = [
    '/dossiers/:id/compte-rendu',
    '/rendez-vous/:id',
    '/api/appointments/:id',
    '/api/cases/attachments/:id',
    '/api/appointments/cases/:id',
    '/rendez-vous/dossiers/:id',
    '/dossiers/:id/actes',
    '/api/cases/:id/studies/found',
  ]
  const shows = routes.filter(({ method, admits }) => method === 'GET' && CARE.includes(admits ?? ''))
  const silent = shows.filter(({ look }) => look === null).map(({ url }) => url)
  expect([...new Set(silent)].sort()).toEqual([...NOBODY].sort())
  const known = [...Object.keys(at), ...unmade, ...NOBODY, ...BARE].sort()
  expect([...new Set(shows.map(({ url }) => url))].sort()).toEqual(known)
  for (const path of Object.values(at)) {
    expect((await page(world, KEY, path)).status).toBe(200)
    // As the page refreshes itself.
    for (let n = 0; n < 3; n += 1)
      await (
        await fetch(world.url() + path, { headers: { authorization: `Bearer ${KEY}`, 'x-passerelle-again': '1' } })
      ).text()
  }
  await until('the audit', async () => {
    const seen = await looked(world, KEY)
    return Object.keys(at).every((url) => seen.includes(`GET ${url}`))
  })
  const seen = await looked(world, KEY)
  for (const url of Object.keys(at)) expect([url, seen.filter((one) => one === `GET ${url}`).length]).toEqual([url, 1])
}, 240_000)
