import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { DeliveryDetail, MessageDetail } from '../../src/core/views.ts'
import { type Held, type MedplumServer, medplumServer } from '../support/peers/medplum.ts'
import type { Gateway } from '../support/world/gateway.ts'
import { patient } from '../support/world/messages.ts'
import { observation, REQUEST_SYSTEM, serviceRequest, transaction } from '../support/world/resources.ts'
import { until } from '../support/world/until.ts'
import { fhirPost, type WebAnswer, webPoster } from '../support/world/web-client.ts'
import { emptied, makeWorld, type World } from '../support/world/world.ts'

let far: MedplumServer
let world: World
let gateway: Gateway
beforeEach(async () => {
  far = await medplumServer()
  const retry = { first: '50 ms', factor: 2, max: '200 ms', expires: '7 d' }
  world = await makeWorld({
    destinations: { 'chu-a/dpi': { type: 'fhir', dead: true, options: { url: far.url, retry } } },
    routes: [{ name: 'all', when: { kinds: ['ServiceRequest', 'Observation', 'Patient'] }, to: ['chu-a/dpi'] }],
  })
  gateway = await world.start()
})
afterEach(async () => {
  await world.close()
  await far.close()
})

const post = (path: string, resource: object): Promise<WebAnswer> =>
  webPoster(world.httpPort, 'CH-A')(fhirPost(path, JSON.stringify(resource)))
const found = (type: string, id: string): Promise<Held[]> => far.search(`${type}?identifier=${REQUEST_SYSTEM}|${id}`)

/** What arrived, without what a server adds. */
const asPosted = ({ id: _id, meta, ...resource }: Held) => ({
  ...resource,
  meta: { security: meta?.security },
})

/** The one delivery of the newest message of a kind. */
async function delivery(kind: string): Promise<DeliveryDetail> {
  const { body } = await gateway.get(`/api/messages?kind=${encodeURIComponent(kind)}&limit=1`)
  const { id } = (JSON.parse(body) as { messages: { id: string }[] }).messages[0]!
  const detail = JSON.parse((await gateway.get(`/api/messages/${id}`)).body) as MessageDetail
  expect(detail.deliveries).toHaveLength(1)
  return detail.deliveries[0]!
}
const outcomes = ({ history }: DeliveryDetail) =>
  history.map(({ outcome, answer }) => `${outcome} ${answer ?? ''}`.trim())

describe('Medplum’s FHIR server as a destination', () => {
  test('a create arrives, and is there as it was posted', async () => {
    const posted = serviceRequest('M1', patient(1))
    expect((await post('/ServiceRequest', posted)).status).toBe(201)
    await emptied(gateway)
    expect((await found('ServiceRequest', 'M1')).map(asPosted)).toEqual([posted])
    expect(outcomes(await delivery('ServiceRequest'))).toEqual(['delivered HTTP 201'])
  })

  test('an answer lost after the work: it is sent again, and there is one resource, not two', async () => {
    far.cutNext()
    await post('/ServiceRequest', serviceRequest('M2', patient(2)))
    await emptied(gateway)
    expect(far.answered).toEqual(['POST /ServiceRequest 201', 'POST /ServiceRequest 200'])
    expect(await found('ServiceRequest', 'M2')).toHaveLength(1)
    expect(outcomes(await delivery('ServiceRequest'))).toEqual(['unknown', 'delivered HTTP 200, already there'])
  })

  test('a transaction arrives whole, its references made its own', async () => {
    const urn = 'urn:uuid:3f0b6f6e-8a38-4c57-9b6a-0d4b6b0e6a11'
    const { meta, identifier } = serviceRequest('M3-P', patient(3)) as { meta: object; identifier: object[] }
    const person = { resourceType: 'Patient', meta, identifier, name: [{ family: 'ESSAI3 (FICTIF)' }] }
    const order = { ...serviceRequest('M3', patient(3)), subject: { reference: urn } }
    const bundle = transaction('M3-B', [person, order]) as { entry: object[] }
    bundle.entry[0] = { ...bundle.entry[0], fullUrl: urn }
    expect((await post('', bundle)).status).toBe(200)
    await emptied(gateway)
    const [[there], [asked]] = [await found('Patient', 'M3-P'), await found('ServiceRequest', 'M3')]
    expect(asked?.subject?.reference).toBe(`Patient/${there?.id}`)
    expect(outcomes(await delivery('Bundle:transaction'))).toEqual(['delivered HTTP 200'])
  })

  test.each([
    ['with ifNoneExist in its entries makes no double', true, 1],
    ['without it makes a second one: this server does not look at Bundle.identifier', false, 2],
  ])('a transaction sent again %s', async (_name, conditional, times) => {
    const bundle = transaction('M4-B', [observation('M4', patient(4))]) as { entry: { request: object }[] }
    const ifNoneExist = `identifier=${REQUEST_SYSTEM}|M4`
    if (conditional) bundle.entry[0]!.request = { ...bundle.entry[0]!.request, ifNoneExist }
    far.cutNext()
    expect((await post('', bundle)).status).toBe(200)
    await emptied(gateway)
    expect(far.answered).toEqual(['POST / 200', 'POST / 200'])
    expect(await found('Observation', 'M4')).toHaveLength(times)
  })

  test('what it refuses is parked as refused, with the code of its OperationOutcome; the next goes', async () => {
    const { status: _status, ...unfit } = serviceRequest('M5', patient(5)) as Record<string, unknown>
    expect((await post('/ServiceRequest', unfit)).status).toBe(201)
    await until('the refusal', async () => (await gateway.status()).parked === 1)
    expect(await delivery('ServiceRequest')).toMatchObject({ state: 'refused' })
    expect(outcomes(await delivery('ServiceRequest'))).toEqual(['refused HTTP 400 structure'])
    await post('/ServiceRequest', serviceRequest('M6', patient(5)))
    await emptied(gateway)
    expect([await found('ServiceRequest', 'M5'), await found('ServiceRequest', 'M6')]).toMatchObject([
      [],
      [{ status: 'active' }],
    ])
    expect(await gateway.status()).toMatchObject({ received: 2, closed: 1, parked: 1, inFlight: 0 })
  })
})
