import { afterEach, beforeEach, expect, test } from 'vitest'
import { exportOf } from '../../src/app/cli/audit.ts'
import { machineClock } from '../../src/app/cli/machine.ts'
import type { Journal, NewEvent, Purged } from '../../src/core/journal.ts'
import { checkExport } from '../../src/formats/audit/check.ts'
import { consistent, includes } from '../../src/formats/audit/proof.ts'
import { cover, signDay } from '../../src/pipeline/audit/cover.ts'
import { keepAudit } from '../../src/pipeline/audit/keep.ts'
import { pruneAudit } from '../../src/pipeline/audit/prune.ts'
import { pseudonymsOf } from '../../src/pipeline/audit/pseudonyms.ts'
import { coverage, storedHeads, storedKey } from '../../src/pipeline/audit/rows.ts'
import { auditViews } from '../../src/pipeline/audit/views.ts'
import { newDelivery, newIntake } from '../journal/made.ts'
import { openStore } from '../support/stores.ts'

let journal: Journal
let end: () => Promise<void>
beforeEach(async () => {
  ;({ journal, end } = await openStore())
})
afterEach(() => end())

const DAY_MS = 86_400_000
const event = (n: number, changes: Partial<NewEvent> = {}): NewEvent => ({
  atMs: 1_000 * n,
  who: 'ann',
  what: 'resend',
  why: `reason ${n}`,
  code: null,
  message: null,
  delivery: null,
  detail: null,
  ...changes,
})
const parts = async () => ({ journal, key: await storedKey(journal), site: 'Region' })
async function coverAll(): Promise<void> {
  const made = await parts()
  while ((await cover(made)).more);
}
const views = () => auditViews({ journal, clock: machineClock })
const bytes = (hex: string) => Buffer.from(hex, 'hex')
async function faults(span = {}) {
  const { page, state } = views()
  async function* chunks() {
    for await (const piece of exportOf({ page, state }, span, () => {})) yield Buffer.from(piece)
  }
  return checkExport(chunks())
}

test('each event is one leaf, in the order of commits, whichever verb wrote it; patients are there by pseudonym', async () => {
  const intake = newIntake({
    patientKeys: ['aa11', 'bb22'],
    events: [event(1, { what: 'alert', code: 'ALERT_AFTER' })],
  })
  const withMessage = { ...intake, events: intake.events.map((one) => ({ ...one, message: intake.id })) }
  await journal.commit([withMessage])
  await journal.apply({ events: [event(2, { what: 'read-body', message: intake.id }), event(3)] })
  await journal.adopt('ann', 4_000, '{}', { park: [], events: [event(4, { what: 'apply-config' })] })
  expect(await coverage(journal)).toEqual({ covered: 0, waiting: 4, missing: 0 })
  await coverAll()
  expect(await coverage(journal)).toEqual({ covered: 4, waiting: 0, missing: 0 })
  const { events, before, next } = await views().page({ limit: 10 })
  expect([before, next]).toEqual([{ size: 0, hashes: [] }, null])
  const read = events.map(({ line }) => JSON.parse(line))
  expect(read.map(({ resourceType, id, subtype, action }) => [resourceType, id, subtype[0].code, action])).toEqual([
    ['AuditEvent', '1', 'alert', 'E'],
    ['AuditEvent', '2', 'read-body', 'R'],
    ['AuditEvent', '3', 'resend', 'E'],
    ['AuditEvent', '4', 'apply-config', 'U'],
  ])
  const patients = (one: { entity: { role?: { code: string }; what: { identifier: { value: string } } }[] }) =>
    one.entity.filter(({ role }) => role?.code === '1').map(({ what }) => what.identifier.value)
  const names = await pseudonymsOf(journal, ['aa11', 'bb22', 'zz99'])
  expect([...names.keys()]).toEqual(['aa11', 'bb22'])
  const both = [names.get('aa11'), names.get('bb22')]
  expect(read.map(patients)).toEqual([both, both, [], []])
  expect(await faults()).toMatchObject({ events: 4, faults: [] })
})

test('an undone effect leaves no event, no leaf and no count', async () => {
  await journal.apply({ events: [event(1)] })
  expect(await journal.apply({ events: [event(2)], fired: ['no-such-timer'] })).toBe(false)
  await journal.apply({ events: [event(3)] })
  await coverAll()
  expect(await coverage(journal)).toEqual({ covered: 2, waiting: 0, missing: 0 })
  expect((await journal.verify(null)).damaged).toEqual([])
})

test('pages, spans of time and proofs hold over several slices', async () => {
  for (let n = 0; n < 150; n += 50) {
    await journal.apply({ events: Array.from({ length: 50 }, (_, i) => event(n + i + 1)) })
  }
  await coverAll()
  const { page, proof, consistency, state } = views()
  const second = await page({ after: 100, limit: 20 })
  expect([second.events[0]?.n, second.events.length, second.next]).toEqual([101, 20, 120])
  expect(await faults()).toMatchObject({ events: 150, first: 1, faults: [] })
  expect(await faults({ sinceMs: 30_500, untilMs: 141_000 })).toMatchObject({ events: 111, first: 31, faults: [] })
  expect(await faults({ sinceMs: 10 ** 9 })).toMatchObject({ events: 0, first: 151, faults: [] })

  const shown = (await proof(77))!
  const claim = { index: 76, size: 150, leaf: bytes(shown.hash), root: bytes(shown.head.root) }
  expect(includes(claim, shown.proof.map(bytes))).toBe(true)
  expect([await proof(0), await proof(151)]).toEqual([null, null])
  const [old, now] = [(await state(65)).head, (await state()).head]
  const { proof: between } = await consistency(65, 150)
  expect(
    consistent({ size: 65, root: bytes(old.root) }, { size: 150, root: bytes(now.root) }, between.map(bytes)),
  ).toBe(true)
  await expect(consistency(65, 151)).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  await expect(state(151)).rejects.toMatchObject({ code: 'BAD_REQUEST' })
})

test('a head is signed on each day on which there is something new', async () => {
  const made = await parts()
  expect(await signDay(made, 5 * DAY_MS)).toBe(null)
  await journal.apply({ events: [event(1)] })
  await coverAll()
  expect(await signDay(made, 5 * DAY_MS)).toBe(1)
  await journal.apply({ events: [event(2)] })
  await coverAll()
  expect(await signDay(made, 6 * DAY_MS - 1)).toBe(null)
  expect(await signDay(made, 6 * DAY_MS)).toBe(2)
  expect(await signDay(made, 7 * DAY_MS)).toBe(null)
  expect((await storedHeads(journal)).map(({ size, atMs }) => [size, atMs])).toEqual([
    [1, 5 * DAY_MS],
    [2, 6 * DAY_MS],
  ])
  expect(await faults()).toMatchObject({ faults: [] })
})

test('two that cover at once make one tree', async () => {
  await journal.apply({ events: Array.from({ length: 100 }, (_, i) => event(i + 1)) })
  const made = await parts()
  await Promise.all([cover(made), cover(made), cover(made)])
  await coverAll()
  expect(await faults()).toMatchObject({ events: 100, faults: [] })
})

test('what is changed in the store is found: before it is in the tree by its count, after by its signature', async () => {
  await journal.apply({ events: [event(1), event(2)] })
  const tamper = (sql: string) => journal.apply({ rows: [{ sql, parameters: [] }] })
  await tamper("DELETE FROM event WHERE why = 'reason 1'")
  await coverAll()
  expect(await coverage(journal)).toEqual({ covered: 1, waiting: 0, missing: 1 })
  expect((await journal.verify(null)).damaged).toEqual(['counter events'])
  await tamper("UPDATE audit_leaf SET line = replace(line, 'reason 2', 'reason 9')")
  expect((await faults()).faults).toEqual([{ what: 'altered', n: 1, at: '1970-01-01T00:00:02.000Z', line: 2 }])
})

test('the keeper takes events in as they come, and tells once of one that is gone', async () => {
  await journal.apply({ events: [event(1), event(2)] })
  await journal.apply({ rows: [{ sql: "DELETE FROM event WHERE why = 'reason 1'", parameters: [] }] })
  const told: string[] = []
  let rounds = 0
  const enough = Promise.withResolvers<void>()
  const stop = keepAudit({
    journal,
    config: () => ({ region: { name: 'Region' } }) as never,
    clock: {
      ...machineClock,
      after(_ms, act) {
        rounds += 1
        if (rounds > 4) enough.resolve()
        else queueMicrotask(act)
        return () => {}
      },
    },
    log: { info: (name) => told.push(name), warn() {}, error: (name, fields) => told.push(`${name} ${fields?.code}`) },
    meter: { count() {}, observe() {} },
  })
  await enough.promise
  await stop()
  expect(told).toEqual(['audit.signed', 'audit.broken AUDIT_BROKEN'])
  const { events } = await views().page({ limit: 10 })
  expect(events.map(({ line }) => JSON.parse(line).outcomeDesc ?? null)).toEqual([null, 'AUDIT_BROKEN'])
})

test('past its time the audit loses its oldest events, and what is left is proven as before', async () => {
  const made = await parts()
  await journal.apply({ events: Array.from({ length: 150 }, (_, i) => event(i + 1)) })
  await coverAll()
  await signDay(made, 5 * DAY_MS)
  const before = await Promise.all([views().proof(90), views().consistency(90, 150), views().state(90)])
  const prune = (beforeMs: number) => pruneAudit(journal, beforeMs, 6 * DAY_MS)
  expect(await prune(500)).toBe(0)
  // By and by, so that what was an edge becomes inner.
  expect([await prune(6_001), await prune(21_001), await prune(87_001)]).toEqual([6, 15, 66])
  await coverAll()
  expect(await coverage(journal)).toEqual({ covered: 153, waiting: 0, missing: 0 })
  expect((await journal.verify(null)).damaged).toEqual([])
  expect(await faults()).toMatchObject({ events: 66, first: 88, faults: [] })
  const { events, before: edge } = await views().page({ limit: 1 })
  expect([events[0]?.n, edge.size]).toEqual([88, 87])

  const after = await Promise.all([views().proof(90), views().consistency(90, 150), views().state(90)])
  expect(after[1]).toEqual(before[1])
  expect(after[2].head.root).toBe(before[2].head.root)
  const root = bytes((await views().state()).head.root)
  for (let n = 1; n <= 153; n += 1) {
    const shown = await views().proof(n)
    if (n <= 87) expect(shown).toBe(null)
    else
      expect([
        n,
        includes({ index: n - 1, size: 153, leaf: bytes(shown!.hash), root }, shown!.proof.map(bytes)),
      ]).toEqual([n, true])
  }
  for (let size = 87; size <= 153; size += 1) {
    const { proof } = await views().consistency(size, 153)
    const old = bytes((await views().state(size)).head.root)
    expect([size, consistent({ size, root: old }, { size: 153, root }, proof.map(bytes))]).toEqual([size, true])
  }
  await expect(views().consistency(86, 153)).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  await expect(views().state(86)).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  // The newest always stays: without it nobody knew where the tree ends.
  expect(await prune(10 ** 15)).toBe(65)
  expect(await faults()).toMatchObject({ events: 1, first: 153, faults: [] })
})

test('what somebody takes off the beginning of the audit is no retention, and is missed', async () => {
  await journal.apply({ events: Array.from({ length: 20 }, (_, i) => event(i + 1)) })
  await coverAll()
  expect(await pruneAudit(journal, 5_001, DAY_MS)).toBe(5)
  await journal.apply({ rows: [{ sql: 'DELETE FROM audit_leaf WHERE n <= 8', parameters: [] }] })
  expect(await coverage(journal)).toMatchObject({ missing: 3 })
})

test('retention takes messages away and leaves the audit', async () => {
  const intake = newIntake({ patientKeys: ['cc33'], deliveries: [newDelivery('platform', { state: 'delivered' })] })
  await journal.commit([intake])
  await journal.apply({ events: [event(1, { message: intake.id, what: 'read-body' })] })
  await coverAll()
  const far = Date.now() + 10 * DAY_MS
  let gone = 0
  let at: string | null = null
  for (let slices = 0; slices < 20 && gone === 0; slices += 1) {
    const slice: Purged = await journal.purge({ closedBeforeMs: far, refusedBeforeMs: far }, at, 100)
    gone += slice.messages
    at = slice.done ? null : slice.at
  }
  expect([gone, await journal.state(intake.id)]).toEqual([1, null])
  expect((await views().page({ limit: 10 })).events[0]?.line).toContain(
    (await pseudonymsOf(journal, ['cc33'])).get('cc33'),
  )
  expect(await faults()).toMatchObject({ events: 1, faults: [] })
})
