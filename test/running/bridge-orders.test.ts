import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { messageFrom } from '../formats/messages.ts'
import { medplumServer } from '../support/peers/medplum.ts'
import { example, message, mllpSide, opened, post, SYSTEM, send } from './bridging.ts'

/** An example of the golden ones in FHIR. */
function resource(name: string): object {
  return JSON.parse(readFileSync(new URL(`../formats/bridge/golden/${name}.json`, import.meta.url), 'utf8')) as object
}

test('a stroke request over MLLP arrives at a FHIR server whole; sent twice it makes no double', async () => {
  const far = await medplumServer()
  onTestFinished(() => far.close())
  const world = await opened({ type: 'fhir', url: far.url }, { transform: 'fhir' })
  far.cutNext()
  expect(await send(world, example('stroke-order'))).toBe('AA')
  const told = await message(world, 'ORM^O01', 'delivered')
  expect(far.answered).toEqual(['POST / 200', 'POST / 200'])
  const name = `identifier=${SYSTEM}|AVC-0001`
  const [requests, tasks] = [await far.search(`ServiceRequest?${name}`), await far.search(`Task?${name}`)]
  const scales = await far.search('Observation?code=http://loinc.org|72089-6')
  const studies = await far.search('ImagingStudy?identifier=urn:dicom:uid|urn:oid:2.25.210044130091238471200331')
  expect([requests.length, tasks.length, scales.length, studies.length]).toEqual([1, 1, 1, 1])
  const [request] = requests
  const [patient] = await far.search(`Patient?identifier=${SYSTEM}|300101`)
  expect(request).toMatchObject({
    status: 'active',
    priority: 'stat',
    subject: { reference: `Patient/${patient?.id}` },
    supportingInfo: expect.arrayContaining([
      expect.objectContaining({ reference: `Observation/${scales[0]?.id}` }),
      expect.objectContaining({ reference: `ImagingStudy/${studies[0]?.id}` }),
    ]),
  })
  expect(tasks[0]).toMatchObject({ status: 'requested', focus: { reference: `ServiceRequest/${request?.id}` } })
  expect(scales[0]).toMatchObject({ valueInteger: 14 })
  expect(told.findings).toContainEqual(
    expect.objectContaining({
      code: 'CONVERTED',
      params: { from: 'ORM^O01', to: 'Bundle:transaction', mapping: 'orders' },
    }),
  )
})

test('results and their correction are one report at the FHIR server', async () => {
  const far = await medplumServer()
  onTestFinished(() => far.close())
  const world = await opened({ type: 'fhir', url: far.url }, { transform: 'fhir' })
  expect(await send(world, example('results-laboratory'))).toBe('AA')
  await message(world, 'ORU^R01', 'delivered')
  expect(await send(world, example('results-corrected'))).toBe('AA')
  await message(world, 'ORU^R01', 'delivered')
  const reports = await far.search('DiagnosticReport?identifier=urn:oid:1.2.250.1.213.1.4.10.9.6|L26-0001')
  const glucose = await far.search('Observation?code=http://loinc.org|32016-8')
  expect([reports.length, glucose.length]).toEqual([1, 1])
  expect(reports[0]).toMatchObject({ status: 'corrected' })
  expect(glucose[0]).toMatchObject({ status: 'corrected', valueQuantity: { value: 1.02 } })
})

test('a document over MLLP arrives at a FHIR server byte for byte', async () => {
  const far = await medplumServer()
  onTestFinished(() => far.close())
  const world = await opened({ type: 'fhir', url: far.url }, { transform: 'fhir' })
  const sent = example('document-initial')
  expect(await send(world, sent)).toBe('AA')
  await message(world, 'MDM^T02', 'delivered')
  const [document] = await far.search('DocumentReference?status=current')
  const base64 = messageFrom(sent).text('OBX(1)-5.5')!
  const content = Buffer.from(base64, 'base64')
  expect(document).toMatchObject({
    content: [
      {
        attachment: {
          contentType: 'text/xml',
          data: base64,
          size: content.length,
          hash: createHash('sha1').update(content).digest('base64'),
        },
      },
    ],
  })
})

test('a FHIR transaction with a stroke request arrives over MLLP as ORM^O01', async () => {
  const far = await mllpSide()
  const when = { from: ['ch-haut-anjou'], kinds: ['Bundle:transaction'] }
  const world = await opened({ type: 'mllp', host: '127.0.0.1', port: far.port }, { transform: 'hl7v2', when })
  expect((await post(world, 'POST', '', resource('order-transaction'))).status).toBe(200)
  const [bytes] = await far.next(1)
  const sent = messageFrom(bytes!)
  expect(
    ['MSH-9.1', 'MSH-9.2', 'MSH-12', 'ORC-1', 'ORC-2', 'OBR-27.6', 'OBR-31', 'PID-5.1'].map((path) => sent.text(path)),
  ).toEqual(['ORM', 'O01', '2.5', 'NW', 'AVC-0002-FHIR', 'S', 'I63.9', 'LEROUX (FICTIF)'])
  expect([sent.text('OBX-3'), sent.text('OBX-5'), sent.text('ZDS-1')]).toEqual([
    '72089-6',
    '12',
    '2.999.539990028.20261123.1',
  ])
})
