import { afterEach, beforeEach, expect, test } from 'vitest'
import { measureViews } from '../../src/telemedicine/measures/views.ts'
import { incidentsOf } from '../../src/telemedicine/report/incidents.ts'
import { caseOf } from '../formats/case/case.ts'
import { openStore } from '../support/stores.ts'
import { person } from './invented.ts'

let store: Awaited<ReturnType<typeof openStore>>
beforeEach(async () => {
  store = await openStore()
})
afterEach(() => store.end())

const put = (sql: string, ...parameters: readonly (string | number | null)[]) => ({ sql, parameters })
const measured = (id: string, site: string, centre: string | null, atMs: number, service = 'stroke') =>
  put(
    `INSERT INTO care_measure (care_case, service, kind, site, centre, state, decision, late, requested_at_ms, moments)
      VALUES (?, ?, 'stroke', ?, ?, 'done', NULL, 1, ?, ?)`,
    ...[id, service, site, centre, atMs, JSON.stringify({ request: atMs })],
  )

test('measures are those of the period, the service and the sites that somebody reaches', async () => {
  await store.journal.apply({
    rows: [
      measured('c1', 'ch-laval', 'chu-angers', 100),
      measured('c2', 'ch-laval', null, 200),
      measured('c3', 'ehpad-a', 'chu-angers', 200, 'wounds'),
      measured('c4', 'ehpad-a', null, 300),
    ],
  })
  const views = measureViews(store.journal)
  const ids = async (who: Parameters<typeof person>, fromMs = 0, untilMs = 1_000, service: string | null = null) => {
    const { measures } = await views.list({ fromMs, untilMs, service }, person(...who).caller)
    return measures.map(({ id }) => id)
  }
  expect(await ids(['coordination', null])).toEqual(['c1', 'c2', 'c3', 'c4'])
  expect(await ids(['coordination', null], 200, 300)).toEqual(['c2', 'c3'])
  expect(await ids(['coordination', null], 0, 1_000, 'wounds')).toEqual(['c3'])
  expect(await ids(['requester', 'ch-laval'])).toEqual(['c1', 'c2'])
  expect(await ids(['expert', 'chu-angers'])).toEqual(['c1', 'c3'])
  expect(await ids(['requester', 'elsewhere'])).toEqual([])
  const few = await measureViews(store.journal, 2).list(
    { fromMs: 0, untilMs: 1_000, service: null },
    person('coordination', null).caller,
  )
  expect([few.measures.length, few.more]).toEqual([2, true])
  expect(few.measures[0]).toMatchObject({ site: 'ch-laval', late: true, moments: { request: 100 } })
})

test('incidents are those of the case: who could not be told, images held or still, alerts of its time and places', async () => {
  const of = caseOf()
  const at = of.openedAtMs
  const notice = (id: string, careCase: string, state: string) =>
    put(
      `INSERT INTO care_notice (id, care_case, n, why, told, channel, establishment, made_at_ms, due_at_ms, attempts, state, code, done_at_ms)
        VALUES (?, ?, 1, 'rung', 'duty-1', 'sms', 'chu-angers', ?, ?, 3, ?, 'NOTICE_UNDELIVERED', ?)`,
      ...[id, careCase, at, at, state, at + 5],
    )
  const image = (id: string, careCase: string, state: string, code: string | null) =>
    put(
      `INSERT INTO image_study (id, care_case, site, source, state, code, attempts, due_at_ms, made_at_ms, changed_at_ms)
        VALUES (?, ?, 'ch-haut-anjou', 'x', ?, ?, 1, 0, 0, ?)`,
      ...[id, careCase, state, code, at + 3],
    )
  const alert = (id: string, establishment: string, first: number, last: number) =>
    put(
      `INSERT INTO alert (id, cause, kind, severity, code, subject, establishment, params, first_at_ms, last_at_ms, times, acknowledged)
        VALUES (?, ?, 'k', 's', 'CONNECT_REFUSED', '', ?, '{}', ?, ?, 1, 0)`,
      ...[id, id, establishment, first, last],
    )
  await store.journal.apply({
    rows: [
      notice('n1', of.id, 'failed'),
      notice('n2', of.id, 'delivered'),
      notice('n3', 'other', 'failed'),
      image('i1', of.id, 'held', null),
      image('i2', of.id, 'there', null),
      image('i3', of.id, 'open', 'CONNECT_REFUSED'),
      image('i4', 'other', 'held', null),
      alert('a1', 'chu-angers', at - 50, at + 9),
      alert('a2', 'chu-angers', at - 50, at - 1),
      alert('a3', 'elsewhere', at, at + 9),
      alert('a4', 'ch-haut-anjou', at + 101, at + 200),
    ],
  })
  const found = await incidentsOf(of, [], at + 100, store.journal)
  expect(found.map(({ what, about }) => [what, about])).toEqual([
    ['alert', 'CONNECT_REFUSED, chu-angers'],
    ['images-held', 'ch-haut-anjou'],
    ['images-stalled', 'ch-haut-anjou, CONNECT_REFUSED'],
    ['notice-failed', 'sms, chu-angers, NOTICE_UNDELIVERED'],
  ])
})
