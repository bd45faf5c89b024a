import { expect, test } from 'vitest'
import type { ElementDefinition } from '../../../../src/formats/fhir/validate/structure.ts'
import { validateResource } from '../../../../src/formats/fhir/validate/validate.ts'
import { type Case, testCases } from './cases.ts'
import { at, definitions, profile, read } from './define.ts'

const rule = (key: string, expression: string, severity: 'error' | 'warning' = 'error', more: object = {}) =>
  ({ constraint: [{ key, severity, human: `${key} of the tests`, expression, ...more }] }) as Partial<ElementDefinition>

const observation = (more: object) => ({ resourceType: 'Observation', status: 'final', code: { text: 'x' }, ...more })
const component = (code: string, value: number) => ({
  code: { coding: [{ system: 'http://loinc.org', code }] },
  valueInteger: value,
})
const TABLE: readonly Case[] = [
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

testCases(TABLE)

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
