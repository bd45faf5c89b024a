import { expect, test } from 'vitest'
import { type Caller, may, reachOf } from '../../src/core/caller.ts'
import { type Admits, PERMISSIONS, type Permission, ROLES } from '../../src/core/roles.ts'
import { everyRoute } from './every-route.ts'
import { hiddenFrom, shownTo } from './scope-persons.ts'
import { ROWS, type Row } from './scope-rows.ts'
import { faultsInUnit, IN_UNITS, UNDIVIDED, UNIT_ROLES } from './scope-units.ts'
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
  const scoped = new Map<string, Who[]>()
  const names = new Set(routes.map(({ method, url }) => `${method} ${url}`))
  for (const { method, url, admits, refuses } of routes) {
    const whose = [...ROLES, 'establishment' as const].filter((who) => isScoped(who, admits))
    // A HEAD that a GET brings with it is asked wherever that is.
    const brought = method === 'HEAD' && names.has(`GET ${url}`)
    if (!refuses && !brought && whose.length > 0) scoped.set(`${method} ${url}`, whose)
  }
  expect(scoped.size).toBeGreaterThan(35)
  expect([...scoped.keys()].filter((route) => !Object.hasOwn(ROWS, route)).sort()).toEqual([])
  expect(Object.keys(ROWS).filter((route) => !scoped.has(route))).toEqual([])
  const wrong: string[] = []
  for (const [route, whose] of scoped) {
    for (const who of whose) {
      const before = scene.calls.length
      const faults = [...(await faultsOf(scene, route, who))]
      if (names.has(route.replace(/^GET /, 'HEAD '))) faults.push(...(await headFaults(scene, route, before)))
      wrong.push(...faults.map((fault) => `${who} ${route}: ${fault}`))
    }
  }
  const ofUnits = [...scoped].flatMap(([route, whose]) =>
    UNIT_ROLES.filter((who) => whose.includes(who)).map((who) => [route, who] as const),
  )
  const known = [...Object.keys(IN_UNITS), ...UNDIVIDED].sort()
  expect([...new Set(ofUnits.map(([route]) => route))].sort()).toEqual(known)
  for (const [route, who] of ofUnits) {
    const faults = UNDIVIDED.includes(route) ? [] : await faultsInUnit(scene, route, who)
    wrong.push(...faults.map((fault) => `${who} of a unit ${route}: ${fault}`))
  }
  expect(wrong).toEqual([])
}, 60_000)

/** HEAD of what was got says what GET said, and has no body: of one's own, and of what is another's. */
async function headFaults(scene: Scene, route: string, since: number): Promise<string[]> {
  const [method, url = ''] = route.split(' ')
  const path = new RegExp(`^${url.replaceAll(/:\w+/g, '[^/]+')}(\\?|$)`)
  const asked = method === 'GET' ? scene.calls.slice(since) : []
  const got = asked.filter(
    ({ ask: { method: how = 'GET', json, form, path: at } }) =>
      how === 'GET' && json === undefined && form === undefined && path.test(at),
  )
  const faults: string[] = []
  for (const { who, side, ask, told } of new Map(got.map((one) => [one.told.status, one])).values()) {
    const { status, text } = await scene.call(who, side, { ...ask, method: 'HEAD' })
    if (status !== told.status || text !== '') faults.push(`HEAD ${side} got ${status}, GET ${told.status}`)
  }
  return faults
}

async function faultsOf(scene: Scene, route: string, who: Who): Promise<readonly string[]> {
  return faultsIn(scene, ROWS[route]!, who)
}

async function faultsIn(scene: Scene, row: Row, who: Who): Promise<readonly string[]> {
  if (row.kind === 'told') return row.check(scene, who)
  if (row.kind === 'all') {
    const faults: string[] = []
    for (const one of row.rows) faults.push(...(await faultsIn(scene, one, who)))
    return faults
  }
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
