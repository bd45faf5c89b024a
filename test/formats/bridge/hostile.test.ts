import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toFhir, toHl7 } from '../../../src/formats/bridge/bridge.ts'
import { isObject, type JsonObject, type JsonValue, parseStrict } from '../../../src/formats/fhir/json.ts'
import { readMessage } from '../../../src/formats/hl7v2/message.ts'
import { messageFrom } from '../messages.ts'
import { CONTEXT, jsonOf, pathOf } from './conversions.ts'

const files = readdirSync(pathOf(''))
const messages = files
  .filter((name) => /^(adt|siu|ack).*\d*\.hl7$/.test(name))
  .map((name) => Buffer.from(readFileSync(pathOf(name), 'utf8').replaceAll('\n', '\r')))
const resources = files.filter((name) => name.endsWith('.json')).map((name) => readFileSync(pathOf(name)))

/** Every place in a value that can be replaced. */
function places(value: JsonValue, found: ((to: JsonValue) => void)[] = []): ((to: JsonValue) => void)[] {
  if (Array.isArray(value)) {
    value.forEach((one, i) => {
      found.push((to) => void (value[i] = to))
      places(one, found)
    })
  } else if (isObject(value)) {
    for (const name of Object.keys(value)) {
      found.push((to) => void (value[name] = to))
      places(value[name]!, found)
    }
  }
  return found
}

const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(
    '9999-12-31T23:59:59+01:00',
    '0001-01-01',
    '',
    '""',
    '#x',
    'urn:uuid:0',
    'QUAL',
    1e308,
    -1,
    [[]],
    [null],
    [{}],
  ),
)

test('a resource with a wrong value anywhere is converted or told, never a fault, and never loops', () => {
  const change = fc.tuple(fc.nat(), anything)
  fc.assert(
    fc.property(fc.constantFrom(...resources), fc.array(change, { minLength: 1, maxLength: 3 }), (bytes, changes) => {
      const resource = jsonOf(bytes)
      for (const [n, to] of changes) {
        const all = places(resource)
        all[n % all.length]?.(structuredClone(to) as JsonValue)
      }
      const read = parseStrict(Buffer.from(JSON.stringify(resource)))
      if (!read.ok || !isObject(read.value)) return
      const made = toHl7(read.value as JsonObject, CONTEXT)
      if (made.ok) expect(readMessage(made.made.bytes).ok).toBe(true)
    }),
    { numRuns: 400 },
  )
})

test('a message with wrong bytes anywhere is converted or told, never a fault', () => {
  const bit = fc.oneof(
    fc.constantFrom(
      '|',
      '^',
      '~',
      '&',
      '\\',
      '""',
      '\r',
      'ZZZ|',
      '99991231235959+0100',
      '000000',
      '1e9',
      '\\XE9\\',
      '\xff',
    ),
    fc.string({ maxLength: 4 }),
  )
  const splice = fc.tuple(fc.nat(), fc.nat({ max: 12 }), bit)
  fc.assert(
    fc.property(fc.constantFrom(...messages), fc.array(splice, { minLength: 1, maxLength: 4 }), (bytes, splices) => {
      let text = bytes.toString('latin1')
      for (const [at, gone, put] of splices) {
        const start = 60 + (at % (text.length - 60))
        text = text.slice(0, start) + put + text.slice(start + gone)
      }
      const read = readMessage(Buffer.from(text, 'latin1'))
      if (!read.ok) return
      const made = toFhir(read.message, CONTEXT)
      if (made.ok) expect(parseStrict(made.made.bytes).ok).toBe(true)
    }),
    { numRuns: 400 },
  )
})

const patient = { resourceType: 'Patient', identifier: [{ system: 'urn:oid:1.2.3', value: '1' }] }
const about = { code: { text: 'x' }, subject: { reference: 'urn:uuid:p' } }
const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i)
const bundle = (entry: JsonObject[]): JsonObject => ({
  resourceType: 'Bundle',
  type: 'message',
  entry: [{ fullUrl: 'urn:uuid:p', resource: patient }, ...entry],
})

test('observations that are members of one another are told once each, in their order', () => {
  const all = numbers(200)
  const members = all.map((n) => ({ reference: `urn:uuid:${n}` }))
  const resource = bundle([
    { resource: { resourceType: 'DiagnosticReport', status: 'final', ...about, result: members.slice(0, 1) } },
    ...all.map((n) => ({
      fullUrl: `urn:uuid:${n}`,
      resource: { resourceType: 'Observation', status: 'final', ...about, valueInteger: n, hasMember: members },
    })),
  ])
  const made = toHl7(resource, CONTEXT)
  if (!made.ok) throw new Error(made.at)
  expect(messageFrom(made.made.bytes).values('OBX-5')).toEqual(all.map(String))
})

test('reports that all list the same observations come to an end', () => {
  const all = numbers(249)
  const members = all.map((n) => ({ reference: `urn:uuid:${n}` }))
  const observation = { resourceType: 'Observation', status: 'final', ...about, hasMember: members }
  const report = { resourceType: 'DiagnosticReport', status: 'final', ...about, result: members.slice(0, 1) }
  const made = toHl7(
    bundle(
      all.flatMap((n) => [{ resource: { ...report } }, { fullUrl: `urn:uuid:${n}`, resource: { ...observation } }]),
    ),
    CONTEXT,
  )
  expect(made.ok ? 'converted' : `${made.code} ${made.at}`).toBe('CONVERSION_FAILED DiagnosticReport.result')
})

test('many requests, each with its Task and its Observation, are converted in one look at each', () => {
  const request = (n: number): JsonObject => ({
    resourceType: 'ServiceRequest',
    status: 'active',
    identifier: [{ value: `D${n}` }],
    ...about,
  })
  const basedOn = (n: number) => ({ ...about, basedOn: [{ reference: `urn:uuid:r${n}` }] })
  const all = numbers(3_000)
  const resource = bundle(
    all.flatMap((n) => [
      { fullUrl: `urn:uuid:r${n}`, resource: request(n) },
      { resource: { resourceType: 'Task', status: n === 7 ? 'accepted' : 'requested', ...basedOn(n) } },
      { resource: { resourceType: 'Observation', status: 'final', valueInteger: n, ...basedOn(n) } },
    ]),
  )
  const made = toHl7(resource, CONTEXT)
  if (!made.ok) throw new Error(made.at)
  const message = messageFrom(made.made.bytes)
  expect(all.map((n) => message.text(`OBX(${n + 1})-5`))).toEqual(all.map(String))
  expect([message.text('ORC(7)-1'), message.text('ORC(8)-1')]).toEqual(['NW', 'SC'])
})

test('a role that names itself names nobody', () => {
  const self = { reference: 'urn:uuid:r' }
  const made = toHl7(
    bundle([
      { fullUrl: 'urn:uuid:r', resource: { resourceType: 'PractitionerRole', practitioner: self, organization: self } },
      { resource: { resourceType: 'Observation', status: 'final', ...about, valueInteger: 1, performer: [self] } },
    ]),
    CONTEXT,
  )
  expect(made.ok && messageFrom(made.made.bytes).text('OBX-16')).toBe(null)
})

test('locations that are part of each other end', () => {
  const location = (id: string, partOf: string): JsonObject => ({
    resourceType: 'Location',
    id,
    name: id,
    partOf: { reference: `#${partOf}` },
  })
  const stay = jsonOf(readFileSync(pathOf('stay.json')))
  const [, , entry] = stay['entry'] as JsonObject[]
  const encounter = entry!['resource'] as JsonObject
  encounter['contained'] = [location('a', 'b'), location('b', 'a')]
  encounter['location'] = [{ location: { reference: '#a' } }]
  expect(toHl7(stay, CONTEXT).ok).toBe(true)
})
