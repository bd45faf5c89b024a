import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  adt,
  ask,
  bodyFor,
  closeFarSides,
  fhir,
  hl7,
  IPP,
  ins,
  issuesOf,
  LOCAL,
  NIR,
  opened,
  openFarSides,
  person,
  post,
  request,
  type Said,
  status,
  told,
  type Written,
} from './identity-world.ts'

beforeAll(openFarSides)
afterAll(closeFarSides)

describe('MLLP', () => {
  const cases: [
    name: string,
    written: Written,
    plain: string,
    strict: string,
    findings: string[],
    left: string | null,
  ][] = [
    ['11: an INS of a provisional identity', { status: 'PROV' }, 'AA', 'AA', ['INS_STRIPPED PID-3'], IPP],
    [
      '12: a wrong key of a real person',
      { pid3: ins(8, '260058815400244') },
      'AA',
      'AE 102 PID^1^3',
      ['INS_KEY PID-3'],
      ins(8, '260058815400244'),
    ],
    [
      '12: a wrong key of a test',
      { pid3: ins(10, '260058815400244') },
      'AA',
      'AA',
      ['INS_KEY PID-3'],
      ins(10, '260058815400244'),
    ],
    [
      '13: validated and doubtful',
      { pid3: IPP, status: 'VALI~DOUT' },
      'AA',
      'AE 207 PID^1^32',
      ['STATUS_CONTRADICTED PID-32'],
      IPP,
    ],
    [
      '14: a temporary and a permanent one',
      { event: 'A31^ADT_A05', pid3: `${ins(9)}~${ins(8)}` },
      'AA',
      'AA',
      [],
      `${ins(9)}~${ins(8)}`,
    ],
    [
      '15: a deletion: MRG-1 keeps the old INS',
      {
        event: 'A47^ADT_A30',
        status: 'PROV',
        pid3: `${IPP}~""^^^X&1.2.250.1.213.1.4.8&ISO^INS`,
        more: `MRG|${ins(8)}`,
      },
      'AA',
      'AA',
      [],
      `${IPP}~""^^^X&1.2.250.1.213.1.4.8&ISO^INS`,
    ],
    [
      '16: Corsica',
      { event: 'A01^ADT_A01', pid3: ins(8, '185052A00412356') },
      'AA',
      'AA',
      [],
      ins(8, '185052A00412356'),
    ],
    [
      'two of one authority: refused for everybody',
      { pid3: `${ins(10)}~${ins(10, '260058815400233')}` },
      'AE 207 PID^1^3',
      'AE 207 PID^1^3',
      [],
      null,
    ],
    [
      'a document of an identity that is not qualified goes as it came',
      {
        event: 'ORU^R01^ORU_R01',
        status: 'PROV',
        more: `OBR|1|||X^Y^LN\rOBX|1|ED|D^^LN||^application^pdf^Base64^${Buffer.from(`%PDF ${ins(10)}`).toString('base64')}||||||F`,
      },
      'AA',
      'AA',
      ['INS_STRIPPED PID-3', 'INS_IN_DOCUMENT PID-3'],
      IPP,
    ],
  ]

  test('each identity is judged and answered, and leaves as it may', async () => {
    const world = await opened()
    for (const [name, written, plain, strict, findings, left] of cases) {
      const sent = adt(written)
      expect([name, await post(world, sent)]).toEqual([name, plain])
      expect([name, await post(world, adt({ ...written, from: 'STRICT' }))]).toEqual([name, strict])
      if (left === null) continue
      const [before, after] = sent.split(written.pid3 ?? `${IPP}~${ins(10)}`)
      expect([name, await hl7.next()]).toEqual([name, before + left + after])
      if (strict === 'AA') await hl7.next()
      const known = await told(world, sent)
      // What other rules find is theirs to prove.
      expect([name, known.findings.filter((one) => /^(INS|STATUS|TEST|IDENTIFIER)_/.test(one))]).toEqual([
        name,
        findings,
      ])
      // Who sent it reads it as it came, who received it as it left.
      expect([name, await bodyFor(world, known.id, 'plain')]).toEqual([name, sent])
      expect([name, await bodyFor(world, known.id, 'far')]).toEqual([name, before + left + after])
    }
  })
})

describe('FHIR', () => {
  test('36: the INS of an identity that is not qualified is not sent, read, found nor told', async () => {
    const world = await opened()
    const text = JSON.stringify(person('PROV'), null, 2)
    const made = await ask(world, 'plain', 'POST', '/Patient', text)
    expect([made.status, issuesOf(made)]).toEqual([201, ['warning invariant Patient.identifier[0]']])
    const cut = text.indexOf('{', text.indexOf('"identifier"'))
    const left = text.slice(0, cut) + text.slice(text.indexOf('{', cut + 1))
    expect((await fhir.next()).split(/^[^\n]*\n/)[1]).toBe(left)
    for (const path of [made.location, `${made.location}/_history/1`]) {
      expect((await ask(world, 'plain', 'GET', path)).json['identifier']).toEqual([LOCAL])
    }
    const found = async (system: string, value: string) =>
      (await ask(world, 'plain', 'GET', `/Patient?identifier=${system}|${value}`)).json['total']
    expect([await found(NIR.system, NIR.value), await found(LOCAL.system, LOCAL.value)]).toEqual([0, 1])
    const shown = await ask(world, 'plain', 'POST', '/Patient', text, { prefer: 'return=representation' })
    expect(shown.json['identifier']).toEqual([LOCAL])
    await fhir.next()
    const strict = await ask(world, 'strict', 'POST', '/Patient', text)
    expect([strict.status, issuesOf(strict)]).toEqual([422, ['error invariant Patient.identifier[0]']])
  })

  test('a qualified identity keeps its INS, until it no longer is one', async () => {
    const world = await opened()
    const made = await ask(world, 'plain', 'POST', '/Patient', person('QUAL'))
    expect([made.status, issuesOf(made)]).toEqual([201, []])
    expect(await fhir.next()).toContain(NIR.value)
    expect((await ask(world, 'plain', 'GET', made.location)).json['identifier']).toEqual([NIR, LOCAL])
    // Who refers to it by its INS may: a qualified patient of the sender bears it.
    expect(issuesOf(await ask(world, 'plain', 'POST', '/ServiceRequest', request({ identifier: NIR })))).toEqual([])
    expect(await fhir.next()).toContain(NIR.value)
    // Of an INS that no patient bears nothing is known: the request is not sent without its patient.
    const stranger = { ...NIR, value: '260058815400233' }
    const unknown = await ask(world, 'plain', 'POST', '/ServiceRequest', request({ identifier: stranger }), {
      prefer: 'return=OperationOutcome',
    })
    expect(issuesOf(unknown)).toEqual(['warning invariant ServiceRequest.subject.identifier'])
    expect(await fhir.next()).toContain(stranger.value)
    const patch = [{ op: 'replace', path: '/extension/0', value: status('PROV') }]
    const patched = await ask(world, 'plain', 'PATCH', made.location, patch, {
      'content-type': 'application/json-patch+json',
    })
    expect([patched.status, issuesOf(patched)]).toEqual([200, ['warning invariant Patient.identifier[0]']])
    expect(await fhir.next()).not.toContain(NIR.value)
    expect((await ask(world, 'plain', 'GET', made.location)).json['identifier']).toEqual([LOCAL])
    const refers = await ask(world, 'plain', 'POST', '/ServiceRequest', request({ identifier: NIR, display: 'X' }))
    expect(issuesOf(refers)).toEqual(['warning invariant ServiceRequest.subject.identifier'])
    expect(await fhir.next()).not.toContain(NIR.value)
  })

  test('a transaction is ruled as a whole, and its entries are stored without what is withheld', async () => {
    const world = await opened()
    const bundle = (code: string) => ({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        {
          fullUrl: 'urn:uuid:0b7a2f3c-0000-4000-8000-000000000002',
          resource: person(code),
          request: { method: 'POST', url: 'Patient', ifNoneExist: `identifier=${NIR.system}|${NIR.value}` },
        },
        {
          resource: request({ reference: 'urn:uuid:0b7a2f3c-0000-4000-8000-000000000002', identifier: NIR }),
          request: { method: 'POST', url: 'ServiceRequest' },
        },
      ],
    })
    const stored = async (said: Said): Promise<string> => {
      const entries = said.json['entry'] as { response: { location: string } }[]
      const read = entries.map(async ({ response }) => {
        const path = new URL(response.location).pathname.replace('/fhir', '')
        return JSON.stringify((await ask(world, 'plain', 'GET', path)).json)
      })
      return (await Promise.all(read)).join()
    }
    const prov = await ask(world, 'plain', 'POST', '', bundle('PROV'))
    expect(prov.status).toBe(200)
    expect(await fhir.next()).not.toContain(NIR.value)
    expect(await stored(prov)).not.toContain(NIR.value)
    const entries = prov.json['entry'] as { response: { outcome?: Record<string, unknown> } }[]
    expect(
      entries.map(({ response: { outcome } }) => issuesOf({ status: 0, location: '', json: outcome ?? {} })),
    ).toEqual([
      [
        'warning invariant Bundle.entry[0].resource.identifier[0]',
        'warning invariant Bundle.entry[0].request.ifNoneExist',
      ],
      ['warning invariant Bundle.entry[1].resource.subject.identifier'],
    ])
    // The patient of the transaction is known: what refers to it by its INS alone loses it.
    await ask(world, 'plain', 'POST', '/ServiceRequest', request({ identifier: NIR, display: 'X' }))
    expect(await fhir.next()).not.toContain(NIR.value)
    const qual = await ask(world, 'plain', 'POST', '', bundle('QUAL'))
    expect((await fhir.next()).split(NIR.value).length - 1).toBe(3)
    expect((await stored(qual)).split(NIR.value).length - 1).toBe(2)
  })

  test('a condition that asks for an INS which nobody proved does not go on', async () => {
    const world = await opened()
    const asked = { 'if-none-exist': `identifier=${NIR.system}|${NIR.value}` }
    expect((await ask(world, 'plain', 'POST', '/Patient', person('PROV'), asked)).status).toBe(201)
    expect((await fhir.next()).split('\n')[0]).not.toContain(NIR.value)
    expect((await ask(world, 'plain', 'POST', '/Patient', person('QUAL'), asked)).status).toBe(201)
    expect((await fhir.next()).split('\n')[0]).toBe(asked['if-none-exist'])
    expect((await ask(world, 'plain', 'POST', '/Patient', person('QUAL'), asked)).status).toBe(200)
  })

  test('two INS of one authority are refused for everybody', async () => {
    const world = await opened()
    const two = await ask(
      world,
      'plain',
      'POST',
      '/Patient',
      person('QUAL', [NIR, { ...NIR, value: '260058815400233' }]),
    )
    expect([two.status, issuesOf(two)]).toEqual([422, ['error business-rule Patient.identifier']])
  })
})
