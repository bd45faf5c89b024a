import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { DicomwebTarget } from '../../src/core/config.ts'
import { find, patientOf } from '../../src/formats/dicom/facts.ts'
import { type Head, HeadReader } from '../../src/formats/dicom/head.ts'
import { TAGS } from '../../src/formats/dicom/tags.ts'
import type { CarrierParts } from '../../src/telemedicine/images/carrier.ts'
import { imagesForgotten } from '../../src/telemedicine/images/rows.ts'
import { dicomFile, uidOf } from '../support/peers/dicom-file.ts'
import { notebook } from '../support/peers/notebook.ts'
import { missingOrthanc, type Orthanc, startOrthanc } from '../support/peers/orthanc.ts'
import { openProxy, type TcpProxy } from '../support/postgres/proxy.ts'
import { until } from '../support/world/until.ts'
import { GATEWAY, named, SOMEBODY } from './cases.ts'
import { archiveAt, openStage, type Stage } from './stage.ts'

const need = missingOrthanc()

/** Instances that the archive stored, as its journal of changes has them: a second time is a second line. */
async function stored(orthanc: Orthanc): Promise<number> {
  const { Changes } = (await orthanc.json('/changes?limit=10000')) as {
    readonly Changes: { readonly ChangeType: string }[]
  }
  return Changes.filter(({ ChangeType }) => ChangeType === 'NewInstance').length
}

describe.skipIf(need !== null)(`images between two Orthancs${need === null ? '' : `: ${need}`}`, () => {
  let site: Orthanc
  let centre: Orthanc
  let proxy: TcpProxy
  let stage: Stage | null = null
  beforeAll(async () => {
    ;[site, centre] = await Promise.all([startOrthanc(), startOrthanc()])
    proxy = await openProxy({ port: centre.port })
  })
  afterEach(async () => {
    await stage?.end()
    stage = null
  })
  afterAll(async () => {
    await proxy?.close()
    await Promise.all([site?.end(), centre?.end()])
  })

  const between = (target: Partial<DicomwebTarget> = {}, more: Partial<CarrierParts> = {}): Promise<Stage> =>
    openStage(
      [
        archiveAt('ch-laval', site.web, { oid: '1.2.250.1.71.4.2.2.26' }),
        archiveAt('chu-nantes', `http://127.0.0.1:${proxy.port}/dicom-web`, target),
      ],
      more,
    )

  const slices = async (
    study: number,
    series: number,
    count: number,
    who: object = {},
  ): Promise<Map<string, Buffer>> => {
    const files = new Map<string, Buffer>()
    for (let n = 1; n <= count; n++) {
      const uid = uidOf(study, series, n)
      files.set(
        uid,
        dicomFile({
          study: uidOf(study),
          series: uidOf(study, series),
          uid,
          number: n,
          accession: `ACC${study}`,
          ...who,
        }),
      )
    }
    await Promise.all([...files.values()].map((file) => site.put(file)))
    return files
  }

  test('200 slices, the centre unplugged in the middle: each arrives once, and their UIDs are the same', async () => {
    const files = new Map([...(await slices(1, 1, 160)), ...(await slices(1, 2, 40))])
    stage = await between()
    const before = proxy.forwarded.up
    const cut = proxy.cutAfterBytes(60 * 1_500, 'up')
    await stage.cases.open('case-1', { studies: [named({ uid: uidOf(1) })] })
    await cut
    proxy.stall('up')
    await until('the centre has one of them', async () => (await centre.uids(uidOf(1))).length > 0)
    await proxy.cut()
    proxy.resume('up')
    expect(proxy.forwarded.up).toBeGreaterThan(before)
    const half = (await centre.uids(uidOf(1))).length
    expect(half).toBeGreaterThan(0)
    expect(half).toBeLessThan(200)
    await stage.again()
    await proxy.heal()
    stage.clock.leap(60_000)
    await stage.cases.when('case-1', (act) => act.what === 'images' && act.received === 200 && act.held === 0)
    expect(new Set(await centre.uids(uidOf(1)))).toEqual(new Set(files.keys()))
    expect(await stored(centre)).toBe(200)
    const [one] = (await stage.cases.one('case-1')).studies
    expect(one).toMatchObject({ received: 200, expected: 200, held: 0 })
  })

  test('a series is listed under another patient: nothing leaves, both sides are told, and a person lets it go', async () => {
    await slices(2, 1, 3)
    await slices(2, 2, 1, { patientId: '26002' })
    const { meter, counted } = notebook()
    stage = await between({}, { meter })
    await stage.cases.open('case-2', { studies: [named({ uid: uidOf(2), expected: 4 })] })
    await stage.cases.when('case-2', (act) => act.what === 'images' && act.held === 4)
    expect(stage.cases.acts.every(({ act }) => act.what !== 'images' || act.received === 0)).toBe(true)
    expect(await centre.uids(uidOf(2))).toEqual([])
    await stage.again()
    expect(counted('alert_total', { code: 'IMAGES_OTHER_PATIENT' })).toBe(1)
    await stage.cases.commands.act('case-2', { what: 'confirm-identity', uid: uidOf(2), reason: 'checked' }, GATEWAY)
    await stage.cases.when('case-2', (act) => act.what === 'images' && act.received === 4 && act.held === 0)
    expect(await centre.uids(uidOf(2))).toHaveLength(4)
  })

  test('a file that names another patient than the list does is held, and the rest of its study', async () => {
    await slices(3, 1, 1)
    // Orthanc's list tells no issuer; the file does, and it is another hospital's.
    await slices(3, 1, 2, { issuer: 'CHU-NANTES' })
    stage = await between()
    await stage.cases.open('case-3', { studies: [named({ uid: uidOf(3) })] })
    await stage.cases.when('case-3', (act) => act.what === 'images' && act.held > 0)
    expect((await centre.uids(uidOf(3))).length).toBeLessThan(2)
    const [one] = (await stage.cases.one('case-3')).studies
    expect(one).toMatchObject({ received: 0 })
  })

  test('a study is found by its accession number, and its identifiers made unmistakable', async () => {
    const files = await slices(4, 1, 2)
    stage = await between()
    await stage.cases.open('case-4', { studies: [named({ accession: 'ACC4' })] })
    await stage.cases.when('case-4', (act) => act.what === 'images' && act.received === 2)
    expect((await stage.cases.one('case-4')).studies).toMatchObject([{ uid: uidOf(4), accession: 'ACC4', received: 2 }])
    for (const [uid, file] of files) {
      const kept = (await centre.file(uid)) as Buffer
      const head = headIn(kept)
      expect(patientOf(head)).toMatchObject({ id: '26001', issuer: 'CH-LAVAL', issuerEntity: '1.2.250.1.71.4.2.2.26' })
      // Pixels and everything else behind the patient are the same bytes.
      expect(kept.subarray(head.end).equals(file.subarray(headIn(file).end))).toBe(true)
    }
    const [row] = await stage.journal.look<{ coerced: string }>({
      sql: 'SELECT DISTINCT coerced FROM image_instance WHERE uid = ?',
      parameters: [uidOf(4, 1, 1)],
    })
    expect(row?.coerced).toBe('issuer-set qualifiers-set')
    const { journal } = stage
    await until('the audit has it', async () => {
      const [event] = await journal.look<{ detail: string }>({
        sql: "SELECT detail FROM event WHERE what = 'coerce-images'",
        parameters: [],
      })
      return event?.detail === 'ch-laval/pacs > chu-nantes/pacs: issuer-set 2, qualifiers-set 2'
    })
  })

  test('an archive that looks at the identifier alone gets it prefixed, with the original beside it', async () => {
    await slices(5, 1, 1)
    stage = await between({ patientIds: 'prefix' })
    await stage.cases.open('case-5', { studies: [named({ uid: uidOf(5) })] })
    await stage.cases.when('case-5', (act) => act.what === 'images' && act.received === 1)
    const head = headIn((await centre.file(uidOf(5, 1, 1))) as Buffer)
    expect(patientOf(head)).toMatchObject({ id: 'CH-LAVAL-26001' })
    const others = find(head, TAGS.otherIds)
    expect(head.bytes.toString('latin1', others?.valueStart, others?.end)).toMatch(/26001.*CH-LAVAL.*TEXT/s)
  })

  test('slices that come later follow; a study that nobody accepted waits, and goes to whoever does', async () => {
    await slices(6, 1, 2)
    stage = await between()
    await stage.cases.open('case-6', { owner: null, studies: [named({ uid: uidOf(6) })] })
    await stage.cases.when('case-6', (act) => act.what === 'images' && act.expected === 2 && act.received === 0)
    expect(await centre.uids(uidOf(6))).toEqual([])
    const owner = { establishment: 'chu-nantes', expert: SOMEBODY, atMs: 1 }
    await stage.cases.change('case-6', (one) => ({ ...one, owner }))
    await stage.cases.when('case-6', (act) => act.what === 'images' && act.received === 2)
    await slices(6, 2, 3)
    await stage.cases.change('case-6', (one) => ({ ...one, imagesSentAtMs: Date.now() + 120_000 }))
    await stage.cases.when('case-6', (act) => act.what === 'images' && act.received === 5 && act.expected === 5)
    await stage.cases.change('case-6', (one) => ({ ...one, closedAtMs: 1 }))
    await until('the study is over', async () => {
      const [row] = await (stage as Stage).journal.look<{ state: string }>({
        sql: 'SELECT state FROM image_study WHERE care_case = ?',
        parameters: ['case-6'],
      })
      return row?.state === 'over'
    })
    await stage.journal.apply({ rows: imagesForgotten('case-6') })
    for (const table of ['image_study', 'image_instance', 'image_identity'])
      expect(await stage.journal.look({ sql: `SELECT * FROM ${table}`, parameters: [] })).toEqual([])
  })
})

function headIn(file: Buffer): Head {
  const state = new HeadReader().push(file)
  if (state.is !== 'head') throw new Error(`no head: ${state.is}`)
  return state.head
}
