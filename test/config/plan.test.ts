import { describe, expect, test } from 'vitest'
import { planOf } from '../../src/app/config/index.ts'
import { canonical } from '../../src/app/config/shared.ts'

const way = (parts: object = {}) => ({ type: 'mllp', host: 'h', port: 1, ...parts })
const route = (name: string, parts: object = {}) => ({ name, when: {}, to: ['platform'], ...parts })
const hospital = (destinations: object, parts: object = {}) => ({
  id: 'h',
  name: 'H',
  kind: 'hospital',
  destinations,
  ...parts,
})

/** The shared part of a region of one hospital `h`. */
function shared(destinations: object = {}, parts: object = {}, own: object = {}): string {
  return canonical({
    region: { name: 'R' },
    establishments: [hospital(destinations, own)],
    services: {},
    tables: {},
    maps: {},
    ...parts,
  })
}

function plan(before: string, after: string, queues: Record<string, [open: number, parked: number]> = {}) {
  const destinations = new Map(
    Object.entries(queues).map(([id, [open, parked]]) => [id, { open, parked, delivered: 0, oldestOpenAtMs: null }]),
  )
  return planOf({ revision: 7, json: before }, after, { destinations })
}

/** Changes as `what part name: at from>to, …`. */
function lines(before: string, after: string): string[] {
  return plan(before, after).changes.map(({ part, name, what, settings }) =>
    [`${what} ${part} ${name}`, settings.map(({ at, from, to }) => `${at} ${from}>${to}`).join(', ')]
      .filter(Boolean)
      .join(': '),
  )
}

const routes = (...names: string[]) => shared({}, { routes: names.map((name) => route(name)) })

const cases: [name: string, before: string, after: string, changes: string[]][] = [
  ['nothing', shared({ a: way() }), shared({ a: way() }), []],
  ['a default written down', shared({ a: way() }), shared({ a: way({ timeout: '30 s', retry: { factor: 2 } }) }), []],
  ['a destination more', shared(), shared({ a: way() }), ['added destination h/a']],
  ['one less', shared({ a: way(), b: way() }), shared({ b: way() }), ['removed destination h/a']],
  ['its port', shared({ a: way() }), shared({ a: way({ port: 2 }) }), ['changed destination h/a: port 1>2']],
  [
    'limits deep inside',
    shared({ a: way() }),
    shared({ a: way({ retry: { max: '1 min' }, maxInFlight: 3 }) }),
    ['changed destination h/a: maxInFlight null>3, retry.max "5 min">"1 min"'],
  ],
  [
    'the establishment alone',
    shared({ a: way() }),
    shared({ a: way() }, {}, { strict: true, sendsFor: ['h'] }),
    ['changed establishment h: sendsFor []>["h"], strict false>true'],
  ],
  [
    'hashes of keys, told and not shown',
    shared({}, { operators: [{ name: 'o', role: 'admin', keySha256: 'a'.repeat(64) }] }, { senders: { keys: [] } }),
    shared(
      {},
      { operators: [{ name: 'o', role: 'admin', keySha256: 'b'.repeat(64) }] },
      { senders: { keys: [{ keySha256: 'c'.repeat(64) }] } },
    ),
    ['changed operator o: keySha256 …>…', 'changed establishment h: senders.keys …>…'],
  ],
  [
    'a table and a map',
    shared({}, { tables: { t: ['a'] }, maps: { m: { x: '1' }, n: { x: '1' } } }),
    shared({}, { tables: { t: ['a', 'b'] }, maps: { m: { x: '2', y: '3' } } }),
    ['changed table t:  ["a"]>["a","b"]', 'removed map n', 'changed map m: x "1">"2", y null>"3"'],
  ],
  ['a route renamed', routes('a'), routes('b'), ['removed route a', 'added route b']],
  ['a route inserted moves none', routes('a', 'b'), routes('a', 'x', 'b'), ['added route x']],
  ['one route to the end', routes('a', 'b', 'c', 'd'), routes('b', 'c', 'd', 'a'), ['moved route a']],
  ['two routes swapped', routes('a', 'b'), routes('b', 'a'), ['moved route b']],
  ['three turned around', routes('a', 'b', 'c'), routes('c', 'b', 'a'), ['moved route c', 'moved route b']],
  [
    'a route that moves and changes is told twice',
    routes('a', 'b', 'c'),
    shared({}, { routes: [route('c', { lane: 'urgent' }), route('a'), route('b')] }),
    ['changed route c: lane "normal">"urgent"', 'moved route c'],
  ],
  [
    'an edit',
    routes('a'),
    shared({}, { routes: [route('a', { edit: [{ drop: 'NTE' }] })] }),
    ['changed route a: edit []>[{"drop":"NTE"}]'],
  ],
  [
    'the form of matricules',
    shared(),
    shared({}, { identities: { matricule: '^1' } }),
    [
      String.raw`changed identities identities: matricule "^[1-478]\\d{2}(0[1-9]|1[0-2]|[2-9]\\d)(\\d{2}|2[AB])\\d{6}$">"^1"`,
    ],
  ],
  [
    'retention',
    shared(),
    shared({}, { retention: { closed: '1 d' } }),
    ['changed retention retention: closed "30 d">"1 d"'],
  ],
]

test.each(cases)('a plan tells: %s', (_name, before, after, expected) => {
  expect(lines(before, after)).toEqual(expected)
  expect(plan(before, after).same).toBe(expected.length === 0)
})

describe('deliveries', () => {
  const both = shared({ a: way(), b: way() })
  const queues: Record<string, [number, number]> = { 'h/a': [2, 1], 'h/b': [0, 0], 'h/old': [0, 3], platform: [0, 0] }
  test.each<[string, string, string, string[], string[]]>([
    ['none touched', both, both, [], []],
    [
      'of a changed destination: they go by its new settings',
      both,
      shared({ a: way({ port: 9 }), b: way() }),
      ['h/a'],
      [],
    ],
    ['of one that goes', both, shared({ b: way() }), ['h/a'], ['h/a']],
    ['one with nothing waiting may go', both, shared({ a: way() }), [], []],
    ['one that went before is not asked again', shared({ a: way() }), shared({ a: way() }), [], []],
  ])('%s', (_name, before, after, affected, orphans) => {
    const found = plan(before, after, queues)
    expect(found.affected.map(({ destination }) => destination)).toEqual(affected)
    expect(found.orphans).toEqual(orphans)
  })

  test('parked ones alone are orphans too', () => {
    expect(plan(both, shared({ a: way() }), { 'h/b': [0, 1] })).toMatchObject({
      affected: [{ destination: 'h/b', open: 0, parked: 1 }],
      orphans: ['h/b'],
    })
  })
})

test('the first configuration of a store changes nothing that was there', () => {
  const first = planOf(null, shared({ a: way() }), { destinations: new Map() })
  expect(first).toMatchObject({ revision: null, same: false, changes: [], orphans: [] })
})
