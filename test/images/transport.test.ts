import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { dicomFile, uidOf } from '../support/peers/dicom-file.ts'
import { missingOrthanc, type Orthanc, startOrthanc } from '../support/peers/orthanc.ts'
import { openProxy, type TcpProxy } from '../support/postgres/proxy.ts'
import { named } from './cases.ts'
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

  const between = (): Promise<Stage> =>
    openStage([
      archiveAt('ch-laval', site.web, { oid: '1.2.250.1.71.4.2.2.26' }),
      archiveAt('chu-nantes', `http://127.0.0.1:${proxy.port}/dicom-web`),
    ])

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
    await proxy.cut()
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
})
