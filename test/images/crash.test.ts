import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dicomFile, uidOf } from '../support/peers/dicom-file.ts'
import { missingOrthanc, type Orthanc, startOrthanc } from '../support/peers/orthanc.ts'
import { openProxy, type TcpProxy } from '../support/postgres/proxy.ts'
import { until } from '../support/world/until.ts'
import { type ImagesWorld, imagesWorld } from './gateway.ts'

const need = missingOrthanc()
const COUNT = 40

describe.skipIf(need !== null)(`images by the real process${need === null ? '' : `: ${need}`}`, () => {
  let site: Orthanc
  let centre: Orthanc
  let proxy: TcpProxy
  let world: ImagesWorld
  beforeAll(async () => {
    ;[site, centre] = await Promise.all([startOrthanc(), startOrthanc()])
    proxy = await openProxy({ port: centre.port })
    world = await imagesWorld(site.web, `http://127.0.0.1:${proxy.port}/dicom-web`)
  })
  afterAll(async () => {
    await world?.close()
    await proxy?.close()
    await Promise.all([site?.end(), centre?.end()])
  })

  test('killed in the middle, it goes on where it was; the case says how far', async () => {
    const uids = Array.from({ length: COUNT }, (_, n) => uidOf(1, 1, n + 1))
    const files = uids.map((uid, n) =>
      dicomFile({ study: uidOf(1), series: uidOf(1, 1), uid, number: n + 1, pixels: Buffer.alloc(131_072, n) }),
    )
    await Promise.all(files.map((file) => site.put(file)))
    const gateway = await world.start()
    const half = proxy.cutAfterBytes((COUNT / 2) * 131_072, 'up')
    const id = await world.ask(uidOf(1))
    await half
    await gateway.kill()
    const before = (await centre.uids(uidOf(1))).length
    expect(before).toBeGreaterThan(0)
    expect(before).toBeLessThan(COUNT)
    await world.start()
    await world.received(id, COUNT)
    expect(await world.far(id)).toMatchObject({ uid: uidOf(1), received: COUNT, expected: COUNT, held: 0 })
    await until('all are there', async () => (await centre.uids(uidOf(1))).length === COUNT)
    expect(new Set(await centre.uids(uidOf(1)))).toEqual(new Set(uids))
  }, 240_000)
})
