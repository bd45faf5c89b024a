import { expect, test } from 'vitest'
import { type JsonObject, writeJson } from '../../../src/formats/fhir/json.ts'
import { conditionalReferences, referenceTargets, rewriteReferences } from '../../../src/formats/fhir/references.ts'
import { jsonOf, resourceOf } from './examples.ts'

const BASE = 'https://passerelle.test/fhir'
const URN = 'urn:uuid:0b7a2f3c-0000-4000-8000-000000000002'
const targets = new Map([
  [URN, 'Patient/new'],
  [`${BASE}/Organization/o`, 'Organization/new'],
  ['https://ch.test/fhir/Device/d', 'Device/new'],
  ['Location/l', 'Location/new'],
  ['Patient?identifier=a|1', 'Patient/found'],
])

test.each<[reference: string, fullUrl: string | null, after: string]>([
  [URN, null, 'Patient/new'],
  [`${BASE}/Organization/o`, null, 'Organization/new'],
  ['Organization/o', null, 'Organization/new'],
  ['Location/l', null, 'Location/new'],
  [`${BASE}/Location/l`, null, 'Location/new'],
  ['https://ch.test/fhir/Device/d', null, 'Device/new'],
  ['Device/d', 'https://ch.test/fhir/Task/t', 'Device/new'],
  ['Device/d', 'https://other.test/fhir/Task/t', 'Device/d'],
  ['Device/d', null, 'Device/d'],
  ['Patient?identifier=a|1', null, 'Patient/found'],
  ['Organization/o/_history/2', null, 'Organization/o/_history/2'],
  ['Patient/other', null, 'Patient/other'],
  ['#o', null, '#o'],
  [`${URN}x`, null, `${URN}x`],
])('the reference %s in %s becomes %s', (reference, fullUrl, after) => {
  const resource = resourceOf({
    resourceType: 'Task',
    focus: { reference },
    input: [{ valueReference: { reference } }],
  })
  expect(rewriteReferences(resource, targets, BASE, fullUrl)).toEqual({
    resourceType: 'Task',
    focus: { reference: after },
    input: [{ valueReference: { reference: after } }],
  })
  expect(resource['focus']).toEqual({ reference })
})

test('other links change when they name a target by urn, and nothing else does', () => {
  const before = {
    resourceType: 'DocumentReference',
    identifier: [{ system: 'urn:ietf:rfc:3986', value: URN }],
    text: { status: 'generated', div: `<div><a href="${URN}">x</a></div>` },
    content: [{ attachment: { url: URN, title: URN } }, { attachment: { url: 'Organization/o' } }],
    extension: [
      { url: 'https://example.test/x', valueUri: URN },
      { url: 'https://example.test/y', valueCanonical: URN },
    ],
  }
  expect(rewriteReferences(resourceOf(before), targets, BASE)).toEqual({
    ...before,
    content: [{ attachment: { url: 'Patient/new', title: URN } }, { attachment: { url: 'Organization/o' } }],
    extension: [{ url: 'https://example.test/x', valueUri: 'Patient/new' }, before.extension[1]],
  })
  const bundle = resourceOf({ resourceType: 'Bundle', type: 'collection', entry: [{ fullUrl: URN }] })
  expect(rewriteReferences(bundle, targets, BASE)).toBe(bundle)
})

test('numbers, order and names are kept in what is changed', () => {
  const json = `{"resourceType":"Basic","__proto__":{"a":1.00},"subject":{"reference":"${URN}"},"x":[-0,{"reference":"#"}]}`
  const changed = rewriteReferences(jsonOf(json) as JsonObject, targets, BASE)
  expect(writeJson(changed)).toBe(json.replace(URN, 'Patient/new'))
})

test('conditional references are listed, each once, with where they stand', () => {
  const resource = resourceOf({
    resourceType: 'ServiceRequest',
    subject: { reference: 'Patient?identifier=urn:oid:1.2.3%7C9' },
    performer: [{ reference: 'Organization/1' }, { reference: 'Organization?identifier=x&active=true' }],
    supportingInfo: [{ reference: 'Patient?identifier=urn:oid:1.2.3%7C9' }],
    instantiatesUri: ['Patient?identifier=1'],
  })
  expect(conditionalReferences(resource)).toEqual([
    {
      reference: 'Patient?identifier=urn:oid:1.2.3%7C9',
      type: 'Patient',
      query: 'identifier=urn:oid:1.2.3%7C9',
      expression: 'ServiceRequest.subject.reference',
    },
    {
      reference: 'Organization?identifier=x&active=true',
      type: 'Organization',
      query: 'identifier=x&active=true',
      expression: 'ServiceRequest.performer[1].reference',
    },
  ])
})

test.each<[reference: string, ids: string[]]>([
  ['urn:uuid:1', ['a']],
  ['Patient/a', ['a']],
  ['https://ch.test/fhir/Patient/b', ['b']],
  ['Patient/b', ['b']],
  ['Patient/b/_history/1', ['b']],
  ['#c', ['c']],
  ['Patient/none', []],
])('%s leads to %j', (reference, ids) => {
  const root = resourceOf({
    resourceType: 'Bundle',
    entry: [
      { fullUrl: 'urn:uuid:1', resource: { resourceType: 'Patient', id: 'a' } },
      { fullUrl: 'https://ch.test/fhir/Patient/b', resource: { resourceType: 'Patient', id: 'b' } },
      { fullUrl: 'urn:uuid:3' },
    ],
  })
  const owner = resourceOf({ resourceType: 'Task', contained: [{ resourceType: 'Patient', id: 'c' }] })
  expect(referenceTargets({ reference }, owner, root).map(({ id }) => id)).toEqual(ids)
})
