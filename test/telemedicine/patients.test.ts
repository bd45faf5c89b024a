/** Whose case it is: orders, results, cancels and identities of several patients, by real messages. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { machineIds } from '../../src/app/cli/machine.ts'
import { caseExchange } from '../../src/app/wiring/case-exchange.ts'
import type { Case } from '../../src/core/cases.ts'
import type { Config } from '../../src/core/config.ts'
import { isReceipt } from '../../src/core/message.ts'
import { type AcceptParts, accept } from '../../src/pipeline/accept.ts'
import { loadHappenings } from '../../src/telemedicine/store/load.ts'
import { openStage, quiet, type Stage } from '../pipeline/stage.ts'
import { caseRoom } from './case-room.ts'
import { person, plain, STROKE } from './invented.ts'

const hospital = (id: string, facility: string) => ({
  ...{ id, name: `${id} (fictif)`, kind: 'hospital', senders: { facilities: [facility] } },
})
const REGION = {
  services: { stroke: { any: [{ path: 'OBR-31', in: ['I63'] }] } },
  establishments: [
    hospital('ch-laval', 'CHL'),
    hospital('ch-haut-anjou', 'CHA'),
    {
      ...{ id: 'chu-angers', name: 'CHU (fictif)', kind: 'university-hospital', senders: { facilities: ['CHU'] } },
      destinations: { dpi: { type: 'mllp', host: '127.0.0.1', port: 26902, use: 'production' } },
    },
  ],
  routes: [{ name: 'all', when: { from: ['ch-laval', 'ch-haut-anjou', 'chu-angers'] }, to: ['platform'] }],
}

let stage: Stage
let room: ReturnType<typeof caseRoom>
let config: Config
beforeEach(async () => {
  stage = await openStage(REGION)
  config = { ...stage.config, careServices: new Map([['stroke', STROKE]]) }
  const { journal } = stage
  const { readCase: read } = caseExchange({ journal, config: () => config, ids: machineIds, log: quiet })
  room = caseRoom(journal, { config: () => config, read })
  room.clock.atMs = Date.now()
})
afterEach(() => stage.end())

let n = 0
/** PID of somebody of a site: `number family given birth sex`, and what else it has. */
const pid = (said: string, { site = 'CHL', ins = '', status = '', visit = '' } = {}): string => {
  const [number, family, given, birth, sex] = said.split(' ')
  const national = ins === '' ? '' : `~${ins}^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.8&ISO^INS`
  const own = `${number}^^^${site}&1.2.3.${site.charCodeAt(2)}&ISO^PI${national}`
  return `PID|1||${own}||${family}^${given}^^^^^L||${birth}|${sex}||||||||||${visit}${'|'.repeat(14)}${status}`
}
const ALAIN = '11 PREMIER ALAIN 19500105 M'
const ZOE = '22 SECONDE ZOE 19330303 F'
const INS = '150057210200375'

async function post(kind: string, segments: readonly string[], from = 'CHL'): Promise<string> {
  n += 1
  const head = `MSH|^~\\&|DPI|${from}|PFI|PFI|20261126090000||${kind}|C${n}|P|2.5|||||FRA|UNICODE UTF-8`
  const bytes = Buffer.from([head, ...segments].join('\r'))
  const clock = { ...stage.parts.clock, nowMs: () => room.clock.atMs }
  const parts: AcceptParts = { ...stage.parts, clock, config: () => config, openCases: room.told.keys }
  const peer = { address: '127.0.0.1:1', loopback: true, establishment: null, destination: null }
  const said = await accept({ entrance: 'mllp', peer, receivedAtMs: room.clock.atMs, bytes }, parts)
  if (!isReceipt(said)) throw new Error(said.code)
  await room.run()
  room.clock.atMs += 1_000
  return said.messageId
}
const order = (patient: string, number: string, control = 'NW', from = 'CHL') =>
  post('ORM^O01^ORM_O01', [patient, `ORC|${control}|${number}`, `OBR|1|${number}||X^Y^Z${'|'.repeat(27)}I63`], from)
const nihss = (patient: string, number: string, score: number, from = 'CHL') =>
  post(
    'ORU^R01^ORU_R01',
    [patient, `ORC|RE|${number}`, `OBR|1|${number}||X`, `OBX|1|NM|72089-6^NIHSS^LN||${score}||||||F`],
    from,
  )

async function cases(): Promise<readonly Case[]> {
  const { lines } = await room.views.list({ limit: 10 }, person('coordination', null).caller)
  return lines.map((one) => one.case).toSorted((one, other) => (one.id < other.id ? -1 : 1))
}
const shown = async (): Promise<string[]> =>
  (await cases()).map(
    ({ patient, state, requests, nihss: score }) =>
      `${patient.family} ${state} ${requests.length} ${score?.total ?? '-'}`,
  )
/** What the gateway noted of a case by itself. */
async function remarks({ id }: Case): Promise<(readonly [string | undefined, string])[]> {
  const all = await loadHappenings(stage.journal, id)
  return all.flatMap(({ act }) => (act.what === 'write' ? [[act.remark, act.text] as const] : []))
}
const told = async (message: string): Promise<string[]> => {
  const rows = await stage.journal.look<{ what: string; code: string; detail: string }>({
    sql: 'SELECT what, code, detail FROM event WHERE message = ? AND code IS NOT NULL ORDER BY seq',
    parameters: [message],
  })
  return rows.map(({ what, code }) => `${what} ${code}`)
}

test('the number of an order that comes for two patients is two cases, each with its own results, and people are told', async () => {
  await order(pid(ALAIN), 'JJ1')
  const second = await order(pid(ZOE), 'JJ1')
  await nihss(pid(ZOE), 'JJ1', 22)
  expect(await shown()).toEqual(['PREMIER requested 1 -', 'SECONDE requested 1 22'])
  const [one, other] = await cases()
  expect(await remarks(one!)).toEqual([['other-request', other!.number]])
  expect(await remarks(other!)).toEqual([['other-request', one!.number]])
  expect(await told(second)).toEqual(['alert CASE_PATIENT'])
  // What each of them is asked for later joins their own.
  await order(pid(ZOE), 'JJ2')
  await order(pid(ALAIN), 'JJ1', 'XO')
  await nihss(pid(ALAIN), 'JJ1', 4)
  expect(await shown()).toEqual(['PREMIER requested 2 4', 'SECONDE requested 2 22'])
  expect(await remarks(one!)).toHaveLength(1)
})

test('a result under the number of a case that is of somebody else is not the case’s', async () => {
  await order(pid(ALAIN), 'J1')
  const result = await nihss(pid(ZOE), 'J1', 22)
  expect([await shown(), await told(result)]).toEqual([['PREMIER requested 1 -'], []])
})

test.each<[string, string, string, number]>([
  ['another name and birth date', pid(ALAIN), pid('33 SECONDE ALAIN 19330303 M'), 2],
  ['the same visit', pid(ALAIN, { visit: 'V1^^^CHL' }), pid(ZOE, { visit: 'V1^^^CHL' }), 2],
  [
    'the same visit, and nobody is known',
    pid('99 INCONNU X  M', { visit: 'V1^^^CHL' }),
    pid(ZOE, { visit: 'V1^^^CHL' }),
    1,
  ],
  ['another number of the site', pid(ALAIN), pid('33 PREMIER ALAIN 19500105 M'), 2],
  ['the same number: an identity that was corrected', pid(ALAIN), pid('11 PREMIERE ALINE 19510105 F'), 1],
  ['nobody knows the first yet', pid('99 INCONNU X 19000101 M'), pid(ZOE), 1],
  ['nobody knows a birth date', pid('99 DUPONT X  M'), pid(ZOE), 1],
])('two requests, %s', async (_, first, second, count) => {
  await order(first, 'K1')
  await order(second, first.includes('V1') ? 'K2' : 'K1')
  expect(await cases()).toHaveLength(count)
})

test('one INS in two hospitals joins one patient, and never two', async () => {
  const qualified = { ins: INS, status: 'VALI' }
  await order(pid('1 TAU ANNE 19500105 F', qualified), 'A1')
  await order(pid('7 TAU ANNE 19500105 F', { ...qualified, site: 'CHA' }), 'B1', 'NW', 'CHA')
  expect(await shown()).toEqual(['TAU requested 2 -'])
  await order(pid('8 UPSILON EVE 19400105 F', { ...qualified, site: 'CHA' }), 'B2', 'NW', 'CHA')
  expect(await shown()).toEqual(['TAU requested 2 -', 'UPSILON requested 1 -'])
  await nihss(pid('8 UPSILON EVE 19400105 F', { ...qualified, site: 'CHA' }), 'B2', 9, 'CHA')
  await nihss(pid('1 TAU ANNE 19500105 F', qualified), 'A1', 3)
  expect(await shown()).toEqual(['TAU requested 2 3', 'UPSILON requested 1 9'])
})

test('a request that is made again after it was taken back is open', async () => {
  await order(pid(ALAIN), 'F1')
  await nihss(pid(ALAIN), 'F1', 7)
  await order(pid(ALAIN), 'F1', 'CA')
  await order(pid(ALAIN), 'F1')
  room.clock.atMs += 20_000
  await room.run()
  expect(await shown()).toEqual(['PREMIER cancelled 1 7', 'PREMIER requested 1 -'])
})

test('a second event of a patient begins without what the first was told; what came before any case counts', async () => {
  await nihss(pid(ALAIN), 'L0', 7)
  await order(pid(ALAIN), 'L1')
  const [first] = await cases()
  expect(first!.nihss?.total).toBe(7)
  await room.commands.act(first!.id, plain('accept'), person('expert', 'chu-angers'))
  await room.commands.act(first!.id, plain('finish'), person('expert', 'chu-angers'))
  await order(pid(ALAIN), 'L2')
  expect(await shown()).toEqual(['PREMIER done 1 7', 'PREMIER requested 1 -'])
})

test('a cancel that came before its order is heard', async () => {
  await order(pid(ALAIN), 'L3', 'CA')
  await order(pid(ALAIN), 'L3')
  expect(await shown()).toEqual(['PREMIER cancelled 1 -'])
})

test('a cancel for another patient closes nothing, and people are told', async () => {
  await order(pid(ALAIN), 'H1')
  const wrong = await order(pid('99 OTHER BOB 19800101 M'), 'H1', 'CA')
  expect(await shown()).toEqual(['PREMIER requested 1 -'])
  expect(await remarks((await cases())[0]!)).toEqual([['other-cancel', 'H1']])
  expect(await told(wrong)).toEqual(['alert CASE_PATIENT'])
  await order(pid(ALAIN), 'H1', 'CA')
  expect(await shown()).toEqual(['PREMIER cancelled 1 -'])
})

test.each<[string, string, string]>([
  ['no number, the same name and birth date', 'PID|1||||PREMIER^ALAIN^^^^^L||19500105|M', 'cancelled'],
  ['no number, another birth date', 'PID|1||||PREMIER^ALAIN^^^^^L||19500106|M', 'requested'],
  ['nobody', 'PID|1', 'requested'],
])('a cancel under the right number that bears %s', async (_, patient, state) => {
  await order(pid(ALAIN), 'H2')
  await order(patient, 'H2', 'CA')
  expect((await cases())[0]!.state).toBe(state)
})

test('a cancel that no open case is of: of a closed one, or of an order that never was', async () => {
  const never = await order(pid(ALAIN), 'N1', 'CA')
  await order(pid(ZOE), 'N2')
  await order(pid(ZOE), 'N2', 'CA')
  const again = await order(pid(ZOE), 'N2', 'CA')
  expect([await told(never), await told(again)]).toEqual([['case-denied ORDER_UNKNOWN'], ['case-denied CASE_CLOSED']])
})

test.each<[string, [number: string, control: string][], string, (string | undefined)[]]>([
  [
    'asked, changed, taken back',
    [
      ['G1', 'NW'],
      ['G1', 'XO'],
      ['G1', 'CA'],
    ],
    'cancelled',
    [],
  ],
  [
    'two of them, one taken back',
    [
      ['G1', 'NW'],
      ['G2', 'NW'],
      ['G1', 'CA'],
    ],
    'requested',
    ['taken-back'],
  ],
  [
    'two of them, both',
    [
      ['G1', 'NW'],
      ['G2', 'NW'],
      ['G1', 'CA'],
      ['G2', 'CA'],
    ],
    'cancelled',
    ['taken-back'],
  ],
  [
    'taken back, asked again',
    [
      ['G1', 'NW'],
      ['G2', 'NW'],
      ['G1', 'CA'],
      ['G1', 'NW'],
      ['G2', 'CA'],
    ],
    'requested',
    ['taken-back', 'taken-back'],
  ],
])('requests that joined: %s', async (_, orders, state, noted) => {
  for (const [number, control] of orders) await order(pid(ALAIN), number, control)
  const [one] = await cases()
  expect([one!.state, (await remarks(one!)).map(([remark]) => remark)]).toEqual([state, noted])
})

const adt = (event: string, segments: readonly string[]) => post(`ADT^${event}^ADT_A05`, segments)
const merged = (number: string) => `MRG|${number}^^^CHL&1.2.3.76&ISO^PI`

test('a merge: what comes under the surviving number belongs to the case, and a request joins it', async () => {
  await order(pid(ALAIN), 'M1')
  await adt('A40', ['EVN||20261126090000', pid('12 PREMIER ALAIN 19500105 M'), merged('11')])
  await nihss(pid('12 PREMIER ALAIN 19500105 M'), 'X9', 11)
  await order(pid('12 PREMIER ALAIN 19500105 M'), 'M2')
  expect(await shown()).toEqual(['PREMIER requested 2 11'])
})

test('a merge of two patients with open cases is told on both, and nothing is joined', async () => {
  await order(pid(ALAIN), 'M1')
  await order(pid('12 PREMIER ALAIN 19500105 M'), 'M2')
  const merge = ['EVN||20261126090000', pid('12 PREMIER ALAIN 19500105 M'), merged('11')]
  const first = await adt('A40', merge)
  await adt('A40', merge)
  const [one, other] = await cases()
  expect(await remarks(one!)).toEqual([['same-patient', other!.number]])
  expect(await remarks(other!)).toEqual([['same-patient', one!.number]])
  expect(await told(first)).toContain('alert CASE_PATIENT')
})

test('an INS that is deleted goes from the case, and nothing joins by it any more', async () => {
  await order(pid('1 TAU ANNE 19500105 F', { ins: INS, status: 'VALI' }), 'A1')
  await adt('A47', [
    'EVN||20261126090000',
    `PID|1||""^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.8&ISO^INS||~^^^^^^U${'|'.repeat(27)}PROV`,
    `MRG|${INS}^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.8&ISO^INS`,
  ])
  const [one] = await cases()
  expect([one!.patient.status, one!.patient.identifiers.map(({ type }) => type)]).toEqual(['provisional', ['PI']])
  await order(pid('7 TAU ANNE 19500105 F', { site: 'CHA', ins: INS, status: 'VALI' }), 'B1', 'NW', 'CHA')
  expect(await cases()).toHaveLength(2)
})

test('another number in the place of one, and what an update tells', async () => {
  await order(pid('99 INCONNU X 19000101 M'), 'U1')
  await adt('A47', ['EVN||20261126090000', pid('11 INCONNU X 19000101 M'), merged('99')])
  await adt('A31', ['EVN||20261126090000', pid(ALAIN, { ins: INS, status: 'VALI' }), 'PV1||N'])
  const [one] = await cases()
  expect(one!.patient).toMatchObject({ family: 'PREMIER', birthDate: '1950-01-05', status: 'qualified' })
  expect(one!.patient.identifiers.map(({ value }) => value)).toEqual(['11', INS])
  expect(one!.requests[0]!.patient).toEqual(one!.patient)
  const { version } = one!
  await adt('A31', ['EVN||20261126090000', pid(ALAIN, { ins: INS, status: 'VALI' }), 'PV1||N'])
  expect((await cases())[0]!.version).toBe(version)
  // The number that was replaced may be somebody else's.
  await nihss(pid('99 AUTRE A 19700101 M'), 'X1', 20)
  expect(await shown()).toEqual(['PREMIER requested 1 -'])
})
