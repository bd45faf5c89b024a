import { expect, test } from 'vitest'
import type { Look } from '../../src/core/audit.ts'
import { cover } from '../../src/pipeline/audit/cover.ts'
import { keepLooks, MOST_ADDRESSES, MOST_OF_SYSTEM, OPEN_MS } from '../../src/pipeline/audit/looks.ts'
import { storedKey } from '../../src/pipeline/audit/rows.ts'
import { searchKey } from '../../src/pipeline/keys.ts'
import { manualClock } from '../support/peers/clock.ts'
import { notebook } from '../support/peers/notebook.ts'
import { AUTHORITY, INS, intake, openStore, type Running, startConsole } from './gateway.ts'
import { noChanges } from './operations.ts'
import { operator, someConfig } from './region.ts'

const ADMIN = 'demo-admin'
const NO_PLAN = { revision: 1, same: true, problems: [], changes: [], affected: [], orphans: [], restart: [] }

async function started() {
  const operators = [operator('admin'), operator('dpo'), operator('establishment-it', ['ch-laval'])]
  const plan = async () => NO_PLAN
  const running = await startConsole({ changes: { ...noChanges, plan } }, someConfig({ operators }))
  const message = intake(running.journal, 'M1')
  await running.journal.commit([message])
  return { running, id: message.id }
}

interface Named {
  readonly system: string
  readonly value: string
}
interface Entity {
  readonly what: { readonly identifier: Named }
}

/** What the audit has, as AuditEvents. */
async function audited({ journal }: Pick<Running, 'journal'>) {
  while ((await cover({ journal, key: await storedKey(journal), site: 'R' })).more);
  const rows = await journal.look<{ line: string }>({ sql: 'SELECT line FROM audit_leaf ORDER BY n', parameters: [] })
  return rows.map(({ line }) => JSON.parse(line))
}
// biome-ignore lint/suspicious/noExplicitAny: FHIR as it is written
const said = (one: any) => ({
  what: one.subtype[0].code,
  who: one.agent[0].who.display,
  action: one.action,
  outcome: one.outcome,
  detail: one.entity[0].detail?.[0].valueString,
  patients: one.entity
    .map((e: Entity) => e.what.identifier)
    .filter(({ system }: Named) => system.endsWith(':patient'))
    .map(({ value }: Named) => value),
})

test.each<[name: string, call: (running: Running, id: string) => Promise<unknown>, expected: object[]]>([
  [
    'a list',
    ({ call }) => call('/api/messages?from=ch-laval', { key: ADMIN }),
    [{ what: 'list', who: ADMIN, action: 'E', outcome: '0', detail: 'GET /api/messages', patients: [] }],
  ],
  [
    'one message',
    ({ call }, id) => call(`/api/messages/${id}`, { key: ADMIN }),
    [{ what: 'read-message', who: ADMIN, action: 'R', patients: ['own'] }],
  ],
  ['one message that is not there', ({ call }) => call('/api/messages/none', { key: ADMIN }), []],
  [
    'a search for a patient',
    ({ call }) => call('/api/messages/search', { key: ADMIN, body: { patient: `${AUTHORITY}|${INS}` } }),
    [{ what: 'search-patient', who: ADMIN, action: 'E', patients: ['own'], detail: 'POST /api/messages/search' }],
  ],
  [
    'a search by anything else',
    ({ call }) => call('/api/messages/search', { key: ADMIN, body: { kind: 'ADT^A01' } }),
    [{ what: 'list', patients: [] }],
  ],
  [
    'a search that is refused as malformed',
    ({ call }) => call('/api/messages/search', { key: ADMIN, body: { limit: 0 } }),
    [],
  ],
  [
    "an establishment's system",
    ({ call }, id) => call(`/api/messages/${id}`, { key: 'demo-ch-laval' }),
    [{ what: 'read-message', who: 'ch-laval', patients: ['own'] }],
  ],
  [
    'the plan of a configuration',
    ({ call }) => call('/api/config/plan', { key: ADMIN, body: {} }),
    [{ what: 'read-config', who: ADMIN, action: 'R' }],
  ],
  [
    'a refusal',
    ({ call }, id) => call(`/api/messages/${id}`, { key: 'demo-dpo' }),
    [{ what: 'refused', who: 'demo-dpo', outcome: '4', detail: 'GET /api/messages/:id', patients: [] }],
  ],
  [
    'a wrong key',
    ({ call }) => call('/api/messages', { key: 'wrong' }),
    [{ what: 'unrecognised', who: 'unrecognised', outcome: '4', detail: '127.0.0.1' }],
  ],
  ['no key', ({ call }) => call('/api/status'), [{ what: 'unrecognised' }]],
  ['health, and the page of the description', async ({ call }) => [await call('/healthz'), await call('/docs')], []],
  ['counts', ({ call }) => call('/api/status', { key: ADMIN }), []],
])('the audit of %s', async (_name, call, expected) => {
  const { running, id } = await started()
  await call(running, id)
  const found = (await audited(running)).map(said)
  // Under the name that the audit gave the patient, which only the store leads back to.
  const [name] = await running.journal.look<{ pseudonym: string }>({
    sql: 'SELECT pseudonym FROM patient_pseudonym WHERE search_key = ?',
    parameters: [searchKey(running.journal.secret, AUTHORITY, INS)],
  })
  const own = name?.pseudonym ?? 'no name was given'
  expect(JSON.stringify(found)).not.toContain(INS)
  const patients = (one: object) =>
    'patients' in one && String(one.patients) === 'own' ? { ...one, patients: [own] } : one
  expect(found).toMatchObject(expected.map(patients))
  expect(found).toHaveLength(expected.length)
})

test('the timeline of a message tells what happened to it, not who looked at it', async () => {
  const { running, id } = await started()
  await running.call(`/api/messages/${id}`, { key: ADMIN })
  const { json } = await running.call(`/api/messages/${id}`, { key: ADMIN })
  expect(json.timeline.filter((one: { what: string }) => one.what === 'event')).toEqual([])
})

/** Looks kept over a real store, with a clock of the test's own. */
async function keeping() {
  const { journal } = await openStore()
  const clock = manualClock()
  const looks = keepLooks({ journal, clock, log: notebook().log })
  const look = (changes: Partial<Look> = {}): Look => ({
    what: 'read-message',
    who: 'ann',
    system: false,
    message: null,
    patients: [],
    code: null,
    detail: 'GET /m',
    ...changes,
  })
  const events = () =>
    journal.look<{ who: string; what: string; detail: string }>({
      sql: 'SELECT who, what, detail FROM event ORDER BY seq',
      parameters: [],
    })
  return { looks, look, events, clock }
}

test('the same look again within a minute is counted, and the count is kept at its end', async () => {
  const { looks, look, events } = await keeping()
  for (let i = 0; i < 5; i++) await looks.note(look())
  await looks.note(look({ detail: 'GET /n' }))
  expect((await events()).map(({ detail }) => detail)).toEqual(['GET /m', 'GET /n'])
  await looks.stop()
  expect((await events()).map(({ detail }) => detail)).toEqual(['GET /m', 'GET /n', 'GET /m ×4'])
  await looks.note(look())
  expect(await events()).toHaveLength(4)
})

test('a page that asks again by itself is the look that opened it, for an hour; one that nobody opened is a look', async () => {
  const { looks, look, events, clock } = await keeping()
  const page = (more: Partial<Look> = {}) => look({ what: 'read-case', ...more })
  await looks.note(page())
  for (let minute = 0; minute < 59; minute++) {
    clock.advance(60_000)
    await looks.note(page({ again: true }))
  }
  await looks.stop()
  expect((await events()).map(({ detail }) => detail)).toEqual(['GET /m'])
  // Of somebody else, of another page, and after the hour.
  await looks.note(page({ who: 'bob', again: true }))
  await looks.note(page({ detail: 'GET /n', again: true }))
  clock.advance(OPEN_MS)
  await looks.note(page({ again: true }))
  expect((await events()).map(({ who, detail }) => `${who} ${detail}`)).toEqual([
    'ann GET /m',
    'bob GET /m',
    'ann GET /n',
    'ann GET /m',
  ])
})

test.each<[string, Partial<Look>]>([
  ['a system', { what: 'list-cases', system: true }],
  ['a search for a patient', { what: 'search-patient' }],
  ['a message', { what: 'read-message' }],
  ['an export of the audit', { what: 'read-audit' }],
])('%s that says it asks again is a look each time', async (_name, more) => {
  const { looks, look, events, clock } = await keeping()
  for (let n = 0; n < 3; n++) {
    await looks.note(look({ ...more, again: true }))
    clock.advance(120_000)
    await looks.stop()
  }
  expect(await events()).toHaveLength(3)
})

test.each([
  ['a system in a loop', { who: 'ch-laval', system: true }, MOST_OF_SYSTEM],
  ['calls from everywhere with wrong keys', { what: 'unrecognised', who: null, system: true }, MOST_ADDRESSES],
] as const)('%s fills no disk: beyond the bound it is counted', async (_name, changes, most) => {
  const { looks, look, events } = await keeping()
  for (let i = 0; i < most + 500; i++) await looks.note(look({ ...changes, detail: `d${i}` }))
  expect(await events()).toHaveLength(most)
  await looks.note(look({ who: 'another' }))
  expect(await events()).toHaveLength(most + 1)
  await looks.stop()
  expect((await events()).at(-1)).toMatchObject({ detail: 'others ×500' })
})
