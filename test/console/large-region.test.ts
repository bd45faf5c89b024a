import { expect, test } from 'vitest'
import { routesPage } from '../../src/console/page/configuration/routes.ts'
import type { Config, RouteRule } from '../../src/core/config.ts'
import { type Running, startConsole } from './gateway.ts'
import { raise, viewer } from './overview-world.ts'
import { operator, someConfig } from './region.ts'

const COUNT = 130
const ids = Array.from({ length: COUNT }, (_, i) => `e${String(i).padStart(3, '0')}`)

/** A region of many establishments (all invented), each of which sends to the next. */
function largeRegion(): Config {
  const config = someConfig()
  const [model, queue] = [config.establishments.get('ch-laval')!, config.destinations.get('ch-laval/gam')!]
  const route = (id: string, i: number): RouteRule => ({
    name: `vers ${ids[(i + 1) % COUNT]}`,
    when: { from: [id] },
    to: [`${ids[(i + 1) % COUNT]}/dpi`],
    lane: 'normal',
    alertAfterMs: null,
    awaitAdmissionMs: 0,
    edit: [],
  })
  return {
    ...config,
    operators: [operator('admin'), operator('establishment-it', ['e007'])],
    establishments: new Map(
      ids.map((id, i) => [
        id,
        { ...model, id, name: i === 7 ? 'Hôpital de l’Étang' : `Centre ${i}`, facilities: [id] },
      ]),
    ),
    facilities: new Map(ids.map((id) => [id, id])),
    destinations: new Map(ids.map((id) => [`${id}/dpi`, { ...queue, id: `${id}/dpi`, establishment: id }])),
    routes: ids.map(route),
  }
}

/** The first cell of each row of a table, as text. */
function heads(html: string, table: string): string[] {
  const [found = ''] = new RegExp(`aria-labelledby="${table}">.*?</table>`, 's').exec(html) ?? []
  return [...found.matchAll(/<th role="rowheader" scope="row">(.*?)<\/th>/gs)].map(([, cell = '']) =>
    cell.replaceAll(/<[^>]*>/g, ' ').trim(),
  )
}

async function large(): Promise<Running> {
  const running = await startConsole({}, largeRegion())
  const alert = { severity: 'important', kind: 'unreachable', code: 'UNREACHED' }
  await raise(running, { ...alert, subject: 'e120/dpi' })
  await running.counted()
  return running
}

test('the overview of a large region shows what is not well, and where all the rest is', async () => {
  const { call } = await large()
  const { text } = await call('/', { key: 'demo-admin' })
  for (const [table, first, list] of [
    ['board', 'Centre 120', '/etat/etablissements'],
    ['queues', 'e120/dpi', '/etat/destinataires'],
    ['flows', 'vers e120', '/etat/flux'],
  ] as const) {
    const shown = heads(text, table)
    expect([shown.length, shown[0]], table).toEqual([40, first])
    expect(text).toContain(`href="${list}"`)
  }
  expect(text).toContain('40 sur 130')
})

test.each([
  ['/etat/etablissements', 'board', 100, 'Centre 0'],
  ['/etat/etablissements?page=2', 'board', 30, 'Centre 100'],
  ['/etat/etablissements?page=99', 'board', 30, 'Centre 100'],
  ['/etat/etablissements?page=x', 'board', 100, 'Centre 0'],
  ['/etat/etablissements?q=etang', 'board', 1, 'Hôpital de l’Étang'],
  ['/etat/etablissements?etat=alarm', 'board', 1, 'Centre 120'],
  ['/etat/etablissements?q=zzz', 'board', 0, undefined],
  ['/etat/destinataires?q=ÉTANG', 'queues', 1, 'e007/dpi'],
  ['/etat/destinataires?etat=alarm', 'queues', 1, 'e120/dpi'],
  ['/etat/flux?q=e120&etat=alarm', 'flows', 1, 'vers e120'],
])('%s', async (path, table, count, first) => {
  const { call } = await large()
  const shown = heads((await call(path, { key: 'demo-admin' })).text, table)
  expect([shown.length, shown[0]]).toEqual([count, first])
})

test('whoever sees one establishment finds no other', async () => {
  const { call } = await large()
  const shown = async (path: string, table: string) =>
    heads((await call(path, { key: 'demo-establishment-it' })).text, table)
  expect(await shown('/etat/etablissements', 'board')).toEqual(['Hôpital de l’Étang'])
  expect(await shown('/etat/destinataires?etat=alarm', 'queues')).toEqual([])
  expect(await shown('/etat/flux', 'flows')).toEqual(['vers e007', 'vers e008'])
})

test.each([
  ['', 100, 'vers e001', false],
  ['page=2', 30, 'vers e101', false],
  ['etablissement=e007', 2, 'vers e007', true],
])('routes (%s): a page of them, and a picture of as many as anybody can follow', (asked, count, first, drawn) => {
  const page = routesPage({
    path: '/configuration/routes',
    query: new URLSearchParams(asked),
    language: 'fr',
    theme: 'auto',
    config: largeRegion(),
    caller: { who: 'demo-admin', role: 'admin', reach: { establishments: null, applications: null }, content: true },
  })
  const text = page.body.text
  const shown = heads(text, 'routes')
  expect([shown.length, shown[0], text.includes('<svg class="routes"')]).toEqual([count, first, drawn])
})

test('the live overview tells of the rows that are shown, and says when they are others', async () => {
  const running = await large()
  const one = await viewer(running, 'demo-admin')
  const { v } = (await one.next()).data
  expect(Object.keys(v).filter((key) => key.endsWith(':day'))).toHaveLength(40)
  expect(v).toHaveProperty('e:e120:day')
  expect(v).not.toHaveProperty('e:e099:day')
  await raise(running, { severity: 'important', kind: 'silence', code: 'SILENT', subject: 'e099' })
  await expect(one.next()).resolves.toMatchObject({
    data: { again: true, v: { 'e:e099:day': '0' }, s: { 'e:e099': ['alarm', 'Alarm'] } },
  })
})
