import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { valuesAt } from '../../src/conformity/probes/fhir-exchange.ts'
import { readSettings } from '../../src/conformity/probes/settings.ts'
import type { DicomwebTarget, FhirTarget } from '../../src/core/config.ts'
import type { ProbeKind } from '../../src/core/conformity.ts'
import type { JsonObject } from '../../src/formats/fhir/json.ts'
import { openFhirDoor } from '../support/peers/fhir-door.ts'
import { type MedplumServer, medplumServer } from '../support/peers/medplum.ts'
import { missingOrthanc, type Orthanc, startOrthanc } from '../support/peers/orthanc.ts'
import { freePort } from '../support/world/ports.ts'
import { asked, endpointOf, expiringClock, words } from './asking.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const fhir = (url: string, bearer: string | null = null): FhirTarget => ({ type: 'fhir', url, tls: null, bearer })
const archive = (url: string): DicomwebTarget => ({
  type: 'dicomweb',
  url,
  tls: null,
  bearer: null,
  issuer: 'LAVAL',
  oid: null,
  patientIds: 'issuer',
})

/** A server that says these bytes to whoever asks; `heard` holds the requests. */
async function saying(says: (socket: Socket, request: string) => void): Promise<{ url: string; heard: string[] }> {
  const heard: string[] = []
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      heard.push(chunk.toString('latin1'))
      says(socket, chunk.toString('latin1'))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard }
}

const http = (status: number, type: string, body: string, more = ''): string =>
  `HTTP/1.1 ${status} X\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${more}\r\n${body}`
const STATEMENT = { resourceType: 'CapabilityStatement', fhirVersion: '4.0.1', format: ['json'] }
const limits = { totalMs: 10_000, maxBytes: 4_096 }

describe('wrong servers', () => {
  const drip = (socket: Socket, enough: () => void): void => {
    let left = 5
    const more = (): void => void (left-- > 0 ? socket.write('{', more) : enough())
    socket.write('HTTP/1.1 200 X\r\nContent-Length: 9999\r\n\r\n', more)
  }
  const WRONG: readonly (readonly [name: string, says: (socket: Socket, enough: () => void) => void, fault: string])[] =
    [
      ['says nothing', (_socket, enough) => enough(), 'NO_ANSWER'],
      [
        'never ends its answer',
        (socket, enough) => void socket.write('HTTP/1.1 200 X\r\nContent-Length: 9\r\n\r\n{', enough),
        'NO_ANSWER',
      ],
      ['drips', drip, 'NO_ANSWER'],
      ['hangs up', (socket) => void socket.destroy(), 'CONNECTION_CUT'],
      ['breaks off', (socket) => void socket.end('HTTP/1.1 200 X\r\nContent-Length: 9\r\n\r\n{'), 'CONNECTION_CUT'],
      ['is no HTTP', (socket) => void socket.write('\x0bMSH|^~\\&|A\r\x1c\r'), 'ANSWER_GARBAGE'],
      [
        'has a header without end',
        (socket) => void socket.write(`HTTP/1.1 200 X\r\nA: ${'a'.repeat(99_999)}`),
        'ANSWER_GARBAGE',
      ],
      [
        'says too much',
        (socket) => void socket.end(http(200, 'application/dicom+json', `["${'x'.repeat(9_999)}"]`)),
        'ANSWER_TOO_LONG',
      ],
      ['does not know us', (socket) => void socket.end(http(401, 'text/plain', 'no')), 'UNAUTHORISED'],
      ['is broken', (socket) => void socket.end(http(500, 'text/plain', 'no')), 'STATUS'],
    ]

  test.each(
    WRONG.flatMap(([name, says, fault]) =>
      (['fhir-capability', 'dicomweb'] as const).map((kind) => [name, kind, says, fault] as const),
    ),
  )('one that %s, asked by %s', async (_name, kind, says, fault) => {
    const clock = expiringClock()
    const { url } = await saying((socket) => says(socket, () => clock.expire()))
    const target = kind === 'dicomweb' ? archive(url) : fhir(url)
    const result = await asked(endpointOf(target), kind, {}, { limits, clock })
    expect(words(result)).toEqual([fault])
    expect(result.outcome).toBe('fail')
  })

  test.each<[ProbeKind]>([['fhir-capability'], ['dicomweb'], ['fhir-exchange']])(
    'a redirection is not followed by %s',
    async (kind) => {
      const elsewhere = await saying(
        (socket) => void socket.end(http(200, 'application/fhir+json', JSON.stringify(STATEMENT))),
      )
      const { url, heard } = await saying(
        (socket) => void socket.end(http(302, 'text/plain', '', `Location: ${elsewhere.url}/\r\n`)),
      )
      const settings = kind === 'fhir-exchange' ? { steps: [{ method: 'GET', path: 'metadata' }] } : {}
      const target = kind === 'dicomweb' ? archive(url) : fhir(url)
      expect(words(await asked(endpointOf(target), kind, settings))).toEqual(['REDIRECTED'])
      expect([heard.length, elsewhere.heard.length]).toEqual([1, 0])
    },
  )

  test.each<[ProbeKind]>([['fhir-capability'], ['dicomweb'], ['clock'], ['fhir-exchange']])(
    'nobody listens to %s',
    async (kind) => {
      const url = `http://127.0.0.1:${await freePort()}`
      const target = kind === 'dicomweb' ? archive(url) : fhir(url)
      const result = await asked(
        endpointOf(target),
        kind,
        kind === 'fhir-exchange' ? { steps: [{ method: 'GET', path: 'Patient' }] } : {},
      )
      expect(result).toMatchObject({
        outcome: 'unreachable',
        faults: [{ fault: 'NO_CONNECTION', params: { reason: 'ECONNREFUSED' } }],
      })
    },
  )

  test('what a server says of itself is cut, and its body is not kept', async () => {
    const software = { name: `A\n\u0000\u202eB${'x'.repeat(500)}`, version: '1\r\n2' }
    const body = JSON.stringify({ ...STATEMENT, software, description: 'CANARY' })
    const { url } = await saying((socket) => void socket.end(http(200, 'application/fhir+json', body)))
    const result = await asked(endpointOf(fhir(url)), 'fhir-capability')
    expect(result.facts).toMatchObject({ software: `A B${'x'.repeat(61)}`, version: '1 2', fhirVersion: '4.0.1' })
    expect(JSON.stringify(result)).not.toContain('CANARY')
  })
})

describe('what a server can do', () => {
  const resource = [
    { type: 'Patient', interaction: [{ code: 'read' }, { code: 'search-type' }], operation: [{ name: 'match' }] },
  ]
  const service = [{ coding: [{ code: 'SMART-on-FHIR' }] }]
  const rest = [
    {
      mode: 'server',
      resource,
      security: { service },
      operation: [{ name: 'x', definition: 'http://a/OperationDefinition/MessageHeader-process-message' }],
    },
    { mode: 'client', resource: [{ type: 'Task', interaction: [{ code: 'read' }] }] },
  ]
  const whole = { ...STATEMENT, format: ['application/fhir+json;charset=utf-8'], rest }

  test.each<[settings: object, params: object[]]>([
    [{}, []],
    [
      {
        fhirVersion: '4.0.1',
        resources: { Patient: ['read', 'search'] },
        operations: ['match', 'process-message'],
        formats: ['json'],
        security: ['SMART-on-FHIR'],
      },
      [],
    ],
    [{ fhirVersion: '5.0.0' }, [{ found: '4.0.1', wanted: '5.0.0' }]],
    [
      { resources: { Patient: ['create', 'read', 'delete'] } },
      [
        { resource: 'Patient', interaction: 'create' },
        { resource: 'Patient', interaction: 'delete' },
      ],
    ],
    [{ resources: { Task: ['read'] } }, [{ resource: 'Task' }]],
    [{ operations: ['everything'] }, [{ operation: 'everything' }]],
    [{ formats: ['xml'] }, [{ format: 'xml' }]],
    [{ security: ['OAuth'] }, [{ service: 'OAuth' }]],
  ])('%j', async (settings, params) => {
    const { url } = await saying((socket) => void socket.end(http(200, 'application/fhir+json', JSON.stringify(whole))))
    const { faults } = await asked(endpointOf(fhir(url)), 'fhir-capability', { ...settings })
    expect(faults.map((one) => one.params)).toEqual(params)
  })

  test('our own FHIR door meets what it should', async () => {
    const door = await openFhirDoor()
    closing.push(() => door.entrance.close(0))
    const settings = { fhirVersion: '4.0.1', resources: { Patient: ['read', 'create', 'search'] }, formats: ['json'] }
    const result = await asked(endpointOf(fhir(door.base)), 'fhir-capability', settings)
    expect(result).toMatchObject({ outcome: 'pass', facts: { fhirVersion: '4.0.1', version: '1.2.3' } })
    expect((await asked(endpointOf(fhir(door.base)), 'clock')).faults).toEqual([])
  })
})

describe('an exchange', () => {
  let medplum: MedplumServer
  beforeAll(async () => {
    medplum = await medplumServer()
  })
  afterAll(() => medplum.close())

  const security = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST' }]
  const patient = {
    resourceType: 'Patient',
    meta: { security },
    identifier: [{ system: 'urn:oid:1.2.250.1.999.9', value: '{run}' }],
    name: [{ family: 'SONDE (FICTIF)' }],
  }
  const make = { method: 'POST', path: 'Patient', body: patient, status: [201], keep: { id: 'Patient.id' } }
  const remove = { method: 'DELETE', path: 'Patient/{id}', cleanup: true }
  const find = {
    method: 'GET',
    path: 'Patient?identifier=urn:oid:1.2.250.1.999.9|{run}',
    expect: { 'Bundle.entry.resource.id': '{id}', 'Bundle.type': 'searchset' },
  }

  test('makes, reads, finds and takes away', async () => {
    const read = { method: 'GET', path: 'Patient/{id}', expect: { 'Patient.identifier.value': '{run}' } }
    const result = await asked(endpointOf(fhir(medplum.url)), 'fhir-exchange', { steps: [make, read, find, remove] })
    expect(result.faults).toEqual([])
    expect(medplum.answered.at(-1)).toMatch(/^DELETE \/Patient\/[\w-]+ 200$/)
    expect(await medplum.search('Patient?name=SONDE')).toEqual([])
  })

  test.each<[name: string, steps: object[], faults: object[]]>([
    [
      'a status that is not expected',
      [{ ...make, status: [200] }, find, remove],
      [{ fault: 'STATUS', params: { status: '201', step: '1' } }],
    ],
    [
      'a value that is not expected',
      [make, { ...find, expect: { 'Bundle.type': 'history' } }, find],
      [{ fault: 'VALUE_OTHER', params: { step: '2', path: 'Bundle.type' } }],
    ],
    [
      'a value that is not there',
      [{ ...make, keep: { id: 'Patient.birthDate' } }],
      [{ fault: 'VALUE_MISSING', params: { step: '1', name: 'id' } }],
    ],
    [
      'a value that was never kept',
      [{ method: 'GET', path: 'Patient/{other}' }],
      [{ fault: 'VALUE_MISSING', params: { step: '1', name: 'other' } }],
    ],
    [
      'what was made stays',
      [make, { ...remove, path: 'Nonsense/{id}' }],
      [{ fault: 'NOT_CLEANED', params: { step: '2' } }],
    ],
    [
      'a step that is refused, and cleaning up nevertheless',
      [make, { method: 'GET', path: 'Patient/none' }, find, remove],
      [{ fault: 'STATUS', params: { status: '404', step: '2' } }],
    ],
  ])('%s', async (_name, steps, faults) => {
    const before = medplum.answered.length
    const result = await asked(endpointOf(fhir(medplum.url)), 'fhir-exchange', { steps })
    expect(result.faults).toEqual(faults)
    expect(medplum.answered.slice(before).some((one) => one.startsWith('DELETE /Patient/'))).toBe(
      steps.includes(remove) && result.faults[0]?.params['step'] !== '1',
    )
  })

  const INS = { system: 'urn:oid:1.2.250.1.213.1.4.8', value: '279035121518989' }
  const TEST_INS = { ...INS, system: 'urn:oid:1.2.250.1.213.1.4.10' }
  test.each<[name: string, body: object, words: string[]]>([
    ['no mark of a test', { ...patient, meta: {} }, ['NOT_A_TEST']],
    ['a true INS', { ...patient, meta: {}, identifier: [INS] }, ['NOT_A_TEST']],
    ['a true INS beside the mark of a test', { ...patient, identifier: [INS] }, ['NOT_A_TEST']],
    ['an INS of test', { ...patient, meta: {}, identifier: [TEST_INS] }, []],
  ])('a body with %s', async (_name, body, faults) => {
    const { url, heard } = await saying((socket) => void socket.end(http(201, 'application/fhir+json', '')))
    const steps = [
      { method: 'GET', path: 'Patient' },
      { ...make, body, keep: {} },
    ]
    const result = await asked(endpointOf(fhir(url)), 'fhir-exchange', { steps })
    expect(words(result).filter((one) => one === 'NOT_A_TEST')).toEqual(faults)
    expect(heard.length > 0).toBe(faults.length === 0)
  })

  test('nothing goes to a system in production', async () => {
    const { url, heard } = await saying((socket) => void socket.end(http(201, 'application/fhir+json', '')))
    expect(words(await asked(endpointOf(fhir(url), 'production'), 'fhir-exchange', { steps: [make] }))).toEqual([
      'NOT_QUALIFICATION',
    ])
    expect(heard).toEqual([])
  })

  test('time runs out, and what was made is still taken away', async () => {
    const clock = expiringClock()
    const { url, heard } = await saying((socket, request) => {
      // The time for the steps, which is less than that of all.
      if (request.startsWith('GET')) return clock.expire(limits.totalMs - 1)
      socket.end(http(201, 'application/fhir+json', '{"resourceType":"Patient","id":"7"}'))
    })
    const steps = [make, { method: 'GET', path: 'Patient/{id}' }, { ...remove, status: [201] }]
    expect(words(await asked(endpointOf(fhir(url)), 'fhir-exchange', { steps }, { limits, clock }))).toEqual([
      'NO_ANSWER',
    ])
    expect(heard.map((one) => one.split(' HTTP', 1)[0])).toEqual([
      'POST /Patient',
      'GET /Patient/7',
      'DELETE /Patient/7',
    ])
  })

  test('an id of the far side cannot lead elsewhere', async () => {
    const { url, heard } = await saying(
      (socket) => void socket.end(http(201, 'application/fhir+json', '{"resourceType":"Patient","id":"../../x"}')),
    )
    expect(words(await asked(endpointOf(fhir(url)), 'fhir-exchange', { steps: [make, remove] }))).toEqual([
      'VALUE_MISSING',
    ])
    expect(heard.length).toBe(1)
  })

  test.each<[string, string[]]>([
    ['Patient.name.family', ['A', 'B']],
    ['Patient.name.given', ['a', 'b']],
    ['Patient.active', ['true']],
    ['Patient.constructor', []],
    ['Task.name', []],
  ])('values at %s', (path, values) => {
    const root = {
      resourceType: 'Patient',
      active: true,
      name: [
        { family: 'A', given: ['a'] },
        { family: 'B', given: ['b'] },
      ],
    }
    expect(valuesAt(root as JsonObject, path)).toEqual(values)
  })
})

describe('an archive', () => {
  const why = missingOrthanc()
  test.skipIf(why !== null)(`Orthanc${why === null ? '' : ` (skipped: ${why})`}`, async () => {
    const orthanc: Orthanc = await startOrthanc()
    closing.push(() => orthanc.end())
    expect(await asked(endpointOf(archive(orthanc.web)), 'dicomweb')).toMatchObject({ outcome: 'pass', faults: [] })
    expect(words(await asked(endpointOf(archive(`${orthanc.api}/nowhere`)), 'dicomweb'))).toEqual(['STATUS'])
    expect((await asked(endpointOf(archive(orthanc.web)), 'clock')).facts).toEqual({ answerMs: expect.any(Number) })
  })

  test.each<[string, string, string[]]>([
    ['an empty list', http(200, 'application/dicom+json; charset=utf-8', '[]'), []],
    ['no study at all', http(204, 'text/plain', ''), []],
    ['a page', http(200, 'text/html', '<html>'), ['WRONG_TYPE']],
    ['no list', http(200, 'application/dicom+json', '{'), ['ANSWER_GARBAGE']],
  ])('one that answers with %s', async (_name, says, faults) => {
    const { url } = await saying((socket) => void socket.end(says))
    expect(words(await asked(endpointOf(archive(url)), 'dicomweb'))).toEqual(faults)
  })
})

describe('settings', () => {
  test.each<[ProbeKind, object, string]>([
    ['tls', { mutal: true }, 'mutal'],
    ['tls', { daysLeft: '30' }, '/daysLeft'],
    ['mllp', { message: 'ORU^R01' }, '/message'],
    ['mllp', { withinMs: 60_000 }, '/withinMs'],
    ['fhir-capability', { resources: { 'Pat ient': [] } }, '/resources'],
    ['fhir-exchange', {}, 'steps'],
    ['fhir-exchange', { steps: [{ method: 'PATCH', path: 'Patient/1' }] }, '/steps/0/method'],
    ['fhir-exchange', { steps: [{ method: 'GET', path: 'http://elsewhere.test/' }] }, '/steps/0/path'],
    ['fhir-exchange', { steps: [{ method: 'GET', path: '../admin' }] }, '/steps/0/path'],
    ['fhir-exchange', { steps: [{ method: 'GET', path: 'a/%2e%2e/admin' }] }, '/steps/0/path'],
    ['fhir-exchange', { steps: [{ method: 'GET', path: '/admin' }] }, '/steps/0/path'],
    ['fhir-exchange', { steps: [{ method: 'GET', path: 'a b' }] }, '/steps/0/path'],
    ['mail', { domain: 'x' }, 'domain'],
    ['clock', { toleranceMs: -1 }, '/toleranceMs'],
  ])('of %s that do not fit, %j, are named, and nothing is asked', async (kind, settings, at) => {
    const { url, heard } = await saying(() => {})
    const result = await asked(endpointOf(fhir(url)), kind, { ...settings })
    expect(result.faults).toEqual([{ fault: 'SETTINGS_WRONG', params: { at } }])
    expect(heard).toEqual([])
  })

  test('what is not said has a default, and what was given is not changed', () => {
    const given = Object.freeze({})
    expect(readSettings('clock', given)).toEqual({ ok: true, settings: { toleranceMs: 5_000 } })
  })
})
