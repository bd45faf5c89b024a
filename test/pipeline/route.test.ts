import { describe, expect, test } from 'vitest'
import type { Config, Destination, RouteRule, When } from '../../src/core/config.ts'
import { plan, type RouteFacts } from '../../src/pipeline/route.ts'

const destination = (id: string, use: Destination['use']): Destination => ({
  id,
  establishment: id.split('/')[0]!,
  use,
  target: { type: 'mllp', host: '127.0.0.1', port: 1, tls: null },
  maxInFlight: 1,
  urgentInFlight: 1,
  timeoutMs: 30_000,
  retry: { firstMs: 1_000, factor: 2, maxMs: 300_000, expiresMs: 604_800_000 },
  order: 'patient',
  onUnknown: 'resend',
  onRefused: 'continue',
  ackPolicy: {},
})
const route = (when: When, change: Partial<RouteRule> = {}): RouteRule => ({
  name: 'r',
  when,
  to: ['chu/unv'],
  lane: 'normal',
  alertAfterMs: null,
  awaitAdmissionMs: 0,
  edit: [],
  ...change,
})
const config = (...routes: RouteRule[]): Config => ({
  revision: 1,
  region: { name: 'test', timeZone: 'Europe/Paris', locale: 'fr' },
  operators: [],
  services: new Map([['stroke', { any: [{ path: 'OBR-31', in: { table: 'stroke' } }], all: [], none: [] }]]),
  establishments: new Map(),
  facilities: new Map(),
  destinations: new Map(
    [
      destination('chu/unv', 'qualification'),
      destination('chu/dpi', 'qualification'),
      destination('chu/real', 'production'),
    ].map((d) => [d.id, d]),
  ),
  routes,
  maps: new Map(),
  tables: new Map([['stroke', { codes: new Set(['230690007']), prefixes: ['I63'] }]]),
  retention: { closedMs: 1, refusedMs: 1, refusedMaxBytes: 1, ordersMs: 1, visitsMs: 1, auditMs: 1 },
})
const facts = (change: Partial<RouteFacts> = {}, fields: Record<string, readonly string[]> = {}): RouteFacts => ({
  kinds: ['ORM^O01'],
  establishment: 'ch-laval',
  receivers: ['UNV', '490000031'],
  profiles: ['1.0', 'CISIS_TLR_HL7_V2'],
  test: true,
  values: (path) => fields[path] ?? [],
  ...change,
})

describe('when', () => {
  const cases: [name: string, when: When, facts: RouteFacts, matches: boolean][] = [
    ['nothing asked', {}, facts(), true],
    ['a kind', { kinds: ['ADT^A01', 'ORM^O01'] }, facts(), true],
    ['another kind', { kinds: ['ADT^A01'] }, facts(), false],
    ['any event of a type', { kinds: ['ORM^*'] }, facts(), true],
    ['the sender', { from: ['ch-laval'] }, facts(), true],
    ['another sender', { from: ['ch-cholet'] }, facts(), false],
    ['MSH-5 or MSH-6', { receivers: ['490000031'] }, facts(), true],
    ['another receiver', { receivers: ['440000289'] }, facts(), false],
    ['a profile', { profile: ['CISIS_TLR_HL7_V2'] }, facts(), true],
    ['a service by exact code', { service: 'stroke' }, facts({}, { 'OBR-31': ['x', '230690007'] }), true],
    ['a service by prefix', { service: 'stroke' }, facts({}, { 'OBR-31': ['I63.9'] }), true],
    ['not of the service', { service: 'stroke' }, facts({}, { 'OBR-31': ['S72.0'] }), false],
    ['a service nobody declared', { service: 'other' }, facts(), false],
    ['a field', { paths: { 'OBX(1)-3.1': ['A', 'B'] } }, facts({}, { 'OBX(1)-3.1': ['B'] }), true],
    ['a field the message lacks', { paths: { 'OBX(1)-3.1': ['A'] } }, facts(), false],
    ['a key of FHIR on an HL7 v2 message', { performer: ['x'] }, facts(), false],
    ['keys are ANDed', { kinds: ['ORM^O01'], from: ['ch-cholet'] }, facts(), false],
  ]
  test.each(cases)('%s', (_name, when, given, matches) => {
    expect(plan(given, config(route(when))).matched).toBe(matches)
  })
})

test('a destination is taken once: first route names it, the most urgent lane wins', () => {
  const { planned } = plan(
    facts(),
    config(
      route({}, { name: 'results', to: ['chu/unv', 'chu/dpi'] }),
      route({}, { name: 'stroke', to: ['chu/unv', 'platform'], lane: 'urgent', alertAfterMs: 120_000 }),
    ),
  )
  expect(planned.map((p) => [p.destination, p.route, p.lane, p.alertAfterMs])).toEqual([
    ['chu/unv', 'results', 'urgent', 120_000],
    ['chu/dpi', 'results', 'normal', null],
    ['platform', 'stroke', 'urgent', 120_000],
  ])
})

describe('test against real', () => {
  const cases: [name: string, test: boolean, to: string[], planned: string[], findings: number][] = [
    ['a test message leaves production out', true, ['chu/unv', 'chu/real'], ['chu/unv'], 1],
    ['a real message leaves qualification out', false, ['chu/unv', 'chu/real'], ['chu/real'], 1],
    ['the platform takes both', true, ['platform'], ['platform'], 0],
    ['nobody left', true, ['chu/real'], [], 1],
  ]
  test.each(cases)('%s', (_name, isTest, to, planned, findings) => {
    const made = plan(facts({ test: isTest }), config(route({}, { to })))
    expect([made.matched, made.planned.map((p) => p.destination), made.findings.length]).toEqual([
      true,
      planned,
      findings,
    ])
  })
})
