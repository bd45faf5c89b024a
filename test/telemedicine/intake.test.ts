import { afterEach, beforeEach, expect, test } from 'vitest'
import type { CaseReading, CaseRequest } from '../../src/core/cases.ts'
import type { Config } from '../../src/core/config.ts'
import { isReceipt } from '../../src/core/message.ts'
import { type AcceptParts, accept } from '../../src/pipeline/accept.ts'
import { privacyCommands } from '../../src/pipeline/privacy/privacy.ts'
import { forgetRegistered } from '../../src/pipeline/registered.ts'
import { registeredPatients } from '../../src/telemedicine/registered.ts'
import { casesOfPatients } from '../../src/telemedicine/store/patient.ts'
import { openStage, type Stage } from '../pipeline/stage.ts'
import { caseRoom } from './case-room.ts'
import { person, plain, request, STROKE } from './invented.ts'

const REGION = {
  services: { stroke: { any: [{ path: 'OBR-31', in: ['I63'] }] } },
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
  routes: [
    { name: 'all', when: { from: ['ch-laval'] }, to: ['chu-angers/dpi', 'platform'] },
    { name: 'back', when: { from: ['chu-angers'] }, to: ['platform'] },
  ],
}

let stage: Stage
let room: ReturnType<typeof caseRoom>
let config: Config
beforeEach(async () => {
  stage = await openStage(REGION)
  config = { ...stage.config, careServices: new Map([['stroke', STROKE]]) }
  room = caseRoom(stage.journal, { config: () => config })
  room.clock.atMs = Date.now()
})
afterEach(() => stage.end())

let n = 0
/** A message of a patient; `segments` follow its PID. */
function hl7(kind: string, patient: string, segments: readonly string[] = [], from = 'CHL'): string {
  n += 1
  return [
    `MSH|^~\\&|DPI|${from}|PFI|PFI|20261126090000||${kind}|C${n}|P|2.5`,
    `PID|1||${patient}^^^CHL&1.2.3&ISO^PI||MARTIN (FICTIF)^Jeanne||19500102|F`,
    ...segments,
  ].join('\r')
}
const order = (patient: string, reason: string) =>
  hl7('ORM^O01^ORM_O01', patient, ['ORC|NW|P1^CHL', `OBR|1|P1^CHL||X^Y^Z${'|'.repeat(27)}${reason}`])

async function post(text: string): Promise<string> {
  const clock = { ...stage.parts.clock, nowMs: () => room.clock.atMs }
  const parts: AcceptParts = { ...stage.parts, clock, config: () => config, openCases: room.told.keys }
  const bytes = Buffer.from(text)
  const peer = { address: '127.0.0.1:1', loopback: true, establishment: null, destination: null }
  const said = await accept({ entrance: 'mllp', peer, receivedAtMs: room.clock.atMs, bytes }, parts)
  if (!isReceipt(said)) throw new Error(said.code)
  return said.messageId
}
const reads = (id: string, changes: Partial<CaseReading>): void =>
  void room.readings.set(id, { request: null, acts: [], cancels: null, ...changes })
const asked = (id: string, changes: Partial<CaseRequest> = {}): CaseRequest =>
  request({
    id,
    message: id,
    via: 'hl7v2',
    patient: { ...request().patient, identifiers: [{ authority: '1.2.3', value: '1', type: 'PI' }] },
    ...changes,
  })

test('a thousand ordinary requests open no case, set no timer and wake nobody', async () => {
  for (let i = 0; i < 1_000; i += 1) {
    const flow1 = [
      'ORC|NW|P1^CHL',
      `OBR|1|P1^CHL||TRANSMISSION_DEMANDE${'|'.repeat(27)}${i % 2 === 0 ? 'R51' : ''}`,
      'OBX|1|CE|MODALITE_IMAGERIE||CT^Scanner^DCM||||||O',
    ]
    await post(
      i % 3 === 0
        ? hl7('ORU^R01^ORU_R01', `${i}`, ['OBR|1', 'OBX|1|NM|6301-6^INR^LN||1.1'])
        : hl7('ORM^O01^ORM_O01', `${i}`, flow1),
    )
  }
  expect(await stage.journal.nextDueMs()).toBeNull()
  expect(await room.count('care_case')).toBe(0)
})

test('a message that meets the rule opens a case behind its answer; what came before and comes after moves it', async () => {
  const result = await post(hl7('ORU^R01^ORU_R01', '1', ['OBR|1', 'OBX|1|NM|6301-6^INR^LN||1.1']))
  reads(result, { acts: [{ what: 'biology', message: result, codes: ['6301-6'], text: 'INR 1,1' }] })
  await room.run()
  const id = await post(order('1', 'I63'))
  reads(id, { request: asked(id), acts: [{ what: 'images-sent' }] })
  await room.run()
  const { lines } = await room.views.list({ limit: 10 }, person('coordination', null).caller)
  expect(lines).toHaveLength(1)
  const { case: opened } = lines[0]!
  expect(opened).toMatchObject({ state: 'requested', biology: { codes: ['6301-6'] }, imagesSentAtMs: room.clock.atMs })
  const later = await post(hl7('ORU^R01^ORU_R01', '1', ['OBR|1', 'OBX|1|NM|777-3^Plaquettes^LN||210']))
  reads(later, { acts: [{ what: 'biology', message: later, codes: ['777-3'], text: '210' }] })
  const stranger = await post(hl7('ORU^R01^ORU_R01', '2', ['OBR|1', 'OBX|1|NM|777-3^Plaquettes^LN||210']))
  reads(stranger, { acts: [{ what: 'biology', message: stranger, codes: ['x'], text: '' }] })
  await room.run()
  expect((await room.one(opened.id)).biology?.codes).toEqual(['6301-6', '777-3'])
})

test('the system of the alerted centre answers by the number of the order; one that was not alerted moves nothing', async () => {
  const id = await post(order('1', 'I63'))
  reads(id, { request: asked(id, { placer: { authority: 'CHL', value: 'P1' } }) })
  await room.run()
  const [line] = (await room.views.list({ limit: 10 }, person('coordination', null).caller)).lines
  const other = await post(hl7('ORR^O02^ORR_O02', '77', ['ORC|OK|P9^CHL'], 'CHU'))
  reads(other, { answers: [{ placer: { authority: null, value: 'P9' }, about: null, acts: [plain('accept')] }] })
  await room.run()
  expect((await room.one(line!.case.id)).owner).toBeNull()
  const answer = await post(hl7('ORR^O02^ORR_O02', '77', ['ORC|OK|P1^CHL'], 'CHU'))
  reads(answer, { answers: [{ placer: { authority: null, value: 'P1' }, about: null, acts: [plain('accept')] }] })
  await room.run()
  expect(await room.one(line!.case.id)).toMatchObject({ state: 'accepted', owner: { establishment: 'chu-angers' } })
})

test('an order that is taken back closes the case that it opened', async () => {
  const id = await post(order('1', 'I63'))
  const placer = { authority: 'CHL', value: 'P1' }
  reads(id, { request: asked(id, { placer }) })
  await room.run()
  const cancel = await post(hl7('ORM^O01^ORM_O01', '1', ['ORC|CA|P1^CHL']))
  reads(cancel, { cancels: placer, cancelReason: 'Erreur' })
  await room.run()
  const [line] = (await room.views.list({ limit: 10 }, person('coordination', null).caller)).lines
  expect(line!.case.state).toBe('cancelled')
})

test('two orders of one patient join, of two patients who share a name they do not', async () => {
  for (const patient of ['1', '1', '2']) {
    const id = await post(order(patient, 'I63'))
    reads(id, {
      request: asked(id, {
        patient: { ...request().patient, identifiers: [{ authority: '1.2.3', value: patient, type: 'PI' }] },
      }),
    })
  }
  await room.run()
  expect(await room.count('care_case')).toBe(2)
})

test('a message of the service that cannot be read is an alert, and holds no other timer', async () => {
  const id = await post(order('1', 'I63'))
  reads(id, {})
  const good = await post(order('2', 'I63'))
  reads(good, { request: asked(good) })
  await room.run()
  const alerts = await stage.journal.look<{ message: string }>({
    sql: `SELECT message FROM event WHERE what = 'alert' AND code = 'CASE_UNREAD'`,
    parameters: [],
  })
  expect(alerts).toEqual([{ message: id }])
  expect(await room.count('care_case')).toBe(1)
})

test('a request on which the gateway itself fails is an urgent alert at the first failure, and is tried until it opens its case', async () => {
  const id = await post(order('1', 'I63'))
  reads(id, { request: { ...asked(id), patient: null as never } })
  for (let n = 0; n < 3; n += 1) {
    await room.run()
    room.clock.atMs += 10_000
  }
  const alerts = await stage.journal.look<{ message: string; detail: string }>({
    sql: `SELECT message, detail FROM event WHERE what = 'alert' AND code = 'CASE_UNREAD'`,
    parameters: [],
  })
  expect(alerts).toEqual([{ message: id, detail: 'service:stroke' }])
  reads(id, { request: asked(id) })
  await room.run()
  expect(await room.count('care_case')).toBe(1)
})

test('who was registered at a site is offered there for a day, and nowhere else, without anything behind the answer', async () => {
  const patients = registeredPatients({ journal: stage.journal, clock: room.clock })
  const comes = (event: string, patient: string, mode = 'P') =>
    post(hl7(`ADT^${event}^ADT_A01`, patient, ['PV1||E']).replace('|P|2.5', `|${mode}|2.5`))
  await comes('A01', '1')
  await comes('A04', '2')
  await comes('A04', '2')
  await comes('A04', '3', 'T')
  await comes('A08', '4')
  const requester = person('requester', 'ch-laval')
  const ids = async (site: string, viewer: typeof requester) =>
    (await patients.list(site, viewer.caller)).map(({ patient }) => patient.identifiers[0]?.value).toSorted()
  expect(await ids('ch-laval', requester)).toEqual(['1', '2'])
  expect(await ids('ch-laval', person('requester', 'ch-chateaubriant'))).toEqual([])
  expect(await ids('ch-laval', person('secretariat', 'ch-laval'))).toEqual([])
  expect(await stage.journal.nextDueMs()).toBeNull()
  await comes('A03', '1')
  expect(await ids('ch-laval', requester)).toEqual(['2'])
  room.clock.atMs += 86_400_000
  expect(await ids('ch-laval', requester)).toEqual([])
  await stage.journal.apply({ rows: [forgetRegistered(room.clock.atMs - 86_400_000, 500)] })
  expect(await room.count('care_registered')).toBe(1)
  await stage.journal.apply({ rows: [forgetRegistered(room.clock.atMs, 500)] })
  expect(await room.count('care_registered')).toBe(0)
})

test('a patient who is erased is no longer offered, by whichever identifier the site registered them', async () => {
  config = { ...config, routes: config.routes.map((route) => ({ ...route, to: ['platform'] })) }
  const one = hl7('ADT^A01^ADT_A01', '1', ['PV1||E'])
  await post(one.replace('&ISO^PI', '&ISO^PI~N7^^^9.8.7&9.8.7&ISO^NH'))
  await post(hl7('ADT^A01^ADT_A01', '2', ['PV1||E']))
  const { journal, parts } = stage
  const cases = casesOfPatients(journal, room.parts.search)
  const privacy = privacyCommands({ journal, config: () => config, clock: parts.clock, cases })
  const patients = ['9.8.7|N7']
  expect(await privacy.find(patients, 'dpo', 'demande')).toMatchObject({ messages: 1, registrations: 1 })
  const lines: Uint8Array[] = []
  for await (const line of await privacy.export(patients, { who: 'dpo', why: 'demande' })) lines.push(line)
  const said = Buffer.concat(lines)
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(said.at(-1)).toMatchObject({ registered: 'ch-laval', patient: { family: 'MARTIN (FICTIF)' } })
  expect(said[0]).toMatchObject({ messages: 1, registrations: 1 })
  const plan = await privacy.plan(patients, 'dpo', 'demande')
  expect(plan.goes).toMatchObject({ messages: 1, registrations: 1 })
  await privacy.erase(patients, plan.mark, 'dpo', 'demande')
  expect(await privacy.find(patients, 'dpo', 'demande')).toMatchObject({ messages: 0, registrations: 0 })
  expect(await room.count('care_registered')).toBe(1)
})

test('a thousand ordinary SIU open nothing, nor does one of a centre that names the service', async () => {
  const stroke = { ...STROKE, opens: [...STROKE.opens, 'SIU^S12'] }
  const rule = config.services.get('stroke')!
  const services = new Map([['stroke', { ...rule, any: [{ path: 'SCH-7', in: ['I63'] }] }]])
  config = { ...config, services, careServices: new Map([['stroke', stroke]]) }
  const booking = (event: string, reason: string, from = 'CHL') =>
    hl7(`SIU^${event}^SIU_S12`, '1', [`SCH|R${n}^X||||||${reason}||||^^^20261201100000`, 'RGS|1|A', 'AIS|1|A|X'], from)
  for (let i = 0; i < 1_000; i += 1) await post(booking('S12', i % 2 === 0 ? '' : 'R51'))
  await post(booking('S12', 'I63', 'CHU'))
  await post(booking('S13', 'I63'))
  const waiting = async () => (await stage.journal.due(Date.now() + 60_000, 5_000)).map(({ follower }) => follower)
  expect(new Set(await waiting())).toEqual(new Set(['appointment']))
  await post(booking('S12', 'I63'))
  expect((await waiting()).filter((one) => one === 'cases')).toHaveLength(1)
})
