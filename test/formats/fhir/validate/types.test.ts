import { expect, test } from 'vitest'
import { validateResource } from '../../../../src/formats/fhir/validate/validate.ts'
import { definitions, read } from './define.ts'

const r4 = definitions()
const found = (resource: unknown): string[] =>
  validateResource(read(resource), r4)
    .filter(({ severity }) => severity === 'error')
    .map(({ code, expression, rule }) => `${code} ${expression}${rule === null ? '' : ` ${rule}`}`)

const patient = (more: object) => ({ resourceType: 'Patient', ...more })
const observation = (more: object) => ({ resourceType: 'Observation', status: 'final', code: { text: 'x' }, ...more })

/** What it shows, the resource, every error. */
const TABLE: readonly (readonly [string, unknown, readonly string[]])[] = [
  ['nothing is wrong', patient({ name: [{ family: 'ESSAI (FICTIF)', given: ['Zoé'] }], birthDate: '1970-01-01' }), []],
  ['a required element', { resourceType: 'Observation', status: 'final' }, ['required Observation.code']],
  [
    'two required elements',
    { resourceType: 'Observation' },
    ['required Observation.status', 'required Observation.code'],
  ],
  ['a required element inside', patient({ link: [{ type: 'seealso' }] }), ['required Patient.link[0].other']],
  ['an unknown element', patient({ colour: 'blue' }), ['structure Patient.colour']],
  ['an unknown element inside', patient({ name: [{ familly: 'x' }] }), ['structure Patient.name[0].familly']],
  ['an unknown name that could be anything is not shown', patient({ 'Zoé MARTIN': 'x' }), ['structure Patient.?']],
  ['no list where one is due', patient({ name: { family: 'x' } }), ['structure Patient.name']],
  ['a list where none is due', patient({ birthDate: ['1970-01-01'] }), ['structure Patient.birthDate']],
  ['no object where one is due', patient({ name: ['x'] }), ['structure Patient.name[0]']],
  ['an object where a primitive is due', patient({ birthDate: {} }), ['structure Patient.birthDate date']],
  ['a number where a text is due', patient({ language: 1 }), ['structure Patient.language code']],
  ['a text where a boolean is due', patient({ active: 'true' }), ['structure Patient.active boolean']],
  ['a text where a number is due', observation({ valueInteger: '1' }), ['structure Observation.valueInteger integer']],
  ['a day that is not', patient({ birthDate: '2023-02-29' }), ['value Patient.birthDate date']],
  ['a leap day', patient({ birthDate: '2024-02-29' }), []],
  ['part of a date', patient({ birthDate: '1970-05' }), []],
  [
    'a time without a zone',
    observation({ effectiveDateTime: '2026-01-01T10:00:00' }),
    ['value Observation.effectiveDateTime dateTime'],
  ],
  ['a time with a zone', observation({ effectiveDateTime: '2026-01-01T10:00:00+01:00' }), []],
  ['an instant without seconds', observation({ issued: '2026-01-01T10:00Z' }), ['value Observation.issued instant']],
  ['a code with spaces around', patient({ gender: ' male' }), ['value Patient.gender code']],
  ['a fraction for a whole', observation({ valueInteger: 1.5 }), ['value Observation.valueInteger integer']],
  ['a whole beyond 32 bits', observation({ valueInteger: 2147483648 }), ['value Observation.valueInteger integer']],
  ['a negative count', patient({ telecom: [{ rank: -1 }] }), ['value Patient.telecom[0].rank positiveInt']],
  [
    'a decimal with its text',
    '{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.50}}',
    [],
  ],
  [
    'a whole written with an exponent',
    '{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueInteger":1e2}',
    ['value Observation.valueInteger integer'],
  ],
  [
    'base64 with a letter too few',
    patient({ photo: [{ contentType: 'image/png', data: 'abc' }] }),
    ['value Patient.photo[0].data base64Binary'],
  ],
  ['a uri with a space', patient({ identifier: [{ system: 'a b' }] }), ['value Patient.identifier[0].system uri']],
  [
    'an id too long',
    patient({
      contained: [{ resourceType: 'Group', id: 'x'.repeat(65), type: 'person', actual: true }],
      generalPractitioner: [{ reference: `#${'x'.repeat(65)}` }],
    }),
    ['value Patient.contained[0].id id', 'value Patient.generalPractitioner[0] target'],
  ],
  [
    'two of a choice',
    patient({ deceasedBoolean: true, deceasedDateTime: '2020' }),
    ['structure Patient.deceasedDateTime'],
  ],
  ['a type that the choice has not', patient({ deceasedString: 'x' }), ['structure Patient.deceasedString']],
  ['an object with nothing in it', patient({ maritalStatus: { id: 'a' } }), ['invariant Patient.maritalStatus ele-1']],
  [
    'an extension instead of a value',
    patient({ _birthDate: { extension: [{ url: 'http://x.test/a', valueCode: 'unknown' }] } }),
    [],
  ],
  ['an id of a primitive beside nothing', patient({ _birthDate: { id: 'a' } }), ['invariant Patient.birthDate ele-1']],
  [
    'extensions beside the elements of a list',
    patient({
      name: [{ given: ['a', null], _given: [null, { extension: [{ url: 'http://x.test/a', valueCode: 'masked' }] }] }],
    }),
    [],
  ],
  [
    'an unknown member beside a primitive',
    patient({ birthDate: '1970', _birthDate: { value: '1970' } }),
    ['structure Patient.birthDate.value'],
  ],
  ['a shadow of what is no primitive', patient({ _name: [{ id: 'a' }] }), ['structure Patient.name']],
  [
    'an extension with value and extensions',
    patient({ extension: [{ url: 'http://x.test/a', valueCode: 'a', extension: [{ url: 'b', valueCode: 'c' }] }] }),
    ['invariant Patient.extension[0] ext-1'],
  ],
  ['an extension without url', patient({ extension: [{ valueCode: 'a' }] }), ['required Patient.extension[0].url']],
  [
    'an extension whose url is relative',
    patient({ extension: [{ url: 'a', valueCode: 'a' }] }),
    ['value Patient.extension[0].url'],
  ],
  [
    'an unknown modifier extension',
    patient({ modifierExtension: [{ url: 'http://x.test/a', valueCode: 'a' }] }),
    ['extension Patient.modifierExtension[0]'],
  ],
  [
    'a known extension with another type',
    patient({ extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace', valueString: 'x' }] }),
    ['required Patient.extension[0].value', 'structure Patient.extension[0].valueString'],
  ],
  [
    'elements of a referenced element',
    observation({ component: [{ code: { text: 'a' }, referenceRange: [{ age: { low: { value: 'x' } } }] }] }),
    [
      'structure Observation.component[0].referenceRange[0].age.low.value decimal',
      'invariant Observation.component[0].referenceRange[0] obs-3',
    ],
  ],
  [
    'a code outside a required binding',
    patient({ gender: 'M' }),
    ['code-invalid Patient.gender http://hl7.org/fhir/ValueSet/administrative-gender'],
  ],
  [
    'a coding outside a required binding',
    {
      resourceType: 'Condition',
      subject: { reference: 'Patient/1' },
      clinicalStatus: { coding: [{ system: 'http://x.test', code: 'active' }] },
    },
    ['code-invalid Condition.clinicalStatus http://hl7.org/fhir/ValueSet/condition-clinical'],
  ],
  [
    'a media type by its grammar',
    patient({ photo: [{ contentType: 'nonsense', data: 'abcd' }] }),
    ['code-invalid Patient.photo[0].contentType http://hl7.org/fhir/ValueSet/mimetypes'],
  ],
  [
    'a period backwards',
    patient({ name: [{ family: 'x', period: { start: '2021-05', end: '2021-04-30' } }] }),
    ['invariant Patient.name[0].period per-1'],
  ],
  [
    'a period in other zones, forwards',
    patient({ name: [{ family: 'x', period: { start: '2021-05-01T01:00:00+02:00', end: '2021-04-30T23:30:00Z' } }] }),
    [],
  ],
  [
    'a rule of R4 in FHIRPath',
    { resourceType: 'Condition', subject: { reference: 'Patient/1' }, abatementDateTime: '2020' },
    ['invariant Condition con-4'],
  ],
  ['a rule inside', patient({ contact: [{ relationship: [{ text: 'x' }] }] }), ['invariant Patient.contact[0] pat-1']],
  [
    'a reference to another type',
    patient({ managingOrganization: { reference: 'Patient/1' } }),
    ['value Patient.managingOrganization target'],
  ],
  [
    'a logical reference to another type',
    patient({ managingOrganization: { type: 'Device', display: 'x' } }),
    ['value Patient.managingOrganization target'],
  ],
  [
    'a reference to something contained that is not',
    patient({ managingOrganization: { reference: '#o' } }),
    ['not-found Patient.managingOrganization ref-1'],
  ],
  [
    'something contained that nothing refers to',
    patient({ contained: [{ resourceType: 'Organization', id: 'o', name: 'x' }] }),
    ['invariant Patient.contained[0] dom-3'],
  ],
  [
    'contained inside contained',
    patient({
      managingOrganization: { reference: '#o' },
      contained: [
        {
          resourceType: 'Organization',
          id: 'o',
          name: 'x',
          contained: [{ resourceType: 'Organization', id: 'p', name: 'y' }],
        },
      ],
    }),
    ['invariant Patient.contained[0].contained dom-2'],
  ],
  [
    'contained with a version and a label',
    patient({
      managingOrganization: { reference: '#o' },
      contained: [
        { resourceType: 'Organization', id: 'o', name: 'x', meta: { versionId: '1', security: [{ code: 'R' }] } },
      ],
    }),
    ['invariant Patient.contained[0] dom-4', 'invariant Patient.contained[0] dom-5'],
  ],
  [
    'what is contained is judged',
    patient({ managingOrganization: { reference: '#o' }, contained: [{ resourceType: 'Organization', id: 'o' }] }),
    ['invariant Patient.contained[0] org-1'],
  ],
  [
    'a narrative with a script',
    patient({
      text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">a<script>x</script></div>' },
    }),
    ['invariant Patient.text.div txt-1', 'invariant Patient.text.div txt-2'],
  ],
  [
    'an empty narrative',
    patient({ text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml"> </div>' } }),
    ['invariant Patient.text.div txt-1', 'invariant Patient.text.div txt-2'],
  ],
  ['a type that is none', { resourceType: 'Pacient' }, ['structure Pacient.resourceType']],
]

test.each(TABLE)('%s', (_name, resource, expected) => {
  expect(found(resource).toSorted()).toEqual(expected.toSorted())
})

const entry = (resource: object, fullUrl?: string) => ({ ...(fullUrl === undefined ? {} : { fullUrl }), resource })
const bundle = (...entries: object[]) => ({ resourceType: 'Bundle', type: 'collection', entry: entries })
const subject = (reference: string) => observation({ subject: { reference } })
const URN = 'urn:uuid:7d3f0a2e-0b51-4c51-9d7f-3f2b9c1a4e10'

/** References inside a Bundle: the entries, every error and warning. */
const BUNDLES: readonly (readonly [string, unknown, readonly string[]])[] = [
  ['by urn:uuid', bundle(entry(patient({}), URN), entry(subject(URN))), []],
  ['by urn:uuid that no entry has', bundle(entry(subject(URN))), ['error not-found Bundle.entry[0].resource.subject']],
  [
    'by urn:uuid to another type',
    bundle(entry({ resourceType: 'Organization', name: 'x' }, URN), entry(subject(URN))),
    ['error value Bundle.entry[1].resource.subject'],
  ],
  [
    'relative to the fullUrl',
    bundle(
      entry(patient({ id: '1' }), 'http://a.test/fhir/Patient/1'),
      entry(subject('Patient/1'), 'http://a.test/fhir/Observation/2'),
    ),
    [],
  ],
  ['to a server, in a collection', bundle(entry(subject('Patient/1'))), []],
  [
    'to nothing in a message',
    {
      resourceType: 'Bundle',
      type: 'message',
      entry: [
        entry(
          {
            resourceType: 'MessageHeader',
            eventUri: 'urn:x:y',
            source: { endpoint: 'http://a.test' },
            focus: [{ reference: 'Patient/1' }],
          },
          URN,
        ),
      ],
    },
    ['warning not-found Bundle.entry[0].resource.focus[0]'],
  ],
  ['two entries of one fullUrl', bundle(entry(patient({}), URN), entry(patient({}), URN)), ['error invariant Bundle']],
  [
    'an entry is judged',
    bundle(entry(patient({ gender: 'x' }), URN)),
    ['error code-invalid Bundle.entry[0].resource.gender'],
  ],
  [
    'a transaction without request',
    { resourceType: 'Bundle', type: 'transaction', entry: [entry(patient({}))] },
    ['error invariant Bundle'],
  ],
  [
    'a document without Composition',
    {
      resourceType: 'Bundle',
      type: 'document',
      identifier: { system: 'urn:x:y', value: '1' },
      timestamp: '2026-01-01T00:00:00Z',
      entry: [entry(patient({}), URN)],
    },
    ['error invariant Bundle'],
  ],
  [
    'a conditional reference to another type',
    bundle(entry(subject('Organization?identifier=a|b'))),
    ['error value Bundle.entry[0].resource.subject'],
  ],
]

test.each(BUNDLES)('a reference in a Bundle %s', (_name, resource, expected) => {
  const issues = validateResource(read(resource), r4).filter(({ code }) => code !== 'required')
  expect(issues.map(({ severity, code, expression }) => `${severity} ${code} ${expression}`)).toEqual(expected)
})

test('rules of best practice are judged when they are asked for', () => {
  const asked = validateResource(read(patient({})), r4, { bestPractice: true })
  expect(asked.map(({ severity, rule, class: sort }) => [severity, rule, sort])).toEqual([['warning', 'dom-6', 'form']])
})

test('an extensible binding warns, a preferred one says nothing', () => {
  const coded = { resourceType: 'Encounter', status: 'planned', class: { system: 'http://x.test', code: 'VR' } }
  const [issue, ...more] = validateResource(read(coded), r4)
  expect([issue?.severity, issue?.code, issue?.class, issue?.expression]).toEqual([
    'warning',
    'code-invalid',
    'form',
    'Encounter.class',
  ])
  expect(more).toEqual([])
})
