import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { regressionConditions } from '../../src/app/wiring/conformity-alerts.ts'
import { readRegressions, watchRegressions } from '../../src/conformity/regressions.ts'
import type { AlertKind } from '../../src/core/alerts.ts'
import type { Reach } from '../../src/core/caller.ts'
import type { Verdict } from '../../src/core/conformity.ts'
import type { Matrix, MatrixFilter } from '../../src/core/conformity-views.ts'
import type { Journal } from '../../src/core/journal.ts'
import type { Clock } from '../../src/core/ports.ts'
import { judge } from '../../src/pipeline/watch/judge.ts'
import { manualClock } from '../support/peers/clock.ts'
import { openStore } from '../support/stores.ts'
import { DAY, FRAMEWORK, type Measured, measured, NAME, RULE, story } from './measured.ts'

const ASK = { framework: NAME, use: 'qualification' } as const
const own = (establishments: readonly string[], applications: readonly string[] | null = null): Reach => ({
  establishments,
  applications,
})

let store: Awaited<ReturnType<typeof openStore>>
let journal: Journal
let world: Measured
let now: number

beforeAll(async () => {
  store = await openStore()
  journal = store.journal
  await journal.adopt('test', 0, '{}')
  world = await measured(journal)
  now = world.nowMs
  await story(world)
})
afterAll(async () => {
  await world?.end()
  await store?.end()
})

const cellsOf = (matrix: Matrix): Record<string, readonly Verdict[]> =>
  Object.fromEntries(matrix.rows.map(({ id, cells }) => [id, cells.map(({ verdict }) => verdict)]))

describe('the matrix', () => {
  test('has a row for each establishment that something is asked of, a column for each domain', async () => {
    const matrix = await world.views.matrix(ASK, {}, null)
    expect(cellsOf(matrix)).toEqual({
      'ch-a': ['unmet', 'met'],
      'ch-b': ['unmet', 'unmet'],
      ehpad: ['met', 'met'],
    })
    expect(matrix.columns.map(({ id }) => id)).toEqual(['identities', 'exchange'])
    expect(matrix.rows[0]!.cells[1]!.counts).toMatchObject({ met: 1, partly: 1, unmet: 0 })
    expect([matrix.departments, matrix.kinds]).toEqual([
      ['44', '49', '53'],
      ['hospital', 'nursing-home'],
    ])
    expect(matrix.complete).toEqual({ met: 1, of: 3 })
    expect(matrix.closest).toMatchObject([{ id: 'ch-a', share: { met: 1, of: 2 }, missing: ['ID-1'] }])
  })

  test('compares with thirty days ago', async () => {
    const { columns, trend } = await world.views.matrix(ASK, {}, null)
    // ID-1 of ch-a was met; of the ehpad nothing was known.
    expect(columns[0]!.trend).toEqual({ now: { met: 2, of: 5 }, before: { met: 1, of: 5 } })
    expect(trend.now).toEqual({ met: 5, of: 11 })
  })

  test('tells how much was met week by week, as it was and not as it is', async () => {
    const { weeks, trend } = await world.views.matrix(ASK, { weeks: true }, null)
    expect([weeks.length, weeks[25]]).toEqual([26, { day: '2026-11-20', ...trend.now }])
    // Forty days ago is within the sixth week: at its end ch-a had met ID-1 alone.
    expect(weeks.slice(18, 22).map(({ day, met, of }) => [day, met, of])).toEqual([
      ['2026-10-02', 0, 11],
      ['2026-10-09', 0, 11],
      ['2026-10-16', 1, 11],
      ['2026-10-23', 1, 11],
    ])
    const domain = await world.views.matrix(ASK, { domain: 'exchange', kind: 'hospital', weeks: true }, null)
    expect(domain.weeks.map(({ met }) => met).slice(-2)).toEqual([0, domain.trend.now.met])
    for (const [filter, reach] of [
      [{ weeks: true }, own(['ch-a'], ['DPI'])],
      [{}, null],
    ] as const)
      expect((await world.views.matrix(ASK, filter, reach)).weeks).toEqual([])
  })

  test('of production has nothing measured, and shows nothing of the tests', async () => {
    const matrix = await world.views.matrix({ ...ASK, use: 'production' }, {}, null)
    expect(cellsOf(matrix)['ehpad']).toEqual(['not-measured', 'not-measured'])
    // Evidence is of the establishment, whatever it sends.
    expect(matrix.trend.now).toEqual({ met: 1, of: 11 })
  })

  test.each<[filter: MatrixFilter, rows: readonly string[]]>([
    [{ kind: 'nursing-home' }, ['ehpad']],
    [{ department: '49' }, ['ch-b']],
    [{ q: 'saint-elie' }, ['ch-b']],
    [{ q: '530000371' }, ['ch-a']],
    [{ verdict: 'unmet' }, ['ch-a', 'ch-b']],
    [{ verdict: 'unmet', domain: 'exchange' }, ['ch-b']],
    [{ kind: 'nowhere' }, []],
  ])('filter %j: %j', async (filter, rows) => {
    expect((await world.views.matrix(ASK, filter, null)).rows.map(({ id }) => id)).toEqual(rows)
  })

  test('of one domain has its requirements as columns', async () => {
    const matrix = await world.views.matrix(ASK, { domain: 'identities' }, null)
    expect(matrix.columns.map(({ id, level, confirm }) => [id, level, confirm])).toEqual([
      ['ID-1', 'mandatory', false],
      ['ID/va1.2', 'recommended', true],
    ])
    expect(cellsOf(matrix)).toEqual({
      'ch-a': ['unmet', 'met'],
      'ch-b': ['unmet', 'not-measured'],
      ehpad: ['met', 'not-applicable'],
    })
  })

  test('a framework that is not in force is not there', async () => {
    await expect(world.views.matrix({ ...ASK, framework: 'essai@2' }, {}, null)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
  })
})

describe('one establishment', () => {
  test('has what fails first, with why, what was in the way and messages that show it', async () => {
    // A message that its requirement does not look at, with the same finding.
    const other = "SELECT id FROM message WHERE establishment = 'ch-a' AND kind = 'ORU^R01' ORDER BY id LIMIT 1"
    const example = `INSERT INTO conformity_example (establishment, use, finding, slot, message, kind, at_ms)
      SELECT 'ch-a', 'qualification', ?, 9, (${other}), 'ORU^R01', ?`
    await journal.apply({ rows: [{ sql: example, parameters: [RULE, now + 1] }] })
    const one = (await world.views.establishment('ch-a', ASK, null))!
    expect(one.lines.map(({ requirement, verdict }) => [requirement.id, verdict])).toEqual([
      ['ID-1', 'unmet'],
      ['EX-2', 'partly'],
      ['EX-1', 'met'],
      ['ID/va1.2', 'met'],
    ])
    const [first] = one.lines
    // 4 of 12 of the last thirty days.
    expect(first).toMatchObject({ why: 'share', good: 4, total: 12, regressedFrom: 'met', software: ['DPI', 'LABO'] })
    expect(first!.found).toMatchObject([{ finding: RULE, messages: 8 }])
    expect(first!.found[0]!.examples.length).toBeGreaterThan(0)
    expect(first!.found[0]!.examples[0]).toMatchObject({ kind: 'ADT^A28', atMs: now })
    expect(first!.sinceMs).toBe(now)
    expect(one.share).toEqual({ met: 1, of: 2 })
    expect(one.lapsing).toEqual([{ requirement: 'ID/va1.2', untilMs: now + 20 * DAY }])
    expect(one.history.filter(({ requirement }) => requirement === 'ID-1')).toMatchObject([
      { was: 'met', verdict: 'unmet', atMs: now },
      { was: null, verdict: 'met', atMs: now - 40 * DAY },
    ])
  })

  test('that sends nothing is not measured, and one that is none is not there', async () => {
    const one = (await world.views.establishment('ehpad', { ...ASK, use: 'production' }, null))!
    expect(new Set(one.lines.map(({ verdict }) => verdict))).toEqual(new Set(['not-measured']))
    expect(await world.views.establishment('nobody', ASK, null)).toBeNull()
    expect((await world.views.establishment('samu', ASK, null))!.lines).toEqual([])
  })
})

test('changes of a period, newest first, page by page', async () => {
  const ask = { ...ASK, sinceMs: now - DAY, untilMs: now + 1, limit: 2 }
  const all = (await world.views.changes({ ...ask, limit: 100 }, null)).changes
  expect(all).toContainEqual(expect.objectContaining({ establishment: 'ch-a', requirement: 'ID-1', was: 'met' }))
  expect(all.every(({ atMs }) => atMs === now)).toBe(true)
  const pages = []
  for (let after: number | null | undefined; after !== null; ) {
    const page = await world.views.changes({ ...ask, ...(after === undefined ? {} : { after }) }, null)
    expect(page.changes.length).toBeLessThanOrEqual(2)
    pages.push(...page.changes)
    after = page.next
  }
  expect(pages).toEqual(all)
  expect((await world.views.changes({ ...ask, establishment: 'ehpad' }, null)).changes.length).toBe(2)
})

test('one fault of one product is one line, at however many establishments; a product beside it is not blamed', async () => {
  const { products, lines } = await world.views.products(ASK, null)
  expect(lines).toMatchObject([
    {
      product: 'DPI',
      requirement: 'ID-1',
      met: 0,
      found: [{ finding: RULE, messages: 13 }],
    },
  ])
  expect(lines[0]!.failing.map(({ id, good, total }) => [id, good, total]).sort()).toEqual([
    ['ch-a', 0, 8],
    ['ch-b', 0, 5],
  ])
  expect(products.map(({ product, establishments }) => [product, establishments])).toEqual([
    ['DPI', 2],
    ['LABO', 1],
    ['TITAN', 1],
  ])
})

describe('what a person reaches', () => {
  test('an establishment sees itself alone', async () => {
    const reach = own(['ch-a'])
    expect(Object.keys(cellsOf(await world.views.matrix(ASK, {}, reach)))).toEqual(['ch-a'])
    expect(await world.views.establishment('ch-b', ASK, reach)).toBeNull()
    const { changes } = await world.views.changes({ ...ASK, sinceMs: 0, untilMs: now + 1, limit: 100 }, reach)
    expect(new Set(changes.map(({ establishment }) => establishment))).toEqual(new Set(['ch-a']))
    const { lines } = await world.views.products(ASK, reach)
    expect(lines.flatMap(({ failing }) => failing.map(({ id }) => id))).toEqual(['ch-a'])
  })

  test('an editor sees what its own product sent, and nothing of another', async () => {
    const [labo, dpi] = [own(['ch-a', 'ch-b'], ['LABO']), own(['ch-a', 'ch-b'], ['DPI'])]
    expect(cellsOf(await world.views.matrix(ASK, {}, labo))).toEqual({
      'ch-a': ['met', 'met'],
      'ch-b': ['not-applicable', 'not-applicable'],
    })
    const [mine, other] = [
      (await world.views.establishment('ch-a', ASK, labo))!,
      (await world.views.establishment('ch-a', ASK, dpi))!,
    ]
    expect(mine.lines.map(({ requirement, verdict, good, total }) => [requirement.id, verdict, good, total])).toEqual([
      ['ID-1', 'met', 4, 4],
      ['EX-1', 'met', 2, 2],
    ])
    expect(mine.lines.flatMap(({ found }) => found)).toEqual([])
    expect(JSON.stringify(mine)).not.toContain('DPI')
    expect(other.lines.map(({ requirement, verdict, good, total }) => [requirement.id, verdict, good, total])).toEqual([
      ['ID-1', 'unmet', 0, 8],
    ])
    expect(JSON.stringify(other)).not.toContain('LABO')
    expect([mine.history, other.history]).toEqual([[], []])
    expect((await world.views.products(ASK, labo)).lines).toEqual([])
    const changes = { ...ASK, sinceMs: 0, untilMs: now + 1, limit: 100 }
    expect((await world.views.changes(changes, labo)).changes).toEqual([])
  })

  test('who was given nothing sees nothing', async () => {
    for (const reach of [own([]), own(['ch-a'], [])]) {
      expect((await world.views.products(ASK, reach)).products).toEqual([])
      expect((await world.views.matrix(ASK, {}, reach)).trend.now).toEqual({ met: 0, of: 0 })
    }
  })
})

test('what got worse is an alert for each establishment and requirement, of what is still asked', async () => {
  const verdicts = await readRegressions(journal)
  const conditions = regressionConditions({ verdicts, frameworks: [FRAMEWORK] })
  expect(conditions).toMatchObject([
    {
      cause: `conformity:ch-a:${NAME}:ID-1`,
      kind: 'conformity',
      severity: 'important',
      code: 'CONFORMITY_REGRESSED',
      subject: 'ch-a ID-1',
      establishment: 'ch-a',
      params: { requirement: 'ID-1', framework: NAME, use: 'qualification', share: 33 },
    },
  ])
  const both = [...verdicts, ...verdicts.map((one) => ({ ...one, use: 'production' as const }))]
  expect(regressionConditions({ verdicts: both, frameworks: [FRAMEWORK] })).toMatchObject([
    { params: { use: 'production' } },
  ])
  expect(regressionConditions({ verdicts, frameworks: [] })).toEqual([])
})

test('after a start the alert of what got worse stays until it is known whether it lasts', async () => {
  const [condition] = regressionConditions({ verdicts: await readRegressions(journal), frameworks: [FRAMEWORK] })
  const about = { id: 'a', firstAtMs: 0, lastAtMs: 0, times: 1, acknowledged: false, snoozedUntilMs: null }
  const kept = [{ ...condition!, ...about, endedAtMs: null }]
  const changes = (...unknown: readonly AlertKind[]) =>
    judge({
      ...{ kept, conditions: regressionConditions(null), occurrences: [], over: new Set<string>() },
      ...{ unknown: new Set(unknown), nowMs: 1, newId: () => 'b' },
    }).map(({ what }) => what)
  expect([changes('conformity'), changes()]).toEqual([[], ['ended']])
})

test('the watch has regressions at hand, and reads them again until it is stopped', async () => {
  const manual = manualClock()
  const { promise: read, resolve } = Promise.withResolvers<void>()
  let looks = 0
  const after: Clock['after'] = (ms, run) => {
    if (++looks === 2) resolve()
    return manual.after(ms, run)
  }
  const log = { info() {}, warn() {}, error() {} }
  const watching = watchRegressions({ journal, frameworks: async () => [FRAMEWORK], clock: { ...manual, after }, log })
  expect(watching.now()).toBeNull()
  manual.advance(10_000)
  await read
  expect(regressionConditions(watching.now())).toHaveLength(1)
  watching.stop()
  expect(manual.timers).toBe(0)
})
