import { expect, test } from 'vitest'
import type { Definition, ElementDefinition } from '../../../../src/formats/fhir/validate/structure.ts'
import { validateResource } from '../../../../src/formats/fhir/validate/validate.ts'
import { at, definitions, extension, profile, read, type Said } from './define.ts'

const INS = 'urn:oid:1.2.250.1.213.1.4.10'
const ids = (discriminator: { type: string; path: string }[], more: object = {}): Said => ({
  id: 'Patient.identifier',
  slicing: { discriminator, rules: 'open', ...more },
})
const BY_SYSTEM = [{ type: 'value', path: 'system' }]
const insSlice: readonly Said[] = [
  { id: 'Patient.identifier:INS', min: 1, max: '1' },
  { id: 'Patient.identifier:INS.system', min: 1, fixedUri: INS },
  { id: 'Patient.identifier:INS.value', min: 1 },
]
const localSlice: readonly Said[] = [
  { id: 'Patient.identifier:local', max: '*' },
  { id: 'Patient.identifier:local.system', min: 1, fixedUri: 'urn:oid:1.2.3' },
]
const ins = { system: INS, value: '1' }
const local = { system: 'urn:oid:1.2.3', value: '2' }
const other = { system: 'urn:oid:9.9', value: '3' }
const rule = (key: string, expression: string, severity: 'error' | 'warning' = 'error', more: object = {}) =>
  ({ constraint: [{ key, severity, human: `${key} of the tests`, expression, ...more }] }) as Partial<ElementDefinition>

const patientOf = (identifier: object[], more: object = {}) => ({ resourceType: 'Patient', identifier, ...more })
const observation = (more: object) => ({ resourceType: 'Observation', status: 'final', code: { text: 'x' }, ...more })
const component = (code: string, value: number) => ({
  code: { coding: [{ system: 'http://loinc.org', code }] },
  valueInteger: value,
})
const coded = (id: string, code: string): Said[] => [
  { id, min: 1, max: '1' },
  { id: `${id}.code`, patternCodeableConcept: { coding: [{ system: 'http://loinc.org', code }] } },
]
const components: readonly Said[] = [
  {
    id: 'Observation.component',
    slicing: { discriminator: [{ type: 'pattern', path: 'code' }], rules: 'closed', ordered: true },
  },
  ...coded('Observation.component:one', '1-1'),
  ...coded('Observation.component:two', '2-2'),
]

/** What it shows; the type and its profile; further definitions; resources with every error and warning. */
const TABLE: readonly (readonly [
  string,
  string,
  readonly Said[],
  readonly Definition[],
  readonly (readonly [object, readonly string[]])[],
])[] = [
  [
    'a cardinality of its own',
    'Patient',
    [
      { id: 'Patient.birthDate', min: 1 },
      { id: 'Patient.photo', max: '0' },
      { id: 'Patient.name', max: '1' },
    ],
    [],
    [
      [{ resourceType: 'Patient', birthDate: '1970', name: [{ text: 'a' }] }, []],
      [
        { resourceType: 'Patient', name: [{ text: 'a' }, { text: 'b' }] },
        ['required Patient.birthDate', 'structure Patient.name'],
      ],
      [{ resourceType: 'Patient', birthDate: '1970', photo: [{ title: 'a' }] }, ['structure Patient.photo']],
      [{ resourceType: 'Patient', _birthDate: { extension: [{ url: 'http://x.test/a', valueCode: 'unknown' }] } }, []],
    ],
  ],
  [
    'an element inside a data type',
    'Patient',
    [
      { id: 'Patient.name.given', min: 1, max: '1' },
      { id: 'Patient.name.family', min: 1, maxLength: 3 },
    ],
    [],
    [
      [{ resourceType: 'Patient', name: [{ family: 'abc', given: ['a'], use: 'official' }] }, []],
      [
        { resourceType: 'Patient', name: [{ family: 'abcd', given: ['a', 'b'] }] },
        ['structure Patient.name[0].given', 'value Patient.name[0].family maxLength'],
      ],
      [
        { resourceType: 'Patient', name: [{ text: 'x' }] },
        ['required Patient.name[0].family', 'required Patient.name[0].given'],
      ],
    ],
  ],
  [
    'fixed and pattern values',
    'Observation',
    [
      { id: 'Observation.status', fixedCode: 'final' },
      { id: 'Observation.code', patternCodeableConcept: { coding: [{ system: 'http://loinc.org', code: '1-1' }] } },
      { id: 'Observation.device.identifier', fixedIdentifier: { system: 'urn:x:y', value: '1' } },
    ],
    [],
    [
      [
        {
          resourceType: 'Observation',
          status: 'final',
          code: {
            text: 'more',
            coding: [
              { system: 'http://other.test', code: 'a' },
              { system: 'http://loinc.org', code: '1-1', display: 'd' },
            ],
          },
        },
        [],
      ],
      [
        {
          resourceType: 'Observation',
          status: 'amended',
          code: { coding: [{ system: 'http://loinc.org', code: '2-2' }] },
        },
        ['value Observation.status fixed', 'value Observation.code pattern'],
      ],
      [
        {
          ...observation({ device: { identifier: { system: 'urn:x:y', value: '1', use: 'usual' } } }),
          code: { coding: [{ system: 'http://loinc.org', code: '1-1' }] },
        },
        ['value Observation.device.identifier fixed'],
      ],
    ],
  ],
  [
    'bounds of a value',
    'Observation',
    [{ id: 'Observation.value[x]', type: [{ code: 'integer' }], minValueInteger: 0, maxValueInteger: 42 }],
    [],
    [
      [observation({ valueInteger: 42 }), []],
      [observation({ valueInteger: 43 }), ['value Observation.valueInteger maxValue']],
      [observation({ valueInteger: -1 }), ['value Observation.valueInteger minValue']],
      [observation({ valueString: 'x' }), ['structure Observation.valueString']],
    ],
  ],
  [
    'slices by value',
    'Patient',
    [ids(BY_SYSTEM), ...insSlice, ...localSlice],
    [],
    [
      [patientOf([ins, local, local, other]), []],
      [patientOf([local]), ['required Patient.identifier INS']],
      [{ resourceType: 'Patient' }, ['required Patient.identifier INS']],
      [patientOf([ins, ins]), ['structure Patient.identifier INS']],
      [patientOf([{ system: INS }]), ['required Patient.identifier[0].value']],
    ],
  ],
  [
    'closed slices',
    'Patient',
    [ids(BY_SYSTEM, { rules: 'closed' }), ...insSlice],
    [],
    [
      [patientOf([ins]), []],
      [patientOf([ins, other]), ['structure Patient.identifier[1] slicing']],
    ],
  ],
  [
    'slices open at the end',
    'Patient',
    [ids(BY_SYSTEM, { rules: 'openAtEnd' }), ...insSlice],
    [],
    [
      [patientOf([ins, other]), []],
      [patientOf([other, ins]), ['structure Patient.identifier[1] INS']],
    ],
  ],
  [
    'ordered and closed slices by pattern',
    'Observation',
    components,
    [],
    [
      [observation({ component: [component('1-1', 1), component('2-2', 1)] }), []],
      [
        observation({ component: [component('2-2', 1), component('1-1', 1)] }),
        ['structure Observation.component[1] one'],
      ],
      [
        observation({ component: [component('1-1', 1), component('3-3', 1)] }),
        ['required Observation.component two', 'structure Observation.component[1] slicing'],
      ],
    ],
  ],
  [
    'slices by two discriminators',
    'Patient',
    [
      ids([...BY_SYSTEM, { type: 'value', path: 'use' }]),
      ...insSlice,
      { id: 'Patient.identifier:INS.use', min: 1, fixedCode: 'official' },
    ],
    [],
    [
      [patientOf([{ ...ins, use: 'official' }, ins]), []],
      [patientOf([ins]), ['required Patient.identifier INS']],
    ],
  ],
  [
    'slices by a nested path into a pattern',
    'Patient',
    [
      ids([{ type: 'value', path: 'type.coding.code' }]),
      { id: 'Patient.identifier:PI', min: 1 },
      {
        id: 'Patient.identifier:PI.type',
        patternCodeableConcept: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'PI' }] },
      },
    ],
    [],
    [
      [
        patientOf([{ type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'PI' }] } }]),
        [],
      ],
      [
        patientOf([{ type: { coding: [{ system: 'http://x.test', code: 'PI' }] } }]),
        ['value Patient.identifier[0].type pattern'],
      ],
      [patientOf([ins]), ['required Patient.identifier PI']],
    ],
  ],
  [
    'slices by $this',
    'Patient',
    [
      {
        id: 'Patient.maritalStatus.coding',
        slicing: { discriminator: [{ type: 'pattern', path: '$this' }], rules: 'open' },
      },
      { id: 'Patient.maritalStatus.coding:local', min: 1, patternCoding: { system: 'http://x.test' } },
    ],
    [],
    [
      [{ resourceType: 'Patient', maritalStatus: { coding: [{ system: 'http://x.test', code: 'a' }] } }, []],
      [
        { resourceType: 'Patient', maritalStatus: { coding: [{ system: 'http://y.test', code: 'a' }] } },
        ['required Patient.maritalStatus.coding local'],
      ],
    ],
  ],
  [
    'slices by existence',
    'Patient',
    [
      ids([{ type: 'exists', path: 'period' }]),
      { id: 'Patient.identifier:old' },
      { id: 'Patient.identifier:old.period', min: 1 },
      { id: 'Patient.identifier:old.use', min: 1, fixedCode: 'old' },
      { id: 'Patient.identifier:now', max: '1' },
      { id: 'Patient.identifier:now.period', max: '0' },
    ],
    [],
    [
      [patientOf([ins, { ...ins, use: 'old', period: { end: '2020' } }]), []],
      [
        patientOf([ins, local, { ...ins, period: { end: '2020' } }]),
        ['required Patient.identifier[2].use', 'structure Patient.identifier now'],
      ],
    ],
  ],
  [
    'slices of a choice by type',
    'Observation',
    [
      { id: 'Observation.value[x]', slicing: { discriminator: [{ type: 'type', path: '$this' }], rules: 'closed' } },
      { id: 'Observation.value[x]:valueQuantity', type: [{ code: 'Quantity' }] },
      { id: 'Observation.value[x]:valueQuantity.unit', min: 1 },
    ],
    [],
    [
      [observation({ valueQuantity: { value: 1, unit: 'mm' } }), []],
      [observation({ valueQuantity: { value: 1 } }), ['required Observation.valueQuantity.unit']],
      [observation({ valueString: 'x' }), ['structure Observation.valueString slicing']],
    ],
  ],
  [
    'slices of entries by type of their resource',
    'Bundle',
    [
      { id: 'Bundle.entry', slicing: { discriminator: [{ type: 'type', path: 'resource' }], rules: 'open' } },
      { id: 'Bundle.entry:patient', min: 1, max: '1' },
      { id: 'Bundle.entry:patient.resource', min: 1, type: [{ code: 'Patient' }] },
    ],
    [],
    [
      [
        {
          resourceType: 'Bundle',
          type: 'collection',
          entry: [
            { resource: { resourceType: 'Patient' } },
            { resource: { resourceType: 'Basic', code: { text: 'x' } } },
          ],
        },
        [],
      ],
      [
        {
          resourceType: 'Bundle',
          type: 'collection',
          entry: [{ resource: { resourceType: 'Basic', code: { text: 'x' } } }],
        },
        ['required Bundle.entry patient'],
      ],
    ],
  ],
  [
    'slices of entries by profile of their resource',
    'Bundle',
    [
      { id: 'Bundle.entry', slicing: { discriminator: [{ type: 'profile', path: 'resource' }], rules: 'open' } },
      { id: 'Bundle.entry:patient', min: 1, max: '1' },
      { id: 'Bundle.entry:patient.resource', min: 1, type: [{ code: 'Patient', profile: [at('born')] }] },
    ],
    [profile('born', 'Patient', [{ id: 'Patient.birthDate', min: 1 }])],
    [
      [
        {
          resourceType: 'Bundle',
          type: 'collection',
          entry: [
            { resource: { resourceType: 'Patient', birthDate: '1970' } },
            { resource: { resourceType: 'Patient' } },
          ],
        },
        [],
      ],
      [
        { resourceType: 'Bundle', type: 'collection', entry: [{ resource: { resourceType: 'Patient' } }] },
        ['required Bundle.entry patient'],
      ],
      // Who claims the profile belongs to the slice, and is told what is missing.
      [
        {
          resourceType: 'Bundle',
          type: 'collection',
          entry: [{ resource: { resourceType: 'Patient', meta: { profile: [at('born')] } } }],
        },
        ['required Bundle.entry[0].resource.birthDate'],
      ],
    ],
  ],
  [
    'slices by what a reference leads to',
    'Patient',
    [
      {
        id: 'Patient.generalPractitioner',
        slicing: { discriminator: [{ type: 'type', path: 'resolve()' }], rules: 'open' },
      },
      {
        id: 'Patient.generalPractitioner:house',
        min: 1,
        type: [{ code: 'Reference', targetProfile: ['http://hl7.org/fhir/StructureDefinition/Organization'] }],
      },
    ],
    [],
    [
      [
        {
          resourceType: 'Patient',
          generalPractitioner: [{ reference: '#o' }],
          contained: [{ resourceType: 'Organization', id: 'o', name: 'x' }],
        },
        [],
      ],
      [{ resourceType: 'Patient', generalPractitioner: [{ reference: 'Organization/1' }] }, []],
      [
        { resourceType: 'Patient', generalPractitioner: [{ reference: 'Practitioner/1' }] },
        ['required Patient.generalPractitioner house'],
      ],
    ],
  ],
  [
    'extensions by url',
    'Patient',
    [
      { id: 'Patient.extension', slicing: { discriminator: [{ type: 'value', path: 'url' }], rules: 'open' } },
      { id: 'Patient.extension:trust', min: 1, max: '1', type: [{ code: 'Extension', profile: [at('trust')] }] },
    ],
    [extension('trust', [{ code: 'code' }])],
    [
      [
        {
          resourceType: 'Patient',
          extension: [
            { url: at('trust'), valueCode: 'a' },
            { url: 'http://x.test/other', valueString: 'b' },
          ],
        },
        [],
      ],
      [
        { resourceType: 'Patient', extension: [{ url: at('trust'), valueString: 'a' }] },
        ['structure Patient.extension[0].valueString'],
      ],
      [
        { resourceType: 'Patient', extension: [{ url: 'http://x.test/other', valueString: 'b' }] },
        ['required Patient.extension trust'],
      ],
    ],
  ],
  [
    'a complex extension',
    'Patient',
    [
      { id: 'Patient.extension', slicing: { discriminator: [{ type: 'value', path: 'url' }], rules: 'open' } },
      { id: 'Patient.extension:whole', type: [{ code: 'Extension', profile: [at('whole')] }] },
    ],
    [
      extension('whole', null, [
        {
          id: 'Extension.extension',
          min: 1,
          slicing: { discriminator: [{ type: 'value', path: 'url' }], rules: 'closed' },
        },
        { id: 'Extension.extension:part', min: 1, max: '1' },
        { id: 'Extension.extension:part.url', min: 1, fixedUri: 'part' },
        { id: 'Extension.extension:part.value[x]', min: 1, type: [{ code: 'code' }] },
      ]),
    ],
    [
      [
        { resourceType: 'Patient', extension: [{ url: at('whole'), extension: [{ url: 'part', valueCode: 'a' }] }] },
        [],
      ],
      [
        {
          resourceType: 'Patient',
          extension: [
            {
              url: at('whole'),
              extension: [
                { url: 'part', valueCode: 'a' },
                { url: 'piece', valueCode: 'a' },
              ],
            },
          ],
        },
        ['structure Patient.extension[0].extension[1] slicing'],
      ],
      [
        { resourceType: 'Patient', extension: [{ url: at('whole'), extension: [{ url: 'part', valueString: 'a' }] }] },
        ['required Patient.extension[0].extension[0].value', 'structure Patient.extension[0].extension[0].valueString'],
      ],
    ],
  ],
  [
    'a known extension where no profile names it',
    'Patient',
    [],
    [extension('known', [{ code: 'boolean' }])],
    [
      [{ resourceType: 'Patient', name: [{ text: 'x', extension: [{ url: at('known'), valueBoolean: true }] }] }, []],
      [
        { resourceType: 'Patient', name: [{ text: 'x', extension: [{ url: at('known'), valueCode: 'a' }] }] },
        ['structure Patient.name[0].extension[0].valueCode'],
      ],
      [{ resourceType: 'Patient', modifierExtension: [{ url: at('known'), valueBoolean: true }] }, []],
    ],
  ],
  [
    'an extension that a primitive must have',
    'Patient',
    [{ id: 'Patient.birthDate.extension', min: 1 }],
    [],
    [
      [
        {
          resourceType: 'Patient',
          birthDate: '1970',
          _birthDate: { extension: [{ url: 'http://x.test/a', valueCode: 'a' }] },
        },
        [],
      ],
      [{ resourceType: 'Patient', birthDate: '1970' }, ['required Patient.birthDate.extension']],
    ],
  ],
  [
    'rules, in their severity and class',
    'Patient',
    [
      { id: 'Patient', ...rule('t-1', 'name.exists() and birthDate.exists()') },
      { id: 'Patient.name', ...rule('t-2', 'family.exists() implies family = family.upper()', 'warning') },
      {
        id: 'Patient.deceased[x]',
        ...rule('t-3', '$this is boolean', 'error', {
          extension: [{ url: 'urn:passerelle:finding-class', valueCode: 'safety' }],
        }),
      },
    ],
    [],
    [
      [{ resourceType: 'Patient', birthDate: '1970', name: [{ family: 'A' }] }, []],
      [
        { resourceType: 'Patient', name: [{ family: 'a' }] },
        ['invariant Patient t-1', 'warning invariant Patient.name[0] t-2'],
      ],
      [
        { resourceType: 'Patient', birthDate: '1970', name: [{ family: 'A' }], deceasedDateTime: '2020' },
        ['safety invariant Patient.deceasedDateTime t-3'],
      ],
    ],
  ],
  [
    'a rule on a value that looks at the whole resource',
    'Observation',
    [
      {
        id: 'Observation.value[x]',
        type: [{ code: 'integer' }],
        ...rule('total', '$this = %resource.component.value.ofType(integer).aggregate($this + $total, 0)'),
      },
    ],
    [],
    [
      [observation({ valueInteger: 3, component: [component('1-1', 1), component('2-2', 2)] }), []],
      [
        observation({ valueInteger: 12, component: [component('1-1', 7), component('2-2', 7)] }),
        ['invariant Observation.valueInteger total'],
      ],
    ],
  ],
  [
    'a rule that follows a reference',
    'Observation',
    [{ id: 'Observation', ...rule('sex', "subject.resolve().gender = 'female'") }],
    [],
    [
      [
        observation({
          subject: { reference: '#p' },
          contained: [{ resourceType: 'Patient', id: 'p', gender: 'female' }],
        }),
        [],
      ],
      [
        observation({
          subject: { reference: '#p' },
          contained: [{ resourceType: 'Patient', id: 'p', gender: 'male' }],
        }),
        ['invariant Observation sex'],
      ],
    ],
  ],
  [
    'a rule over a decimal that keeps its text',
    'Observation',
    [{ id: 'Observation.value[x]', type: [{ code: 'Quantity' }], ...rule('small', 'value < 2') }],
    [],
    [
      [read('{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.50}}'), []],
      [
        read('{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":2.50}}'),
        ['invariant Observation.valueQuantity small'],
      ],
    ],
  ],
  [
    'a rule that no engine can evaluate offline',
    'Patient',
    [{ id: 'Patient', ...rule('t-4', "gender.memberOf('http://x.test/vs')") }],
    [],
    [[{ resourceType: 'Patient', gender: 'male' }, ['information too-costly Patient t-4']]],
  ],
  [
    'a target of a profile',
    'Observation',
    [{ id: 'Observation.subject', type: [{ code: 'Reference', targetProfile: [at('born')] }] }],
    [profile('born', 'Patient', [{ id: 'Patient.birthDate', min: 1 }])],
    [
      [observation({ subject: { reference: 'Patient/1' } }), []],
      [observation({ subject: { reference: 'Group/1' } }), ['value Observation.subject target']],
      [
        observation({
          subject: { reference: '#p' },
          contained: [{ resourceType: 'Patient', id: 'p', birthDate: '1970' }],
        }),
        [],
      ],
      [
        observation({ subject: { reference: '#p' }, contained: [{ resourceType: 'Patient', id: 'p' }] }),
        [`value Observation.subject ${at('born')}`],
      ],
    ],
  ],
]

const CASES = TABLE.flatMap(([name, type, said, more, resources]) => {
  const own = profile('own', type, said)
  const known = definitions(own, ...more)
  return resources.map(([resource, expected], i) => ({ name: `${name} (${i + 1})`, known, resource, expected }))
})

test.each(CASES)('$name', ({ known, resource, expected }) => {
  const issues = validateResource(read(JSON.stringify(resource)), known, { asked: [at('own')] })
  const told = issues
    .filter(({ code, severity }) => !(code === 'code-invalid' && severity === 'warning'))
    .map(({ severity, class: sort, code, expression, rule: key }) => {
      const how = severity !== 'error' ? `${severity} ` : sort === 'safety' ? 'safety ' : ''
      return `${how}${code} ${expression}${key === null ? '' : ` ${key}`}`
    })
  expect(told.toSorted()).toEqual([...expected].toSorted())
})

test('a claimed profile applies, one that is not known is told, one of another type is wrong', () => {
  const known = definitions(profile('born', 'Patient', [{ id: 'Patient.birthDate', min: 1 }]))
  const told = (claimed: string[], type = 'Patient') =>
    validateResource(read({ resourceType: type, meta: { profile: claimed } }), known).map(
      ({ severity, code, error, expression }) => [severity, code, error, expression],
    )
  expect(told([at('born')])).toEqual([['error', 'required', 'ELEMENT_MISSING', 'Patient.birthDate']])
  expect(told([`${at('born')}|1.0`])).toEqual(told([at('born')]))
  expect(told([at('unknown')])).toEqual([['warning', 'not-found', 'PROFILE_UNKNOWN', 'Patient.meta.profile[0]']])
  expect(told([at('born')], 'Person')).toEqual([['error', 'value', 'VALUE_MALFORMED', 'Person.meta.profile[0]']])
})

test('profiles of a type apply to entries and to what is contained', () => {
  const known = definitions(profile('born', 'Patient', [{ id: 'Patient.birthDate', min: 1 }]))
  const profiles = new Map([['Patient', [at('born')]]])
  const bundle = { resourceType: 'Bundle', type: 'collection', entry: [{ resource: { resourceType: 'Patient' } }] }
  expect(validateResource(read(bundle), known, { profiles }).map(({ expression }) => expression)).toEqual([
    'Bundle.entry[0].resource.birthDate',
  ])
})

test('a value set of the region is expanded offline: concepts, a filter, another set, what is left out', () => {
  const system = 'https://example.test/codes'
  const own = profile('own', 'Patient', [
    { id: 'Patient.maritalStatus', binding: { strength: 'required', valueSet: at('set') } },
  ])
  const known = definitions(
    own,
    {
      resourceType: 'CodeSystem',
      url: system,
      content: 'complete',
      concept: [{ code: 'a', concept: [{ code: 'a1' }, { code: 'a2' }] }, { code: 'b' }],
    },
    {
      resourceType: 'ValueSet',
      url: at('more'),
      compose: { include: [{ system: 'urn:x:more', concept: [{ code: 'm' }] }] },
    },
    {
      resourceType: 'ValueSet',
      url: at('set'),
      compose: {
        include: [{ system, filter: [{ property: 'concept', op: 'is-a', value: 'a' }] }, { valueSet: [at('more')] }],
        exclude: [{ system, concept: [{ code: 'a2' }] }],
      },
    },
  )
  const codes = [
    [system, 'a'],
    [system, 'a1'],
    [system, 'a2'],
    [system, 'b'],
    ['urn:x:more', 'm'],
    ['urn:x:more', 'n'],
    ['urn:x:other', 'a'],
  ]
  const allowed = codes.map(([of, code]) => {
    const patient = { resourceType: 'Patient', maritalStatus: { coding: [{ system: of, code }] } }
    return validateResource(read(patient), known, { asked: [at('own')] }).every(({ severity }) => severity !== 'error')
  })
  expect(allowed).toEqual([true, true, false, false, true, false, false])
})

test('a set that cannot be listed offline refuses nothing', () => {
  const own = profile('own', 'Patient', [
    { id: 'Patient.maritalStatus', binding: { strength: 'required', valueSet: at('set') } },
  ])
  const known = definitions(own, {
    resourceType: 'ValueSet',
    url: at('set'),
    compose: { include: [{ system: 'http://snomed.info/sct' }] },
  })
  const told = (system: string) =>
    validateResource(read({ resourceType: 'Patient', maritalStatus: { coding: [{ system, code: '1' }] } }), known, {
      asked: [at('own')],
    })
      .filter(({ severity }) => severity === 'error')
      .map(({ code }) => code)
  expect([told('http://snomed.info/sct'), told('http://loinc.org')]).toEqual([[], ['code-invalid']])
})
