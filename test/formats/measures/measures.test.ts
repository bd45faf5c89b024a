import { describe, expect, test } from 'vitest'
import type { Happening } from '../../../src/core/cases.ts'
import type { CaseMeasure } from '../../../src/core/measures.ts'
import { monthAt } from '../../../src/formats/clock/months.ts'
import { costSheet, expectedIn } from '../../../src/formats/measures/costs.ts'
import { casesCsv, monthsCsv } from '../../../src/formats/measures/csv.ts'
import { INTERVALS, lengthOf, momentsOf } from '../../../src/formats/measures/moments.ts'
import { measureReports } from '../../../src/formats/measures/report.ts'
import { bySiteAndMonth, quantile, summaryOf } from '../../../src/formats/measures/summary.ts'
import { caseOf, EXPERT } from '../case/case.ts'
import { AT_MS } from '../case/facts.ts'

const MIN = 60_000
const ZONE = 'Europe/Paris'
const utc = (text: string): number => Date.parse(`${text}Z`)
const interval = (id: string) => INTERVALS.find((one) => one.id === id)!

function measure(changes: Partial<CaseMeasure> = {}): CaseMeasure {
  return {
    ...{ id: 'c', service: 'stroke', kind: 'stroke', site: 'ch-a', centre: 'chu', state: 'done', decision: null },
    ...{ late: false, moments: { request: utc('2026-11-10T10:00:00') }, ...changes },
  }
}

describe('moments and intervals', () => {
  const did = (seq: number, act: Happening['act'], minutes: number): Happening => ({
    ...{ seq, act, by: EXPERT, atMs: AT_MS + minutes * MIN, recordedAtMs: AT_MS },
  })
  const study = { uid: '1.2', accession: null, modality: 'CT', held: 0, changedAtMs: 0 }

  test('the first acceptance and advice count, the last decision', () => {
    const of = caseOf({
      owner: { establishment: 'chu', expert: EXPERT, atMs: AT_MS + 9 * MIN },
      decision: { id: 'transfer', text: '', atMs: AT_MS + 40 * MIN },
      studies: [{ ...study, received: 10, expected: 10 }],
    })
    const moments = momentsOf(of, [
      did(2, { what: 'accept' }, 3),
      did(3, { what: 'images', uid: '1.2', received: 10, expected: 10, held: 0 }, 5),
      did(4, { what: 'accept' }, 9),
      did(5, { what: 'advise', text: '', coded: [] }, 12),
      did(6, { what: 'advise', text: '', coded: [] }, 20),
    ])
    const since = (name: keyof typeof moments) => (moments[name]! - AT_MS) / MIN
    expect([since('accepted'), since('advice'), since('decision'), since('images-complete')]).toEqual([3, 12, 40, 5])
  })

  test('an interventional centre that accepts first has not accepted the case', () => {
    const climb = { at: 0, begunAtMs: AT_MS, climbed: 0, refused: [], acceptedBy: null, endedAtMs: null }
    const of = caseOf({
      owner: { establishment: 'chu', expert: EXPERT, atMs: AT_MS + 9 * MIN },
      climbs: [
        { ...climb, ladder: 'answer', centres: ['chu'] },
        { ...climb, ladder: 'thrombectomy', centres: ['chu-2'] },
      ],
    })
    const beside = { ...did(2, { what: 'accept' }, 3), by: { ...EXPERT, establishment: 'chu-2' } }
    const own = { ...did(3, { what: 'accept' }, 9), by: { ...EXPERT, establishment: 'chu' } }
    expect(momentsOf(of, [beside, own]).accepted).toBe(AT_MS + 9 * MIN)
    expect(momentsOf({ ...of, owner: null }, [beside]).accepted).toBeUndefined()
    const alone = { ...of, climbs: of.climbs.slice(1) }
    expect(momentsOf(alone, [beside]).accepted).toBe(AT_MS + 3 * MIN)
  })

  test.each([
    ['fewer than expected', { ...study, received: 9, expected: 10 }],
    ['nobody said how many', { ...study, received: 9, expected: null }],
  ])('images are not complete: %s', (_name, one) => {
    const images = did(2, { what: 'images', uid: '1.2', received: 9, expected: 10, held: 0 }, 5)
    expect(momentsOf(caseOf({ studies: [one] }), [images])['images-complete']).toBeUndefined()
  })

  test.each<[name: string, id: string, moments: Record<string, number>, minutes: number | null]>([
    [
      'over the night in which clocks go back',
      'request-advice',
      { request: utc('2026-10-25T00:30:00'), advice: utc('2026-10-25T01:30:00') },
      60,
    ],
    [
      'over the night in which they go forward',
      'request-advice',
      { request: utc('2026-03-29T00:30:00'), advice: utc('2026-03-29T01:30:00') },
      60,
    ],
    [
      'from the first known of several',
      'onset-needle',
      { discovery: 0, 'last-seen-well': 60 * MIN, needle: 90 * MIN },
      30,
    ],
    ['with an end that is not known', 'arrival-needle', { arrival: 0 }, null],
    ['with a beginning that is not known', 'arrival-needle', { needle: 0 }, null],
    ['with an end before the beginning', 'arrival-needle', { arrival: MIN, needle: 0 }, null],
    ['of no length', 'arrival-needle', { arrival: MIN, needle: MIN }, 0],
  ])('an interval %s', (_name, id, moments, minutes) => {
    const ms = lengthOf(interval(id), moments)
    expect(ms === null ? null : ms / MIN).toBe(minutes)
  })
})

describe('sums', () => {
  test.each([
    [[], 0.5, null],
    [[7], 0.9, 7],
    [[4, 1, 3, 2], 0.5, 2],
    [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.9, 9],
  ])('quantile of %j at %d is %j', (values, part, wanted) => {
    expect(quantile(values, part)).toBe(wanted)
  })

  test.each([
    ['2026-10-31T22:59:59', '2026-10'],
    ['2026-10-31T23:00:00', '2026-11'],
    ['2026-06-30T22:00:00', '2026-07'],
  ])('%s UTC is in the month %s of Paris', (at, month) => {
    expect(monthAt(utc(at), ZONE)).toBe(month)
  })

  const at = utc('2026-11-10T10:00:00')
  const ALL = [
    measure({
      moments: { request: at, advice: at + 15 * MIN, onset: at, needle: at + 270 * MIN },
      decision: 'thrombolysis',
    }),
    measure({
      moments: { request: at, advice: at + 15 * MIN + 1, onset: at, needle: at + 271 * MIN },
      decision: 'transfer',
    }),
    measure({ state: 'cancelled', centre: null, moments: { request: at, advice: at } }),
  ]

  test('limits count to the millisecond, and cancelled cases are no interval', () => {
    const summary = summaryOf(ALL)
    expect(summary).toMatchObject({ cases: 2, cancelled: 1, accepted: 2 })
    expect([summary.advice15, summary.needle270]).toEqual([
      { inside: 1, of: 2 },
      { inside: 1, of: 2 },
    ])
    expect(summary.decisions).toEqual({ thrombolysis: 1, transfer: 1 })
  })

  test('per service, site and month, the newest first', () => {
    const other = measure({ site: '=ch"b', moments: { request: utc('2026-09-10T10:00:00') } })
    const months = bySiteAndMonth([...ALL, other], ZONE)
    expect(months.map(({ month, site }) => [month, site])).toEqual([
      ['2026-11', 'ch-a'],
      ['2026-09', '=ch"b'],
    ])
    const text = monthsCsv(months)
    expect(text.startsWith('\ufeffservice;site;mois;cas;')).toBe(true)
    expect(text.split('\r\n')[1]).toMatch(/^stroke;ch-a;2026-11;2;1;2;1;2;1;2;/)
    expect(text).toContain(`stroke;"'=ch""b";2026-09`)
    expect(casesCsv(ALL, ZONE).split('\r\n')).toHaveLength(5)
    expect(casesCsv(ALL, ZONE)).toContain('stroke;ch-a;chu;2026-11;done;thrombolysis;0;0;')
  })

  test('as FHIR, one report for each', () => {
    const siteOf = () => ({ name: 'Hôpital (fictif)', finess: '490000031' })
    const bundle = measureReports(bySiteAndMonth(ALL, ZONE), siteOf, at)
    expect(bundle).toMatchObject({
      resourceType: 'Bundle',
      type: 'collection',
      entry: [
        {
          resource: {
            resourceType: 'MeasureReport',
            status: 'complete',
            type: 'summary',
            period: { start: '2026-11-01', end: '2026-11-30' },
            reporter: { identifier: { value: '490000031' } },
          },
        },
      ],
    })
    expect(JSON.stringify(bundle)).toContain('"request-advice-median"')
    expect(measureReports([], siteOf, at)['entry']).toBeUndefined()
  })
})

describe('costs and expected numbers', () => {
  const YEAR = 31_557_600_000
  const cases = ['thrombolysis', 'neither', 'transfer', null].map((decision) => measure({ decision }))

  test('cost, gain and balance by the formula that is shown', () => {
    const rows = new Map([
      ['case-cost', '100'],
      ['fixed-cost-per-year', '1000,5'],
      ['transfer-cost', '800'],
      ['case-cost:source', 'invented'],
    ])
    const sheet = costSheet(cases, rows, YEAR)
    expect(sheet).toMatchObject({ cases: 4, avoided: 2, transferred: 1, cost: 1400.5, gain: 1600, balance: 199.5 })
    expect(sheet.costPerCase).toBe(350.125)
    expect(sheet.parameters[0]).toEqual({ name: 'case-cost', value: 100, source: 'invented' })
  })

  test('a figure that nobody told makes no sum', () => {
    expect(costSheet(cases, new Map([['transfer-cost', '-3']]), YEAR)).toMatchObject({
      cost: null,
      gain: null,
      balance: null,
    })
    expect(costSheet(cases, new Map([['transfer-decisions', 'neither thrombolysis']]), YEAR).avoided).toBe(1)
  })

  test('expected in a span, by the figure of a year', () => {
    expect(expectedIn('ch-a', new Map([['ch-a', '120']]), YEAR / 12)).toBeCloseTo(10)
    expect(expectedIn('ch-b', new Map([['ch-a', '120']]), YEAR)).toBeNull()
  })
})
