import { once } from 'node:events'
import { createServer, request, type Server } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { dicomFile, uidOf } from '../support/peers/dicom-file.ts'
import { missingOrthanc, type Orthanc, startOrthanc } from '../support/peers/orthanc.ts'
import { freePort } from '../support/world/ports.ts'
import { until } from '../support/world/until.ts'
import { named } from './cases.ts'
import { archiveAt, openStage, type Stage } from './stage.ts'

const need = missingOrthanc()

/** What the front answers in place of the archive: that it took them and no more, or that it refuses each. */
type Manner = 'names-nothing' | 'refuses-each'

/** An archive whose answers to STOW-RS are another's; what is refused never comes to it. */
async function frontOf(orthanc: Orthanc, manner: () => Manner): Promise<{ port: number; server: Server }> {
  const server = createServer((asked, answer) => {
    const held: Buffer[] = []
    asked.on('data', (chunk: Buffer) => held.push(chunk))
    asked.on('end', () => {
      const sent = Buffer.concat(held)
      const stow = asked.method === 'POST'
      if (stow && manner() === 'refuses-each') {
        const uids = [...new Set(sent.toString('latin1').match(/2\.25\.26\d\.1\.[1-9]\d*/g))]
        const item = (uid: string) => ({
          '00081155': { vr: 'UI', Value: [uid] },
          '00081197': { vr: 'US', Value: [0xc000] },
        })
        answer.writeHead(409, { 'content-type': 'application/dicom+json' })
        answer.end(JSON.stringify({ '00081198': { vr: 'SQ', Value: uids.map(item) } }))
        return
      }
      const { method, headers, url: path } = asked
      request({ host: '127.0.0.1', port: orthanc.port, method, path, headers }, (told) => {
        if (stow) told.resume().on('end', () => answer.writeHead(200).end('{}'))
        else told.pipe(answer.writeHead(told.statusCode ?? 500, told.headers))
      }).end(sent)
    })
  })
  const port = await freePort()
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return { port, server }
}

describe.skipIf(need !== null)(`what an archive answers${need === null ? '' : `: ${need}`}`, () => {
  let site: Orthanc
  let centre: Orthanc
  let front: Awaited<ReturnType<typeof frontOf>>
  let manner: Manner = 'names-nothing'
  let stage: Stage | null = null
  beforeAll(async () => {
    ;[site, centre] = await Promise.all([startOrthanc(), startOrthanc()])
    front = await frontOf(centre, () => manner)
  })
  afterEach(async () => {
    await stage?.end()
    stage = null
  })
  afterAll(async () => {
    front?.server.closeAllConnections()
    front?.server.close()
    await Promise.all([site?.end(), centre?.end()])
  })

  const opened = async (study: number): Promise<Stage> => {
    for (const n of [1, 2])
      await site.put(
        dicomFile({ study: uidOf(study), series: uidOf(study, 1), uid: uidOf(study, 1, n), number: n, accession: 'A' }),
      )
    return await openStage([
      archiveAt('ch-laval', site.web),
      archiveAt('chu-nantes', `http://127.0.0.1:${front.port}/dicom-web`),
    ])
  }

  test('one that names nothing is asked what it has, and what was changed is kept all the same', async () => {
    manner = 'names-nothing'
    stage = await opened(7)
    const { journal, cases } = stage
    await cases.open('case-7', { studies: [named({ uid: uidOf(7) })] })
    await cases.when('case-7', (act) => act.what === 'images' && act.received === 2)
    expect((await centre.uids(uidOf(7))).sort()).toEqual([uidOf(7, 1, 1), uidOf(7, 1, 2)])
    await until('the audit has it', async () => {
      const [event] = await journal.look<{ detail: string }>({
        sql: "SELECT detail FROM event WHERE what = 'coerce-images'",
        parameters: [],
      })
      return event?.detail.includes('issuer-set 2') === true
    })
  })

  test('one that refuses each is asked three times, and a person is told that it will not have them', async () => {
    manner = 'refuses-each'
    stage = await opened(8)
    const { journal, cases } = stage
    await cases.open('case-8', { studies: [named({ uid: uidOf(8) })] })
    await until('both are given up', async () => {
      const rows = await journal.look<{ state: string; tries: number }>({
        sql: 'SELECT state, tries FROM image_instance ORDER BY uid',
        parameters: [],
      })
      return rows.length === 2 && rows.every(({ state, tries }) => state === 'refused' && tries === 3)
    })
    await until('the study says so', async () => {
      const [row] = await journal.look<{ code: string }>({
        sql: "SELECT code FROM image_study WHERE care_case = 'case-8'",
        parameters: [],
      })
      return row?.code === 'IMAGE_REFUSED'
    })
    expect((await cases.one('case-8')).studies).toMatchObject([{ received: 0, expected: 2 }])
  })
})
