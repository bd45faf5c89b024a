import { afterEach, beforeEach, expect, test } from 'vitest'
import { machineIds } from '../../src/app/cli/machine.ts'
import { caseExchange } from '../../src/app/wiring/case-exchange.ts'
import type { CaseRequest } from '../../src/core/cases.ts'
import type { Config } from '../../src/core/config.ts'
import type { Log } from '../../src/core/ports.ts'
import type { Sending } from '../../src/core/sendings.ts'
import { readFhirCase } from '../../src/formats/case/fhir.ts'
import { documentsIn } from '../../src/formats/cda/inside.ts'
import type { JsonObject } from '../../src/formats/fhir/json.ts'
import { readMessage } from '../../src/formats/hl7v2/message.ts'
import { bytesOf } from '../../src/pipeline/withheld.ts'
import { sendingViews } from '../../src/telemedicine/exchange/sendings.ts'
import { openStore } from '../support/stores.ts'
import { careConfig, caseRoom, done } from './case-room.ts'
import { person, plain, request, STROKE } from './invented.ts'

const asks = person('requester', 'ch-laval')
const angers = person('expert', 'chu-angers')
const quiet: Log = { info() {}, warn() {}, error() {} }
const FHIR = { type: 'fhir', url: 'http://127.0.0.1:9/fhir', tls: null, bearer: null } as const
const DOCTOR: CaseRequest['treatingDoctor'] = {
  ...{ name: 'LEGRAND (FICTIF) Paul', rpps: '10100000017', establishment: null, role: 'requester', phone: null },
  mail: 'paul.legrand@medecin.mssante.test',
}

let store: Awaited<ReturnType<typeof openStore>>
beforeEach(async () => {
  store = await openStore()
  await store.journal.adopt('test', 0, '{}')
})
afterEach(() => store.end())

/** Centres are told by their own systems too, and a finished case makes its report. */
const SERVICE = {
  ...STROKE,
  reportAtFinish: true,
  ladders: STROKE.ladders.map((one) => ({
    ...one,
    rungs: one.rungs.map((rung, i) => (i === 0 ? { ...rung, channels: [...rung.channels, 'system' as const] } : rung)),
  })),
}

/** HL7 v2 at the site, FHIR at the centre; a route takes the centre's results to a third system. */
function config(): Config {
  const base = careConfig()
  const destinations = new Map(base.destinations)
  destinations.set('chu-angers/unv', { ...destinations.get('chu-angers/unv')!, target: FHIR })
  const taking = new Map([
    ['ch-laval', 'ch-laval/gam'],
    ['chu-angers', 'chu-angers/unv'],
  ])
  const establishments = [...base.establishments].map(
    ([id, one]) => [id, { ...one, casesTo: taking.get(id) ?? null }] as const,
  )
  return {
    ...base,
    destinations,
    establishments: new Map(
      establishments as [string, Config['establishments'] extends ReadonlyMap<string, infer E> ? E : never][],
    ),
    routes: [
      {
        name: 'doctors',
        when: { kinds: ['ORU^R01', 'MDM^T02'], from: ['chu-angers'] },
        to: ['chu-angers/dpi'],
        lane: 'normal',
        alertAfterMs: null,
        edit: [],
      } as unknown as Config['routes'][number],
    ],
    careServices: new Map([['stroke', SERVICE]]),
  }
}

function room(shared = config()) {
  const { projections } = caseExchange({ journal: store.journal, config: () => shared, ids: machineIds, log: quiet })
  const made = caseRoom(store.journal, { config: () => shared, projections })
  const views = sendingViews({ journal: store.journal, views: made.views, config: () => shared })
  return { ...made, sent: (id: string, viewer = asks) => views.of(id, viewer.caller) }
}

type Room = ReturnType<typeof room>
const opened = async (made: Room, changes: Partial<CaseRequest> = {}): Promise<string> =>
  done(await made.commands.request(request(changes), asks)).id

async function advised(made: Room, changes: Partial<CaseRequest> = {}): Promise<string> {
  const id = await opened(made, changes)
  await made.run()
  done(await made.commands.act(id, plain('accept'), angers))
  done(await made.commands.act(id, { what: 'advise', text: 'Avis CANARI', coded: [] }, angers))
  return id
}

const bodyOf = async (id: string): Promise<Buffer> => bytesOf(await store.journal.body(id))
const short = ({ what, destination, steps }: Sending) =>
  `${what} ${destination}: ${steps.map(({ step, state }) => `${step} ${state}`).join(', ')}`

test('a finished case makes its report by itself, once, in the name of whoever gave the advice', async () => {
  const made = room()
  const id = await advised(made)
  done(await made.commands.act(id, plain('finish'), asks))
  expect((await made.one(id)).report).toBeNull()
  await made.run()
  const { report, version } = await made.one(id)
  expect(report).toMatchObject({ type: '', message: expect.any(String) })
  const reports = (await made.sent(id)).filter(({ what }) => what === 'report')
  expect(reports.map(({ destination }) => destination).sort()).toEqual([
    'ch-laval/gam',
    'chu-angers/dpi',
    'chu-angers/unv',
  ])
  const bodies = await Promise.all(reports.map(({ message }) => bodyOf(message!)))
  const mdm = bodies.map((one) => readMessage(one)).find((one) => one.ok)
  if (mdm?.ok !== true) throw new Error('no MDM')
  const xml = Buffer.from(documentsIn(mdm.message)[0]!.base64.toString('latin1'), 'base64').toString('utf8')
  expect(xml).toMatch(/<assignedAuthor>.*?expert-chu-angers/s)
  // The same timer again, as after a crash: nothing more.
  const again = await made.follower.timer(made.work({ what: 'report', id }))
  expect(again).toEqual({})
  expect((await made.one(id)).version).toBe(version)
})

test.each([
  ['the service does not say so', false, false],
  ['a person has made it', true, true],
] as const)('no report is made at the end when %s', async (_name, atFinish, byHand) => {
  const shared = { ...config(), careServices: new Map([['stroke', { ...SERVICE, reportAtFinish: atFinish }]]) }
  const made = room(shared)
  const id = await advised(made)
  const report = { what: 'report', type: '', message: null, text: 'Récit' } as const
  if (byHand) done(await made.commands.act(id, report, angers))
  done(await made.commands.act(id, plain('finish'), asks))
  const { version } = await made.one(id)
  await made.run()
  expect((await made.one(id)).version).toBe(version)
})

test('a treating doctor is told of the advice by the routes of results, and is the recipient of the report', async () => {
  const made = room()
  const id = await advised(made, { treatingDoctor: DOCTOR })
  const advices = (await made.sent(id)).filter(({ what }) => what === 'advice')
  expect(advices.map(({ destination }) => destination)).toEqual(['ch-laval/gam', 'chu-angers/dpi'])
  expect((await bodyOf(advices[1]!.message!)).toString('latin1')).toContain('Avis CANARI')
  done(await made.commands.act(id, { what: 'report', type: '', message: null, text: 'Récit' }, angers))
  const reports = (await made.sent(id)).filter(({ what }) => what === 'report')
  const bodies = await Promise.all(reports.map(async ({ message }) => (await bodyOf(message!)).toString('latin1')))
  const [mdm] = bodies.filter((one) => one.startsWith('MSH'))
  expect(mdm).toMatch(/PRT\|.*RCT.*10100000017.*paul\.legrand@medecin\.mssante\.test/)
  const bundle = bodies.find((one) => one.startsWith('{'))
  expect(bundle).toContain('paul.legrand@medecin.mssante.test')
  const read = readMessage(Buffer.from(mdm!, 'latin1'))
  if (!read.ok) throw new Error(read.code)
  const xml = Buffer.from(documentsIn(read.message)[0]!.base64.toString('latin1'), 'base64').toString('utf8')
  expect(xml).toMatch(
    /<custodian>.*<informationRecipient typeCode="PRCP">.*mailto:paul\.legrand@medecin\.mssante\.test.*<legalAuthenticator>/s,
  )
})

test('without a treating doctor the advice goes to whoever asked alone', async () => {
  const made = room()
  const id = await advised(made)
  const advices = (await made.sent(id)).filter(({ what }) => what === 'advice')
  expect(advices.map(({ destination }) => destination)).toEqual(['ch-laval/gam'])
})

test('how far each sending is: delivered, seen and taken are told apart', async () => {
  const made = room()
  const id = await opened(made)
  await made.run()
  expect((await made.sent(id)).map(short)).toEqual(['request chu-angers/unv: delivered waits, seen waits, taken waits'])
  done(await made.commands.act(id, plain('accept'), angers))
  done(await made.commands.act(id, { what: 'advise', text: 'Avis', coded: [] }, angers))
  const sent = async () => (await made.sent(id)).filter(({ what }) => what !== 'answer').map(short)
  expect(await sent()).toEqual([
    'request chu-angers/unv: delivered waits, seen done, taken done',
    'advice ch-laval/gam: delivered waits, seen waits, taken waits',
  ])
  done(await made.commands.act(id, plain('read-advice'), asks))
  done(await made.commands.act(id, { what: 'decide', decision: 'neither', text: '' }, asks))
  expect((await sent())[1]).toBe('advice ch-laval/gam: delivered waits, seen done, taken done')
  expect(await made.sent(id, person('requester', 'ch-haut-anjou'))).toEqual([])
})

test('whoever has no system of their own reads the screens: nothing is called delivered', async () => {
  const made = room({ ...config(), establishments: careConfig().establishments })
  const id = await advised(made)
  expect((await made.sent(id)).map(short)).toEqual([
    'request null: delivered untold, seen done, taken done',
    'advice null: delivered untold, seen waits, taken waits',
  ])
})

test.each([
  ['the site', asks, 1],
  ['the centre itself', angers, 0],
] as const)('what %s writes goes to the FHIR system of the centre: %#', async (_name, writer, count) => {
  const made = room()
  const id = await opened(made)
  await made.run()
  done(await made.commands.act(id, plain('accept'), angers))
  done(await made.commands.act(id, { what: 'write', text: 'Patient à jeun CANARI' }, writer))
  const letters = (await made.sent(id)).filter(({ what }) => what === 'message')
  expect(letters.map(({ destination }) => destination)).toEqual(Array(count).fill('chu-angers/unv'))
  if (count === 0) return
  const letter = JSON.parse((await bodyOf(letters[0]!.message!)).toString('utf8')) as JsonObject
  expect(letter).toMatchObject({ resourceType: 'Communication', status: 'completed' })
  // An answer of the same form is a message of the case, and no advice.
  const facts = {
    message: 'm',
    service: '',
    site: 'chu-angers',
    receivedAtMs: 1,
    test: false,
    charset: 'UNICODE UTF-8',
    timeZone: 'Europe/Paris',
  } as const
  const read = readFhirCase(letter, {
    ...facts,
    key: (a: string, v: string) => `${a}|${v}`,
    codes: new Map(),
    kept: new Map(),
  } as never)
  expect(read.answers).toEqual([
    {
      about: `Task/${(await made.one(id)).task!.id}`,
      placer: null,
      acts: [{ what: 'write', text: 'Patient à jeun CANARI' }],
    },
  ])
})
