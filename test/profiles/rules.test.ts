import { beforeAll, describe, expect, test } from 'vitest'
import { shippedProfiles } from '../../src/app/config/index.ts'
import { OUR_PROFILES } from '../../src/app/definitions/choices.ts'
import { readyDefinitions } from '../../src/app/fhir-definitions.ts'
import type { JsonObject } from '../../src/formats/fhir/json-value.ts'
import { type FhirDefinitions, validateResource } from '../../src/formats/fhir/validate/validate.ts'
import { committed, read } from './committed.ts'

const examples = committed('examples')
let definitions: FhirDefinitions
beforeAll(async () => {
  definitions = await readyDefinitions(shippedProfiles())
})

// biome-ignore lint/suspicious/noExplicitAny: a resource that is changed anywhere
type Loose = any
const example = (name: string): Loose => JSON.parse(examples.get(`${name}.json`) ?? 'null')
const issues = (resource: JsonObject) =>
  validateResource(resource, definitions).map(
    ({ severity, rule, code, expression }) => `${severity} ${rule ?? code} ${expression}`,
  )

test.each([...examples.keys()])('%s conforms, without a warning', (name) => {
  expect(issues(example(name.replace('.json', '')))).toEqual([])
})

const status = (patient: Loose, code: string, system?: string) => {
  const coding = patient.extension[0].extension[0].valueCoding
  Object.assign(coding, { code }, system === undefined ? {} : { system })
}
const OLD = 'https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0445'
const COMMENT = 'https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-identity-status-comment'
const comment = (patient: Loose, ...codes: string[]) => {
  for (const code of codes) {
    const part = { url: 'comment', valueCodeableConcept: { coding: [{ system: COMMENT, code }] } }
    patient.extension[0].extension.push(part)
  }
}
const IDENTIFIERS = 'Patient.identifier'

/** One change to an example, and all that is then said of it. */
type Case = [rule: string, name: string, change: (resource: Loose) => void, said: string[]]
const cases: Case[] = [
  [
    'pas-identity-1',
    'patient',
    (p) => {
      status(p, 'VALI')
      comment(p, 'DOUT')
    },
    ['error pas-identity-1 Patient.extension[0]'],
  ],
  ['pas-identity-2', 'patient', (p) => comment(p, 'DOUT', 'FICT'), ['error pas-identity-2 Patient.extension[0]']],
  [
    'pas-insee-1',
    'qualified-patient',
    (p) => (p.extension[1].valueAddress.extension[0].valueCoding.code = '2C004'),
    ['warning pas-insee-1 Patient.extension[1].valueAddress.extension[0].valueCoding'],
  ],
  ['pas-ins-1', 'qualified-patient', (p) => status(p, 'PROV'), ['error pas-ins-1 Patient']],
  ['pas-ins-1', 'qualified-patient', (p) => status(p, 'VALI'), ['error pas-ins-1 Patient']],
  [
    'pas-ins-2',
    'patient',
    (p) => p.identifier.push({ system: 'urn:oid:1.2.250.1.213.1.4.10', value: '254035313000022' }),
    ['error pas-ins-2 Patient'],
  ],
  [
    'pas-ins-3',
    'qualified-patient',
    (p) => p.identifier.push(structuredClone(p.identifier[0])),
    ['error pas-ins-3 Patient'],
  ],
  ['pas-ins-3', 'qualified-patient', (p) => p.identifier.shift(), ['error pas-ins-3 Patient']],
  [
    'pas-ins-4',
    'qualified-patient',
    (p) => (p.identifier[0].value = '2540353130000'),
    [`error pas-ins-4 ${IDENTIFIERS}[0].value`],
  ],
  [
    'pas-ins-5',
    'qualified-patient',
    (p) => (p.extension[1].valueAddress.extension[0].valueCoding.code = '99999'),
    ['warning pas-ins-5 Patient'],
  ],
  [
    'pas-structure-1',
    'organization',
    (o) => (o.identifier[0].system = 'http://finess.sante.gouv.fr'),
    ['warning pas-structure-1 Organization'],
  ],
  [
    'pas-finess-1',
    'organization',
    (o) => (o.identifier[0].value = '53999002'),
    ['warning pas-finess-1 Organization.identifier[0].value'],
  ],
  [
    'pas-idnst-1',
    'organization',
    (o) => (o.identifier[1].value = '9539990028'),
    ['warning pas-idnst-1 Organization.identifier[1].value'],
  ],
  [
    'pas-siren-1',
    'organization',
    (o) => typed(o.identifier[0], 'SIREN', 'https://sirene.fr', '12'),
    ['warning pas-siren-1 Organization.identifier[0].value'],
  ],
  [
    'pas-siret-1',
    'organization',
    (o) => typed(o.identifier[0], 'SIRET', 'https://sirene.fr', '12'),
    ['warning pas-siret-1 Organization.identifier[0].value'],
  ],
  [
    'pas-rpps-1',
    'practitioner',
    (p) => (p.identifier[0].value = '1099999999'),
    ['warning pas-rpps-1 Practitioner.identifier[0].value'],
  ],
  [
    'pas-idnps-1',
    'practitioner',
    (p) => (p.identifier[1].value = '81099999999'),
    ['warning pas-idnps-1 Practitioner.identifier[1].value'],
  ],
  [
    'pas-professional-1',
    'practitioner',
    (p) => typed(p.identifier[0], 'ADELI', 'urn:oid:1.2.250.1.71.4.2.1', '539999999'),
    ['warning pas-professional-1 Practitioner'],
  ],
  [
    'pas-role-1',
    'practitioner-role',
    (r) => {
      delete r.practitioner
      delete r.organization
    },
    ['error pas-role-1 PractitionerRole'],
  ],
  ['pas-remote-1', 'remote-session', (e) => delete e.serviceProvider, ['warning pas-remote-1 Encounter']],
  ['pas-slot-1', 'slot', (s) => (s.end = s.start), ['error pas-slot-1 Slot']],
  ['pas-stroke-1', 'stroke-request', (r) => (r.priority = 'urgent'), ['warning pas-stroke-1 ServiceRequest']],
  [
    'pas-teleconsultation-1',
    'teleconsultation-request',
    (r) => delete r.category,
    ['warning pas-teleconsultation-1 ServiceRequest'],
  ],
  ['pas-expertise-1', 'tele-expertise-request', (r) => delete r.note, ['error pas-expertise-1 ServiceRequest']],
  ['pas-task-1', 'task', (t) => (t.status = 'rejected'), ['warning pas-task-1 Task']],
  [
    'pas-endpoint-1',
    'images-endpoint',
    (e) => (e.address = 'http://pacs.example.test'),
    ['warning pas-endpoint-1 Endpoint'],
  ],
  [
    'pas-study-1',
    'imaging-study',
    (s) => (s.identifier[0].value = 'urn:oid:2.999.012'),
    ['error pas-study-1 ImagingStudy.identifier[0]'],
  ],
  [
    'pas-study-2',
    'imaging-study',
    (s) => (s.series[0].uid = '1.2.3.abc'),
    ['error pas-study-2 ImagingStudy.series[0].uid'],
  ],
  [
    'pas-study-3',
    'imaging-study',
    (s) => {
      delete s.endpoint
      delete s.contained
    },
    ['warning pas-study-3 ImagingStudy'],
  ],
  ['pas-nihss-1', 'nihss', (o) => (o.component[0].valueInteger = 3), ['error pas-nihss-1 Observation.valueInteger']],
  [
    'pas-nihss-1',
    'stroke-transaction',
    (b) => (b.entry[3].resource.component[0].valueInteger = 3),
    ['error pas-nihss-1 Bundle.entry[3].resource.valueInteger'],
  ],
  ['pas-nihss-2', 'nihss', (o) => o.component.shift(), ['warning pas-nihss-2 Observation.valueInteger']],
  ['pas-nihss-3', 'nihss', (o) => (o.code.coding[0].code = '70182-1'), ['warning pas-nihss-3 Observation']],
  ['pas-nihss-4', 'observation', (o) => total(o, 43), ['error pas-nihss-4 Observation.valueInteger']],
  [
    'pas-report-1',
    'diagnostic-report',
    (r) => {
      delete r.conclusion
      delete r.conclusionCode
    },
    ['error pas-report-1 DiagnosticReport'],
  ],
  ['pas-report-2', 'diagnostic-report', (r) => delete r.issued, ['warning pas-report-2 DiagnosticReport']],
  [
    'pas-document-1',
    'document-reference',
    (d) => delete d.content[0].attachment.data,
    ['error pas-document-1 DocumentReference.content[0].attachment'],
  ],
  [
    'pas-exchange-1',
    'teleconsultation-transaction',
    (b) => b.entry.push({ resource: example('location'), request: { method: 'POST', url: 'Location' } }),
    ['warning pas-exchange-1 Bundle'],
  ],
]

function typed(identifier: Loose, code: string, system: string, value: string): void {
  Object.assign(identifier, { system, value })
  identifier.type.coding[0].code = code
}

function total(observation: Loose, value: number): void {
  delete observation.valueQuantity
  observation.code = { coding: [{ system: 'http://loinc.org', code: '72089-6' }] }
  observation.valueInteger = value
}

describe('one change breaks one rule', () => {
  test.each(cases)('%s: %s', (_rule, name, change, said) => {
    const resource = example(name)
    change(resource)
    expect(issues(resource)).toEqual(said)
  })

  test('each rule of ours is among them', () => {
    const rules = [...read('compiled', 'profiles.json'), ...read('compiled', 'extensions.json')]
      .flatMap(({ snapshot }) => snapshot.element)
      .flatMap(({ constraint }) => (constraint as { key: string }[] | undefined) ?? [])
      .map(({ key }) => key)
      .filter((key) => key.startsWith('pas-'))
    expect([...new Set(cases.map(([rule]) => rule))].sort()).toEqual([...new Set(rules)].sort())
  })
})

/** What is no rule of ours but of cardinality, slices, fixed values and bindings. */
const shapes: [string, string, (resource: Loose) => void, string[]][] = [
  [
    'an Encounter without period or system',
    'remote-session',
    (e) => {
      delete e.period
      delete e.identifier[0].system
    },
    ['error required Encounter.identifier[0].system', 'error required Encounter.period'],
  ],
  [
    'a qualified patient without birth date',
    'qualified-patient',
    (p) => delete p.birthDate,
    ['error required Patient.birthDate'],
  ],
  [
    'one of gender other',
    'qualified-patient',
    (p) => (p.gender = 'other'),
    [`error ${OUR_PROFILES.replace('StructureDefinition', 'ValueSet')}qualified-gender Patient.gender`],
  ],
  [
    'one with two first given names',
    'qualified-patient',
    (p) => p.name[0].given.push('MARIE'),
    ['error structure Patient.name[0].given'],
  ],
  [
    'one without the list of given names',
    'qualified-patient',
    (p) => delete p.name[0].extension,
    ['error required Patient.name[0].extension'],
  ],
  [
    'one without the commune of birth',
    'qualified-patient',
    (p) => delete p.extension[1].valueAddress.extension,
    ['error required Patient.extension[1].valueAddress.extension'],
  ],
  [
    'a test INS under the real OID',
    'qualified-patient',
    (p) => (p.identifier[0].system = 'urn:oid:1.2.250.1.213.1.4.8'),
    ['error pattern Patient.identifier[0].system'],
  ],
  ['an older VALI, which means qualified', 'qualified-patient', (p) => status(p, 'VALI', OLD), []],
  [
    'a speciality that the region has not',
    'teleconsultation-request',
    (r) => (r.code.coding[0].code = 'dentaire'),
    [`error ${OUR_PROFILES.replace('StructureDefinition', 'ValueSet')}teleconsultation-speciality ServiceRequest.code`],
  ],
  [
    'an item above its maximum',
    'nihss',
    (o) => {
      o.component[1].valueInteger = 3
      o.valueInteger = 14
    },
    ['error maxValue Observation.component[1].valueInteger'],
  ],
  [
    'a total of 43',
    'nihss',
    (o) => {
      o.valueInteger = 43
      delete o.component
    },
    ['error maxValue Observation.valueInteger', 'error pas-nihss-4 Observation.valueInteger'],
  ],
  [
    'an item that cannot be tested',
    'nihss',
    (o) => untested(o.component[11]),
    ['warning pas-nihss-2 Observation.valueInteger'],
  ],
  [
    'a stroke transaction without its request',
    'stroke-transaction',
    (b) => b.entry.splice(2, 1),
    ['error request Bundle.entry'],
  ],
]

function untested(item: Loose): void {
  delete item.valueInteger
  item.dataAbsentReason = {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'unknown' }],
  }
}

test.each(shapes)('%s', (_name, name, change, said) => {
  const resource = example(name)
  change(resource)
  expect(issues(resource).sort()).toEqual([...said].sort())
})
