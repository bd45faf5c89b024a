import { afterEach, beforeEach, expect, test } from 'vitest'
import { machineIds } from '../../src/app/cli/machine.ts'
import { caseExchange } from '../../src/app/wiring/case-exchange.ts'
import type { Case } from '../../src/core/cases.ts'
import type { Config } from '../../src/core/config.ts'
import type { Log } from '../../src/core/ports.ts'
import { documentsIn } from '../../src/formats/cda/inside.ts'
import { CdaReader } from '../../src/formats/cda/read.ts'
import { readMessage } from '../../src/formats/hl7v2/message.ts'
import { bytesOf } from '../../src/pipeline/withheld.ts'
import { measureProjection } from '../../src/telemedicine/measures/projection.ts'
import { loadHappenings } from '../../src/telemedicine/store/load.ts'
import { openStore } from '../support/stores.ts'
import { careConfig, caseRoom, done } from './case-room.ts'
import { person, plain, request } from './invented.ts'

const asks = person('requester', 'ch-laval')
const angers = person('expert', 'chu-angers')

let store: Awaited<ReturnType<typeof openStore>>
beforeEach(async () => {
  store = await openStore()
  // Messages are committed under the revision that runs.
  await store.journal.adopt('test', 0, '{}')
})
afterEach(() => store.end())

const quiet: Log = { info() {}, warn() {}, error() {} }
const FHIR = { type: 'fhir', url: 'http://127.0.0.1:9/fhir', tls: null, bearer: null } as const

/** Both sides take part by systems of their own: HL7 v2 at the site, FHIR at the centre. */
function config(): Config {
  const base = careConfig()
  const destinations = [...base.destinations.values()]
  const mllp = destinations.find(({ target }) => target.type === 'mllp')!
  const fhir = { ...destinations.find(({ id }) => id !== mllp.id)!, target: FHIR }
  const taking = new Map([
    ['ch-laval', mllp.id],
    ['chu-angers', fhir.id],
  ])
  const establishments = [...base.establishments].map(
    ([id, one]) => [id, taking.has(id) ? { ...one, casesTo: taking.get(id)! } : one] as const,
  )
  return {
    ...base,
    establishments: new Map(establishments),
    destinations: new Map([...base.destinations, [fhir.id, fhir]]),
  }
}

function room(shared = config()) {
  const { projections } = caseExchange({ journal: store.journal, config: () => shared, ids: machineIds, log: quiet })
  const measures = measureProjection((id) => loadHappenings(store.journal, id))
  return caseRoom(store.journal, { config: () => shared, projections: [...projections, measures] })
}

async function reported(made: ReturnType<typeof room>, changes: Parameters<typeof request>[0] = {}): Promise<Case> {
  const { id } = done(await made.commands.request(request(changes), asks))
  done(await made.commands.act(id, plain('accept'), angers))
  done(await made.commands.act(id, { what: 'advise', text: 'Avis CANARI', coded: [] }, angers))
  const report = { what: 'report', type: 'telemedicine-report', message: null, text: 'Récit CANARI' } as const
  return done(await made.commands.act(id, report, angers))
}

const bodyOf = async (id: string): Promise<Buffer> => bytesOf(await store.journal.body(id))
interface Row {
  readonly id: string
  readonly kind: string
  readonly entrance: string
  readonly destination: string
}
const reportsOf = (id: string): Promise<readonly Row[]> =>
  store.journal.look<Row>({
    sql: `SELECT m.id, m.kind, m.entrance, d.destination FROM care_message c JOIN message m ON m.id = c.message
      LEFT JOIN delivery d ON d.message_seq = m.seq WHERE c.care_case = ? AND m.kind IN ('MDM^T02', 'Bundle:transaction', 'DocumentReference')
      ORDER BY m.seq`,
    parameters: [id],
  })

test('the report goes to both records in the commit of the act, each in its own format', async () => {
  const of = await reported(room())
  const rows = await reportsOf(of.id)
  expect(rows.map(({ kind, entrance }) => [kind, entrance])).toEqual([
    ['MDM^T02', 'internal'],
    ['Bundle:transaction', 'internal'],
  ])
  expect(of.report?.message).toBe(rows[0]?.id)
  expect(new Set(rows.map(({ destination }) => destination)).size).toBe(2)
  const read = readMessage(await bodyOf(rows[0]!.id))
  if (!read.ok) throw new Error(read.code)
  const [inside] = documentsIn(read.message)
  const reader = new CdaReader(inside!.base64)
  while (!reader.run(100_000));
  expect(reader.reading()).toMatchObject({ fault: null, header: { code: { code: '85208-7' }, body: 'structuredBody' } })
  const xml = Buffer.from(inside!.base64.toString('latin1'), 'base64').toString('utf8')
  expect(xml).toContain('Récit CANARI')
  expect(xml).toContain('Avis CANARI')
  expect((await bodyOf(rows[1]!.id)).toString('utf8')).toContain('"DocumentReference"')
})

test('without a system on either side the report is kept alone', async () => {
  const of = await reported(room(careConfig()))
  expect(await reportsOf(of.id)).toMatchObject([{ kind: 'DocumentReference', destination: null }])
})

test('a second report is a document of its own', async () => {
  const made = room()
  const { id } = await reported(made)
  const again = { what: 'report', type: '', message: null, text: 'Complément' } as const
  done(await made.commands.act(id, again, angers))
  expect(await reportsOf(id)).toHaveLength(4)
})

test.each([
  ['a real case', {}, 1],
  ['a drill', { drill: true }, 0],
  ['a test', { test: true }, 0],
] as const)('closing %s leaves its times: %#', async (_name, changes, rows) => {
  const made = room()
  const { id } = await reported(made, changes)
  made.clock.atMs += 60_000
  done(await made.commands.act(id, plain('finish'), asks))
  const kept = await store.journal.look<{ moments: string }>({ sql: 'SELECT * FROM care_measure', parameters: [] })
  expect(kept).toHaveLength(rows)
  expect(JSON.stringify(kept)).not.toContain('CANARI')
  if (rows === 1)
    expect(kept[0]).toMatchObject({ care_case: id, site: 'ch-laval', centre: 'chu-angers', state: 'done' })
})

test('content of closed cases goes when their time is over, their times stay', async () => {
  const made = room()
  const open = done(
    await made.commands.request(request({ id: 'other', patient: { ...request().patient, identifiers: [] } }), asks),
  )
  const { id } = await reported(made)
  done(await made.commands.act(id, plain('finish'), asks))
  made.clock.atMs += careConfig().careServices!.get('stroke')!.keptMs
  await made.run()
  const rows = await Promise.all(
    ['care_case', 'care_happening', 'care_measure'].map((table) =>
      store.journal.look({
        sql: `SELECT * FROM ${table} WHERE ${table === 'care_case' ? 'id' : 'care_case'} = ?`,
        parameters: [id],
      }),
    ),
  )
  expect(rows.map((one) => one.length > 0)).toEqual([true, true, true])
  expect(JSON.stringify(rows)).not.toMatch(/CANARI|LEROUX/)
  expect(await loadHappenings(store.journal, id)).toEqual([])
  expect((await made.one(open.id)).state).toBe('requested')
})
