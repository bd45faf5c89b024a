import { type Case, testCases } from './cases.ts'
import { at, extension, profile, type Said } from './define.ts'

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

const TABLE: readonly Case[] = [
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
]

testCases(TABLE)
