import { expect, test } from 'vitest'
import { judgeProducts } from '../../src/conformity/judge/products.ts'
import type { Count } from '../../src/conformity/judge/traffic.ts'
import { productRows } from '../../src/conformity/store/products.ts'
import { openStore } from '../support/stores.ts'
import { FRAMEWORK, measured, NAME, RULE, type Sent } from './measured.ts'

const ASK = { framework: NAME, use: 'qualification' } as const
const count = (application: string, signature: string, n: number, more: Partial<Count> = {}): Count => ({
  ...{ side: 'sent', kind: 'ADT^A31', application, signature, n },
  ...more,
})
const on = (...counts: readonly Count[]) =>
  Object.fromEntries(judgeProducts(FRAMEWORK, 'hospital', { windows: new Map([[30, counts]]), sentDays: 40 }))

test.each<[name: string, counts: readonly Count[], judged: Readonly<Record<string, unknown>>]>([
  ['nothing sent', [], {}],
  [
    'one is wrong, the one beside it is not',
    [count('DPI', RULE, 5), count('LABO', '', 4)],
    { DPI: [{ requirement: 'ID-1', verdict: 'unmet', good: 0 }], LABO: [{ verdict: 'met', good: 4, total: 4 }] },
  ],
  ['too few', [count('DPI', '', 2)], { DPI: [{ requirement: 'ID-1', verdict: 'not-measured', total: 2 }] }],
  ['several requirements', [count('LABO', '', 3), count('LABO', '', 1, { kind: 'ORU^R01' })], { LABO: [{}, {}] }],
  ['what was received', [count('DPI', 'delivered 10', 9, { side: 'received' })], {}],
  ['nobody’s', [count('', '', 9)], {}],
  ['what no rule looks at', [count('DPI', '', 9, { kind: 'SIU^S12' })], {}],
])('products: %s', (_, counts, judged) => {
  const found = on(...counts)
  expect(Object.keys(found)).toEqual(Object.keys(judged))
  expect(found).toMatchObject(judged)
})

test('rows are written where they change, and go with what they were about', () => {
  const subject = { establishment: 'ch-a', use: 'production' } as const
  const judged = new Map([
    [NAME, judgeProducts(FRAMEWORK, 'hospital', { windows: new Map([[30, [count('DPI', '', 9)]]]), sentDays: 40 })],
  ])
  const [row, ...others] = productRows(subject, judged, [])
  expect(others).toEqual([])
  const [use, framework, establishment, product, json] = row!.parameters
  expect([use, framework, establishment, product]).toEqual(['production', NAME, 'ch-a', 'DPI'])
  const kept = [{ framework: NAME, product: 'DPI', judged: String(json) }]
  expect(productRows(subject, judged, kept)).toEqual([])
  const old = { framework: 'autre@1', product: 'DPI', judged: '[]' }
  expect(productRows(subject, judged, [...kept, old]).map(({ parameters }) => parameters)).toEqual([
    ['production', 'autre@1', 'ch-a', 'DPI'],
  ])
  const other = [{ ...kept[0]!, judged: '[]' }]
  expect(productRows(subject, judged, other).map(({ parameters }) => parameters.at(-1))).toEqual([json])
})

test('what a person set says nothing of a product, until it ends; a product that is no longer heard goes', async () => {
  const { journal, end } = await openStore()
  await journal.adopt('test', 0, '{}')
  const world = await measured(journal)
  try {
    const wrong: Sent = { from: 'ch-a', by: 'DPI', kind: 'ADT^A31', n: 4, rules: [RULE] }
    await world.send(wrong, { ...wrong, from: 'ch-b' })
    const failing = async () => {
      const { lines } = await world.views.products(ASK, null)
      return lines.flatMap((line) => line.failing.map(({ id }) => `${id} ${line.product} ${line.requirement}`))
    }
    expect(await failing()).toEqual(['ch-a DPI ID-1', 'ch-b DPI ID-1'])
    const until = world.nowMs + 1_000
    const sql = `INSERT INTO conformity_override (use, framework, establishment, requirement, verdict, reason, who, at_ms, until_ms)
      VALUES (?, ?, 'ch-a', 'ID-1', 'not-applicable', 'x', 'x', 0, ?)`
    await journal.apply({ rows: [{ sql, parameters: [ASK.use, NAME, until] }] })
    expect(await failing()).toEqual(['ch-b DPI ID-1'])
    world.nowMs = until
    expect(await failing()).toEqual(['ch-a DPI ID-1', 'ch-b DPI ID-1'])
    world.nowMs += 31 * 86_400_000
    await world.judge()
    expect(await world.views.products(ASK, null)).toEqual({ products: [], lines: [] })
  } finally {
    await world.end()
    await end()
  }
})
