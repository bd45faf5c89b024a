import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { machineClock, machineIds } from '../../src/app/cli/machine.ts'
import { drawTrace } from '../../src/app/cli/trace.ts'
import { readRegion } from '../../src/app/config/index.ts'
import { createLog } from '../../src/app/log.ts'
import type { Journal } from '../../src/core/journal.ts'
import type { Role } from '../../src/core/roles.ts'
import type { MessageDetail, TimelineEntry } from '../../src/core/views.ts'
import { openSqliteJournal } from '../../src/pipeline/journal/sqlite/open.ts'
import { CANARY, delivery, INS, intake, startConsole } from '../console/gateway.ts'
import { operator, someConfig } from '../console/region.ts'
import { passerelle } from './terminal.ts'

/** A stopped store of the demo region with two messages: M1 on its way, M2 parked. */
async function stoppedStore() {
  const parent = await mkdtemp(join(tmpdir(), 'passerelle-store-'))
  onTestFinished(() => rm(parent, { recursive: true }))
  const dir = join(parent, 'data')
  const { shared } = await readRegion('region.yaml', {}, { missingMaterial: 'warning' })
  const journal = await openSqliteJournal({
    dir,
    log: createLog('silent'),
    meter: { count() {}, observe() {} },
    clock: machineClock,
    ids: machineIds,
    refusedMaxBytes: () => 1_000_000,
    onFatal() {},
  })
  await journal.adopt('test', 0, shared ?? '')
  const messages = await fill(journal)
  await journal.close()
  return { dir, store: `file:${dir}`, ...messages }
}

async function fill(journal: Journal) {
  const one = intake(journal, 'M1', { deliveries: [delivery('chu-angers/unv')] })
  const two = intake(journal, 'M2', {
    kind: 'ORU^R01',
    deliveries: [delivery('chu-angers/unv', { state: 'poisoned', code: 'POISONED' })],
  })
  await journal.commit([one])
  await journal.commit([two])
  return { one, two, parked: two.deliveries[0]?.id ?? '' }
}

test('a stopped store: list, trace, acts and replay, each seen by the next', async () => {
  const { store, one, two, parked } = await stoppedStore()
  const run = (...argv: string[]) => passerelle([...argv, '--store', store])
  const list = JSON.parse((await run('messages', '--json')).out)
  expect(list.messages.map((m: { controlId: string }) => m.controlId)).toEqual(['M2', 'M1'])
  expect((await run('messages', '--kind', 'ADT^*')).out).toMatch(/^\S+ {2}\S+ {2}ch-laval +ADT\^A01 +M1 .*\n$/)

  expect((await run('resend', parked, '--reason', 'mended')).out).toBe(`chu-angers/unv  queued  ${parked}\n`)
  expect((await run('close', parked, '--reason', 'by telephone', '--json')).out).toContain('"state":"closed"')
  const again = await run('skip', parked, '--reason', 'x')
  expect([again.code, again.err]).toEqual([1, expect.stringMatching(/^WRONG_STATE: /)])

  expect((await run('replay', one.id, '--reason', 'lost', '--dry-run')).out).toBe('chu-angers/unv  -\n')
  const replayed = JSON.parse((await run('replay', one.id, '--reason', 'lost there', '--json')).out)
  expect(replayed.deliveries).toHaveLength(1)
  const unknown = await run('replay', machineIds.uuid(), '--reason', 'x')
  expect([unknown.code, unknown.err]).toEqual([1, expect.stringMatching(/^NOT_FOUND: /)])

  const trace = await run('trace', one.id)
  expect(trace.code).toBe(0)
  expect(trace.out).toMatch(/received.*\n.*answered.*\n.*routed {2}→ chu-angers\/unv {2}\(admissions\)/)
  expect(trace.out).toMatch(/replay .*by cli:.*“lost there”/)
  const byControlId = JSON.parse((await run('trace', 'M2', '--json')).out)
  expect(byControlId.id).toBe(two.id)
  expect(byControlId.timeline.map((e: TimelineEntry) => e.event ?? e.what)).toEqual(
    expect.arrayContaining(['received', 'answered', 'routed', 'resend', 'close']),
  )
  expect((await run('trace', 'none')).code).toBe(1)
})

test.each<[argv: string[], says: string]>([
  [['messages', '--from', 'nowhere'], '--from: nowhere is no establishment'],
  [['messages', '--to', 'chu-angers/none'], '--to: chu-angers/none is no establishment or destination'],
  [['messages', '--kind', 'ADT'], '--kind: ADT is no kind'],
  [['replay', '--from', 'nowhere', '--reason', 'r'], '--from: nowhere is no establishment'],
])('what the region does not know is no peace: %j', async (argv, says) => {
  const { store } = await stoppedStore()
  const { dir, url } = await startConsole()
  for (const place of [
    ['--store', store],
    ['--store', `file:${dir}`, '--url', url],
  ]) {
    const { code, err } = await passerelle([...argv, ...place], { PASSERELLE_KEY: 'demo-admin' })
    expect([code, err]).toEqual([2, expect.stringContaining(says)])
  }
  const known = await passerelle(['messages', '--from', 'chu-nantes', '--store', store])
  expect(known).toMatchObject({ code: 0, err: 'no message\n' })
})

test('nothing of the content is shown by any command', async () => {
  const { store, one } = await stoppedStore()
  for (const argv of [['messages'], ['messages', '--json'], ['trace', 'M1'], ['trace', one.id, '--json']]) {
    const { out, err } = await passerelle([...argv, '--store', store])
    expect(out + err).not.toContain(CANARY)
    expect(out + err).not.toContain(INS)
  }
})

test('a held store: commands go to its HTTP interface, with the key of the environment', async () => {
  const { dir, journal, url, log } = await startConsole()
  const { one, parked } = await fill(journal)
  const held = (argv: string[], key?: string) =>
    passerelle([...argv, '--store', `file:${dir}`, '--url', url], key === undefined ? {} : { PASSERELLE_KEY: key })
  const missing = await held(['trace', 'M1'])
  expect(missing.code).toBe(1)
  expect(missing.err).toContain('PASSERELLE_KEY=demo-admin')
  expect((await held(['trace', 'M1'], 'demo-admin')).out).toContain(one.id)
  expect((await held(['trace', one.id, '--json'], 'demo-admin')).out).toContain('"controlId":"M1"')
  expect((await held(['trace', machineIds.uuid()], 'demo-admin')).code).toBe(1)
  expect((await held(['messages', '--since', '2026-01-01', '--limit', '1'], 'demo-admin')).out).toContain('M2')
  expect((await held(['close', parked, '--reason', 'done'], 'demo-admin')).code).toBe(0)
  const forbidden = await held(['close', parked, '--reason', 'done'], 'demo-ch-laval')
  expect([forbidden.code, forbidden.err]).toEqual([
    1,
    'FORBIDDEN: Your role does not allow this; docs/roles.md says what each role may. The refusal is in the audit.\n',
  ])
  const replay = await held(['replay', one.id, '--reason', 'x', '--to', 'chu-angers/unv', '--dry-run'], 'demo-admin')
  expect([replay.code, replay.out]).toEqual([0, 'chu-angers/unv  -\n'])
  expect(log.join('')).not.toContain('http.failed')
})

test.each<[role: Role, argv: string[], says: RegExp]>([
  ['operator', ['trace', 'M1'], /received/],
  ['operator', ['replay', '{one}', '--reason', 'lost', '--dry-run'], /chu-angers\/unv/],
  ['operator', ['close', '{parked}', '--reason', 'done'], /closed/],
  ['support', ['trace', 'M1'], /received/],
  ['support', ['close', '{parked}', '--reason', 'done'], /FORBIDDEN: .*roles\.md/],
  ['establishment-it', ['messages', '--json'], /"controlId":"M1"/],
  ['establishment-it', ['trace', 'M1'], /received/],
  ['establishment-it', ['replay', '{one}', '--reason', 'lost', '--dry-run'], /FORBIDDEN: /],
  ['editor', ['messages', '--json'], /"messages":\[\]/],
  ['programme-officer', ['messages'], /FORBIDDEN: /],
  ['dpo', ['trace', 'M1'], /FORBIDDEN: /],
])('with the key of %s: %j', async (role, argv, says) => {
  const operators = [{ ...operator(role, ['ch-laval']), ...(role === 'editor' ? { reach: RARE } : {}) }]
  const { dir, journal, url } = await startConsole({}, someConfig({ operators }))
  const { one, parked } = await fill(journal)
  const asked = argv.map((word) => word.replace('{one}', one.id).replace('{parked}', parked))
  const { out, err, code } = await passerelle([...asked, '--store', `file:${dir}`, '--url', url], {
    PASSERELLE_KEY: `demo-${role}`,
  })
  expect(out + err).toMatch(says)
  expect(code).toBe(says.source.startsWith('FORBIDDEN') ? 1 : 0)
})
const RARE = { establishments: ['ch-laval'], applications: ['RARE'] }

test('verify of a held store says who holds it and asks to stop it', async () => {
  const { dir } = await startConsole()
  const store = ['--store', `file:${dir}`]
  const verify = await passerelle(['verify', ...store])
  expect(verify.code).toBe(1)
  expect(verify.err).toMatch(/^The store is held by process \d+ .*Stop it first/)
})

test('verify: whole is exit 0, a changed byte is exit 1 and named; progress only on a terminal', async () => {
  const { dir, store, one } = await stoppedStore()
  const whole = await passerelle(['verify', '--store', store, '--json'])
  expect([whole.code, JSON.parse(whole.out)]).toEqual([
    0,
    { checked: expect.any(Number), damaged: [], audit: expect.objectContaining({ faults: [], missing: 0 }) },
  ])
  expect(whole.err).not.toContain('[')
  const shown = await passerelle(['verify', '--store', store], {}, true)
  expect(shown.err).toMatch(/\[#+\] 100 %/)

  const db = new DatabaseSync(join(dir, 'store.db'))
  db.prepare(`UPDATE message SET kind = 'ADT^A03' WHERE id = ?`).run(one.id)
  db.close()
  const damaged = await passerelle(['verify', '--store', store])
  expect(damaged.code).toBe(1)
  expect(damaged.out).toContain(one.id)
})

test('a trace draws each line with its time since the reception', () => {
  const entry = (at: string, what: TimelineEntry['what'], facts: Partial<TimelineEntry> = {}): TimelineEntry => ({
    at,
    what,
    event: null,
    detail: null,
    message: null,
    delivery: null,
    destination: null,
    route: null,
    n: null,
    ms: null,
    code: null,
    who: null,
    why: null,
    ...facts,
  })
  const message: MessageDetail = {
    id: 'id1',
    receivedAt: '2026-01-01T10:00:00.000Z',
    from: 'ch-laval',
    entrance: 'mllp',
    kind: 'ORM^O01',
    controlId: 'A\u001b[2J\u009bB',
    bytes: 10,
    state: 'parked',
    findings: [{ code: 'ORDER_OVERTAKEN', class: 'form', at: 'PID-3', params: {} }],
    application: '',
    facility: '',
    receivingApplication: '',
    receivingFacility: '',
    test: true,
    sha256: '',
    revision: 1,
    parent: null,
    cause: null,
    deliveries: [],
    timeline: [
      entry('2026-01-01T10:00:00.000Z', 'received', { detail: 'mllp' }),
      entry('2026-01-01T10:00:00.004Z', 'answered', { ms: 4 }),
      entry('2026-01-01T10:00:02.500Z', 'attempt', {
        n: 1,
        destination: 'a/b',
        detail: 'unknown',
        code: 'CONNECTION_CUT',
        ms: 1_500,
      }),
      entry('2026-01-01T10:05:00.000Z', 'event', { event: 'resend', who: 'ops', why: 'x\u001b[2J' }),
      entry('2026-01-01T13:00:00.000Z', 'event', { event: 'alert', who: 'gateway', code: 'ALERT_AFTER' }),
    ],
  }
  const lines = drawTrace(message, 'fr').split('\n')
  expect(lines[0]).toBe('ORM^O01  A?[2J?B  id1  10 B  parked')
  expect(lines.slice(2, 7).map((line) => line.slice(14))).toEqual([
    '    +0 ms  ┌─ reçu  mllp',
    '    +4 ms  ├─ répondu  4 ms',
    '   +2.5 s  ├─ essai 1  → a/b  unknown  CONNECTION_CUT  1.5 s',
    '   +5 min  ├─ resend  par ops  “x?[2J”',
    '     +3 h  └─ alert  ALERT_AFTER',
  ])
  expect(lines.at(-2)).toBe('  form  ORDER_OVERTAKEN  PID-3')
})
