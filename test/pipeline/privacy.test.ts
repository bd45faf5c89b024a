import { afterEach, beforeEach, expect, test } from 'vitest'
import { exportOf } from '../../src/app/cli/audit.ts'
import { machineClock } from '../../src/app/cli/machine.ts'
import type { AuditSearch } from '../../src/core/audit.ts'
import type { LegalHold } from '../../src/core/config.ts'
import type { Intake, Journal } from '../../src/core/journal.ts'
import type { KeptCase } from '../../src/core/privacy.ts'
import { checkExport } from '../../src/formats/audit/check.ts'
import { readEvent } from '../../src/formats/audit/record.ts'
import { cover } from '../../src/pipeline/audit/cover.ts'
import { indexOld } from '../../src/pipeline/audit/index-rows.ts'
import { pruneAudit } from '../../src/pipeline/audit/prune.ts'
import { storedKey } from '../../src/pipeline/audit/rows.ts'
import { auditViews } from '../../src/pipeline/audit/views.ts'
import { tokenRow } from '../../src/pipeline/fhir/rows.ts'
import { searchKey } from '../../src/pipeline/keys.ts'
import { privacyCommands } from '../../src/pipeline/privacy/privacy.ts'
import { someConfig } from '../console/region.ts'
import { newDelivery, newIntake, newMove, newRefused, personEvent } from '../journal/made.ts'
import { casesThatAre } from '../support/cases-of-patients.ts'
import { openStore } from '../support/stores.ts'

const OID = '1.2.250.1.213.1.4.10'
const INS = `${OID}|279035121518989`
const IPP = 'HOSP|4711'
const OTHER = `${OID}|184127512345678`
const closed = () => ({ deliveries: [newDelivery('platform', { state: 'delivered' })] })

const CASE: KeptCase = {
  ...{ id: 'c1', number: 'AVC-1', service: 'stroke', site: 'ch-laval', state: 'done' },
  ...{ openedAtMs: 1_000, closedAtMs: 2_000, keys: [] },
}

let journal: Journal
let end: () => Promise<void>
let holds: LegalHold[]
let cases: KeptCase[]
const privacy = () =>
  privacyCommands({
    journal,
    config: () => someConfig({ privacy: { holds, incidentHeadings: [] } }),
    clock: machineClock,
    cases: casesThatAre(cases),
  })
const views = () => auditViews({ journal, clock: machineClock })
beforeEach(async () => {
  holds = []
  cases = []
  ;({ journal, end } = await openStore())
})
afterEach(() => end())

const key = (identifier: string) => {
  const [authority = '', id = ''] = identifier.split('|')
  return searchKey(journal.secret, authority, id)
}
const about = (identifiers: readonly string[], more: Partial<Intake> = {}) =>
  newIntake({ ...closed(), patientKeys: identifiers.map(key), ...more })

async function seal(): Promise<void> {
  const parts = { journal, key: await storedKey(journal), site: 'Region' }
  while ((await cover(parts)).more);
}

/** Two messages of the patient, one large, in a batch; an answer; a record with a reference to it; somebody else's message. */
async function filled() {
  const batch = newIntake({ ...closed(), kind: 'BATCH', deliveries: [] })
  const one = about([INS, IPP], { parent: batch.id })
  const answer = newIntake({ ...closed(), kind: 'ACK', entrance: 'internal', cause: one.id, repeatKey: null })
  const large = about([INS], { bytes: Buffer.alloc(200_001, 'CANARI') })
  const record = about([INS], { kind: 'Patient' })
  const row = tokenRow('identifier', `urn:oid:${OID}`, INS.slice(OID.length + 1), journal.secret)
  const rows = [
    {
      sql: `INSERT INTO resource (type, id, version, owner, message, updated_at_ms, deleted)
        VALUES ('Patient', 'p1', 1, 'ch-laval', ?, 0, 0)`,
      parameters: [record.id],
    },
    {
      sql: `INSERT INTO resource_version (type, id, version, message, updated_at_ms) VALUES ('Patient', 'p1', 1, ?, 0)`,
      parameters: [record.id],
    },
    {
      sql: `INSERT INTO resource_index (type, id, name, value) VALUES ('Patient', 'p1', ?, ?)`,
      parameters: [row.name, row.value],
    },
  ]
  const reference = about(['Patient|p1'], { kind: 'Observation' })
  const other = about([OTHER])
  const all = [batch, one, answer, large, { ...record, rows }, reference, other]
  for (const intake of all) await journal.commit([intake])
  return { batch, one, answer, large, record, reference, other }
}

test('find: every message that names the patient, the batch, what it caused, and what refers to the record', async () => {
  const { batch, one, answer, large, record, reference } = await filled()
  const found = await privacy().find([INS], 'dpo', 'demande')
  expect(found.newest.map(({ id, as }) => [id, as])).toEqual([
    [reference.id, 'patient'],
    [record.id, 'patient'],
    [large.id, 'patient'],
    [answer.id, 'caused'],
    [one.id, 'patient'],
    [batch.id, 'batch'],
  ])
  expect(found).toMatchObject({
    marks: [key(INS)],
    messages: 6,
    states: { closed: 6, inFlight: 0, parked: 0 },
    resources: [{ type: 'Patient', n: 1 }],
    deliveries: [{ destination: 'platform', state: 'delivered', n: 5 }],
    cases: 0,
    closedCases: 0,
  })
  expect((await privacy().find([IPP], 'dpo', 'demande')).messages).toBe(3)
  expect(await privacy().find(['X|nobody'], 'dpo', 'demande')).toMatchObject({ messages: 0, names: [] })
  await expect(privacy().find(['no bar'], 'dpo', 'demande')).rejects.toMatchObject({ code: 'BAD_REQUEST' })
})

test('export: a line each, with the bytes as they came, and an event that names the patient', async () => {
  const { one, large } = await filled()
  const told: number[] = []
  const progress = (done: number) => told.push(done)
  const pieces: Uint8Array[] = []
  const stream = await privacy().export([INS], { who: 'dpo', why: 'portabilité', progress })
  for await (const piece of stream) pieces.push(piece)
  const lines = Buffer.concat(pieces).toString().trim().split('\n')
  const [head, ...messages] = lines.map((line) => JSON.parse(line))
  expect(head).toMatchObject({ passerelle: 'patient-export', version: 1, by: 'dpo', why: 'portabilité', messages: 6 })
  expect(told).toEqual([0, 1, 2, 3, 4, 5, 6])
  for (const { id, bytes } of [one, large]) {
    const line = messages.find(({ message }) => message === id)
    expect(Buffer.from(line.body, 'base64')).toEqual(Buffer.from(bytes))
  }
  expect(messages.find(({ kind }) => kind === 'Patient').resources).toEqual(['Patient/p1/_history/1'])
  await seal()
  const names = await views().patients([INS])
  const { events } = await views().search({ patients: names, limit: 10 })
  expect(events.map(({ line }) => readEvent(line))).toMatchObject([
    { who: 'dpo', what: 'export-patient', why: 'portabilité', patients: [names[0]] },
  ])
})

test('erase: what was planned goes, the audit still verifies, and nothing leads from the patient to it', async () => {
  const { one, other } = await filled()
  await journal.refuse(newRefused(700))
  await journal.apply({ events: [personEvent('read-body', { message: one.id })] })
  await seal()
  const [name] = await views().patients([INS])
  expect((await views().search({ patients: [name!], limit: 10 })).events).toHaveLength(1)
  await expect(privacy().erase([INS], 'no plan', 'dpo', 'x')).rejects.toMatchObject({ code: 'ERASE_CHANGED' })

  const plan = await privacy().plan([INS], 'dpo', 'demande écrite')
  // The read is of two identifiers, each with a name of its own.
  expect(plan).toMatchObject({
    bars: [],
    goes: { messages: 6, deliveries: 5, resources: 1, names: 2 },
    stays: { events: 2, refused: 1 },
    shared: 2,
  })
  const late = about([INS])
  await journal.commit([late])
  await expect(privacy().erase([INS], plan.mark, 'dpo', 'x')).rejects.toMatchObject({ code: 'ERASE_CHANGED' })
  const again = await privacy().plan([INS], 'dpo', 'demande écrite')
  const done = await privacy().erase([INS], again.mark, 'dpo', 'demande écrite')
  expect(done).toMatchObject({ messages: 7, resources: 1 })

  expect(await privacy().find([INS], 'dpo', 'contrôle')).toMatchObject({ messages: 0, names: [], resources: [] })
  expect(await journal.state(other.id)).toBe('closed')
  expect(await journal.counts()).toMatchObject({ received: 8, closed: 8, inFlight: 0, parked: 0, purged: 7 })
  expect(await journal.verify(null)).toEqual({ checked: 1, damaged: [] })
  await seal()
  expect((await views().search({ patients: await views().patients([INS, IPP]), limit: 10 })).events).toEqual([])
  const erased = (await views().search({ what: ['erase-patient'], limit: 10 })).events.map(({ line }) =>
    readEvent(line),
  )
  expect(erased).toMatchObject([{ who: 'dpo', why: 'demande écrite', detail: expect.stringContaining('messages 7') }])
  expect(erased[0]?.patients).toContain(name)
  const { page, state } = views()
  async function* chunks() {
    for await (const piece of exportOf({ page, state }, {}, () => {})) yield Buffer.from(piece)
  }
  expect(await checkExport(chunks())).toMatchObject({ events: 5, faults: [] })
  expect((await state()).missing).toBe(0)
})

/** A record, three hundred that refer to it alone, some with a key of their own, and an answer to one of the oldest. */
async function manyFilled() {
  const { record, reference } = await filled()
  const answer = newIntake({ ...closed(), kind: 'ACK', entrance: 'internal', cause: reference.id, repeatKey: null })
  const more = Array.from({ length: 300 }, (_, n) =>
    about(['Patient|p1', ...(n < 2 || n > 298 ? [`VISIT|${n}`] : [])], { kind: 'Observation' }),
  )
  for (const one of [...more, answer]) await journal.commit([one])
  for (const one of [...more, record]) await journal.apply({ events: [personEvent('read-body', { message: one.id })] })
  await seal()
}

test.each([1, 2])('an erasure that is cut off before commit %i is ended by doing it again', async (cut) => {
  await manyFilled()
  const all = await privacy().plan([INS], 'dpo', 'demande')
  expect(all.goes).toMatchObject({ messages: 307, names: 5 })
  let told = 0
  const nowMs = () => {
    told += 1
    if (told === cut) throw new Error('cut off')
    return machineClock.nowMs()
  }
  const cutOff = privacyCommands({
    journal,
    config: () => someConfig({ privacy: { holds, incidentHeadings: [] } }),
    clock: { ...machineClock, nowMs },
    cases: casesThatAre(),
  })
  await expect(cutOff.erase([INS], all.mark, 'dpo', 'x')).rejects.toThrow('cut off')
  const { goes, mark } = await privacy().plan([INS], 'dpo', 'demande')
  expect(goes.messages).toBe(cut === 1 ? 307 : 200)
  await privacy().erase([INS], mark, 'dpo', 'x')
  const ask = async (sql: string) => Number((await journal.read<{ n: number }>({ sql, parameters: [] }))[0]?.n)
  // Somebody else's message.
  expect(await ask('SELECT count(*) AS n FROM message')).toBe(1)
  expect(await ask('SELECT count(*) AS n FROM patient_pseudonym')).toBe(0)
  expect(await ask('SELECT count(*) AS n FROM resource')).toBe(0)
})

test.each<[name: string, why: string, prepare: () => Promise<unknown>]>([
  ['a delivery is queued', 'in-flight', () => journal.commit([about([INS], { deliveries: [newDelivery('a/b')] })])],
  [
    'a delivery is on its way',
    'in-flight',
    async () => {
      const one = about([INS], { deliveries: [newDelivery('a/b')] })
      await journal.commit([one])
      await journal.record(newMove(one.deliveries[0]!.id))
    },
  ],
  [
    'a delivery is parked',
    'parked',
    () => journal.commit([about([INS], { deliveries: [newDelivery('a/b', { state: 'poisoned', code: 'POISONED' })] })]),
  ],
  [
    'a case is open',
    'case',
    async () => {
      cases = [{ ...CASE, closedAtMs: null }]
    },
  ],
])('nothing is erased while %s', async (_name, why, prepare) => {
  const one = about([INS])
  await journal.commit([one])
  await prepare()
  const plan = await privacy().plan([INS], 'dpo', 'demande')
  expect(plan.bars).toMatchObject([{ why, n: 1 }])
  await expect(privacy().erase([INS], plan.mark, 'dpo', 'demande')).rejects.toMatchObject({ code: 'ERASE_BARRED' })
  expect(await journal.state(one.id)).toBe('closed')
})

test('a legal hold bars what meets all of its conditions', async () => {
  const one = about([INS])
  await journal.commit([one])
  const table: readonly [bars: boolean, hold: Omit<LegalHold, 'name'>][] = [
    [true, {}],
    [true, { establishments: ['ch-laval'] }],
    [true, { patients: [key(INS)] }],
    [true, { sinceMs: 0, belowMs: 1_800_000_000_000 }],
    [true, { sinceMs: Number.NaN }],
    [false, { establishments: ['chu-angers'] }],
    [false, { patients: [key(OTHER)] }],
    [false, { belowMs: one.receivedAtMs }],
    [false, { establishments: ['ch-laval'], patients: [key(OTHER)] }],
  ]
  for (const [bars, hold] of table) {
    holds = [{ ...hold, name: 'Réquisition' }]
    const plan = await privacy().plan([INS], 'dpo', 'demande')
    expect([hold, plan.bars]).toMatchObject([hold, bars ? [{ why: 'hold', n: 1, hold: 'Réquisition' }] : []])
    if (bars)
      await expect(privacy().erase([INS], plan.mark, 'dpo', 'x')).rejects.toMatchObject({ code: 'ERASE_BARRED' })
  }
})

test('retention: everything that is kept, by which setting', async () => {
  const { one } = await filled()
  const rows = await privacy().retention()
  expect(rows.map(({ what, n }) => [what, n])).toEqual([
    ['messages', 7],
    ['refused', 0],
    ['repeats', 6],
    ['resources', 1],
    ['orders', 0],
    ['visits', 0],
    ['assertions', 0],
    ['audit', 0],
    ['names', 0],
    ['cases', 0],
    ['revisions', 0],
  ])
  const receivedAt = new Date(one.receivedAtMs).toISOString()
  expect(rows[0]).toMatchObject({ setting: 'retention.closed', keptMs: 1, oldestAt: receivedAt })
})

const EVENTS = () => [
  personEvent('resend', { who: 'ann', atMs: 1_000 }),
  personEvent('close', { who: 'bob', atMs: 2_000, code: 'WRONG_STATE' }),
  personEvent('pause', { who: 'ann', atMs: 3_000, detail: 'chu-angers/dpi' }),
  personEvent('alert', { who: 'gateway', atMs: 4_000, code: 'ALERT_AFTER', why: null }),
]
const SEARCHES: readonly [name: string, ask: Partial<AuditSearch>, found: number[]][] = [
  ['all, newest first', {}, [4, 3, 2, 1]],
  ['who', { who: ['ann'] }, [3, 1]],
  ['one of two', { who: ['ann', 'bob'] }, [3, 2, 1]],
  ['who and what', { who: ['ann'], what: ['pause'] }, [3]],
  ['where', { establishment: ['chu-angers'] }, [3]],
  ['a message that is not there', { message: 'nobody' }, []],
  ['what was refused', { refused: true }, [4, 2]],
  ['what was not', { refused: false }, [3, 1]],
  ['a time, its ends included', { sinceMs: 2_000, untilMs: 3_000 }, [3, 2]],
  ['below a number', { below: 3 }, [2, 1]],
  ['nobody', { patients: [] }, []],
  ['a page', { limit: 2 }, [4, 3]],
]
test('the audit is searched by who, what, where, when, whom and outcome', async () => {
  await journal.apply({ events: EVENTS() })
  await seal()
  for (const [name, ask, found] of SEARCHES) {
    const { events, next } = await views().search({ limit: 10, ...ask })
    expect([name, events.map(({ n }) => n), next]).toEqual([name, found, ask.limit === 2 ? 3 : null])
  }
})

test.each([
  ['a search for a patient', 'search-patient', [INS], 'POST /api/messages/search'],
  ['a look at a case of a patient', 'read-case', [INS, IPP], 'case:AVC-1 GET /dossiers/:id'],
] as const)(
  '%s is under each of the names too, and erasing takes the keys out of what was kept of it',
  async (_name, what, numbers, route) => {
    // The case alone knows all of the numbers.
    await journal.commit([about([INS])])
    cases = [{ ...CASE, keys: numbers.map(key) }]
    const detail = [...numbers.map(key), route].join(' ')
    await journal.apply({ events: [personEvent(what, { detail })] })
    await seal()
    const names = await views().patients(numbers)
    expect(names).toHaveLength(numbers.length)
    for (const name of names) {
      const [found] = (await views().search({ patients: [name], limit: 10 })).events
      const said = readEvent(found!.line)
      expect([said?.patients.toSorted(), said?.detail]).toEqual([names.toSorted(), route])
    }
    const { mark } = await privacy().plan([INS], 'dpo', 'demande')
    // One more that is not in the tree yet.
    await journal.apply({ events: [personEvent(what, { detail })] })
    await privacy().erase([INS], mark, 'dpo', 'demande')
    await seal()
    const events = await journal.read<{ detail: string | null }>({ sql: 'SELECT detail FROM event', parameters: [] })
    for (const number of numbers) expect(JSON.stringify(events)).not.toContain(key(number))
    expect((await views().search({ patients: await views().patients(numbers), limit: 10 })).events).toEqual([])
  },
)

test('what retention removes from the audit is found no more', async () => {
  const one = about([INS])
  await journal.commit([one])
  await journal.apply({ events: [personEvent('read-body', { message: one.id, atMs: 1_000 }), ...EVENTS()] })
  await seal()
  expect(await pruneAudit(journal, 1_500, 5_000)).toBe(2)
  expect((await views().search({ limit: 10 })).events.map(({ n }) => n)).toEqual([5, 4, 3])
  expect((await views().search({ patients: await views().patients([INS]), limit: 10 })).events).toEqual([])
  expect(await indexOld(journal, 0)).toBeNull()
})

test('what an older release took into the tree is indexed later, once', async () => {
  const one = about([INS])
  await journal.commit([one])
  await journal.apply({ events: [...EVENTS(), personEvent('read-body', { message: one.id })] })
  await seal()
  const all = (await views().search({ limit: 10 })).events
  await journal.apply({
    rows: ['DELETE FROM audit_index WHERE n <> 2', 'DELETE FROM audit_patient'].map((sql) => ({ sql, parameters: [] })),
  })
  for (let at: number | null = 0; at !== null; ) at = await indexOld(journal, at)
  expect((await views().search({ limit: 10 })).events).toEqual(all)
  const places = { establishment: ['ch-laval'], patients: await views().patients([INS]) }
  expect((await views().search({ ...places, limit: 10 })).events.map(({ n }) => n)).toEqual([5])
  expect(await indexOld(journal, 0)).toBeNull()
})
