import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { dayOf, isoOf } from '../../src/conformity/day.ts'
import { MOST_UNDER_WAY, MOST_WAITING } from '../../src/conformity/evidence/commands.ts'
import { PART_BYTES } from '../../src/conformity/evidence/rows.ts'
import { isInForce } from '../../src/conformity/framework-shelf.ts'
import { askedAt } from '../../src/conformity/probes/endpoints.ts'
import { resultRows } from '../../src/conformity/probing.ts'
import type { Config, Use } from '../../src/core/config.ts'
import { EVIDENCE_BYTES, type Evidence, MOST_LAPSING, type NewEvidence } from '../../src/core/conformity-commands.ts'
import type { GatewayError } from '../../src/core/errors.ts'
import type { Statement } from '../../src/core/journal.ts'
import type { DestinationId } from '../../src/core/message.ts'
import type { Endpoint, ProbeOutcome, ProbeResult } from '../../src/core/probes.ts'
import { DocumentKind } from '../../src/formats/document-kind.ts'
import { type Acting, act, acting, CANARY, coming, frameworkSource, frameworkText } from './acting.ts'
import { frameworkOf, requirementOf } from './pieces.ts'

const DAY_MS = 86_400_000
const PDF = `%PDF-1.7 ${CANARY}`
const laval = (requirement: string, more: Partial<NewEvidence> = {}): NewEvidence => ({
  ...{ establishment: 'ch-laval', framework: 'essai@1', requirement, statement: '', document: null, sha256: null },
  ...more,
})
const says = (requirement: string, statement = `Nous déclarons. ${CANARY}`) => laval(requirement, { statement })
const shows = (requirement: string, ...pieces: readonly (string | Uint8Array)[]) =>
  laval(requirement, { document: coming(...pieces) })

/** The code of what is thrown; null: it was done. */
async function refused(run: Promise<unknown>): Promise<string | null> {
  return run.then(
    () => null,
    (fault: GatewayError) => fault.code ?? String(fault),
  )
}
async function whole(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const one of bytes) all.push(one)
  return Buffer.concat(all)
}
async function published(): Promise<Acting> {
  const world = await acting()
  await world.publish()
  return world
}

test('the endpoints that region.yaml declares decide a probe, whatever was found at others', async () => {
  const way = (id: string, use: Use, host = 'one.test') =>
    [id, { id, use, establishment: 'ch-laval', target: { type: 'mllp', host, port: 2575 } }] as const
  const destinations = new Map([way('laval/old', 'production'), way('laval/new', 'production')])
  const from = { destinations } as unknown as Partial<Config>
  const probe = { by: 'probe', probe: 'tls', validDays: 7, settings: {} } as const
  const text = frameworkText({ domains: frameworkOf([requirementOf('TLS', probe)]).domains })
  const { journal, clock, verdict, publish } = await acting([text], from)
  await publish()
  const found = (endpoint: string, outcome: ProbeOutcome) => {
    const result: ProbeResult = {
      ...{ kind: 'tls' as const, establishment: 'ch-laval', use: 'production' as const, faults: [], facts: {} },
      ...{ endpoint: endpoint as DestinationId, outcome, atMs: clock.nowMs() },
      asked: askedAt(destinations.get(endpoint) as unknown as Endpoint, null),
    }
    const rows = resultRows({ name: 'essai@1/TLS' }, result)
    return journal.apply({ rows })
  }
  const tomorrow = () => {
    clock.advance(DAY_MS)
    return verdict('TLS')
  }
  expect(await verdict('TLS')).toBe('not-measured no-probe')
  await found('laval/old', 'pass')
  expect(await verdict('TLS')).toBe('not-measured probe')
  await found('laval/new', 'pass')
  expect(await verdict('TLS')).toBe('met fine')
  destinations.delete('laval/old')
  for (let day = 1; day < 9; day++) {
    await found('laval/new', 'pass')
    expect(await tomorrow()).toBe('met fine')
  }
  // The same name before another system says nothing of that one, until it is asked.
  destinations.set(...way('laval/new', 'production', 'two.test'))
  expect(await tomorrow()).toBe('not-measured no-probe')
  await found('laval/new', 'fail')
  expect(await verdict('TLS')).toBe('unmet probe')
  // The same name for another use is another endpoint.
  destinations.set(...way('laval/new', 'qualification'))
  expect(await tomorrow()).toBe('not-measured no-probe')
})

test('what lapses stays told, however much lapsed that nobody asks for any more or that is not due yet', async () => {
  const remind = (id: string, remindDays: number) =>
    requirementOf(id, { by: 'evidence', accepts: 'either', validDays: 365, remindDays })
  const text = frameworkText({ domains: frameworkOf([remind('DOC', 60), remind('LATE', 1)]).domains })
  const { journal, clock, views, publish } = await acting([text])
  await publish()
  const accepted = (establishment: string, name: string, n: number, days: number): Statement => {
    const [framework, requirement] = name.split(' ') as [string, string]
    const untilMs = clock.nowMs() + days * DAY_MS
    return {
      sql: `INSERT INTO conformity_evidence (id, establishment, framework, requirement, state, statement, bytes, sha256, filed_by,
          filed_at_ms, valid_until_ms) VALUES (?, ?, ?, ?, 'accepted', '', 0, '', 'x', ?, ?)`,
      parameters: [`${establishment} ${name} ${n}`, establishment, framework, requirement, n, untilMs],
    }
  }
  const many = (one: (n: number) => Statement) =>
    journal.apply({ rows: Array.from({ length: MOST_LAPSING }, (_, n) => one(n)) })
  await journal.apply({
    rows: [accepted('ch-laval', 'essai@1 DOC', 0, 50), accepted('ch-laval', 'essai@1 LATE', 0, 40)],
  })
  const told = async (withinMs?: number) =>
    (await views.lapsing(null, withinMs)).map(({ evidence }) => `${evidence.establishment} ${evidence.requirement}`)
  expect(await told()).toEqual(['ch-laval DOC'])
  await many((n) => accepted(`ch-${n}`, 'essai@0 DOC', n, -10))
  await many((n) => accepted(`gone-${n}`, 'essai@1 DOC', n, -10))
  await many((n) => accepted('ch-laval', `essai@1 GONE-${n}`, n, -10))
  expect(await told()).toEqual(['ch-laval DOC'])
  expect(await told(45 * DAY_MS)).toEqual(['ch-laval LATE'])
  expect(await views.lapsing({ establishments: ['gone-1'], applications: null })).toEqual([])
})

test('a document is filed, reviewed by somebody else, counts until its day, and lapses', async () => {
  const { commands, views, clock, verdict, events, journal, notebook } = await published()
  expect(await verdict('DOC')).toBe('not-measured no-evidence')
  const filed = await commands.file(shows('DOC', PDF), act('ines', ['ch-laval']))
  expect(filed).toMatchObject({ state: 'filed', filedBy: 'ines', document: { type: 'application/pdf', bytes: 22 } })
  expect(await verdict('DOC')).toBe('not-measured waiting')

  // Who filed it does not review it, and nothing came of the attempt.
  expect(await refused(commands.review(filed.id, { accept: true, until: null }, act('ines')))).toBe('EVIDENCE_OWN')
  expect(await verdict('DOC')).toBe('not-measured waiting')
  const accepted = await commands.review(filed.id, { accept: true, until: '2026-03-31' }, act('paul'))
  // Through its last day, by the region's clocks.
  expect(new Date(accepted.validUntilMs ?? 0).toISOString()).toBe('2026-03-31T22:00:00.000Z')
  expect(await verdict('DOC')).toBe('met fine')
  expect(await refused(commands.review(filed.id, { accept: false }, act('paul')))).toBe('EVIDENCE_STATE')

  expect(await views.lapsing(null)).toEqual([])
  clock.advance(30 * DAY_MS)
  expect(await views.lapsing(null)).toMatchObject([{ evidence: { id: filed.id }, lapsed: false, renewed: false }])
  await commands.file(says('ANY'), act('ines'))
  const renewal = await commands.file(shows('DOC', PDF), act('ines'))
  expect(await views.lapsing({ establishments: ['ch-laval'], applications: null })).toMatchObject([{ renewed: true }])
  expect(await views.lapsing({ establishments: ['ehpad-a'], applications: null })).toEqual([])
  clock.advance(56 * DAY_MS)
  expect(await verdict('DOC')).toBe('lapsed expired')
  expect(await views.lapsing(null)).toMatchObject([{ lapsed: true }])
  // Without a day: as long as the requirement says.
  const again = await commands.review(renewal.id, { accept: true, until: null }, act('paul'))
  expect(isoOf(again.validUntilMs ?? 0, 'Europe/Paris')).toBe(
    `${dayOf(clock.nowMs() + 366 * DAY_MS, 'Europe/Paris')}T00:00:00+02:00`,
  )
  expect([await verdict('DOC'), await views.lapsing(null)]).toEqual(['met fine', []])
  // No verdict outlives what it rests on: it is judged anew with the day.
  clock.advance((again.validUntilMs ?? 0) - clock.nowMs() - 1)
  expect(await verdict('DOC')).toBe('met fine')
  clock.advance(1)
  expect(await verdict('DOC')).toBe('lapsed expired')

  const opened = await views.open(filed.id, act('nadia'))
  expect(String(await whole(opened!.bytes))).toBe(PDF)
  expect((await events()).filter((one) => one.includes(filed.id))).toEqual([
    `ines file-evidence - ch-laval/essai@1 DOC ${filed.id}`,
    `paul accept-evidence dossier 12 ch-laval/essai@1 DOC ${filed.id}`,
    `nadia read-evidence - ch-laval/essai@1 DOC ${filed.id}`,
  ])
  const kept = await journal.look({ sql: 'SELECT * FROM event', parameters: [] })
  expect(JSON.stringify([kept, notebook.lines])).not.toContain(CANARY)
})

test('what is rejected says so; what is withdrawn counts no more, and its document goes where it never counted', async () => {
  const { commands, views, verdict, parts, changes } = await published()
  const rejected = await commands.file(says('SAY'), act('ines'))
  expect(rejected.document).toBeNull()
  expect(await commands.review(rejected.id, { accept: false }, act('paul', null, 'trop vague'))).toMatchObject({
    ...{ state: 'rejected', reviewed: { by: 'paul', why: 'trop vague' }, validUntilMs: null },
  })
  expect(await verdict('SAY')).toBe('unmet rejected')
  expect(await refused(commands.withdraw(rejected.id, act('ines')))).toBe('EVIDENCE_STATE')

  const waiting = await commands.file(shows('ANY', PDF), act('ines'))
  expect(await parts()).toBe(1)
  expect(await refused(commands.withdraw(waiting.id, act('eva', ['ehpad-a'])))).toBe('NOT_FOUND')
  const before = changes()
  expect(await commands.withdraw(waiting.id, act('ines', ['ch-laval'], 'mauvais fichier'))).toMatchObject({
    ...{ state: 'withdrawn', withdrawn: { by: 'ines', why: 'mauvais fichier' } },
  })
  expect([await parts(), changes() - before, await verdict('ANY')]).toEqual([0, 1, 'not-measured no-evidence'])
  expect(await views.open(waiting.id, act('paul'))).toBeNull()

  const counted = await commands.file(shows('ANY', PDF), act('ines'))
  await commands.review(counted.id, { accept: true, until: null }, act('paul'))
  expect(await verdict('ANY')).toBe('met fine')
  const gone = await commands.withdraw(counted.id, act('paul'))
  expect(gone).toMatchObject({ state: 'withdrawn', reviewed: { by: 'paul' }, withdrawn: { by: 'paul' } })
  expect([await parts(), await verdict('ANY')]).toEqual([1, 'not-measured no-evidence'])
  expect(await views.open(counted.id, act('paul'))).not.toBeNull()
})

test('of two who review at once one decides', async () => {
  const { commands } = await published()
  const { id } = await commands.file(says('SAY'), act('ines'))
  const both = await Promise.all([
    refused(commands.review(id, { accept: true, until: null }, act('paul'))),
    refused(commands.review(id, { accept: false }, act('nadia'))),
  ])
  expect(both.toSorted()).toEqual(['EVIDENCE_STATE', null])
})

test('what is not taken leaves nothing', async () => {
  const { commands, views, parts, changes } = await published()
  async function* cut(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(PDF)
    yield Buffer.alloc(5 * PART_BYTES, 'x')
    throw new Error('cut off')
  }
  const long = () => coming('%PDF-', ...new Array(11).fill(Buffer.alloc(1024 ** 2)))
  const cases: readonly (readonly [string, () => NewEvidence, string])[] = [
    ['no establishment of the region', () => ({ ...says('SAY'), establishment: 'x' }), 'NOT_FOUND'],
    ['out of reach', () => ({ ...says('SAY'), establishment: 'chu-nantes' }), 'NOT_FOUND'],
    ['no framework', () => ({ ...says('SAY'), framework: 'essai@2' }), 'EVIDENCE_REQUIREMENT'],
    ['no requirement', () => says('NONE'), 'EVIDENCE_REQUIREMENT'],
    ['not asked of a hospital', () => says('HOME'), 'EVIDENCE_REQUIREMENT'],
    ['judged by traffic', () => says('FLOW'), 'EVIDENCE_REQUIREMENT'],
    ['a statement where a document is asked for', () => says('DOC'), 'EVIDENCE_EMPTY'],
    ['a document where a statement is', () => shows('SAY', PDF), 'EVIDENCE_EMPTY'],
    ['nothing', () => laval('ANY', { statement: '  ' }), 'EVIDENCE_EMPTY'],
    ['an empty document', () => shows('DOC'), 'EVIDENCE_EMPTY'],
    ['a statement that turns its text', () => says('SAY', 'a\u202eb'), 'EVIDENCE_STATEMENT'],
    ['too long a statement', () => says('SAY', 'a'.repeat(4_001)), 'EVIDENCE_STATEMENT'],
    ['a page of HTML', () => shows('DOC', ' <!DOCTYPE html><script>'), 'EVIDENCE_TYPE'],
    ['a program', () => shows('DOC', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1])), 'EVIDENCE_TYPE'],
    ['text that is no UTF-8 at its end', () => shows('DOC', 'bon', Buffer.from([0xc3])), 'EVIDENCE_TYPE'],
    ['too big', () => laval('DOC', { document: long() }), 'UPLOAD_TOO_LONG'],
    ['other bytes than announced', () => ({ ...shows('DOC', PDF), sha256: '0'.repeat(64) }), 'UPLOAD_DAMAGED'],
    ['cut off in the middle', () => laval('DOC', { document: cut() }), 'Error: cut off'],
  ]
  const before = changes()
  const came: (readonly [string, string | null, number])[] = []
  for (const [name, asked] of cases)
    came.push([name, await refused(commands.file(asked(), act('ines', ['ch-laval']))), await parts()])
  expect(came).toEqual(cases.map(([name, , code]) => [name, code, 0]))
  expect([(await views.list({}, { limit: 10 }, null)).evidence, changes() - before]).toEqual([[], 0])
})

test('a process that ends on the way leaves a document that is swept, and one that is named stays', async () => {
  const { commands, views, parts, sweep, journal } = await published()
  const stopped = new Promise<never>(() => {})
  async function* stops(): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(4 * PART_BYTES, 'x')
    await stopped
  }
  void commands.file(laval('DOC', { document: stops() }), act('ines'))
  while ((await parts()) === 0) await new Promise((resolve) => setImmediate(resolve))
  const body = Buffer.concat([Buffer.from('%PDF-'), Buffer.alloc(2 * PART_BYTES + 7, 'y')])
  const sha256 = createHash('sha256').update(body).digest('hex')
  const filed = await commands.file({ ...shows('DOC', body.subarray(0, 9), body.subarray(9)), sha256 }, act('ines'))
  expect([await parts(), filed.document?.sha256, filed.document?.bytes]).toEqual([7, sha256, body.length])
  expect((await views.list({}, { limit: 10 }, null)).evidence).toHaveLength(1)
  await sweep()
  expect(await parts()).toBe(3)
  expect((await whole((await views.open(filed.id, act('paul')))!.bytes)).equals(body)).toBe(true)
  // Bytes that are no longer what was filed are never given out whole.
  await journal.apply({
    rows: [{ sql: 'DELETE FROM conformity_evidence_part WHERE evidence = ? AND n = 2', parameters: [filed.id] }],
  })
  expect(await refused(whole((await views.open(filed.id, act('paul')))!.bytes))).toBe('BODY_DAMAGED')
})

test.each<[string, readonly (string | number[])[], string]>([
  ['PDF', [PDF], 'application/pdf'],
  [
    'PNG',
    [
      [0x89, 0x50],
      [0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0],
    ],
    'image/png',
  ],
  ['JPEG', [[0xff, 0xd8, 0xff, 0xe0]], 'image/jpeg'],
  ['zip', ['PK\u0003\u0004 and the rest'], 'application/zip'],
  ['text', ['Procès-', 'verbal'], 'text/plain'],
  ['text with a character in two pieces', [[0x61, 0xc3], [0xa9]], 'text/plain'],
  ['XML', ['\ufeff<?xml version="1.0"?><a/>'], 'application/xml'],
])('content tells what it is: %s', (_name, pieces, type) => {
  const kind = new DocumentKind()
  for (const piece of pieces) kind.push(typeof piece === 'string' ? Buffer.from(piece) : Buffer.from(piece))
  expect(kind.end()).toBe(type)
})

test('so much may wait for review, and no more; lists go page by page within the reach', async () => {
  const { commands, views, journal } = await published()
  await commands.file({ ...says('ANY'), establishment: 'chu-nantes' }, act('ines'))
  const made: Evidence[] = []
  for (let n = 0; n < 3; n++) made.push(await commands.file(says('SAY'), act('ines')))
  const reach = { establishments: ['ch-laval'], applications: null }
  const first = await views.list({ state: 'filed' }, { limit: 2 }, reach)
  const rest = await views.list({ state: 'filed' }, { limit: 2, after: first.next! }, reach)
  const ids = [...first.evidence, ...rest.evidence].map(({ id }) => id)
  expect([ids, rest.next]).toEqual([made.map(({ id }) => id).reverse(), null])
  expect(await views.one(made[0]!.id, { establishments: [], applications: null })).toBeNull()
  const full = MOST_WAITING.bytes - EVIDENCE_BYTES + 1
  await journal.apply({
    rows: [{ sql: 'UPDATE conformity_evidence SET bytes = ? WHERE id = ?', parameters: [full, made[0]!.id] }],
  })
  const big = () => shows('DOC', '%PDF-', Buffer.alloc(EVIDENCE_BYTES - 5))
  expect(await refused(commands.file(big(), act('ines')))).toBe('EVIDENCE_MOST')
  expect(await refused(commands.file(says('SAY'), act('ines')))).toBe(null)
})

test('a verdict is set until a day or until it is lifted, with who and why', async () => {
  const { commands, views, clock, verdict, events } = await published()
  const set = { establishment: 'ch-laval', framework: 'essai@1', requirement: 'FLOW', use: 'production' } as const
  expect(await verdict('FLOW')).toBe('not-measured too-few')
  await commands.override({ ...set, verdict: 'not-applicable', until: null }, act('paul'))
  expect(await verdict('FLOW')).toBe('not-applicable waived')
  await commands.override({ ...set, verdict: 'met', until: '2026-01-31' }, act('nadia', null, 'constaté sur place'))
  expect(await verdict('FLOW')).toBe('met overridden')
  expect(await views.overrides(null)).toMatchObject([{ who: 'nadia', why: 'constaté sur place', verdict: 'met' }])
  expect(await views.overrides({ establishments: ['ehpad-a'], applications: null })).toEqual([])
  clock.advance(27 * DAY_MS)
  expect([await verdict('FLOW'), await views.overrides(null)]).toEqual(['not-measured too-few', []])
  await commands.override({ ...set, verdict: 'partly', until: null }, act('paul'))
  await commands.lift(set, act('paul'))
  expect(await verdict('FLOW')).toBe('not-measured too-few')
  expect(await refused(commands.lift(set, act('paul')))).toBe('NOT_FOUND')
  const wrong = { ...set, verdict: 'met' } as const
  expect(await refused(commands.override({ ...wrong, until: '2026-01-31' }, act('paul')))).toBe('CONFORMITY_UNTIL')
  expect(await refused(commands.override({ ...wrong, until: '2026-02-30' }, act('paul')))).toBe('CONFORMITY_UNTIL')
  expect(await refused(commands.override({ ...wrong, until: '2126-01-01' }, act('paul')))).toBe('CONFORMITY_UNTIL')
  const nobody = { ...wrong, requirement: 'HOME', until: null }
  expect(await refused(commands.override(nobody, act('paul')))).toBe('OVERRIDE_REQUIREMENT')
  expect((await events()).filter((one) => one.includes('verdict'))).toEqual([
    'paul set-verdict dossier 12 ch-laval/essai@1 FLOW production not-applicable',
    'nadia set-verdict constaté sur place ch-laval/essai@1 FLOW production met 2026-01-31',
    'paul set-verdict dossier 12 ch-laval/essai@1 FLOW production partly',
    'paul lift-verdict dossier 12 ch-laval/essai@1 FLOW production',
  ])
})

test('a framework is published once for ever, judged at once, and withdrawn with a reason', async () => {
  const other = frameworkText({ id: 'autre' })
  const { commands, shelf, verdict, events, publish, notebook, changes } = await acting([frameworkText(), 'a: ['])
  await publish()
  await publish()
  expect(await verdict('SAY', 'autre@1')).toBeNull()
  expect(await commands.check(other)).toMatchObject({ ok: true, new: true, framework: { id: 'autre' } })
  expect((await shelf.list()).map(({ name, publishedBy }) => `${name} ${publishedBy}`)).toEqual(['essai@1 gateway'])
  const before = changes()
  expect(await commands.publish(other, act('paul'))).toMatchObject({ ok: true, new: true })
  expect(changes() - before).toBe(1)
  expect(await verdict('SAY', 'autre@1')).toBe('not-measured no-evidence')
  // The same again is done already, in other words is another version.
  expect(await commands.publish(`# again\n${other}`, act('paul'))).toMatchObject({ ok: true, new: false })
  const changed = frameworkText({ id: 'autre', publisher: 'Autre' })
  expect(await refused(commands.publish(changed, act('paul')))).toBe('FRAMEWORK_TAKEN')
  expect(await refused(commands.check(changed))).toBe('FRAMEWORK_TAKEN')
  expect(await shelf.text('autre@1')).toBe(other)
  const both = await Promise.all([
    refused(commands.publish(frameworkText({ id: 'deux', publisher: 'A' }), act('paul'))),
    refused(commands.publish(frameworkText({ id: 'deux', publisher: 'B' }), act('nadia'))),
  ])
  expect(both.toSorted()).toEqual(['FRAMEWORK_TAKEN', null])

  await commands.withdrawFramework('autre@1', act('paul', null, 'remplacé'))
  expect(await verdict('SAY', 'autre@1')).toBeNull()
  expect(await shelf.one('autre@1')).toMatchObject({ state: 'withdrawn', withdrawn: { by: 'paul', why: 'remplacé' } })
  expect(await refused(commands.withdrawFramework('autre@1', act('paul')))).toBe('FRAMEWORK_WITHDRAWN')
  expect(await refused(commands.withdrawFramework('none@1', act('paul')))).toBe('NOT_FOUND')
  expect(await refused(commands.publish(other, act('paul')))).toBe('FRAMEWORK_WITHDRAWN')
  expect((await events()).filter((one) => one.includes('autre@1'))).toEqual([
    'paul publish-framework dossier 12 autre@1',
    'paul withdraw-framework remplacé autre@1',
  ])
  const told = await commands.publish(frameworkText({ status: 'x' as never }), act('paul'))
  expect(told).toMatchObject({ ok: false, problems: [{ line: 10, column: 13, at: 'status' }] })
  expect(notebook.lines.map(({ event }) => event)).toContain('conformity.framework-unread')
})

test.each<[string, Parameters<typeof frameworkText>[0], boolean]>([
  ['in force', {}, true],
  ['a draft', { status: 'draft' }, true],
  ['closed', { status: 'closed' }, false],
  ['from its first day', { validFrom: '2026-01-05' }, true],
  ['not yet', { validFrom: '2026-01-06' }, false],
  ['through its last day', { validTo: '2026-01-05' }, true],
  ['no more', { validTo: '2026-01-04' }, false],
])('a framework counts: %s', (_name, changes, counts) => {
  const { framework } = frameworkSource().read(frameworkText(changes))
  expect(isInForce(framework!, '2026-01-05')).toBe(counts)
})

test('a file of the region that says another thing under a published name is told and left', async () => {
  const files = [frameworkText()]
  const { publish, shelf, notebook } = await acting(files)
  await publish()
  files[0] = frameworkText({ publisher: 'Autre' })
  await publish()
  expect(await shelf.one('essai@1')).toMatchObject({ framework: { publisher: 'Essai' } })
  expect(notebook.lines).toContainEqual(
    expect.objectContaining({ event: 'conformity.framework-differs', rule: 'essai@1' }),
  )
})

test('so many documents are on their way at once, and the next one may come when one is over', async () => {
  const { commands, views } = await published()
  let end = (): void => {}
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  async function* slow(): AsyncGenerator<Uint8Array> {
    await ended
    yield Buffer.from(PDF)
  }
  const all = Array.from({ length: MOST_UNDER_WAY }, () =>
    commands.file(laval('DOC', { document: slow() }), act('ines')),
  )
  expect(await refused(commands.file(shows('DOC', PDF), act('ines')))).toBe('EVIDENCE_BUSY')
  expect(await refused(commands.file(says('SAY'), act('ines')))).toBe(null)
  end()
  await Promise.all(all)
  expect(await refused(commands.file(shows('DOC', PDF), act('ines')))).toBe(null)
  expect((await views.list({}, { limit: 50 }, null)).evidence).toHaveLength(MOST_UNDER_WAY + 2)
})
