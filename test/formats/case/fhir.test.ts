import { describe, expect, test } from 'vitest'
import { readFhirCase } from '../../../src/formats/case/fhir.ts'
import { neededLinks } from '../../../src/formats/case/fhir-links.ts'
import type { JsonObject } from '../../../src/formats/fhir/json.ts'
import { example, FACTS, json } from './facts.ts'

const shipped = (name: string): JsonObject => json(example(`../fhir/examples/${name}`))
const onset = {
  onset: {
    atMs: Date.parse('2026-11-23T09:05:00+01:00'),
    precision: 'minute',
    source: 'record',
    toldAtMs: FACTS.receivedAtMs,
  },
}
const observation = (code: string, more: object): JsonObject => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code }] },
  ...(more as JsonObject),
})
const request = (more: object): JsonObject => ({
  resourceType: 'ServiceRequest',
  status: 'active',
  intent: 'order',
  subject: { identifier: { system: 'urn:oid:1.2.3', value: '77' }, type: 'Patient' },
  ...(more as JsonObject),
})

describe('requests by FHIR', () => {
  test('the example, alone with its patient inside', () => {
    const { request: read } = readFhirCase(json(example('stroke-request.fhir.json')), FACTS)
    expect(read).toMatchObject({
      via: 'fhir',
      asker: { name: 'Dr Claire MARTIN (FICTIF)', rpps: null, role: 'requester' },
      patient: {
        identifiers: [
          { authority: '1.2.250.1.213.1.4.10', value: '254035313000022', type: 'INS' },
          { authority: '539990028', value: '300101', type: null },
        ],
        family: 'LEROUX (FICTIF)',
        given: 'SUZANNE',
        birthDate: '1954-03-12',
        sex: 'female',
        status: 'qualified',
      },
      placer: { authority: '539990028', value: 'AVC-0001-FHIR' },
      reason: "Déficit brutal de l'hémicorps droit, aphasie ; vu bien à 09:05",
      coded: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: 'I63.9' }],
    })
    expect(read?.keys).toEqual([
      'INS:<1.2.250.1.213.1.4.10|254035313000022>',
      'ch-haut-anjou:<539990028|300101>',
      'ch-haut-anjou:<order|539990028|AVC-0001-FHIR>',
    ])
  })

  test.each([
    ['a name alone', { display: 'INCONNU (FICTIF)' }, 'INCONNU (FICTIF)'],
    [
      'a name beside an INS that nothing qualifies',
      { display: 'INCONNU (FICTIF)', identifier: { system: 'urn:oid:1.2.250.1.213.1.4.10', value: '254035313000022' } },
      'INCONNU (FICTIF)',
    ],
  ])('a patient of whom is told %s is asked for, as provisional', (_what, subject, family) => {
    const { request: read } = readFhirCase(request({ subject }), FACTS)
    expect(read?.patient).toMatchObject({ family, status: 'provisional' })
  })

  const patient = (more: object): JsonObject => ({
    resourceType: 'Patient',
    id: 'p1',
    identifier: [{ system: 'urn:oid:1.2.3', value: '77' }],
    name: [{ family: 'LEROUX', given: ['SUZANNE'] }],
    birthDate: '1954-03-12',
    gender: 'female',
    ...(more as JsonObject),
  })
  const status = (code: string) => ({
    extension: [
      {
        url: 'https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability',
        extension: [
          {
            url: 'identityStatus',
            valueCoding: { system: 'https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-identity-status', code },
          },
        ],
      },
    ],
  })
  const ins = { system: 'urn:oid:1.2.250.1.213.1.4.10', value: '254035313000022' }
  const traits = { family: 'LEROUX', given: 'SUZANNE', birthDate: '1954-03-12', sex: 'female' }
  const of = ['ch-haut-anjou:<1.2.3|77>', 'ch-haut-anjou:<Patient|p1>']

  test.each([
    ['names and numbers', {}, { of, traits, withoutIns: false, status: null, comes: [{ value: '77' }] }],
    ['no name', { name: [] }, { of, traits: null }],
    ['its id alone', { identifier: [] }, { of: of.slice(1), comes: [], keysCome: [] }],
    [
      'a qualified INS',
      { ...status('QUAL'), identifier: [ins] },
      { of: of.slice(1), status: 'qualified', withoutIns: true, comes: [{ value: ins.value, type: 'INS' }] },
    ],
    ['an INS that does not hold', { ...status('PROV'), identifier: [ins] }, { status: 'provisional', comes: [] }],
  ])('a patient resource tells %s', (_name, more, change) => {
    const { request: asked, acts } = readFhirCase(patient(more), FACTS)
    expect([asked, acts]).toMatchObject([null, [{ what: 'identity', change: { site: 'ch-haut-anjou', ...change } }]])
  })

  test.each([
    ['one that is no longer in use', patient({ active: false })],
    ['one that nobody can know', { resourceType: 'Patient', name: [{ family: 'LEROUX' }] } as JsonObject],
  ])('%s tells nothing', (_name, told) => {
    expect(readFhirCase(told, FACTS)).toMatchObject({ acts: [], keys: [] })
  })

  test('a patient who was merged into another: what bears either number is of the one who goes on', () => {
    const told = patient({ active: false, link: [{ other: { reference: 'Patient/p2' }, type: 'replaced-by' }] })
    const goes = { ...patient({ identifier: [{ system: 'urn:oid:1.2.3', value: '78' }] }), id: 'p2' }
    expect(neededLinks({ root: told, kept: new Map() })).toEqual(['Patient/p2'])
    const read = readFhirCase(told, { ...FACTS, kept: new Map([['Patient/p2', goes]]) })
    const after = ['ch-haut-anjou:<1.2.3|78>', 'ch-haut-anjou:<Patient|p2>']
    const change = { of: [...of, ...after], comes: [{ value: '78' }], keysCome: after, traits, withoutIns: false }
    expect(read.acts).toMatchObject([{ what: 'identity', change }])
    expect(read.patient).toBeUndefined()
    expect(read.keys).toEqual([...of, ...after])
    const both = [told, { ...goes, id: undefined }].map((resource, i) => ({ fullUrl: `urn:uuid:${i}`, resource }))
    const bundle = { resourceType: 'Bundle', type: 'transaction', entry: both } as unknown as JsonObject
    const link = [{ other: { reference: 'urn:uuid:1' }, type: 'replaced-by' }]
    Object.assign(told, { link })
    const inBundle = { of: [...of, after[0]!], keysCome: after.slice(0, 1), traits }
    expect(readFhirCase(bundle, FACTS).acts).toMatchObject([{ what: 'identity', change: inBundle }])
    Object.assign(told, { link: [{ other: { reference: 'Patient/p2' }, type: 'replaced-by' }] })
    // Kept nowhere, it is known by its id alone.
    expect(readFhirCase(told, FACTS).acts).toMatchObject([
      { change: { comes: [], keysCome: after.slice(1), traits: null } },
    ])
  })

  test.each(['stroke-transaction.json', 'stroke-message.json'])('%s: all that travels along', (name) => {
    const { request: read, acts } = readFhirCase(shipped(name), FACTS)
    expect(read).toMatchObject({
      patient: { family: 'LEROUX (FICTIF)', status: 'qualified' },
      asker: { name: 'Dr Claire MARTIN (FICTIF)', rpps: expect.stringMatching(/^\d{11}$/) },
      studies: [{ uid: expect.stringMatching(/^[\d.]+$/), modality: 'CT' }],
    })
    expect(acts).toMatchObject([{ what: 'score', nihss: { total: 12, differs: false } }])
  })

  test.each<[name: string, resource: JsonObject, expected: object]>([
    [
      'a time in an observation that is contained',
      request({ contained: [observation('11368-8', { valueDateTime: '2026-11-23T09:05:00+01:00' })] }),
      { times: onset },
    ],
    [
      'a time without offset',
      request({ contained: [observation('11368-8', { valueDateTime: '2026-11-23T09:05:00' })] }),
      { times: onset },
    ],
    [
      'the onset of a condition, when no observation tells it',
      request({ contained: [{ resourceType: 'Condition', onsetDateTime: '2026-11-23T09:05:00+01:00' }] }),
      { times: onset },
    ],
    ['a note is a reason', request({ note: [{ text: 'aphasie' }] }), { reason: 'aphasie' }],
    [
      'who asks in a role, with a number',
      request({
        requester: { reference: '#role' },
        contained: [
          {
            resourceType: 'PractitionerRole',
            id: 'role',
            practitioner: { reference: '#p' },
            telecom: [{ system: 'phone', value: '0241' }],
          },
          {
            resourceType: 'Practitioner',
            id: 'p',
            identifier: [{ system: 'https://rpps.esante.gouv.fr', value: '99900000011' }],
            name: [{ family: 'MARTIN', given: ['Claire'] }],
          },
        ],
      }),
      { asker: { name: 'MARTIN Claire', rpps: '99900000011' }, callBack: '0241' },
    ],
    [
      'consent, and that it was refused',
      request({
        contained: [
          {
            resourceType: 'Consent',
            status: 'active',
            dateTime: '2026-11-23T09:05:00+01:00',
            performer: [{ display: 'Fille' }],
            provision: { type: 'deny' },
          },
        ],
      }),
      { consent: { given: false, by: 'Fille' } },
    ],
    [
      'a drill is marked',
      request({ meta: { tag: [{ system: 'https://passerelle.example/fhir/CodeSystem/case-mark', code: 'drill' }] } }),
      { drill: true },
    ],
    [
      'the number of the order is the one of type PLAC',
      request({
        identifier: [
          { type: { coding: [{ code: 'ACSN' }] }, value: 'ACC' },
          { type: { coding: [{ code: 'PLAC' }] }, system: 'urn:oid:1.2', value: 'P1' },
        ],
      }),
      { placer: { authority: '1.2', value: 'P1' } },
    ],
  ])('%s', (_, resource, expected) => {
    expect(readFhirCase(resource, FACTS).request).toMatchObject(expected)
  })

  test('ids inside a message join nothing: every sender calls its patient so', () => {
    const inside = request({
      subject: { reference: '#patient' },
      contained: [{ resourceType: 'Patient', id: 'patient', name: [{ family: 'X' }] }],
    })
    expect(readFhirCase(inside, FACTS).request?.keys).toEqual([])
  })

  test('what the gateway keeps is asked for, until nothing more leads on', () => {
    const alone = request({
      subject: { reference: 'Patient/p1' },
      supportingInfo: [{ reference: 'Observation/o1' }],
      requester: { reference: 'PractitionerRole/r1' },
    })
    const kept = new Map<string, JsonObject>()
    expect(neededLinks({ root: alone, kept })).toEqual(['Patient/p1', 'PractitionerRole/r1', 'Observation/o1'])
    kept.set('Patient/p1', { resourceType: 'Patient', id: 'p1', name: [{ family: 'LEROUX' }] })
    kept.set('PractitionerRole/r1', {
      resourceType: 'PractitionerRole',
      practitioner: { reference: 'Practitioner/d1' },
    })
    kept.set('Observation/o1', observation('72089-6', { valueInteger: 9 }))
    expect(neededLinks({ root: alone, kept })).toEqual(['Practitioner/d1'])
    kept.set('Practitioner/d1', { resourceType: 'Practitioner', name: [{ family: 'MARTIN' }] })
    expect(neededLinks({ root: alone, kept })).toEqual([])
    const { request: read, acts } = readFhirCase(alone, { ...FACTS, kept })
    expect(read).toMatchObject({ patient: { family: 'LEROUX' }, asker: { name: 'MARTIN' } })
    expect(read?.keys).toEqual(['ch-haut-anjou:<Patient|p1>'])
    expect(acts).toMatchObject([{ what: 'score', nihss: { total: 9 } }])
  })

  test('a request that is revoked is taken back', () => {
    const revoked = request({
      status: 'revoked',
      identifier: [{ system: 'urn:oid:1.2', value: 'P1' }],
      note: [{ text: 'Erreur' }],
    })
    const { request: read, cancels, cancelReason } = readFhirCase(revoked, FACTS)
    expect([read, cancels, cancelReason]).toEqual([null, { authority: '1.2', value: 'P1' }, 'Erreur'])
  })
})

describe('what belongs to a request', () => {
  const basedOn = [{ reference: 'ServiceRequest/s1' }]
  test.each<[name: string, resource: JsonObject, acts: object[]]>([
    [
      'a Communication is advice',
      {
        resourceType: 'Communication',
        status: 'completed',
        basedOn,
        payload: [{ contentString: 'Thrombolyse décrite.' }],
      },
      [{ what: 'advise', text: 'Thrombolyse décrite.', coded: [] }],
    ],
    [
      'a DiagnosticReport is advice',
      {
        resourceType: 'DiagnosticReport',
        status: 'final',
        basedOn,
        conclusion: 'Pas d’occlusion',
        conclusionCode: [{ coding: [{ system: 's', code: 'c' }] }],
      },
      [{ what: 'advise', text: 'Pas d’occlusion', coded: [{ system: 's', code: 'c', display: '' }] }],
    ],
    ['an Observation is a score', observation('72089-6', { basedOn, valueInteger: 7 }), [{ what: 'score' }]],
    [
      'an Observation is biology',
      observation('6301-6', { basedOn, valueQuantity: { value: 1.1 } }),
      [{ what: 'biology', codes: ['6301-6'], text: '6301-6 1.1' }],
    ],
    [
      'an ImagingStudy is a study',
      {
        resourceType: 'ImagingStudy',
        status: 'available',
        basedOn,
        identifier: [{ system: 'urn:dicom:uid', value: 'urn:oid:1.2.3' }],
        numberOfInstances: 200,
      },
      [{ what: 'study', study: { uid: '1.2.3', accession: null, expected: 200, modality: null } }],
    ],
  ])('%s', (_, resource, acts) => {
    const { answers } = readFhirCase(resource, FACTS)
    expect(answers).toMatchObject([{ about: 'ServiceRequest/s1', placer: null, acts }])
  })

  test('it may name the request by its number, or its Task', () => {
    const by = (reference: JsonObject) =>
      readFhirCase(
        { resourceType: 'Communication', status: 'completed', about: [reference], payload: [{ contentString: 'x' }] },
        FACTS,
      ).answers
    expect(by({ identifier: { system: 'urn:oid:1.2', value: 'P1' }, type: 'ServiceRequest' })).toMatchObject([
      { about: null, placer: { authority: '1.2', value: 'P1' } },
    ])
    expect(by({ reference: 'https://gw.example/fhir/Task/t1' })).toMatchObject([{ about: 'Task/t1' }])
    expect(by({ reference: 'Patient/p1' })).toEqual([])
  })

  test('what was entered in error does nothing', () => {
    expect(
      readFhirCase(
        { resourceType: 'Communication', status: 'entered-in-error', basedOn, payload: [{ contentString: 'x' }] },
        FACTS,
      ).answers,
    ).toEqual([])
  })
})
