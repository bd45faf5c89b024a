import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { machineIds } from '../../src/app/cli/machine.ts'
import { type StoreLimits, storePlugin } from '../../src/entrances/dicomweb/store.ts'
import { imageIntake } from '../../src/telemedicine/images/deposit.ts'
import { openSpool, type Spool, SUFFIX } from '../../src/telemedicine/images/spool.ts'
import { realClock } from '../support/peers/clock.ts'
import { dicomFile, uidOf } from '../support/peers/dicom-file.ts'
import { notebook } from '../support/peers/notebook.ts'
import { missingOrthanc, type Orthanc, startOrthanc } from '../support/peers/orthanc.ts'
import { callWeb } from '../support/peers/web-caller.ts'
import { LAVAL_KEY, openWebDoor, type WebDoor } from '../support/peers/web-door.ts'
import { openStore } from '../support/stores.ts'
import { until } from '../support/world/until.ts'
import { named } from './cases.ts'
import { archiveAt, openStage, type Stage } from './stage.ts'

const LIMITS: StoreLimits = { maxBytes: 1_000_000, maxInstances: 5, maxMs: 60_000 }
const AUTHORIZED = { authorization: `Bearer ${LAVAL_KEY}` }
const TYPE = 'multipart/related; type="application/dicom"; boundary=b'

type Store = Awaited<ReturnType<typeof openStore>>

/** A door that takes images into a folder of its own. */
interface Place {
  readonly dir: string
  readonly spool: Spool
  readonly door: WebDoor
  post(body: Buffer | string, headers?: Readonly<Record<string, string>>, path?: string): Promise<Response>
  files(): string[]
  end(): Promise<void>
}

async function openPlace(
  journal: Store['journal'],
  wanted: { came?: () => void; maxBytes?: number; closed?: () => 'DISK_LOW' | null; limits?: StoreLimits } = {},
): Promise<Place> {
  const dir = mkdtempSync(join(tmpdir(), 'passerelle-images-'))
  const { log, meter } = notebook()
  const spool = await openSpool({ dir, journal, clock: realClock, log })
  const { came = () => {}, maxBytes = 10_000_000, closed = () => null, limits = LIMITS } = wanted
  const intake = imageIntake({ spool, journal, maxBytes, clock: realClock, ids: machineIds, came })
  // The door's own limit of a whole request is shorter than the images take.
  const door = await openWebDoor([storePlugin({ intake, closed, clock: realClock, log, meter, limits })], {
    limits: { headersMs: 150, requestMs: 150, checkEveryMs: 20 },
  })
  return {
    dir,
    spool,
    door,
    post: (body, headers = {}, path = '/dicomweb/studies') =>
      fetch(`${door.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': TYPE, ...AUTHORIZED, ...headers },
        body: Buffer.from(body),
      }),
    files: () => readdirSync(dir).filter((name) => name.endsWith('.dicoms')),
    async end() {
      await door.entrance.close(0)
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

const sliced = (n: number, study = 1) => ({
  study: uidOf(study),
  series: uidOf(study, 1),
  uid: uidOf(study, 1, n),
  number: n,
  accession: `ACC${study}`,
})
const slice = (n: number, study = 1): Buffer => dicomFile(sliced(n, study))
const body = (...parts: readonly Buffer[]): Buffer =>
  Buffer.concat([
    ...parts.flatMap((part) => [Buffer.from('\r\n--b\r\nContent-Type: application/dicom\r\n\r\n'), part]),
    Buffer.from('\r\n--b--\r\n'),
  ])
const JUNK = Buffer.alloc(500, 'x')

describe('POST /dicomweb/studies', () => {
  let store: Store
  let place: Place
  beforeEach(async () => {
    store = await openStore()
    place = await openPlace(store.journal)
  })
  afterEach(async () => {
    await place.end()
    await store.end()
  })
  const rows = () =>
    store.journal.look<{ uid: string; file: string; at: number; bytes: number }>({
      sql: 'SELECT uid, file, at, bytes FROM image_instance ORDER BY uid',
      parameters: [],
    })

  test('what is answered as stored is in rows and files, byte for byte', async () => {
    const files = [slice(1), slice(2), slice(3, 2)]
    const answer = await place.post(body(...files))
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/dicom+json'])
    const said = (await answer.json()) as Record<string, { Value: Record<string, { Value: string[] }>[] }>
    expect(said['00081199']?.Value.map((one) => one['00081155']?.Value[0])).toEqual([
      uidOf(1, 1, 1),
      uidOf(1, 1, 2),
      uidOf(2, 1, 3),
    ])
    const kept = await rows()
    const bytesOf = ({ file, at, bytes }: (typeof kept)[number]): Buffer =>
      readFileSync(join(place.dir, file)).subarray(at, at + bytes)
    expect(kept.map(bytesOf)).toEqual(files)
    const studies = await store.journal.look({
      sql: 'SELECT site, uid, accession, state FROM image_study ORDER BY uid',
      parameters: [],
    })
    expect(studies).toEqual([
      { site: 'ch-laval', uid: uidOf(1), accession: 'ACC1', state: 'sought' },
      { site: 'ch-laval', uid: uidOf(2), accession: 'ACC2', state: 'sought' },
    ])
  })

  test('the same images twice are one study, and each instance once', async () => {
    await place.post(body(slice(1)))
    expect((await place.post(body(slice(1), slice(2)))).status).toBe(200)
    expect(await rows()).toHaveLength(2)
    expect(await store.journal.look({ sql: 'SELECT id FROM image_study', parameters: [] })).toHaveLength(1)
  })

  test('of an image that comes again the last bytes are kept, until the centre has it', async () => {
    const other = (n: number) => dicomFile({ ...sliced(n), pixels: Buffer.alloc(2_048, 9) })
    const kept = async () =>
      (await rows()).map(({ file, at, bytes }) => readFileSync(join(place.dir, file)).subarray(at, at + bytes))
    await place.post(body(slice(1), slice(2)))
    await store.journal.apply({
      rows: [{ sql: "UPDATE image_instance SET state = 'there' WHERE uid = ?", parameters: [uidOf(1, 1, 2)] }],
    })
    expect((await place.post(body(other(1), other(2)))).status).toBe(200)
    expect(await kept()).toEqual([other(1), slice(2)])
    await place.spool.tidy()
    expect(await kept()).toEqual([other(1), slice(2)])
  })

  test('some are no images: 202 names both', async () => {
    const answer = await place.post(body(slice(1), JUNK))
    expect(answer.status).toBe(202)
    const said = (await answer.json()) as Record<string, { Value: Record<string, { Value: unknown[] }>[] }>
    expect([said['00081199']?.Value.length, said['00081198']?.Value[0]?.['00081197']?.Value]).toEqual([1, [0xc000]])
    expect(await rows()).toHaveLength(1)
  })

  test.each([
    ['nobody', body(slice(1)), { authorization: '' }, '', 401],
    ['another media type', body(slice(1)), { 'content-type': 'application/dicom' }, '', 415],
    [
      'parts of another type',
      body(slice(1)),
      { 'content-type': 'multipart/related; type="application/dicom+json"; boundary=b' },
      '',
      415,
    ],
    ['gzip', body(slice(1)), { 'content-encoding': 'gzip' }, '', 415],
    ['no boundary in it', 'hello', {}, '', 400],
    ['no part', '--b--\r\n', {}, '', 400],
    ['broken off by its own words', body(slice(1)).subarray(0, 600), {}, '', 400],
    ['no image', body(JUNK), {}, '', 409],
    ['another study than its address', body(slice(1)), {}, `/${uidOf(9)}`, 409],
    ['an address that is no study', body(slice(1)), {}, '/x..y', 400],
    ['too many images', body(...Array.from({ length: 6 }, (_, n) => slice(n + 1))), {}, '', 413],
    ['too many bytes', body(Buffer.concat([slice(1), Buffer.alloc(1_000_000)])), {}, '', 413],
  ])('%s: refused, and nothing of it is kept', async (_what, bytes, headers, path, status) => {
    expect((await place.post(bytes, headers, `/dicomweb/studies${path}`)).status).toBe(status)
    await until('the file is gone', async () => place.files().length === 0)
    expect(await rows()).toEqual([])
  })

  test('a connection that is cut leaves nothing; one that takes longer than other requests may is served', async () => {
    const whole = body(slice(1), slice(2))
    const head = `POST /dicomweb/studies HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${LAVAL_KEY}\r\nContent-Type: ${TYPE}\r\nContent-Length: ${whole.length}\r\n\r\n`
    const cut = await callWeb(place.door.port)
    cut.write(Buffer.concat([Buffer.from(head), whole.subarray(0, 1_000)]))
    await until('a file is there', async () => place.files().length === 1)
    cut.destroy()
    await until('the file is gone', async () => place.files().length === 0)
    const slow = await callWeb(place.door.port)
    slow.write(Buffer.concat([Buffer.from(head), whole.subarray(0, 1_000)]))
    // Another caller's slow request is ended by the door meanwhile: this one's time was up as well.
    const other = await callWeb(place.door.port)
    other.write('POST /hl7 HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n')
    await other.gone
    slow.write(whole.subarray(1_000))
    expect((await slow.answer())?.status).toBe(200)
    slow.destroy()
  })

  test('no room, or a door that is closed: 503, later', async () => {
    const full = await openPlace(store.journal, { maxBytes: 2_000 })
    expect((await full.post(body(slice(1)))).status).toBe(200)
    const second = await full.post(body(slice(2)))
    const third = await full.post(body(slice(3)))
    expect([second.status, third.status]).toContain(503)
    await full.end()
    const closed = await openPlace(store.journal, { closed: () => 'DISK_LOW' })
    const answer = await closed.post(body(slice(1)))
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
    await closed.end()
  })

  test('requests that come together share the room, and give back what was refused', async () => {
    const bytes = slice(1).length
    const shared = await openPlace(store.journal, { maxBytes: 2 * bytes })
    const together = await Promise.all([1, 2, 3, 4].map((n) => shared.post(body(slice(n)))))
    let taken = together.filter(({ status }) => status === 200).length
    expect(taken).toBeLessThanOrEqual(2)
    expect(await shared.spool.bytes()).toBe(taken * bytes)
    for (let n = 5; taken < 2; n += 1, taken += 1) expect((await shared.post(body(slice(n)))).status).toBe(200)
    expect((await shared.post(body(slice(9)))).status).toBe(503)
    await shared.end()
  })

  test('files go when no open study needs them, and stay until then', async () => {
    await place.post(body(slice(1)))
    await place.spool.tidy()
    expect(place.files()).toHaveLength(1)
    await store.journal.apply({ rows: [{ sql: "UPDATE image_study SET state = 'over'", parameters: [] }] })
    await place.spool.tidy()
    expect(place.files()).toEqual([])
  })

  test('images that come again while they are looked at are judged anew, and those that are others are not', async () => {
    await place.post(body(slice(1)))
    const look = <Row extends object>(sql: string) => store.journal.look<Row>({ sql, parameters: [] })
    const [study] = await look<{ id: string; state: string }>('SELECT id, state FROM image_study')
    expect(study?.state).toBe('sought')
    const judged = {
      sql: `INSERT INTO image_identity (study, identity, result, which, judged_at_ms) VALUES (?, 'x', 'mismatch', 'name', 0)`,
      parameters: [study!.id],
    }
    await store.journal.apply({ rows: [judged] })
    await place.post(body(slice(2)))
    expect(await look('SELECT identity FROM image_identity')).toEqual([{ identity: 'x' }])
    await place.post(body(slice(1)))
    expect(await look('SELECT identity FROM image_identity')).toEqual([])
  })

  test('files that came a moment ago go with the rows that named them, and one that no row named yet stays', async () => {
    await place.post(body(slice(1)))
    await place.spool.tidy()
    const [own = ''] = place.files()
    writeFileSync(join(place.spool.dir, `young${SUFFIX}`), '')
    for (const table of ['image_instance', 'image_study'])
      await store.journal.apply({ rows: [{ sql: `DELETE FROM ${table}`, parameters: [] }] })
    await place.spool.tidy()
    expect(place.files()).not.toContain(own)
    expect(place.files()).toEqual([`young${SUFFIX}`])
  })
})

const need = missingOrthanc()
describe.skipIf(need !== null)(
  `a site's Orthanc hands over, the centre's gets it${need === null ? '' : `: ${need}`}`,
  () => {
    let site: Orthanc
    let centre: Orthanc
    let stage: Stage
    let place: Place
    beforeAll(async () => {
      ;[site, centre] = await Promise.all([startOrthanc(), startOrthanc()])
    })
    afterEach(async () => {
      await place?.end()
      await stage?.end()
    })
    afterAll(async () => {
      await Promise.all([site?.end(), centre?.end()])
    })

    test('before the case is known, or after; its images go on to whoever accepted', async () => {
      const archives = [archiveAt('chu-nantes', centre.web)]
      const early = await openStore()
      const opened = await openPlace(early.journal, { came: () => stage.carrier.poke() })
      stage = await openStage(archives, { journal: early.journal, spool: opened.spool })
      place = { ...opened, end: async () => void (await opened.end()) }
      for (let n = 1; n <= 5; n++) await site.put(slice(n, 7))
      await site.server('gateway', {
        Url: `${place.door.url}/dicomweb`,
        HttpHeaders: { Authorization: AUTHORIZED.authorization },
      })
      const [study] = (await site.json('/tools/find', {
        Level: 'Study',
        Query: { StudyInstanceUID: uidOf(7) },
        Expand: false,
      })) as string[]
      await site.json('/dicom-web/servers/gateway/stow', { Resources: [study] })
      await stage.cases.open('case-7', { studies: [named({ accession: 'ACC7' })] })
      await stage.cases.when('case-7', (act) => act.what === 'images' && act.received === 5)
      expect(new Set(await centre.uids(uidOf(7)))).toEqual(new Set([1, 2, 3, 4, 5].map((n) => uidOf(7, 1, n))))
    })

    test('what is held for its patient goes when the site has corrected it and hands it over again', async () => {
      const store = await openStore()
      place = await openPlace(store.journal, { came: () => stage.carrier.poke() })
      stage = await openStage([archiveAt('chu-nantes', centre.web)], { journal: store.journal, spool: place.spool })
      const wrong = [1, 2].map((n) => dicomFile({ ...sliced(n, 8), name: 'DURAND (FICTIF)^PAUL' }))
      await place.post(body(...wrong))
      await stage.cases.open('case-8', { studies: [named({ accession: 'ACC8' })] })
      await stage.cases.when('case-8', (act) => act.what === 'images' && act.held === 2)
      await place.post(body(slice(1, 8)))
      await stage.cases.when('case-8', (act) => act.what === 'images' && act.held === 2 && act.received === 0)
      expect(await centre.uids(uidOf(8))).toEqual([])
      await place.post(body(slice(2, 8)))
      await stage.cases.when('case-8', (act) => act.what === 'images' && act.received === 2 && act.held === 0)
      expect(new Set(await centre.uids(uidOf(8)))).toEqual(new Set([1, 2].map((n) => uidOf(8, 1, n))))
    })
  },
)
