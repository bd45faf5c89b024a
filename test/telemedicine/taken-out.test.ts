import { afterEach, beforeEach, expect, test } from 'vitest'
import { biologyPanel } from '../../src/console/page/cases/panels.ts'
import type { Act, Case } from '../../src/core/cases.ts'
import { evolveAll } from '../../src/telemedicine/case/evolve.ts'
import { loadHappenings } from '../../src/telemedicine/store/load.ts'
import { gatewayViewer } from '../../src/telemedicine/store/plan.ts'
import { openStore } from '../support/stores.ts'
import { caseRoom, done } from './case-room.ts'
import { person, request, STROKE } from './invented.ts'

const asks = person('requester', 'ch-laval')
const system = gatewayViewer('ch-laval')

let store: Awaited<ReturnType<typeof openStore>>
let room: ReturnType<typeof caseRoom>
beforeEach(async () => {
  store = await openStore()
  room = caseRoom(store.journal)
})
afterEach(() => store.end())

const score = (message: string | null, total: number): Act => {
  const nihss = { items: {}, total, differs: false }
  return message === null ? { what: 'score', nihss } : { what: 'score', nihss, message }
}
const results = (message: string, code: string): Act => ({
  what: 'biology',
  message,
  codes: [code],
  text: `${code} de ${message}`,
})

async function joined(measured: readonly Act[]): Promise<string> {
  const { id } = done(await room.commands.request(request({ message: 'm1' }), asks))
  for (const other of ['2', '3']) {
    done(await room.commands.request(request({ id: `r${other}`, message: `m${other}` }), asks))
  }
  for (const act of measured) done(await room.commands.act(id, act, system))
  return id
}
const separate = async (id: string, of: string): Promise<Case> =>
  done(await room.commands.act(id, { what: 'separate', request: of, into: '' }, asks))

test.each<readonly [string, readonly Act[], number | null, readonly string[] | null]>([
  ['nothing else was measured', [score('m2', 21), results('m2', '6301-6')], null, null],
  ['another request told a score before', [score('m1', 4), score('m2', 21)], 4, null],
  ['a person told a score since', [score('m2', 21), score(null, 5)], 5, null],
  ['results came of both', [results('m1', '777-3'), results('m2', '6301-6')], null, ['777-3']],
  ['what was measured came by itself', [score('m9', 7), results('m9', '777-3')], 7, ['777-3']],
])('the score and results of a request leave with it: %s', async (_name, measured, total, codes) => {
  const id = await joined(measured)
  const after = await separate(id, 'r2')
  expect([after.nihss?.total ?? null, after.biology?.codes ?? null]).toEqual([total, codes])
  const name = { id, number: after.number, service: STROKE }
  expect(evolveAll(null, await loadHappenings(store.journal, id), name)).toEqual({ ...after, task: null })
})

test('the case that a request becomes has what it brought, and the page of the other no longer shows it', async () => {
  const id = await joined([score('m2', 21), results('m1', '777-3'), results('m2', '6301-6'), score('m1', 4)])
  await separate(id, 'r2')
  const happenings = await loadHappenings(store.journal, id)
  const act = happenings.findLast((one) => one.act.what === 'separate')!.act
  const made = await room.one(act.what === 'separate' ? act.into : '')
  expect([made.nihss?.total, made.biology?.codes]).toEqual([21, ['6301-6']])
  const shown = biologyPanel({ happenings, visit: { language: 'fr' } } as never).text
  expect([shown.includes('777-3 de m1'), shown.includes('6301-6 de m2')]).toEqual([true, false])
})

test('two requests that are taken out one after the other leave nothing of either', async () => {
  const id = await joined([score('m3', 12), score('m2', 21), results('m3', '777-3'), results('m2', '6301-6')])
  expect((await separate(id, 'r2')).nihss?.total).toBe(12)
  const after = await separate(id, 'r3')
  expect([after.nihss, after.biology]).toEqual([null, null])
})
