import fc from 'fast-check'
import { cutsOf } from '../../src/formats/fhir/cut-json.ts'
import { identitiesOf } from '../../src/formats/fhir/ins-places.ts'
import { parseStrict } from '../../src/formats/fhir/json.ts'
import type { JsonObject } from '../../src/formats/fhir/json-value.ts'
import { readHeader } from '../../src/formats/hl7v2/header.ts'
import { patientIdentities } from '../../src/formats/hl7v2/identifiers.ts'
import { readMessage } from '../../src/formats/hl7v2/message.ts'
import { withheldOf } from '../../src/formats/hl7v2/withheld.ts'
import { withoutWithheld, writeRanges } from '../../src/pipeline/withheld.ts'

/**
 * No INS of an identity that is not qualified leaves, and nothing else changes: generated HL7 v2 and FHIR messages against
 * what is written anew without it. @throws with the smallest message that breaks it */
export function proveIns(runs: number, seed: number): void {
  fc.assert(fc.property(hl7Message, hl7Holds), { numRuns: runs, seed })
  fc.assert(fc.property(fhirResource, fc.constantFrom(undefined, 1, '\t'), fhirHolds), { numRuns: runs, seed })
}

const ARCS = ['8', '9', '10', '11'] as const
const PREFIX = '1.2.250.1.213.1.4.'

/** One repetition: what it is, and how it is written. */
interface Repetition {
  readonly ins: boolean
  write(d: Delimiters): string
}
interface Delimiters {
  readonly field: string
  readonly component: string
  readonly repetition: string
  readonly escape: string
  readonly sub: string
}

const hex = (text: string, { escape: mark }: Delimiters): string =>
  `${mark}X${Buffer.from(text).toString('hex').toUpperCase()}${mark}`
const number = fc.stringMatching(/^[1-8]\d{14}$/)
const hd = (id: string, d: Delimiters): string => ['ASIP', id, 'ISO'].join(d.sub)
const cx = (id: string, authority: string, type: string, d: Delimiters): string =>
  [id, '', '', authority, type].join(d.component)

const repetition: fc.Arbitrary<Repetition> = fc.oneof(
  fc
    .record({ id: number, arc: fc.constantFrom(...ARCS), type: fc.constantFrom('INS', 'PI', '') })
    .map(({ id, arc, type }) => ({
      ins: true,
      write: (d: Delimiters) => cx(id, hd(PREFIX + arc, d), type, d),
    })),
  // By its type alone, and with everything in hexadecimal.
  number.map((id) => ({ ins: true, write: (d: Delimiters) => cx(id, hd('1.2.3', d), 'INS', d) })),
  number.map((id) => ({
    ins: true,
    write: (d: Delimiters) => cx(hex(id, d), hd(hex(`${PREFIX}8`, d), d), hex('INS', d), d),
  })),
  number.map((id) => ({ ins: false, write: (d: Delimiters) => cx(id, hd(`${PREFIX}8`, d), 'NH', d) })),
  number.map((id) => ({ ins: false, write: (d: Delimiters) => cx(id, hd('1.2.250.1.71.4.2.2', d), 'PI', d) })),
  fc
    .constantFrom('', '""')
    .map((id) => ({ ins: false, write: (d: Delimiters) => cx(id, hd(`${PREFIX}8`, d), 'INS', d) })),
  fc.constantFrom('', 'x').map((text) => ({ ins: false, write: () => text })),
)
const field = fc.array(repetition, { maxLength: 5 })

const patient = fc.record({
  statuses: fc.array(fc.constantFrom('VALI', 'PROV', 'VIDE', 'DOUT', 'FICT', 'HOMA', ''), { maxLength: 3 }),
  corrected: fc.constantFrom('', 'Y', 'N'),
  two: field,
  three: field,
  four: field,
  merged: fc.option(field, { nil: null }),
})

const hl7Message = fc.record({
  delimiters: fc.constantFrom(
    { field: '|', component: '^', repetition: '~', escape: '\\', sub: '&' },
    { field: '$', component: '%', repetition: '*', escape: '!', sub: '@' },
  ),
  end: fc.constantFrom('\r', '\r\n', '\n'),
  kind: fc.constantFrom(['ADT', 'A28'], ['ADT', 'A40'], ['ADT', 'A47'], ['ORU', 'R01']),
  name: fc.constantFrom('ESSAI', 'Z\u00e9\u0153', 'a\\F\\b'),
  charset: fc.constantFrom('', '8859/15', 'UNICODE UTF-8'),
  patients: fc.array(patient, { minLength: 1, maxLength: 3 }),
})
type Model = typeof hl7Message extends fc.Arbitrary<infer T> ? T : never

function isQualified({ statuses, corrected }: Model['patients'][number]): boolean {
  return statuses.includes('VALI') && !statuses.includes('DOUT') && !statuses.includes('FICT') && corrected !== 'Y'
}

/** The message as it comes; `left`: as it may leave. */
function written(model: Model, left: boolean): Buffer {
  const { delimiters: d, kind } = model
  const of = (repetitions: readonly Repetition[], qualified: boolean, keeps = false): string =>
    repetitions
      .filter(({ ins }) => !left || qualified || keeps || !ins)
      .map((one) => one.write(d))
      .join(d.repetition)
  const header = [`MSH`, `${d.component}${d.repetition}${d.escape}${d.sub}`, 'A', 'B', 'C', 'D', '20260310', '']
  const lines = [[...header, kind.join(d.component), '1', 'T', '2.5', '', '', '', '', '', model.charset].join(d.field)]
  for (const one of model.patients) {
    const qualified = isQualified(one)
    const fields: string[] = Array.from({ length: 33 }, () => '')
    fields[0] = 'PID'
    fields[2] = of(one.two, qualified)
    fields[3] = of(one.three, qualified)
    fields[4] = of(one.four, qualified)
    fields[5] = model.name
    fields[32] = one.statuses.join(d.repetition)
    lines.push(fields.join(d.field))
    if (one.merged !== null) lines.push(`MRG${d.field}${of(one.merged, qualified, kind[1] === 'A47')}`)
    if (one.corrected !== '') lines.push(['ZFD', '', '', '', one.corrected].join(d.field))
  }
  return Buffer.from(lines.map((line) => line + model.end).join(''), 'utf8')
}

function hl7Holds(model: Model): boolean {
  const bytes = written(model, false)
  const read = readMessage(bytes)
  if (!read.ok) throw new Error(read.code)
  const ranges = writeRanges(withheldOf(patientIdentities(read.message), readHeader(read.message).kind))
  const left = withoutWithheld(bytes, ranges)
  if (!left.equals(written(model, true))) throw new Error(JSON.stringify(left.toString()))
  return true
}

const identifier = fc.oneof(
  fc.record({
    system: fc.constantFrom(...ARCS.map((arc) => `urn:oid:${PREFIX}${arc}`)),
    value: fc.constantFrom('1', '2', '3'),
  }),
  fc.record({
    system: fc.constantFrom(`urn:oid:${PREFIX}8`),
    value: number,
    type: fc.constant({ coding: [{ code: 'NH' }] }),
  }),
  fc.record({ system: fc.constant('urn:oid:1.2.3'), value: fc.constantFrom('1', '"\\{[é') }),
)
const status = fc.constantFrom('QUAL', 'VALI', 'PROV', 'RECUP', null)
const patientResource = fc.record({
  resourceType: fc.constant('Patient'),
  extension: fc.tuple(status, fc.constantFrom(null, 'DOUT', 'HOMA')).map(([code, comment]) => [
    {
      url: 'https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability',
      extension: [
        { url: 'methodCollection', valueCoding: { code: 'SM' } },
        ...(code === null ? [] : [{ url: 'identityStatus', valueCoding: { code } }]),
        ...(comment === null ? [] : [{ url: 'comment', valueCodeableConcept: { coding: [{ code: comment }] } }]),
      ],
    },
  ]),
  identifier: fc.array(identifier, { minLength: 1, maxLength: 4 }),
})
const reference = fc.oneof(
  identifier.map((one) => ({ identifier: one })),
  identifier.map((one) => ({ type: 'Patient', identifier: one, display: 'é' })),
  identifier.map((one) => ({ reference: `Patient?identifier=${one.system}|${encodeURIComponent(one.value)}` })),
  identifier.map((one) => ({ reference: 'Patient/1', identifier: one })),
  fc.constant({ reference: 'Patient/1' }),
)
const requestResource = fc.record({
  resourceType: fc.constant('ServiceRequest'),
  subject: reference,
  supportingInfo: fc.array(reference, { minLength: 1, maxLength: 3 }),
  contained: fc.array(patientResource, { minLength: 1, maxLength: 2 }),
})
const fhirResource = fc.oneof(
  patientResource,
  requestResource,
  fc.array(fc.oneof(patientResource, requestResource), { minLength: 1, maxLength: 4 }).map((resources) => ({
    resourceType: 'Bundle',
    type: 'collection',
    entry: resources.map((resource) => ({ resource })),
  })),
)

type Json = null | boolean | number | string | Json[] | { [name: string]: Json }
const isRecord = (value: Json | undefined): value is { [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isInsOf = (value: Json): string | null => {
  if (!isRecord(value) || typeof value['system'] !== 'string' || !value['system'].startsWith(`urn:oid:${PREFIX}`))
    return null
  return JSON.stringify(value['type'] ?? null).includes('NH') ? null : `${value['system']}|${String(value['value'])}`
}
const mayCarry = (patient: { [name: string]: Json }): boolean => {
  const text = JSON.stringify(patient['extension'] ?? null)
  return text.includes('"QUAL"') && !text.includes('"DOUT"')
}

interface Borne {
  readonly qualified: Set<string>
  readonly denied: Set<string>
}

/** Every INS that a patient bears, by whether it is qualified. */
function borne(value: Json, found: Borne = { qualified: new Set(), denied: new Set() }): Borne {
  if (Array.isArray(value)) for (const one of value) borne(one, found)
  if (!isRecord(value)) return found
  if (value['resourceType'] === 'Patient') {
    const into = mayCarry(value) ? found.qualified : found.denied
    for (const one of value['identifier'] as Json[]) if (isInsOf(one) !== null) into.add(isInsOf(one)!)
  }
  for (const one of Object.values(value)) borne(one, found)
  return found
}

/** The value without what may not travel; undefined when nothing is left. */
function without(value: Json, known: Borne): Json | undefined {
  if (Array.isArray(value)) {
    const kept = value.map((one) => without(one, known)).filter((one) => one !== undefined)
    return kept.length === 0 ? undefined : kept
  }
  if (!isRecord(value)) return value
  const isPatient = value['resourceType'] === 'Patient'
  // All that a reference says of the patient stays, unless somebody says that it may not.
  const stays = (ins: string, only: boolean): boolean => known.qualified.has(ins) || (only && !known.denied.has(ins))
  const kept = Object.entries(value).flatMap(([name, one]): [string, Json][] => {
    if (isPatient && name === 'identifier') {
      const left = (one as Json[]).filter((inner) => mayCarry(value) || isInsOf(inner) === null)
      return left.length === 0 ? [] : [[name, left]]
    }
    const condition =
      name === 'reference' ? /^Patient\?identifier=(urn:oid:1\.2\.250\.1\.213.*)$/.exec(String(one)) : null
    if (condition !== null)
      return stays(decodeURIComponent(condition[1]!), !('identifier' in value)) ? [[name, one]] : []
    const ins = isInsOf(one)
    if (ins !== null) return stays(ins, !('reference' in value)) ? [[name, one]] : []
    const left = without(one, known)
    return left === undefined ? [] : [[name, left]]
  })
  return kept.length === 0 ? undefined : Object.fromEntries(kept)
}

function fhirHolds(resource: object, space: string | number | undefined): boolean {
  const bytes = Buffer.from(JSON.stringify(resource, null, space))
  const read = parseStrict(bytes)
  if (!read.ok) throw new Error(read.code)
  const value = read.value as JsonObject
  const paths = identitiesOf(value)
    .ins.filter((one) => one.withheld)
    .map((one) => one.path)
  const left = withoutWithheld(bytes, writeRanges(paths.length === 0 ? [] : cutsOf(bytes, value, paths)))
  const expected = without(resource as Json, borne(resource as Json))
  if (JSON.stringify(JSON.parse(left.toString())) !== JSON.stringify(expected)) throw new Error(left.toString())
  return true
}
