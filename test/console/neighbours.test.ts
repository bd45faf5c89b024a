import { expect, test } from 'vitest'
import { NOTHING, type Reach } from '../../src/core/caller.ts'
import type { RouteRule } from '../../src/core/config.ts'
import { announcedTo, neighboursOf, type RouteSeen, routeSeen } from '../../src/core/neighbours.ts'
import { someConfig } from './region.ts'

const of = (...establishments: string[]): Reach => ({ establishments, applications: null })
const product: Reach = { establishments: ['a'], applications: ['DPI'] }
const route = (from: readonly string[] | null, to: readonly string[]) =>
  ({ when: from === null ? {} : { from }, to }) as unknown as RouteRule

test.each<[name: string, reach: Reach | null, from: string[] | null, to: string[], seen: RouteSeen | null]>([
  ['the whole region', null, ['a', 'b'], ['c/x', 'd/y'], { from: ['a', 'b'], to: ['c/x', 'd/y'] }],
  ['one of two senders', of('a'), ['a', 'b'], ['c/x', 'd/y'], { from: ['a'], to: ['c/x', 'd/y'] }],
  ['one of two receivers', of('c'), ['a', 'b'], ['c/x', 'd/y'], { from: ['a', 'b'], to: ['c/x'] }],
  ['a sender that receives too', of('a'), ['a', 'b'], ['a/x', 'd/y'], { from: ['a', 'b'], to: ['a/x', 'd/y'] }],
  ['neither', of('e'), ['a', 'b'], ['c/x', 'd/y'], null],
  ['what begins alike', of('c'), ['ca'], ['ca/x', 'cc/x'], null],
  ['who may send as anybody', of('e'), null, ['c/x'], { from: null, to: ['c/x'] }],
  ['a product that sends', product, ['a', 'b'], ['c/x'], { from: ['a'], to: ['c/x'] }],
  ['a product, of what its establishment receives', product, ['b'], ['a/x'], null],
  ['nobody, by a route from anybody', NOTHING, null, ['c/x'], null],
])('of a route, %s sees its own end and the other', (_name, reach, from, to, seen) => {
  expect(routeSeen(route(from, to), reach)).toEqual(seen)
})

const config = someConfig({
  routes: [route(['ch-laval'], ['chu-angers/unv']), route(['ehpad-a'], ['ch-laval/gam', 'chu-angers/dpi'])],
})

test.each<[reach: Reach | null, establishments: string[] | null, destinations: string[]]>([
  [null, null, ['ch-laval/gam', 'chu-angers/dpi', 'chu-angers/unv']],
  [of('ch-laval'), ['ch-laval', 'chu-angers', 'ehpad-a'], ['ch-laval/gam', 'chu-angers/unv']],
  [of('chu-angers'), ['ch-laval', 'chu-angers', 'ehpad-a'], ['chu-angers/dpi', 'chu-angers/unv']],
  [{ establishments: ['ch-laval'], applications: ['DPI'] }, ['ch-laval', 'chu-angers'], ['chu-angers/unv']],
  [NOTHING, [], []],
])('%j has to do with %j', (reach, establishments, destinations) => {
  const found = neighboursOf(config, reach)
  expect([found.establishments && [...found.establishments].sort(), [...found.destinations].sort()]).toEqual([
    establishments,
    destinations,
  ])
})

test('anybody may send to who receives from anybody', () => {
  const open = { ...config, routes: [route(null, ['ch-laval/gam'])] }
  expect(neighboursOf(open, of('ch-laval')).establishments).toBeNull()
})

test('maintenance is announced to whom it touches', () => {
  const works = (text: string, destinations: string[]) => ({
    id: text,
    from: '2026-01-01T10:00:00Z',
    until: '2026-01-01T12:00:00Z',
    text,
    destinations,
    pause: false,
    who: 'op',
  })
  const planned = [works('all', []), works('both', ['chu-angers/unv', 'ehpad-a/dpi']), works('dpi', ['chu-angers/dpi'])]
  const told = (reach: Reach | null) =>
    announcedTo(planned, config, reach).map(({ text, destinations }) => [text, ...destinations])
  expect(told(null)).toEqual([['all'], ['both', 'chu-angers/unv', 'ehpad-a/dpi'], ['dpi', 'chu-angers/dpi']])
  expect(told(of('ch-laval'))).toEqual([['all'], ['both', 'chu-angers/unv']])
  expect(told(of('ehpad-a'))).toEqual([['all'], ['dpi', 'chu-angers/dpi']])
  expect(told(NOTHING)).toEqual([['all']])
})
