import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Act, Case, CaseMessage, ToldTime } from '../../src/core/cases.ts'
import type { Config } from '../../src/core/config.ts'
import { isReceipt } from '../../src/core/message.ts'
import { readHl7Case } from '../../src/formats/case/hl7.ts'
import { type AcceptParts, accept } from '../../src/pipeline/accept.ts'
import { gatewayViewer } from '../../src/telemedicine/store/plan.ts'
import { openStage, type Stage } from '../pipeline/stage.ts'
import { caseRoom, done } from './case-room.ts'
import { person, request, STROKE } from './invented.ts'
import { Moving } from './moving.ts'

const MIN = 60_000
const NOW = Date.UTC(2026, 10, 26, 9)
const REGION = {
  establishments: [
    { id: 'ch-laval', name: 'CH de Laval (fictif)', kind: 'hospital', senders: { facilities: ['CHL'] } },
    {
      id: 'chu-angers',
      name: 'CHU (fictif)',
      kind: 'university-hospital',
      senders: { facilities: ['CHU'] },
      destinations: { dpi: { type: 'mllp', host: '127.0.0.1', port: 26902, use: 'production' } },
    },
  ],
  routes: [{ name: 'all', when: { from: ['ch-laval', 'chu-angers'] }, to: ['platform'] }],
}
const asks = person('requester', 'ch-laval')

let stage: Stage
let room: ReturnType<typeof caseRoom>
let config: Config
beforeEach(async () => {
  stage = await openStage(REGION)
  config = { ...stage.config, careServices: new Map([['stroke', STROKE]]) }
  const read = (bytes: Buffer, { id, establishment, receivedAtMs, test: isTest }: CaseMessage) =>
    readHl7Case(bytes, {
      ...{ message: id, service: 'stroke', site: establishment, receivedAtMs, test: isTest, charset: 'UNICODE UTF-8' },
      ...{ timeZone: 'Europe/Paris', key: (_authority: string, value: string) => value },
      ...{ codes: new Map([['11368-8', 'onset']]), kept: new Map() },
    })
  room = caseRoom(stage.journal, { config: () => config, read })
  room.clock.atMs = NOW
})
afterEach(() => stage.end())

const score = (total: number): Act => ({ what: 'score', nihss: { items: {}, total, differs: false } })
const INS = '254035313000022'
let n = 0
/** A message of the patient, who bears the INS everywhere. */
async function comes(kind: string, segments: readonly string[], from = 'CHL'): Promise<void> {
  n += 1
  const ins = `${INS}^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.10&ISO^INS`
  const text = [
    `MSH|^~\\&|DPI|${from}|PFI|PFI|20261126090000||${kind}|A${n}|T|2.5^FRA^2.11`,
    `PID|1||${from}1^^^${from}&1.2.3&ISO^PI~${ins}||MARTIN (FICTIF)^Jeanne^^^^^L||19500102|F||||||||||||||||||||||||VALI`,
    ...segments,
  ].join('\r')
  const clock = { ...stage.parts.clock, nowMs: () => room.clock.atMs }
  const parts: AcceptParts = { ...stage.parts, clock, config: () => config, openCases: room.told.keys }
  const peer = { address: '127.0.0.1:1', loopback: true, establishment: null, destination: null }
  const arrival = { entrance: 'mllp', peer, receivedAtMs: room.clock.atMs, bytes: Buffer.from(text) } as const
  const said = await accept(arrival, parts)
  if (!isReceipt(said)) throw new Error(said.code)
  await room.run()
}
const registers = (event: string, hour: string, from = 'CHL') =>
  comes(`ADT^${event}^ADT_A01`, [`PV1|1|E|URG^B2${'|'.repeat(41)}20261126${hour}`], from)
const onset = (hour: string) => comes('ORU^R01^ORU_R01', ['OBR|1', `OBX|1|TS|11368-8^Debut^LN||20261126${hour}||||||F`])

const told = (minutes: number, source: ToldTime['source']): ToldTime => ({
  ...{ atMs: NOW - minutes * MIN, precision: 'minute', source },
  toldAtMs: room.clock.atMs,
})
async function opened(times: Case['times'] = {}): Promise<string> {
  const identifiers = [
    { authority: '1.2.3', value: 'CHL1', type: 'PI' },
    { authority: '1.2.250.1.213.1.4.10', value: INS, type: 'INS' },
  ]
  const patient = { ...request().patient, identifiers, status: 'qualified' } as const
  return done(await room.commands.request(request({ times, patient, test: true }), asks)).id
}
const arrival = async (id: string) => (await room.one(id)).times.arrival

test.each<readonly [string, ToldTime['source'] | null, string]>([
  ['nobody had told it', null, '2026-11-26T08:10:00.000Z'],
  ['a witness told it', 'witness', '2026-11-26T08:40:00.000Z'],
  ['a person told it from the record', 'record', '2026-11-26T08:40:00.000Z'],
])('an update (A08) has the arrival where %s', async (_name, source, at) => {
  const id = await opened(source === null ? {} : { arrival: told(20, source) })
  await registers('A08', '0910')
  expect(new Date((await arrival(id))!.atMs).toISOString()).toBe(at)
})

test('an update corrects what an update told, and what is the same is written down once', async () => {
  const id = await opened()
  await registers('A04', '0910')
  await registers('A08', '0905')
  const { version, times } = await room.one(id)
  expect(new Date(times.arrival!.atMs).toISOString()).toBe('2026-11-26T08:05:00.000Z')
  await registers('A08', '0905')
  const after = await room.one(id)
  expect([after.times, after.version]).toEqual([times, version])
})

test('where the patient is brought later says nothing of when they arrived where they were', async () => {
  const id = await opened()
  await registers('A04', '0910')
  await registers('A01', '0955', 'CHU')
  expect(new Date((await arrival(id))!.atMs).toISOString()).toBe('2026-11-26T08:10:00.000Z')
})

test('what came before the request takes the place of nothing that the request tells', async () => {
  const before = await opened()
  done(await room.commands.act(before, { what: 'cancel', reason: 'essai' }, asks))
  await onset('0200')
  room.clock.atMs += 10 * MIN
  const id = await opened({ onset: told(60, 'witness') })
  await room.run()
  expect((await room.one(id)).times.onset).toMatchObject({ source: 'witness' })
  room.clock.atMs += MIN
  await onset('0700')
  expect((await room.one(id)).times.onset).toMatchObject({ source: 'record' })
})

test.each<readonly [string, readonly Act[], unknown]>([
  ['a score', [score(14)], 14],
  ['two of them, the last one first', [score(14), score(9)], 9],
])('what came before the request is no newer than what was told since: %s', async (_name, acts, total) => {
  const before = await opened()
  done(await room.commands.act(before, { what: 'cancel', reason: 'essai' }, asks))
  await comes('ORU^R01^ORU_R01', ['OBR|1', 'OBX|1|NM|72089-6^NIHSS^LN||5||||||F'])
  room.clock.atMs += 10 * MIN
  const id = await opened()
  for (const act of acts) done(await room.commands.act(id, act, asks))
  await room.run()
  expect((await room.one(id)).nihss?.total).toBe(total)
  room.clock.atMs += MIN
  await comes('ORU^R01^ORU_R01', ['OBR|1', 'OBX|1|NM|72089-6^NIHSS^LN||3||||||F'])
  expect((await room.one(id)).nihss?.total).toBe(3)
})

test('a consent that a message tells late does not take the place of a newer one', () => {
  const given = (by: string, atMs: number, isGiven = true) =>
    ({ what: 'consent', consent: { given: isGiven, by, atMs, refusedWhy: null } }) as const
  const one = new Moving(STROKE)
  const site = gatewayViewer('ch-laval')
  expect(one.act(given('IDE (fictif)', one.atMs, false), asks)).toBeNull()
  expect(one.act(given('dossier de la veille', one.atMs - MIN), site)).toBeNull()
  expect(one.now.consent).toMatchObject({ given: false, by: 'IDE (fictif)' })
  expect(one.act(given('dossier', one.atMs + MIN), site)).toBeNull()
  expect(one.now.consent).toMatchObject({ given: true, by: 'dossier' })
})
