/** Rows 35 to 38: the FHIR door. */
import { expect } from 'vitest'
import type { MessageDetail, MessagePage } from '../../../src/core/views.ts'
import { patient } from '../../support/world/messages.ts'
import { until } from '../../support/world/until.ts'
import { ask, FHIR, findingsOf, REAL, receivedResources } from './bench.ts'
import { example, insPatient, SYSTEM } from './resources.ts'
import type { Row, Turn } from './table.ts'

interface Bundle {
  identifier?: object
  readonly entry: {
    readonly resource: Record<string, unknown> & { resourceType: string; component?: { valueInteger: number }[] }
  }[]
}

/** Messages of the sender of a kind, newest first. */
async function messagesOf({ bench, sender }: Turn, kind: string): Promise<MessagePage['messages']> {
  const { body } = await bench.gateway.get(`/api/messages?from=${sender}&kind=${encodeURIComponent(kind)}`)
  return (JSON.parse(body) as MessagePage).messages
}

/** The newest of them with all that is known of it, once it is delivered. */
async function newest(turn: Turn, kind: string): Promise<MessageDetail> {
  return await until(`${kind} is delivered`, async () => {
    const [message] = await messagesOf(turn, kind)
    const { body } = await turn.bench.gateway.get(`/api/messages/${message?.id}`)
    const detail = JSON.parse(body) as MessageDetail
    return detail.state === 'closed' ? detail : null
  })
}

/** How many resources of a type the sender finds under a number of the table's. */
async function found({ bench, sender }: Turn, type: string, number: string): Promise<unknown> {
  const { json } = await ask(bench, sender, 'GET', `/${type}?identifier=${SYSTEM}|${number}`)
  return json['total']
}

/** The stroke request of the examples, under a number, with a total of 12 whose items make 14. */
function wrongTotal(tag: string): { bundle: Bundle; place: string } {
  const bundle = example<Bundle>('stroke-transaction')
  const at = (type: string): number => bundle.entry.findIndex(({ resource }) => resource.resourceType === type)
  const numbers = bundle.entry[at('Patient')]!.resource['identifier'] as object[]
  numbers.push({ use: 'secondary', system: SYSTEM, value: tag })
  const scale = at('Observation')
  bundle.entry[scale]!.resource.component![2]!.valueInteger += 2
  return { bundle, place: `Bundle.entry[${scale}].resource.valueInteger` }
}

const total: Row = {
  number: 35,
  name: 'a transaction of tele-stroke whose NIHSS says 12 and whose items make 14: 422 at the total, nothing stored',
  doors: ['http'],
  async run(turn) {
    const { bench, sender, tag } = turn
    const { bundle, place } = wrongTotal(tag)
    const said = await ask(bench, sender, 'POST', '', bundle)
    if (sender === 'strict') {
      expect([said.status, said.issues]).toEqual([422, [`error invariant ${place}`]])
      expect([await messagesOf(turn, 'Bundle:transaction'), await found(turn, 'Patient', tag)]).toEqual([[], 0])
      expect(receivedResources(bench, tag)).toEqual([])
      return
    }
    expect(said.status).toBe(200)
    expect(await found(turn, 'Patient', tag)).toBe(1)
    expect(findingsOf(await newest(turn, 'Bundle:transaction'))).toEqual([
      `contract WRONG_USE ${REAL}`,
      `contract RULE_BROKEN ${place}`,
    ])
    expect(receivedResources(bench, tag)).toEqual([JSON.stringify(bundle)])
  },
}

const INS = '279035121518989'
const unqualified: Row = {
  number: 36,
  name: 'a Patient with an INS of OID .8 and the status PROV: without it on read; strict: 422',
  doors: ['http'],
  async run(turn) {
    const { bench, sender, tag } = turn
    const said = await ask(bench, sender, 'POST', '/Patient', insPatient(tag, 'PROV', INS, 8))
    if (sender === 'strict') {
      expect([said.status, said.issues]).toEqual([422, ['error invariant Patient.identifier[1]']])
      expect([await found(turn, 'Patient', tag), receivedResources(bench, tag, REAL)]).toEqual([0, []])
      return
    }
    expect([said.status, said.issues]).toEqual([201, ['warning invariant Patient.identifier[1]']])
    const path = new URL(said.headers.get('location')!).pathname.replace(/^\/fhir|\/_history.*$/g, '')
    const { json } = await ask(bench, sender, 'GET', path)
    expect(json['identifier']).toEqual([{ use: 'usual', system: SYSTEM, value: tag }])
    const search = await ask(bench, sender, 'GET', `/Patient?identifier=urn:oid:1.2.250.1.213.1.4.8|${INS}`)
    expect(search.json['total']).toBe(0)
    expect(findingsOf(await newest(turn, 'Patient'))).toEqual([
      'contract INS_STRIPPED Patient.identifier[1]',
      `contract WRONG_USE ${FHIR}`,
    ])
    const [received, ...more] = receivedResources(bench, tag, REAL)
    expect([received?.includes(INS), more]).toEqual([false, []])
  },
}

const conditional: Row = {
  number: 37,
  name: 'a conditional create of one IPP twice: 201, then 200 with the same id; two that match: 412',
  doors: ['http'],
  async run({ bench, sender, tag }) {
    const create = (number: string, condition?: string) =>
      ask(
        bench,
        sender,
        'POST',
        '/Patient',
        insPatient(number, 'QUAL', patient(7).ins),
        condition === undefined ? {} : { 'if-none-exist': condition },
      )
    const one = `identifier=${SYSTEM}|${tag}`
    const [first, second] = [await create(tag, one), await create(tag, one)]
    expect([first.status, second.status, second.json['id']]).toEqual([201, 200, first.json['id']])
    expect((await create(tag)).status).toBe(201)
    const ambiguous = await create(tag, one)
    expect([ambiguous.status, ambiguous.json['resourceType']]).toEqual([412, 'OperationOutcome'])
  },
}

const session: Row = {
  number: 38,
  name: 'an Encounter VR without period or identifier.system: 422 with both places',
  doors: ['http'],
  async run(turn) {
    const { bench, sender, tag } = turn
    const { period: _left, ...encounter } = example<Record<string, unknown>>('remote-session')
    const [{ system: _out, ...identifier }] = encounter['identifier'] as [Record<string, unknown>]
    // Known by a number of the house: of an INS without its patient other rules speak first.
    const subject = { type: 'Patient', identifier: { system: SYSTEM, value: tag } }
    const posted = { ...encounter, subject, identifier: [{ ...identifier, value: tag }] }
    const prefer = { prefer: 'return=OperationOutcome' }
    const said = await ask(bench, sender, 'POST', '/Encounter', posted, prefer)
    const severity = sender === 'strict' ? 'error' : 'warning'
    expect([said.status, said.issues.toSorted()]).toEqual([
      sender === 'strict' ? 422 : 201,
      [`${severity} required Encounter.identifier[0].system`, `${severity} required Encounter.period`],
    ])
    if (sender === 'strict') {
      expect([await messagesOf(turn, 'Encounter'), receivedResources(bench, tag)]).toEqual([[], []])
      return
    }
    expect(findingsOf(await newest(turn, 'Encounter')).toSorted()).toEqual([
      'contract ELEMENT_MISSING Encounter.identifier[0].system',
      'contract ELEMENT_MISSING Encounter.period',
    ])
    expect(receivedResources(bench, tag)).toEqual([JSON.stringify(posted)])
  },
}

/** In the order of the reference. */
export const RESOURCES: readonly Row[] = [total, unqualified, conditional, session]
