import { expect, test } from 'vitest'
import { type Caller, may, reachOf } from '../../src/core/caller.ts'
import { type Admits, PERMISSIONS, type Permission, ROLES } from '../../src/core/roles.ts'
import { everyRoute } from './every-route.ts'
import { hiddenFrom, shownTo } from './scope-persons.ts'
import { ROWS } from './scope-rows.ts'
import { faultsOfUnits } from './scope-units.ts'
import { mayReveal, type Scene, type Side, startScene, type Who } from './scope-world.ts'

/** Does a route that admits these show a caller of this role less than the whole region, by the table of roles? */
function isScoped(who: Who, admits: Admits | null): boolean {
  if (admits === 'client' || admits === 'establishment') return who === 'establishment'
  if (!PERMISSIONS.includes(admits as Permission)) return false
  const permission = admits as Permission
  const reach = { establishments: ['ch-a'], applications: who === 'editor' ? ['DPI'] : null }
  const caller: Caller =
    who === 'establishment'
      ? { role: who, who, establishment: 'ch-a', scope: null }
      : { role: who, who, reach, content: mayReveal(who) }
  return may(caller, permission) && reachOf(caller, permission) !== null
}

test('every role sees and reaches on every scoped route what is its own, and nothing else', async () => {
  const routes = everyRoute()
  const scene = await startScene()
  const [scoped, heads] = [new Map<string, Who[]>(), new Map<string, Who[]>()]
  for (const { method, url, admits, refuses } of routes) {
    const whose = [...ROLES, 'establishment' as const].filter((who) => isScoped(who, admits))
    if (refuses || whose.length === 0) continue
    if (method === 'HEAD' && routes.some((one) => one.method === 'GET' && one.url === url)) heads.set(url, whose)
    else scoped.set(`${method} ${url}`, whose)
  }
  expect(scoped.size).toBeGreaterThan(35)
  expect([...scoped.keys()].filter((route) => !Object.hasOwn(ROWS, route)).sort()).toEqual([])
  expect(Object.keys(ROWS).filter((route) => !scoped.has(route))).toEqual([])
  const wrong: string[] = []
  for (const [route, whose] of scoped) {
    for (const who of whose) {
      const faults = await faultsOf(scene, route, who)
      wrong.push(...faults.map((fault) => `${who} ${route}: ${fault}`))
    }
  }
  for (const [url, whose] of heads) {
    for (const who of whose) wrong.push(...(await faultsOfHead(scene, url, who)))
  }
  expect([...wrong, ...(await faultsOfUnits(scene, routes))]).toEqual([])
}, 240_000)

/** HEAD says of what is another's that it is not there, as GET does, and nothing else of it. */
async function faultsOfHead(scene: Scene, url: string, who: Who): Promise<readonly string[]> {
  const row = ROWS[`GET ${url}`]
  if (row?.kind !== 'one') return []
  const { a, b } = scene.things
  const [own, other] = [a, b].map((thing) => scene.call(who, 'a', { ...row.ask(thing), method: 'HEAD' }))
  const [mine, theirs] = [await own!, await other!]
  return mine.status < 300 && theirs.status === 404 ? [] : [`${who} HEAD ${url}: ${mine.status}, ${theirs.status}`]
}

async function faultsOf(scene: Scene, route: string, who: Who): Promise<readonly string[]> {
  const row = ROWS[route]!
  if (row.kind === 'told') return row.check(scene, who)
  const { a, b } = scene.things
  const faults: string[] = []
  for (const [own, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const side: Side = own.side
    if (row.kind === 'list') faults.push(...shownTo(who, side, await scene.call(who, side, row.ask(own))))
    else {
      faults.push(...hiddenFrom(who, side, await scene.call(who, side, row.ask(other))))
      faults.push(...shownTo(who, side, await scene.call(who, side, row.ask(own))))
    }
  }
  return faults
}
