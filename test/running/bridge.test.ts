import { expect, onTestFinished, test } from 'vitest'
import { messageFrom } from '../formats/messages.ts'
import { medplumServer } from '../support/peers/medplum.ts'
import { example, message, mllpSide, opened, post, SYSTEM, send } from './bridging.ts'

test('an admission over MLLP arrives at a FHIR server as a transaction; sent twice it makes no double', async () => {
  const far = await medplumServer()
  onTestFinished(() => far.close())
  const world = await opened({ type: 'fhir', url: far.url }, { transform: 'fhir' })
  far.cutNext()
  expect(await send(world, example('adt-a01'))).toBe('AA')
  const told = await message(world, 'ADT^A01', 'delivered')
  expect(far.answered).toEqual(['POST / 200', 'POST / 200'])
  const [patient, ...others] = await far.search(`Patient?identifier=${SYSTEM}|300101`)
  const encounters = await far.search(`Encounter?identifier=${SYSTEM}|260000101`)
  expect([others.length, encounters.length]).toEqual([0, 1])
  expect(encounters[0]).toMatchObject({ status: 'in-progress', subject: { reference: `Patient/${patient?.id}` } })
  expect(told.findings).toContainEqual(
    expect.objectContaining({
      code: 'CONVERTED',
      at: 'chu-angers/dpi',
      params: { from: 'ADT^A01', to: 'Bundle:transaction', mapping: 'movements' },
    }),
  )
  expect(told.findings.map(({ code, at }) => `${code} ${at}`)).toContain('CONVERSION_LOSS ZBE-9')

  expect(await send(world, example('adt-a03'))).toBe('AA')
  await message(world, 'ADT^A03', 'delivered')
  const [ended, ...more] = await far.search(`Encounter?identifier=${SYSTEM}|260000101`)
  expect([ended?.id, ended?.['status'], more.length]).toEqual([encounters[0]?.id, 'finished', 0])
})

test('a merge reaches the FHIR server as links between the two', async () => {
  const far = await medplumServer()
  onTestFinished(() => far.close())
  const world = await opened({ type: 'fhir', url: far.url }, { transform: 'fhir' })
  expect(await send(world, example('adt-a40'))).toBe('AA')
  await message(world, 'ADT^A40', 'delivered')
  const [survivor] = await far.search(`Patient?identifier=${SYSTEM}|300101`)
  const [old] = await far.search(`Patient?identifier=${SYSTEM}|300155`)
  expect(old).toMatchObject({
    active: false,
    link: [{ type: 'replaced-by', other: { reference: `Patient/${survivor?.id}` } }],
  })
})

const patient = {
  resourceType: 'Patient',
  meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST' }] },
  identifier: [{ system: 'urn:oid:1.2.3', value: 'P|1' }],
  name: [{ use: 'official', family: 'ŒUVRARD (FICTIF)', given: ['Zoé & Léa'] }],
  gender: 'female',
  birthDate: '1961-02-14',
}

test('a new FHIR patient arrives over MLLP as A28, under the same MSH-10 at each attempt', async () => {
  const far = await mllpSide(1)
  const edit = [{ set: 'MSH-5', to: 'GAM' }]
  const world = await opened({ type: 'mllp', host: '127.0.0.1', port: far.port }, { transform: 'hl7v2', edit })
  expect((await post(world, 'POST', '/Patient', patient)).status).toBe(201)
  const [first, second] = await far.next(2)
  await message(world, 'Patient', 'delivered')
  expect(second).toEqual(first)
  const sent = messageFrom(second!)
  expect(sent.text('MSH-10')).toMatch(/^[0-9A-Z]{20}$/)
  expect(sent.charset).toBe('8859/15')
  expect(
    ['MSH-3', 'MSH-4.2', 'MSH-5', 'MSH-6.2', 'MSH-9.1', 'MSH-9.2', 'MSH-11', 'MSH-12.3'].map((path) => sent.text(path)),
  ).toEqual(['PASSERELLE', '539990028', 'GAM', '490000031', 'ADT', 'A28', 'T', '2.11'])
  expect(['PID-3.1', 'PID-3.4.2', 'PID-5.1', 'PID-5.2', 'PID-5.7'].map((path) => sent.text(path))).toEqual([
    'P|1',
    '1.2.3',
    'ŒUVRARD (FICTIF)',
    'Zoé & Léa',
    'L',
  ])
})

test('a FHIR patient that is changed arrives as A31, and as A47 where an identifier is', async () => {
  const far = await mllpSide()
  const world = await opened({ type: 'mllp', host: '127.0.0.1', port: far.port }, { transform: 'hl7v2' })
  const made = await post(world, 'POST', '/Patient', patient)
  const { id } = (await made.json()) as { id: string }
  const path = `/Patient/${id}`
  await post(world, 'PUT', path, { ...patient, id, gender: 'male' })
  await post(world, 'PUT', path, {
    ...patient,
    id,
    gender: 'male',
    identifier: [{ system: 'urn:oid:1.2.3', value: 'P2' }],
  })
  const operation = [{ op: 'add', path: '/identifier/-', value: { system: SYSTEM, value: '7' } }]
  const changed = await post(world, 'PATCH', path, operation, 'application/json-patch+json')
  expect(changed.status).toBe(200)
  const removal = [{ op: 'add', path: '/identifier/0/use', value: 'old' }]
  await post(world, 'PATCH', path, removal, 'application/json-patch+json')
  const sent = (await far.next(5)).map((bytes) => messageFrom(bytes))
  const said = sent.map((one) =>
    [one.text('MSH-9.2'), one.raw('PID-3')?.toString(), one.raw('MRG-1')?.toString(), one.text('PID-8')].join(' '),
  )
  const ours = (value: string): string => `${value}^^^1.2.3&1.2.3&ISO^PI`
  expect(said).toEqual([
    `A28 ${ours('P\\F\\1')}  F`,
    `A31 ${ours('P\\F\\1')}  M`,
    `A47 ${ours('P2')} ${ours('P\\F\\1')} M`,
    `A31 ${ours('P2')}~7^^^CH-HAUT-ANJOU&539990028&N^PI  M`,
    `A47 ${ours('""')} ${ours('P2')} M`,
  ])
})

test('a FHIR appointment arrives as SIU', async () => {
  const far = await mllpSide()
  const world = await opened({ type: 'mllp', host: '127.0.0.1', port: far.port }, { transform: 'hl7v2' })
  const appointment = {
    resourceType: 'Appointment',
    meta: patient.meta,
    contained: [{ ...patient, id: 'p', meta: undefined }],
    identifier: [{ system: 'urn:oid:1.2.3.4', value: 'R1' }],
    status: 'booked',
    start: '2026-12-07T14:30:00+01:00',
    end: '2026-12-07T15:00:00+01:00',
    participant: [{ actor: { reference: '#p' }, status: 'accepted' }],
  }
  const made = await post(world, 'POST', '/Appointment', appointment)
  expect(made.status).toBe(201)
  const { id } = (await made.json()) as { id: string }
  await post(world, 'PUT', `/Appointment/${id}`, { ...appointment, id, status: 'cancelled' })
  const sent = (await far.next(2)).map((bytes) => messageFrom(bytes))
  expect(sent.map((one) => `${one.text('MSH-9.2')} ${one.text('SCH-1')} ${one.text('SCH-25')}`)).toEqual([
    'S12 R1 BOOKED',
    'S15 R1 CANCELLED',
  ])
})

test('what cannot be converted is refused, and waits for a person with its place', async () => {
  const far = await mllpSide()
  const world = await opened({ type: 'mllp', host: '127.0.0.1', port: far.port }, { transform: 'hl7v2' })
  const emoji = { ...patient, name: [{ use: 'official', family: 'ESSAI 🙂 (FICTIF)' }] }
  await post(world, 'POST', '/Patient', emoji)
  const told = await message(world, 'Patient', 'refused')
  expect([told.state, told.deliveries[0]?.lastError]).toEqual(['parked', 'CHARSET_UNMAPPABLE'])
  expect(told.findings.map(({ code, at }) => `${code} ${at}`)).toContain('CHARSET_UNMAPPABLE PID-5')
})
