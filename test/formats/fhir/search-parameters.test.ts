import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  identifierQuery,
  ifNoneExistQuery,
  parseQuery,
  readToken,
  searchIndexOf,
  unescapeValue,
} from '../../../src/formats/fhir/search-parameters.ts'
import { INS_TEST, PATIENT, REQUEST, resourceOf, TRANSACTION } from './examples.ts'

test.each<[name: string, resource: object, entries: string[]]>([
  ['a request', REQUEST, ['identifier https://ch-exemple.test/requests|AVC-1', 'patient 300101', 'status active']],
  [
    'a patient',
    { ...PATIENT, id: 'p' },
    [
      `identifier ${INS_TEST}|254035313000022`,
      'identifier https://ch-exemple.test/ipp|300101',
      'patient p',
      `patient.identifier ${INS_TEST}|254035313000022`,
      'patient.identifier https://ch-exemple.test/ipp|300101',
    ],
  ],
  ['a Bundle', TRANSACTION, ['identifier urn:ietf:rfc:3986|urn:uuid:0b7a2f3c-0000-4000-8000-000000000001']],
  [
    'an identifier without system',
    { resourceType: 'Basic', identifier: [{ value: '1' }, { value: '1' }] },
    ['identifier 1'],
  ],
  ['an identifier without value', { resourceType: 'Basic', identifier: [{ system: 'x' }] }, []],
  [
    'a logical patient',
    { resourceType: 'Task', status: 'ready', for: { identifier: { system: INS_TEST, value: '9' } } },
    [`patient.identifier ${INS_TEST}|9`, 'status ready'],
  ],
  [
    'another server',
    { resourceType: 'Consent', patient: { reference: 'https://ch.test/fhir/Patient/1' } },
    ['patient https://ch.test/fhir/Patient/1'],
  ],
  ['a version', { resourceType: 'Consent', patient: { reference: 'Patient/1/_history/2' } }, ['patient 1']],
  [
    'a group',
    { ...REQUEST, identifier: undefined, subject: { reference: 'Group/1', identifier: { value: 'x' } } },
    ['status active'],
  ],
  ['nothing', { resourceType: 'Basic' }, []],
])('index of %s', (_name, resource, entries) => {
  const found = searchIndexOf(resourceOf(resource)).map(
    ({ name, system, value }) => `${name} ${system === null ? '' : `${system}|`}${value}`,
  )
  expect(found.sort()).toEqual([...entries].sort())
})

const one = (name: string, values: string[], modifier: string | null = null) => ({ name, modifier, values })
test.each<[query: string, parameters: object[]]>([
  ['', []],
  ['?', []],
  ['&&', []],
  ['identifier=a%7C1', [one('identifier', ['a|1'])]],
  ['?status=active,draft&_id=1', [one('status', ['active', 'draft']), one('_id', ['1'])]],
  ['identifier=a%5C,b,c', [one('identifier', ['a\\,b', 'c'])]],
  ['identifier=a\\\\,b', [one('identifier', ['a\\\\', 'b'])]],
  ['name=Zo%C3%A9+M', [one('name', ['Zoé M'])]],
  ['_lastUpdated=ge2026-01-01T00:00:00%2B01:00', [one('_lastUpdated', ['ge2026-01-01T00:00:00+01:00'])]],
  ['subject:Patient=1', [one('subject', ['1'], 'Patient')]],
  ['subject:Patient.identifier=1', [one('subject', ['1'], 'Patient.identifier')]],
  ['patient.identifier=x|1', [one('patient.identifier', ['x|1'])]],
  ['status', [one('status', [''])]],
  ['status=', [one('status', [''])]],
  ['a=b=c', [one('a', ['b=c'])]],
  ['a=1&a=2', [one('a', ['1']), one('a', ['2'])]],
  ['__proto__=1', [one('__proto__', ['1'])]],
])('query %j', (query, parameters) => {
  expect(parseQuery(query)).toEqual(parameters)
})

const tooMany = Array.from({ length: 101 }, (_, i) => `a${i}=1`).join('&')
test.each([
  'a=%',
  'a=%zz',
  'a=%E9',
  'a=%C0%AF',
  '%=1',
  '=1',
  'a b=1',
  'a:=1',
  'a=%00',
  'a=1%0d%0aX',
  tooMany,
  `a=${'1,'.repeat(200)}1`,
])('no query: %.40s', (query) => {
  expect(() => parseQuery(query)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }))
})

test('a fault does not repeat what was asked', () => {
  expect(() => parseQuery('name=MARTIN%zz')).not.toThrow(/MARTIN/)
})

test('as many as are allowed', () => {
  expect(parseQuery(tooMany.slice(0, tooMany.lastIndexOf('&'))).length).toBe(100)
  expect(parseQuery(`a=${'1,'.repeat(199)}1`)[0]?.values.length).toBe(200)
})

test.each<[token: string, system: string | null, value: string | null]>([
  ['a|1', 'a', '1'],
  ['1', null, '1'],
  ['|1', '', '1'],
  ['a|', 'a', null],
  ['a\\|b|1\\,2', 'a|b', '1,2'],
  ['a|b|c', 'a', 'b|c'],
  ['a\\$\\\\|1', 'a$\\', '1'],
  ['', null, ''],
])('token %j', (token, system, value) => {
  expect(readToken(token)).toEqual({ system, value })
})

test('a value is written and read again', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      fc.string({ minLength: 1, unit: fc.constantFrom(...'a|,\\$é +%&=') }),
      (system, value) => {
        fc.pre(!/[\x00-\x1f\x7f]/.test(system))
        const [parameter] = parseQuery(identifierQuery(system, value))
        expect(parameter?.values.length).toBe(1)
        expect(readToken(parameter!.values[0]!)).toEqual({ system, value })
      },
    ),
    { numRuns: 2000 },
  )
  expect(unescapeValue('a\\,b\\n\\\\')).toBe('a,b\\n\\')
})

test.each<[header: string, names: string[] | null]>([
  ['identifier=a|1', ['identifier']],
  ['ServiceRequest?identifier=a%7C1&status=active', ['identifier', 'status']],
  [' ?identifier=a|1 ', ['identifier']],
  ['_id=1', ['_id']],
  ['', null],
  ['identifier=', null],
  ['identifier', null],
  ['_count=1', null],
  ['identifier=a|1&_sort=date', null],
  ['identifier=%', null],
])('If-None-Exist %j', (header, names) => {
  if (names === null) expect(() => ifNoneExistQuery(header)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }))
  else expect(ifNoneExistQuery(header).map(({ name }) => name)).toEqual(names)
})
