import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { sha256 } from '../console/region.ts'
import { openShortMessages } from '../support/peers/short-messages.ts'
import { makeWorld } from './gateway.ts'

const HOUR = 3_600_000

const person = (name: string, role: string, establishment?: string) => ({
  ...{ name, role, keySha256: sha256(`k-${name}`) },
  ...(establishment === undefined ? {} : { establishments: [establishment] }),
})

test('a drill of a stroke, from the request to the silence: who is on duty is told, the report is kept, both sides see it', async () => {
  const sms = await openShortMessages()
  onTestFinished(() => sms.close())
  const world = makeWorld()
  writeFileSync(join(world.dir, 'report.key'), 'key-of-theirs')
  const hospital = (id: string, kind: string) => ({ id, name: `${id} (fictif)`, kind, senders: { facilities: [id] } })
  world.write(
    {},
    {
      establishments: [hospital('sender', 'hospital'), hospital('centre', 'university-hospital')],
      routes: [],
      operators: [
        person('asker', 'requester', 'sender'),
        person('expert', 'expert', 'centre'),
        person('other', 'requester', 'centre'),
        { name: 'op', role: 'admin', keySha256: sha256('demo-admin') },
      ],
      telemedicine: {
        services: {
          stroke: {
            ladders: { answer: { centres: { sender: ['centre'] } }, interventional: { centres: { '*': ['centre'] } } },
          },
        },
        consoleUrl: 'https://console.test',
        coordinationNumber: '0261910010',
        sms: {
          ...sms.settings,
          reports: {
            secret: { file: 'report.key' },
            id: 'id',
            status: 'state',
            delivered: ['delivered'],
            failed: ['failed'],
          },
        },
      },
    },
  )
  await world.start()
  const call = async (key: string, path: string, body?: object, method = body === undefined ? 'GET' : 'POST') => {
    const headers = { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }) }
    const answer = await fetch(world.url() + path, { method, headers, ...(body && { body: JSON.stringify(body) }) })
    const text = await answer.text()
    // biome-ignore lint/suspicious/noExplicitAny: JSON of any shape
    return { status: answer.status, json: (text === '' ? null : JSON.parse(text)) as any }
  }
  const from = Date.now() - HOUR
  const span = { from: new Date(from).toISOString(), until: new Date(from + 24 * HOUR).toISOString() }
  const duty = (place: number, person_: string, mobile: string) => ({
    ...span,
    place,
    person: person_,
    rpps: null,
    phone: '0261910001',
    mobile,
  })
  const rota = { service: 'stroke', centre: 'centre', ...span }
  const duties = [duty(1, 'Dr Anne Martin', '0639980001'), duty(2, 'Dr Paul Bernard', '0639980002')]
  expect((await call('k-expert', '/api/duty', { ...rota, duties }, 'PUT')).json).toEqual({ saved: true })

  const request = {
    ...{ service: 'stroke', callBack: '0261910077', reason: 'hémiplégie canari', drill: true },
    patient: { identifiers: [], family: 'CANARI (FICTIF)', given: 'Zoé', birthDate: null, sex: 'unknown' },
  }
  const asked = await call('k-asker', '/api/cases', { request })
  expect(asked.status).toBe(201)
  const { id, number } = asked.json
  await expect.poll(() => sms.taken.length).toBe(1)
  expect(sms.taken[0]).toMatchObject({
    to: '0639980001',
    text: `EXERCICE. Télé-AVC ${number}, sender (fictif) : nouvelle demande, à ouvrir. https://console.test/dossiers/${id}`,
  })
  // A page that is open is told of the report at once.
  const stateOf = async () => (await call('k-expert', `/api/cases/${id}/notices`)).json.notices[1].state
  await expect.poll(stateOf).toBe('sent')
  const open = new AbortController()
  const live = await fetch(`${world.url()}/live/cases`, {
    headers: { authorization: 'Bearer k-expert' },
    signal: open.signal,
  })
  const events = live.body!.pipeThrough(new TextDecoderStream()).getReader()
  let said = (await events.read()).value ?? ''
  expect(said).not.toContain('changed')
  const report = await call('key-of-theirs', '/telemedicine/reports/sms', { id: sms.taken[0]!.id, state: 'delivered' })
  expect(report.status).toBe(204)
  while (!said.includes(`event: changed\ndata: {"cases":["${id}"]}`)) said += (await events.read()).value ?? ''
  open.abort()
  expect((await call('k-expert', `/api/cases/${id}/acts`, { act: { what: 'accept' } })).status).toBe(200)
  for (const key of ['k-asker', 'k-expert']) {
    const { json } = await call(key, `/api/cases/${id}/notices`)
    expect(
      json.notices.map(({ told, channel, state }: Record<string, string>) => `${told} ${channel} ${state}`),
    ).toEqual(['duty-1 console sent', 'duty-1 sms delivered'])
  }
  const happened = (await call('k-asker', `/api/cases/${id}`)).json.happenings
  expect(happened.find(({ act }: { act: { what: string } }) => act.what === 'rung').act.notices[0].name).toBe(
    'Dr Anne Martin',
  )
  expect((await call('demo-admin', `/api/cases/${id}/notices`)).status).toBe(403)
  expect(sms.taken).toHaveLength(1)
  expect(JSON.stringify(sms.taken)).not.toMatch(/canari|zoé/i)
})
