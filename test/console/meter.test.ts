import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createMeter, METRICS } from '../../src/app/meter.ts'
import type { Counts } from '../../src/core/journal.ts'

const clock = { nowMs: () => 60_000, monotonicMs: () => 0, after: () => () => {} }
const make = (strict = true) => createMeter({ clock, strict, runtime: false })

test('counters and histograms come out with the prefix and their labels', async () => {
  const meter = make()
  meter.count('delivered_total', { destination: 'chu-angers/unv' })
  meter.count('delivered_total', { destination: 'chu-angers/unv' }, 2)
  meter.observe('answer_seconds', 0.004, { door: 'mllp' })
  const text = await meter.text()
  expect(text).toContain('passerelle_delivered_total{destination="chu-angers/unv"} 3')
  expect(text).toContain('passerelle_answer_seconds_bucket{le="0.005",door="mllp"} 1')
  expect(text).toContain('passerelle_answer_seconds_bucket{le="0.002",door="mllp"} 0')
})

test('counts are read at each scrape', async () => {
  const meter = make()
  let counts: Counts = {
    received: 10,
    closed: 6,
    inFlight: 2,
    parked: 1,
    purged: 0,
    refused: 4,
    destinations: new Map([['a/b', { open: 3, parked: 1, delivered: 6, oldestOpenAtMs: 45_000 }]]),
  }
  meter.watch(async () => counts)
  const text = await meter.text()
  expect(text).toContain('passerelle_queue_depth{destination="a/b"} 3')
  expect(text).toContain('passerelle_queue_oldest_age_seconds{destination="a/b"} 15')
  expect(text).toContain('passerelle_parked{destination="a/b"} 1')
  expect(text).toContain('passerelle_messages{state="received"} 10')
  expect(text).toContain('passerelle_conservation_difference 1')
  counts = { ...counts, closed: 7, destinations: new Map() }
  const later = await meter.text()
  expect(later).toContain('passerelle_conservation_difference 0')
  expect(later).not.toContain('destination="a/b"')
})

test('what the store does not tell is left out, and all else is told', async () => {
  const meter = make()
  meter.count('refused_total', { entrance: 'mllp', code: 'STORE_UNREACHABLE' })
  meter.watch(async () => null)
  meter.watchDisk(() => null, 1_000)
  meter.watchWhiteList(() => null)
  const text = (await meter.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  expect(text.filter((line) => !/^passerelle_\w+_(total|bucket|sum|count)\b/.test(line))).toEqual([
    'passerelle_disk_reserve_bytes 1000',
  ])
  expect(text).toContain('passerelle_refused_total{entrance="mllp",code="STORE_UNREACHABLE"} 1')
})

test.each([
  ['a name', () => make().count('invented_total'), () => make(false).count('invented_total')],
  [
    'a label',
    () => make().count('delivered_total', { patient: 'x' }),
    () => make(false).count('delivered_total', { patient: 'x' }),
  ],
])('%s that is not declared throws when strict, and is dropped otherwise', (_name, strict, lax) => {
  expect(strict).toThrow()
  expect(lax).not.toThrow()
})

test('no metric has a label that could name a patient or a message', () => {
  const labels = new Set(Object.values(METRICS).flatMap((metric) => metric.labels))
  expect([...labels].sort()).toEqual(['code', 'destination', 'door', 'entrance', 'site'])
})

test('whatever a part counts or observes is declared', () => {
  const sources = globSync('src/**/*.ts').map((file) => readFileSync(file, 'utf8'))
  const names = sources.flatMap((text) =>
    [...text.matchAll(/meter\.(?:count|observe)\(\s*'([a-z_]+)'/g)].map(([, name]) => name!),
  )
  expect(names).toContain('images_received_total')
  expect(names.filter((name) => !Object.hasOwn(METRICS, name))).toEqual([])
})

test('the process tells its own figures when asked', async () => {
  const text = await createMeter({ clock, strict: true, runtime: true }).text()
  expect(text).toContain('process_resident_memory_bytes')
  expect(text).toContain('nodejs_eventloop_lag_p99_seconds')
})
