import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { machineIds } from '../../src/app/cli/machine.ts'
import { caseExchange } from '../../src/app/wiring/case-exchange.ts'
import type { Config, Destination, Establishment } from '../../src/core/config.ts'
import type { SearchParameter } from '../../src/core/fhir.ts'
import type { CareService, Rung } from '../../src/core/services.ts'
import { CASE_STATE } from '../../src/formats/case/task.ts'
import { makeFhirReads } from '../../src/pipeline/fhir/reads.ts'
import { occurrenceOf, type ToldEvent } from '../../src/pipeline/watch/occurrences.ts'
import { sheltered } from '../../src/telemedicine/exchange/shelter.ts'
import type { CaseProjection } from '../../src/telemedicine/projection.ts'
import { quiet } from '../pipeline/stage.ts'
import { openStore } from '../support/stores.ts'
import { careConfig, caseRoom, done } from './case-room.ts'
import { person, plain, request, STROKE } from './invented.ts'

const asks = person('requester', 'ch-laval')
const angers = person('expert', 'chu-angers')
const nantes = person('expert', 'chu-nantes')

/** The service, whose first rung and next centre are told by their own systems. */
const bySystem = (rung: Rung): Rung => ({ ...rung, channels: [...rung.channels, 'system'] })
const SERVICE: CareService = {
  ...STROKE,
  ladders: STROKE.ladders.map((ladder) => ({ ...ladder, rungs: ladder.rungs.map(bySystem) })),
}

interface Ways {
  /** Types of the destinations of the site, the first and the second centre. */
  readonly site?: 'mllp' | 'fhir'
  readonly first?: 'mllp' | 'fhir'
  readonly second?: 'mllp' | 'fhir'
  readonly answer?: 'orr' | 'oru'
  readonly use?: Destination['use']
}

/** A region where a hospital and two centres take part in cases by destinations of these types. */
function regionOf({ site = 'mllp', first = 'mllp', second = 'fhir', answer, use = 'production' }: Ways): Config {
  const config = careConfig()
  const [example] = config.destinations.values()
  const targets = {
    mllp: { type: 'mllp', host: '127.0.0.1', port: 1, tls: null },
    fhir: { type: 'fhir', url: 'http://127.0.0.1:1/fhir', tls: null },
  } as unknown as Record<'mllp' | 'fhir', Destination['target']>
  const ways = { 'ch-laval': site, 'chu-angers': first, 'chu-nantes': second }
  const destinations = new Map(
    Object.entries(ways).map(([establishment, type]) => {
      const id = `${establishment}/cases`
      return [id, { ...example!, id, establishment, use, target: targets[type] }]
    }),
  )
  const establishments = new Map(
    [...config.establishments].map(([id, one]): [string, Establishment] => [
      id,
      destinations.has(`${id}/cases`) ? { ...one, casesTo: `${id}/cases`, ...(answer && { answer }) } : one,
    ]),
  )
  // Where every destination is of qualification every case is a test: one is real.
  destinations.set('ehpad-a/real', { ...example!, id: 'ehpad-a/real', use: 'production' })
  return { ...config, destinations, establishments, careServices: new Map([['stroke', SERVICE]]) }
}

let store: Awaited<ReturnType<typeof openStore>>
beforeEach(async () => {
  store = await openStore()
  // What cases make is committed under the revision that runs.
  await store.journal.adopt('test', 1, '{}')
})
afterEach(() => store.end())

/** Cases with their exchange; what was sent where is read from the store. */
function roomOf(ways: Ways = {}) {
  const { journal } = store
  const config = regionOf(ways)
  const exchange = caseExchange({ journal, config: () => config, ids: machineIds, log: quiet })
  const room = caseRoom(journal, { config: () => config, projections: exchange.projections })
  const reads = makeFhirReads({ journal, config: () => config })
  const reader = (establishment: string) => ({ establishment, entrance: 'http' as const })
  return {
    ...room,
    reads,
    async sent(): Promise<{ kind: string; to: string; text: string; cause: string | null; controlId: string }[]> {
      const rows = await journal.look<{ id: string; kind: string; cause: string | null; control_id: string }>({
        sql: 'SELECT id, kind, cause, control_id FROM message ORDER BY id',
        parameters: [],
      })
      const all = []
      for (const { id, kind, cause, control_id: controlId } of rows) {
        const chunks: Uint8Array[] = []
        for await (const chunk of (await journal.body(id)).open()) chunks.push(chunk)
        const text = Buffer.concat(chunks).toString()
        for (const { destination, lane } of await journal.deliveriesOf(id)) {
          expect(lane).toBe('urgent')
          all.push({ kind, to: destination, text, cause, controlId })
        }
      }
      return all
    },
    async tasks(establishment: string, ...parameters: SearchParameter[]) {
      const page = await reads.search('Task', parameters, { count: 10, after: null }, reader(establishment))
      return page.resources.map(({ json, version }) => ({ version, task: JSON.parse(json) as Record<string, unknown> }))
    },
    read: (establishment: string, id: string) => reads.read('Task', id, reader(establishment)),
  }
}

const by = (name: string, value: string): SearchParameter => ({ name, modifier: null, values: [value] })

describe('the Task of a case', () => {
  test('a version for whatever it says anew, in the commit of what happened', async () => {
    const room = roomOf()
    const { id, task } = done(await room.commands.request(request(), asks))
    expect(task).toEqual({ id: expect.any(String), version: 1 })
    for (const act of ['see', 'accept'] as const) {
      room.clock.atMs += 1_000
      done(await room.commands.act(id, plain(act), angers))
    }
    expect((await room.one(id)).task).toEqual({ id: task!.id, version: 3 })
    // A message to people changes nothing that the Task says.
    done(await room.commands.act(id, { what: 'write', text: 'rappel' }, angers))
    expect((await room.one(id)).task).toEqual({ id: task!.id, version: 3 })
    const [{ task: shown, version } = { task: {}, version: 0 }] = await room.tasks('chu-angers')
    expect([version, shown['status'], shown['id']]).toEqual([3, 'accepted', task!.id])
    const first = await room.reads.version('Task', task!.id, 1, { establishment: 'ch-laval', entrance: 'http' })
    expect(JSON.parse(first!.json)).toMatchObject({ status: 'requested' })
  })

  test('everybody who takes part sees it, and nobody else', async () => {
    const room = roomOf()
    const { id, task } = done(await room.commands.request(request(), asks))
    const seen = async () => {
      const all = ['ch-laval', 'chu-angers', 'chu-nantes', 'ehpad-a', 'ch-chateaubriant']
      const reads = await Promise.all(all.map((one) => room.read(one, task!.id)))
      const lists = await Promise.all(all.map((one) => room.tasks(one)))
      expect(lists.map(({ length }) => length > 0)).toEqual(reads.map((one) => one !== null))
      return all.filter((_, i) => reads[i] !== null)
    }
    expect(await seen()).toEqual(['ch-laval', 'chu-angers'])
    done(await room.commands.act(id, { what: 'refuse', reason: 'Pas de lit' }, angers))
    // Who refused goes on seeing what it was asked.
    expect(await seen()).toEqual(['ch-laval', 'chu-angers', 'chu-nantes'])
  })

  test('it is searched by what it is about and what it stands at', async () => {
    const room = roomOf()
    done(await room.commands.request(request({ placer: { authority: '1.2.3', value: 'P1' } }), asks))
    for (const [name, value, found] of [
      ['status', 'requested', 1],
      ['status', 'accepted', 0],
      ['business-status', `${CASE_STATE}|requested`, 1],
      ['business-status', 'requested', 1],
      ['business-status', 'seen', 0],
      ['focus.identifier', 'urn:oid:1.2.3|P1', 1],
      ['focus.identifier', 'urn:oid:1.2.3|P2', 0],
      ['identifier', 'urn:passerelle:case|AVC-261126-0001', 1],
      ['patient.identifier', '4711', 1],
    ] as const) {
      expect([name, value, await room.tasks('chu-angers', by(name, value))]).toMatchObject([
        name,
        value,
        { length: found },
      ])
    }
    await expect(room.tasks('chu-angers', by('owner:name', 'x'))).rejects.toThrow()
  })

  test('why it was refused by all stays said while the coordinator has it', async () => {
    const room = roomOf()
    const { id } = done(await room.commands.request(request(), asks))
    done(await room.commands.act(id, { what: 'refuse', reason: 'Pas de lit' }, angers))
    done(await room.commands.act(id, { what: 'refuse', reason: 'Scanner en panne' }, nantes))
    done(await room.commands.act(id, { what: 'tell-time', name: 'onset', time: null }, asks))
    const [{ task } = { task: {} }] = await room.tasks('ch-laval')
    expect(task).toMatchObject({ status: 'rejected', statusReason: { text: 'Scanner en panne' } })
  })
})

describe('requests at centres', () => {
  test('one of the form is written for each system, as a centre is asked, and once', async () => {
    const room = roomOf()
    const { id, number } = done(await room.commands.request(request(), asks))
    const [order, ...more] = await room.sent()
    expect([order!.kind, order!.to, more]).toEqual(['ORM^O01', 'chu-angers/cases', []])
    expect(order!.text).toContain('MARTIN (FICTIF)')
    expect(order!.text).toMatch(new RegExp(`\\rORC\\|NW\\|${number}\\^`))
    for (let s = 0; s < 12 * 60; s += 30) {
      room.clock.atMs += 30_000
      await room.run()
    }
    const sent = await room.sent()
    const requests = sent.filter(({ kind }) => kind === 'ORM^O01' || kind === 'ServiceRequest')
    expect(requests.map(({ to, kind }) => `${to} ${kind}`)).toEqual([
      'chu-angers/cases ORM^O01',
      'chu-nantes/cases ServiceRequest',
    ])
    // Nobody took it out of the queue: the delay of what is undelivered passed.
    expect((await room.one(id)).lateTold['request-undelivered']).toBeGreaterThan(0)
    expect(sent.filter(({ kind }) => kind === 'Task').every(({ to }) => to === 'chu-nantes/cases')).toBe(true)
  })

  test('a real case leaves by no way of qualification, and a drill by no other', async () => {
    for (const [use, changes, sent] of [
      ['qualification', {}, []],
      ['production', { drill: true }, []],
      ['qualification', { drill: true }, ['chu-angers/cases']],
    ] as const) {
      const room = roomOf({ use })
      done(
        await room.commands.request(request({ ...changes, patient: { ...request().patient, identifiers: [] } }), asks),
      )
      expect((await room.sent()).map(({ to }) => to)).toEqual(sent)
    }
  })
})

test('what cannot be written for a system stops no case, and is noted', async () => {
  const broken: CaseProjection = () => {
    throw new Error('no such character')
  }
  const lines: string[] = []
  const log = { ...quiet, error: (event: string) => void lines.push(event) }
  const room = caseRoom(store.journal, { projections: [sheltered(broken, log)] })
  const { number } = done(await room.commands.request(request(), asks))
  const noted = await store.journal.look<Omit<ToldEvent, 'atMs' | 'establishment'>>({
    sql: "SELECT code, message, delivery, detail FROM event WHERE what = 'alert' AND detail = ?",
    parameters: [`case:${number}`],
  })
  expect([lines, noted.map(({ code }) => code)]).toEqual([['cases.untold'], ['CASE_UNWRITTEN']])
  expect(occurrenceOf({ ...noted[0]!, atMs: 1, establishment: null })).toMatchObject({
    ...{ kind: 'untold', severity: 'urgent', subject: number },
  })
})

describe('answers to who asked', () => {
  const told = (text: string): string[] => [
    text
      .split('\r')
      .find((line) => line.startsWith('ORC|'))!
      .split('|')[1]!,
    text.includes('Pas de lit') ? 'Pas de lit' : '',
  ]

  test.each(['orr', 'oru'] as const)('%s at seen, refused, accepted and advice, in order', async (answer) => {
    const room = roomOf({ answer })
    const { id } = done(await room.commands.request(request({ placer: { authority: null, value: 'P1' } }), asks))
    done(await room.commands.act(id, plain('see'), angers))
    done(await room.commands.act(id, { what: 'refuse', reason: 'Pas de lit' }, angers))
    done(await room.commands.act(id, plain('accept'), nantes))
    done(await room.commands.act(id, { what: 'advise', text: 'Avis', coded: [] }, nantes))
    const kind = answer === 'orr' ? 'ORR^O02' : 'ORU^R01'
    const sent = (await room.sent()).filter((one) => one.to === 'ch-laval/cases')
    expect(sent.map((one) => one.kind)).toEqual([kind, kind, kind, kind])
    expect(sent.map(({ text }) => told(text))).toEqual([
      ['SC', ''],
      ['SC', 'Pas de lit'],
      ['OK', ''],
      ['RE', ''],
    ])
    expect(sent.every(({ text, controlId }) => text.includes('|P1|') && text.includes(controlId))).toBe(true)
  })

  test('a FHIR system is told by the Task alone', async () => {
    const room = roomOf({ site: 'fhir' })
    const { id } = done(await room.commands.request(request(), asks))
    done(await room.commands.act(id, plain('accept'), angers))
    const sent = (await room.sent()).filter((one) => one.to === 'ch-laval/cases')
    expect(sent.map((one) => one.kind)).toEqual(['Task'])
    expect(JSON.parse(sent[0]!.text)).toMatchObject({ resourceType: 'Task', status: 'accepted' })
  })
})
