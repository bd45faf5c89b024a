import { afterEach, describe, expect, test } from 'vitest'
import { machineClock, machineIds } from '../../src/app/cli/machine.ts'
import { answerOf, type FhirAsk } from '../../src/core/fhir.ts'
import { accept } from '../../src/pipeline/accept.ts'
import { contentOf } from '../../src/pipeline/fhir/reads.ts'
import { type Following, following } from '../../src/pipeline/follow.ts'
import { identityFollower } from '../../src/pipeline/identity.ts'
import { leapingClock, realClock } from '../support/peers/clock.ts'
import { type Hospital, hospital } from '../support/peers/hospital.ts'
import { type AdtParts, adt, ipp } from './adt.ts'
import { serve } from './serving.ts'
import { openStage, oru, quiet, type Stage } from './stage.ts'

const ARC = '1.2.250.1.213.1.4'
const nir = (value: string): string => `${value}^^^ASIP-SANTE-INS-NIR&${ARC}.10&ISO^INS`
const nia = (value: string): string => `${value}^^^ASIP-SANTE-INS-NIA&${ARC}.9&ISO^INS`
const A = '279035121518989'
const B = '260058815400233'

let stage: Stage
let peers: Hospital[] = []
let clock = leapingClock()
let serving: { stop(): Promise<void> } | null = null
let followers: Following | null = null

async function open(...names: string[]): Promise<void> {
  clock = leapingClock()
  peers = await Promise.all(names.map(() => hospital()))
  const way = (i: number) => ({ type: 'mllp', host: '127.0.0.1', port: peers[i]!.port, use: 'qualification' })
  stage = await openStage(
    {
      establishments: [
        { id: 'sender', name: 'Sender (fictif)', kind: 'hospital', senders: { facilities: ['SENDER'] } },
        { id: 'other', name: 'Other (fictif)', kind: 'hospital' },
        {
          id: 'receiver',
          name: 'Receiver (fictif)',
          kind: 'hospital',
          destinations: Object.fromEntries(names.map((name, i) => [name, way(i)])),
        },
      ],
      routes: [
        {
          name: 'hl7',
          when: { kinds: ['ADT^*', 'ORU^R01'] },
          to: ['platform', ...names.map((name) => `receiver/${name}`)],
        },
        { name: 'patients', when: { kinds: ['Patient'] }, to: ['platform'] },
      ],
    },
    clock,
    {},
    { ...realClock, nowMs: clock.nowMs },
  )
}
afterEach(async () => {
  await followers?.stop()
  await serving?.stop()
  followers = serving = null
  await Promise.all(peers.map((peer) => peer.close()))
  await stage.end()
})

const post = (event: string, id: string, parts: Omit<AdtParts, 'id'>) => stage.post(adt(event, { id, ...parts }))
const result = (id: string, pid3: string) => stage.post(oru({ 10: id }, pid3))
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const controls = (peer: Hospital): string[] => peer.received().map((text) => text.split('|')[9]!)

describe('order: before, the event, after', () => {
  const events: [name: string, event: string, parts: Omit<AdtParts, 'id'>, old: string, fresh: string][] = [
    ['a merge', 'A40', { pid3: ipp('P1'), mrg: `${ipp('P2')}~${ipp('P3')}` }, ipp('P3'), ipp('P1')],
    ['another INS', 'A47', { pid3: nir(B), mrg: nir(A) }, nir(A), nir(B)],
    ['an INS deleted', 'A47', { pid3: nir('""'), mrg: nir(A), status: 'PROV' }, nir(A), nir(A)],
    ['a NIR after the NIA', 'A31', { pid3: `${nia(B)}~${nir(A)}` }, nia(B), nir(A)],
  ]
  test.each(events)('%s', async (_name, event, parts, old, fresh) => {
    await open('dpi', 'archive')
    const [dpi, archive] = peers as [Hospital, Hospital]
    await result('before', old)
    await post(event, 'event', parts)
    await result('after', fresh)
    // One destination cannot take it now: only there it waits, and a restart comes in between.
    dpi.behave('hang-up')
    serving = await serve(stage, clock)
    while ((await stage.journal.counts()).destinations.get('receiver/archive')?.delivered !== 3) await turn()
    await serving.stop()
    await stage.reopen()
    dpi.behave('accept')
    clock.leap(10 * 60_000)
    serving = await serve(stage, clock)
    await dpi.message(3)
    expect(controls(archive)).toEqual(['before', 'event', 'after'])
    expect(controls(dpi)).toEqual(['before', 'event', 'after'])
  })
})

type Resource = Record<string, unknown> & { identifier?: { use?: string; system: string; value: string }[] }

/** Creates a Patient as an establishment; gives its id. */
async function keep(resource: object, establishment = 'sender'): Promise<string> {
  const fhir: FhirAsk = {
    interaction: 'create',
    type: 'Patient',
    id: null,
    ifMatch: null,
    ifNoneExist: null,
    prefer: 'representation',
    patch: null,
    base: 'http://127.0.0.1/fhir',
  }
  const peer = { address: '127.0.0.1:1', loopback: true, establishment, destination: null }
  const bytes = Buffer.from(JSON.stringify(resource))
  const said = await accept({ entrance: 'http', peer, receivedAtMs: clock.nowMs(), bytes, fhir }, stage.parts)
  return String(JSON.parse(answerOf(said.answer!).body!).id)
}
const patient = (...identifier: object[]) => ({
  resourceType: 'Patient',
  meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST' }] },
  extension: [
    {
      url: 'https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability',
      extension: [
        { url: 'dateInterrogationINSi', valueDate: '2026-01-01' },
        { url: 'identityStatus', valueCoding: { code: 'QUAL' } },
      ],
    },
  ],
  identifier,
  name: [{ family: 'ESSAI (FICTIF)' }],
})
const local = (value: string) => ({ use: 'usual', system: 'urn:oid:1.2.250.1.213.1.99.1', value })
const ins = (value: string, arc = 10) => ({ use: 'official', system: `urn:oid:${ARC}.${arc}`, value })

/** The current version of a Patient. */
async function now(id: string): Promise<{ version: number; cause: string | null; resource: Resource }> {
  const [row] = await stage.journal.look<{
    version: number
    message: string
    cause: string | null
    withheld: string | null
  }>({
    sql: `SELECT r.version, r.message, m.cause, m.withheld FROM resource r JOIN message m ON m.id = r.message
      WHERE r.type = 'Patient' AND r.id = ?`,
    parameters: [id],
  })
  const resource = (await contentOf(stage.journal, row!.message, row!.withheld)) as unknown as Resource
  return { version: Number(row!.version), cause: row!.cause, resource }
}
const shortOf = ({ identifier = [] }: Resource): string[] => identifier.map(({ use, value }) => `${use} ${value}`)

/** Lets the identity events that wait be worked on, by as many nodes as asked. */
async function follow(nodes = 1): Promise<void> {
  const { journal, config } = stage
  const parts = { journal, config: () => config, clock: machineClock, ids: machineIds, log: quiet }
  const all = Array.from({ length: nodes }, () =>
    following({ journal, followers: [identityFollower(parts)], clock: machineClock, log: quiet }),
  )
  for (const one of all) one.start()
  while ((await journal.due(Number.MAX_SAFE_INTEGER, 1)).length > 0) await turn()
  await Promise.all(all.map((one) => one.stop()))
}
/** Codes and details of what is told on the timeline of a message. */
async function told(controlId: string): Promise<string[]> {
  const rows = await stage.journal.look<{ code: string; detail: string | null }>({
    sql: `SELECT e.code, e.detail FROM event e JOIN message m ON m.id = e.message
      WHERE m.control_id = ? AND e.what = 'identity' ORDER BY e.seq`,
    parameters: [controlId],
  })
  return rows.map(({ code, detail }) => `${code} ${detail ?? '-'}`)
}

describe('the Patients kept here', () => {
  test('merge: the merged one is ended and points to who goes on; other establishments keep theirs', async () => {
    await open()
    const [gone, kept] = [await keep(patient(local('P2'), ins(A))), await keep(patient(local('P1'), ins(A)))]
    const foreign = await keep(patient(local('P2')), 'other')
    await post('A40', 'merge', { pid3: ipp('P1'), mrg: ipp('P2') })
    await follow()
    expect(await now(gone)).toMatchObject({
      version: 2,
      cause: expect.any(String),
      resource: { active: false, link: [{ type: 'replaced-by', other: { reference: `Patient/${kept}` } }] },
    })
    expect(shortOf((await now(gone)).resource)).toEqual(['old P2', `old ${A}`])
    expect([(await now(kept)).version, (await now(foreign)).version]).toEqual([1, 1])
    expect(await told('merge')).toEqual([`PATIENT_MERGED Patient/${gone}/_history/2`])
  })

  test('deletion of the INS: every INS goes, the status falls, the old version stays readable', async () => {
    await open()
    const id = await keep(patient(ins(A), local('P1')))
    await post('A47', 'deletion', { pid3: nir('""'), mrg: nir(A), status: 'PROV' })
    await follow()
    const { version, resource } = await now(id)
    expect([version, shortOf(resource)]).toEqual([2, ['usual P1']])
    expect(JSON.stringify(resource['extension'])).toContain('"PROV"')
    expect(await told('deletion')).toEqual([`INS_REMOVED Patient/${id}/_history/2`])
    const sql = "SELECT value FROM resource_index WHERE id = ? AND name = 'identifier'"
    expect(await stage.journal.look({ sql, parameters: [id] })).toHaveLength(1)
    const versions = 'SELECT version FROM resource_version WHERE id = ? ORDER BY version'
    expect(await stage.journal.look({ sql: versions, parameters: [id] })).toEqual([{ version: 1 }, { version: 2 }])
  })

  test('one after the other, each once, however many look: change, NIR after NIA, and what concerns nobody', async () => {
    await open()
    const [changed, found] = [await keep(patient(local('P1'))), await keep({ ...patient(ins(B, 9)), meta: undefined })]
    await post('A47', 'first', { pid3: ipp('P2'), mrg: ipp('P1') })
    await post('A47', 'second', { pid3: ipp('P3'), mrg: ipp('P2') })
    await post('A31', 'nir', { pid3: `${nia(B)}~${nir(A)}` })
    await post('A47', 'nobody', { pid3: ipp('P9'), mrg: ipp('P8') })
    await post('A31', 'plain', { pid3: ipp('P1') })
    await stage.reopen()
    await follow(2)
    expect([(await now(changed)).version, shortOf((await now(changed)).resource)]).toEqual([3, ['usual P3']])
    expect([(await now(found)).version, shortOf((await now(found)).resource)]).toEqual([
      2,
      [`official ${A}`, `temp ${B}`],
    ])
    expect(await told('second')).toEqual([`IDENTIFIER_CHANGED Patient/${changed}/_history/3`])
    expect(await told('nir')).toEqual([`INS_NIR_KNOWN Patient/${found}/_history/2`])
    expect(await told('nobody')).toEqual(['IDENTIFIER_CHANGED -'])
    expect(await told('plain')).toEqual([])
  })

  test('events in a batch are worked on too', async () => {
    await open()
    const id = await keep(patient(local('P1')))
    const one = (name: string, from: string, to: string) => adt('A47', { id: name, pid3: ipp(to), mrg: ipp(from) })
    await stage.post(`FHS|^~\\&|SIH|SENDER\r${one('b1', 'P1', 'P2')}${one('b2', 'P2', 'P3')}FTS|2\r`)
    await follow()
    expect(shortOf((await now(id)).resource)).toEqual(['usual P3'])
  })
})
