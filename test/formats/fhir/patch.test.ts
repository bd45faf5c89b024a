import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type JsonObject, type JsonValue, writeJson } from '../../../src/formats/fhir/json.ts'
import { fhirpathPatch, jsonPatch, type Patched } from '../../../src/formats/fhir/patch.ts'
import { jsonOf, resourceOf } from './examples.ts'

const BEFORE =
  '{"resourceType":"Patient","id":"a","active":true,"deceasedBoolean":false,' +
  '"name":[{"family":"MARTIN (FICTIF)","given":["A","B"],"_given":[null,{"id":"g"}]}],' +
  '"multipleBirthInteger":2,"contact":[{"name":{"family":"C (FICTIF)"}}],' +
  '"extension":[{"url":"https://example.test/x","valueDecimal":1.00},{"url":"https://example.test/y","valueDecimal":1e400}]}'
const before = (): JsonObject => jsonOf(BEFORE) as JsonObject

/** BEFORE with one piece of its text replaced; `null`: refused. */
function expectPatched(patched: Patched, replaced: readonly [from: string, to: string] | null): void {
  if (replaced === null) {
    expect(patched.ok).toBe(false)
    return
  }
  expect(BEFORE).toContain(replaced[0])
  expect(patched.ok && writeJson(patched.resource)).toBe(BEFORE.replace(replaced[0], replaced[1]))
}

const X = { url: 'https://example.test/z', valueString: 'z' }
const one = (op: string, path: string, more: object = {}): object[] => [{ op, path, ...more }]
type Replaced = readonly [from: string, to: string] | null

test.each<[patch: unknown, replaced: Replaced]>([
  [[], ['Patient', 'Patient']],
  [one('replace', '/active', { value: false }), ['"active":true', '"active":false']],
  [one('add', '/active', { value: false }), ['"active":true', '"active":false']],
  [one('remove', '/active'), ['"active":true,', '']],
  [one('add', '/extension/-', { value: X }), ['1e400}', `1e400},${JSON.stringify(X)}`]],
  [one('add', '/extension/2', { value: X }), ['1e400}', `1e400},${JSON.stringify(X)}`]],
  [one('add', '/name/0/given/1', { value: 'C' }), ['"A","B"', '"A","C","B"']],
  [one('remove', '/name/0/given/0'), ['"A","B"', '"B"']],
  [one('move', '/name/0/given/0', { from: '/name/0/given/1' }), ['"A","B"', '"B","A"']],
  [one('move', '/name/0/given/1', { from: '/name/0/given/0' }), ['"A","B"', '"B","A"']],
  [one('move', '/name/0/given/-', { from: '/name/0/given/0' }), ['"A","B"', '"B","A"']],
  [one('copy', '/name/0/given/-', { from: '/name/0/given/0' }), ['"A","B"', '"A","B","A"']],
  [one('copy', '/extension/0/valueDecimal', { from: '/extension/1/valueDecimal' }), ['1.00', '1e400']],
  [
    one('replace', '/extension/0', { value: X }),
    ['{"url":"https://example.test/x","valueDecimal":1.00}', JSON.stringify(X)],
  ],
  [one('test', '', { value: jsonOf(BEFORE) }), ['Patient', 'Patient']],
  [one('test', '/extension/0/valueDecimal', { value: 1 }), ['Patient', 'Patient']],
  [one('test', '/contact', { value: [{ name: { family: 'C (FICTIF)' } }] }), ['Patient', 'Patient']],
  [one('test', '/extension/0/valueDecimal', { value: 2 }), null],
  [one('test', '/extension/0/valueDecimal', { value: '1.00' }), null],
  [one('test', '/nothing', { value: null }), null],
  [[...one('replace', '/active', { value: false }), ...one('test', '/active', { value: true })], null],
  // What is refused: the shape, places that are not there, places that are none.
  [{ op: 'add' }, null],
  ['add', null],
  [[null], null],
  [one('none', '/active', { value: 1 }), null],
  [one('add', '/active'), null],
  [one('add', 'active', { value: 1 }), null],
  [[{ op: 'add', value: 1 }], null],
  [one('add', '/a~2b', { value: 1 }), null],
  [one('move', '/active'), null],
  [one('remove', '/nothing'), null],
  [one('replace', '/gender', { value: 'male' }), null],
  [one('add', '/nothing/deeper', { value: 1 }), null],
  [one('add', '/active/deeper', { value: 1 }), null],
  [one('add', '/extension/3', { value: X }), null],
  [one('replace', '/extension/2', { value: X }), null],
  [one('remove', '/extension/-'), null],
  [one('remove', '/extension/00'), null],
  [one('remove', '/extension/1e0'), null],
  [one('remove', '/extension/-1'), null],
  [one('add', '/extension/length', { value: 0 }), null],
  [one('move', '/contact/0/x', { from: '/contact' }), null],
  [one('move', '/contact/0/x', { from: '/contact/0' }), null],
  [one('move', '/extension/1/x', { from: '/extension/0' }), null],
  [one('add', '/__proto__', { value: { a: 1 } }), null],
  [one('add', '/__proto__/a', { value: 1 }), null],
  [one('add', '/constructor/prototype/a', { value: 1 }), null],
  [one('add', '/name/0/__proto__', { value: 1 }), null],
  [one('copy', '/toString', { from: '/valueOf' }), null],
  [jsonOf('[{"op":"add","path":"/x","value":{"__proto__":{"a":1}}}]'), null],
  // What comes out must be a resource, and the same one.
  [one('replace', '/id', { value: 'b' }), null],
  [one('remove', '/id'), null],
  [one('replace', '/resourceType', { value: 'Person' }), null],
  [one('remove', '/resourceType'), null],
  [one('replace', '', { value: { resourceType: 'Patient', id: 'a' } }), null],
  [one('remove', ''), null],
  [one('add', '/gender', { value: '' }), null],
  [one('add', '/gender', { value: null }), null],
  [one('remove', '/contact/0'), null],
])('JSON Patch %j', (patch, replaced) => {
  const resource = before()
  expectPatched(jsonPatch(resource, patch as JsonValue), replaced)
  expect(writeJson(resource)).toBe(BEFORE)
  expect(({} as Record<string, unknown>)['a']).toBe(undefined)
})

test('numbers of a patch keep their text', () => {
  const patch = jsonOf('[{"op":"add","path":"/extension/0/valueDecimal","value":2.50}]')
  expectPatched(jsonPatch(before(), patch), ['1.00', '2.50'])
})

test('texts that look like the inner mark of numbers stay texts', () => {
  const resource = resourceOf({ resourceType: 'Basic', id: 'a', code: { text: 'x' } })
  for (const text of ['\u0000n1', '\u0000tx', '\u0000']) {
    const patched = jsonPatch(resource, [{ op: 'replace', path: '/code/text', value: text }])
    // A control character is no text of FHIR; it must not have become a number before that is seen.
    expect(patched).toMatchObject({ ok: false, problems: [{ code: 'value', expression: 'Basic.code.text' }] })
  }
})

test.each<[name: string, patch: JsonValue]>([
  ['operations', Array.from({ length: 1001 }, () => ({ op: 'test', path: '/active', value: true }))],
  ['copies that double', Array.from({ length: 60 }, () => ({ op: 'copy', from: '/name', path: '/name/-' }))],
  [
    'copies that deepen',
    Array.from({ length: 200 }, () => ({ op: 'copy', from: '/contact', path: '/contact/0/contact' })),
  ],
  ['a pointer', [{ op: 'add', path: '/a'.repeat(600), value: 1 }]],
])('too many: %s', (_name, patch) => {
  const began = performance.now()
  expect(jsonPatch(before(), patch).ok).toBe(false)
  expect(performance.now() - began).toBeLessThan(5000)
})

test('whatever the patch, an answer comes and nothing is polluted', () => {
  const pointer = fc
    .array(fc.constantFrom('name', '0', '1', '-', 'given', 'extension', '__proto__', 'id', 'length', '', 'x'), {
      maxLength: 4,
    })
    .map((names) => names.map((name) => `/${name}`).join(''))
  const place = fc.oneof(
    pointer,
    fc.constantFrom('/name/0/given/0', '/name/0/given/-', '/extension/1', '/active', '/gender'),
  )
  const operation = fc.record(
    {
      op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'),
      path: place,
      from: place,
      value: fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom('x', true, X)),
    },
    { requiredKeys: ['op', 'path'] },
  )
  let applied = 0
  fc.assert(
    fc.property(fc.array(operation, { minLength: 1, maxLength: 3 }), (patch) => {
      const patched = jsonPatch(before(), resourceOf(patch) as unknown as JsonValue)
      if (patched.ok) applied++
      if (patched.ok) expect([patched.resource['id'], patched.resource['resourceType']]).toEqual(['a', 'Patient'])
      expect(Object.getOwnPropertyNames(Object.prototype).length).toBe(PROTOTYPE)
    }),
    { numRuns: 4000 },
  )
  expect(applied).toBeGreaterThan(50)
})
const PROTOTYPE = Object.getOwnPropertyNames(Object.prototype).length

const operation = (type: string, path: string, more: Record<string, unknown> = {}): object => ({
  name: 'operation',
  part: [
    { name: 'type', valueCode: type },
    { name: 'path', valueString: path },
    ...Object.entries(more).map(([name, value]) =>
      name === 'name'
        ? { name, valueString: value }
        : typeof value === 'number'
          ? { name, valueInteger: value }
          : { name, ...(value as object) },
    ),
  ],
})
const parameters = (...all: object[]): JsonObject => resourceOf({ resourceType: 'Parameters', parameter: all })

const GIVEN = '"given":["A","B"],"_given":[null,{"id":"g"}]'
const text = (value: string) => ({ valueString: value })
test.each<[operation: object, replaced: Replaced]>([
  [operation('replace', 'Patient.active', { value: { valueBoolean: false } }), ['"active":true', '"active":false']],
  [operation('replace', 'Patient.name[0].family', { value: text('Y (FICTIF)') }), ['MARTIN', 'Y']],
  [
    operation('replace', "Patient.name.where(family = 'MARTIN (FICTIF)').given[0]", { value: text('Z') }),
    ['["A"', '["Z"'],
  ],
  [
    operation('replace', 'Patient.multipleBirth', { value: { valueInteger: 3 } }),
    ['BirthInteger":2', 'BirthInteger":3'],
  ],
  [
    operation('replace', "Patient.extension('https://example.test/x').value", { value: { valueDecimal: 5 } }),
    ['1.00', '5'],
  ],
  [operation('delete', 'Patient.deceased'), ['"deceasedBoolean":false,', '']],
  [operation('delete', 'Patient.name.given[0]'), [GIVEN, '"given":["B"],"_given":[{"id":"g"}]']],
  [operation('delete', 'Patient.contact.first()'), ['"contact":[{"name":{"family":"C (FICTIF)"}}],', '']],
  [operation('delete', 'Patient.gender'), ['Patient', 'Patient']],
  [
    operation('add', 'Patient.contact[0]', { name: 'gender', value: { valueCode: 'male' } }),
    ['"C (FICTIF)"}', '"C (FICTIF)"},"gender":"male"'],
  ],
  [
    operation('add', 'Patient.contact[0].name', { name: 'given', value: text('G') }),
    ['"C (FICTIF)"', '"C (FICTIF)","given":["G"]'],
  ],
  [operation('add', 'Patient.name[0]', { name: 'given', value: text('C') }), ['"A","B"', '"A","B","C"']],
  [
    operation('add', 'Patient', { name: 'extension', value: { valueExtension: X } }),
    ['1e400}', `1e400},${JSON.stringify(X)}`],
  ],
  [
    operation('insert', 'Patient.name[0].given', { index: 1, value: text('I') }),
    [GIVEN, '"given":["A","I","B"],"_given":[null,null,{"id":"g"}]'],
  ],
  [operation('insert', 'Patient.name[0].given', { index: 2, value: text('I') }), ['"A","B"', '"A","B","I"']],
  [
    operation('move', 'Patient.name[0].given', { source: 1, destination: 0 }),
    [GIVEN, '"given":["B","A"],"_given":[{"id":"g"},null]'],
  ],
  [
    operation('add', 'Patient', {
      name: 'contact',
      value: {
        part: [
          { name: 'gender', valueCode: 'male' },
          { name: 'telecom', valueContactPoint: { value: '0261910101' } },
        ],
      },
    }),
    ['"C (FICTIF)"}}', '"C (FICTIF)"}},{"gender":"male","telecom":[{"value":"0261910101"}]}'],
  ],
  // Not one element, not there, not of R4, not of that type.
  [operation('replace', 'Patient.name.given', { value: text('Z') }), null],
  [operation('replace', 'Patient.gender', { value: { valueCode: 'male' } }), null],
  [operation('replace', 'Patient', { value: text('Z') }), null],
  [operation('delete', 'Patient.name.given'), null],
  [operation('delete', 'Patient'), null],
  [operation('delete', 'Patient.id'), null],
  [operation('add', 'Patient', { name: 'active', value: { valueBoolean: true } }), null],
  [operation('add', 'Patient', { name: 'deceased', value: { valueDateTime: '2026' } }), null],
  [operation('add', 'Patient', { name: 'multipleBirth', value: text('x') }), null],
  [operation('add', 'Patient', { name: 'nothing', value: text('x') }), null],
  [operation('add', 'Patient', { name: '__proto__', value: text('x') }), null],
  [operation('add', 'Patient', { name: 'gender' }), null],
  [operation('add', 'Patient', { name: 'gender', value: { valueCode: 'male', valueString: 'x' } }), null],
  [operation('add', 'Patient.active', { name: 'extension', value: text('x') }), null],
  [operation('insert', 'Patient.name[0].given', { index: 3, value: text('I') }), null],
  [operation('insert', 'Patient.name[0].given', { index: -1, value: text('I') }), null],
  [operation('insert', 'Patient.photo', { index: 0, value: text('I') }), null],
  [operation('insert', 'Patient.active', { index: 0, value: text('I') }), null],
  [operation('move', 'Patient.name[0].given', { source: 2, destination: 0 }), null],
  [operation('move', 'Patient.name[0].given', { source: 0, destination: 2 }), null],
  [operation('none', 'Patient.active'), null],
  [{ name: 'operation', part: [{ name: 'type', valueCode: 'delete' }] }, null],
  [{ name: 'operation' }, null],
  [{ name: 'other', part: [] }, null],
  // Paths that are not simple.
  [operation('delete', 'Patient.descendants().first()'), null],
  [operation('delete', 'Patient.repeat(name).first()'), null],
  [operation('delete', "Patient.name.where(family.matches('.*'))"), null],
  [operation('delete', '%resource.active'), null],
  [operation('delete', 'Patient.name.resolve()'), null],
  [operation('delete', "Patient.trace('x').active"), null],
  [operation('delete', '1 + 1'), null],
  [operation('delete', 'Patient.'), null],
  [operation('delete', ''), null],
  [operation('delete', `Patient${'[0]'.repeat(21)}`), null],
  [operation('delete', `Patient.name.where(${'true and '.repeat(60)}true)`), null],
])('FHIRPath Patch %j', async (one, replaced) => {
  const resource = before()
  expectPatched(await fhirpathPatch(resource, parameters(one)), replaced)
  expect(writeJson(resource)).toBe(BEFORE)
})

test('what is added stands at the end, a choice under the name of its type', async () => {
  const resource = resourceOf({ resourceType: 'Observation', id: 'o', status: 'final' })
  const patched = await fhirpathPatch(
    resource,
    parameters(
      operation('add', 'Observation', { name: 'value', value: { valueQuantity: { value: 12 } } }),
      operation('add', 'Observation', { name: 'component', value: { part: [{ name: 'value', valueString: 'x' }] } }),
      operation('replace', 'Observation.value', { value: { valueString: 'y' } }),
    ),
  )
  expect(patched).toEqual({
    ok: true,
    resource: { ...resource, component: [{ valueString: 'x' }], valueString: 'y' },
  })
})

test('all or nothing, and the operation that failed is named', async () => {
  const good = operation('replace', 'Patient.active', { value: { valueBoolean: false } })
  expect(await fhirpathPatch(before(), parameters(good, operation('replace', 'Patient.gender', {})))).toEqual({
    ok: false,
    problems: [{ error: 'PATCH_FAILED', code: 'business-rule', expression: 'Parameters.parameter[1]' }],
  })
  expect(
    jsonPatch(before(), [
      { op: 'remove', path: '/active' },
      { op: 'remove', path: '/active' },
    ]),
  ).toEqual({
    ok: false,
    problems: [{ error: 'PATCH_FAILED', code: 'business-rule', expression: '%patch[1]' }],
  })
})

test.each([
  [{ resourceType: 'Patient' }],
  [{ resourceType: 'Parameters' }],
  [{ resourceType: 'Parameters', parameter: Array.from({ length: 101 }, () => operation('delete', 'Patient.gender')) }],
])('no patch: %.60j', async (plain) => {
  expect((await fhirpathPatch(before(), resourceOf(plain))).ok).toBe(false)
})

test('a part of a resource inside a Bundle is reached', async () => {
  const bundle = resourceOf({ resourceType: 'Bundle', id: 'b', type: 'collection', entry: [{ resource: before() }] })
  const change = parameters(operation('replace', 'Bundle.entry[0].resource.active', { value: { valueBoolean: false } }))
  const patched = await fhirpathPatch(bundle, change)
  expect(patched.ok && writeJson(patched.resource)).toContain('"active":false')
})
