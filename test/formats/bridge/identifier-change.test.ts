import { describe, expect, test } from 'vitest'
import { toFhir, toHl7 } from '../../../src/formats/bridge/bridge.ts'
import type { BridgeContext } from '../../../src/formats/bridge/context.ts'
import type { JsonObject } from '../../../src/formats/fhir/json.ts'
import { identityEvents } from '../../../src/formats/hl7v2/identity-event.ts'
import { messageFrom } from '../messages.ts'
import { CONTEXT, jsonOf, linesOf, messageIn, pathOf, resourceIn } from './conversions.ts'

const LOCAL = 'https://dpi.ch-haut-anjou.test/patients'
const NIR = 'urn:oid:1.2.250.1.213.1.4.10'
const NIA = 'urn:oid:1.2.250.1.213.1.4.9'
const id = (system: string, value: string, use = 'usual'): JsonObject => ({ system, value, use })
const nir = id(NIR, '254035313000022', 'official')
const other = id(NIR, '254035313000121', 'official')
const nia = id(NIA, '254035313000022', 'temp')

/** A patient with these identifiers, who may carry an INS unless `status` says otherwise. */
function patient(identifier: JsonObject[], status = 'QUAL', more: JsonObject = {}): JsonObject {
  return { ...resourceIn('patient.json'), extension: [reliability(status)], identifier, ...more }
}
function reliability(code: string): JsonObject {
  const valueCoding = { system: 'https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-identity-status', code }
  return {
    url: 'https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability',
    extension: [{ url: 'identityStatus', valueCoding }],
  }
}

/** What becomes of it: the event with PID-3.1, PID-3.4.2 and MRG-1 of each, or what is told, and what is lost. */
function told(resource: JsonObject, context: Partial<BridgeContext>): { said: string; lost: string[] } {
  const made = toHl7(resource, { ...CONTEXT, ...context })
  if (!made.ok) return { said: `${made.code} ${made.at}`, lost: [] }
  const message = messageFrom(made.made.bytes)
  const all = (path: string): string =>
    Array.from({ length: message.repetitions(path) }, (_, i) => message.text(`${path}(${i + 1}).1`)).join('~')
  const mrg = message.segments('MRG') === 0 ? '' : ` < ${all('MRG-1')}`
  return {
    said: `${message.text('MSH-9.2')} ${all('PID-3')}${mrg}`,
    lost: made.findings.map(({ code, at }) => `${code} ${at}`),
  }
}

describe('a Patient alone', () => {
  test('that was created is A28', async () => {
    const made = toHl7(resourceIn('patient.json'), { ...CONTEXT, change: 'create' })
    if (!made.ok) throw new Error(made.at)
    await expect(linesOf(made.made.bytes)).toMatchFileSnapshot(pathOf('patient-created.hl7'))
  })

  test.each<[name: string, change: 'create' | 'update' | undefined, method: string | null, event: string]>([
    ['created at the door', 'create', null, 'A28'],
    ['updated at the door', 'update', null, 'A31'],
    ['of which nothing is known', undefined, null, 'A31'],
    ['in a transaction, by POST', 'update', 'POST', 'A28'],
    ['in a transaction, by PUT', 'update', 'PUT', 'A31'],
  ])('%s', (_name, change, method, event) => {
    const one = resourceIn('patient.json')
    const entry = { resource: one, ...(method === null ? {} : { request: { method, url: 'Patient' } }) }
    const root = method === null ? one : { resourceType: 'Bundle', type: 'transaction', entry: [entry] }
    const made = toHl7(root, { ...CONTEXT, ...(change === undefined ? {} : { change }) })
    if (!made.ok) throw new Error(made.at)
    const message = messageFrom(made.made.bytes)
    expect([message.text('MSH-9.2'), message.text('MSH-9.3'), message.text('PV1-2')]).toEqual([event, 'ADT_A05', 'N'])
  })
})

describe('between two versions', () => {
  const one = id(LOCAL, 'A|12')
  const two = id(LOCAL, 'A|13')
  const old = { ...one, use: 'old' }
  const foreign = id('urn:oid:9.9', 'F1', 'secondary')
  const renamed = { name: [{ use: 'official', family: 'AUTRE (FICTIF)', given: ['ZOE'] }] }

  test.each<[name: string, before: JsonObject, after: JsonObject, said: string, lost?: string[]]>([
    ['nothing', patient([nir, one]), patient([nir, one]), 'A31 254035313000022~A|12'],
    ['another name', patient([one]), patient([one], 'QUAL', renamed), 'A31 A|12'],
    ['one more identifier', patient([one]), patient([one, foreign]), 'A31 A|12~F1'],
    ['a NIR beside the NIA', patient([one, nia]), patient([one, nia, nir]), 'A31 A|12~254035313000022~254035313000022'],
    ['one in the place of another', patient([nir, one]), patient([nir, two]), 'A47 A|13 < A|12'],
    ['the former one as old', patient([one, nir]), patient([old, two, nir]), 'A47 A|13 < A|12'],
    ['removed', patient([one, foreign]), patient([one]), 'A47 "" < F1'],
    ['only old from now on', patient([one, foreign]), patient([old, foreign]), 'A47 "" < A|12'],
    ['the only one removed', patient([one]), patient([]), 'A47 "" < A|12'],
    ['another INS', patient([nir, one]), patient([other, one]), 'A47 254035313000121 < 254035313000022'],
    ['the NIA goes, the NIR stays', patient([nia, other]), patient([other]), 'A47 254035313000121 < 254035313000022'],
    ['the INS removed', patient([nir, one]), patient([one], 'PROV'), 'A47 "" < 254035313000022'],
    ['every INS removed', patient([nia, other, one]), patient([one], 'VALI'), 'A47 "" < 254035313000121'],
    [
      'an INS that may travel no more',
      patient([nir, one]),
      patient([nir, one], 'RECUP'),
      'A47 "" < 254035313000022',
      ['INS_STRIPPED Patient.identifier'],
    ],
    [
      'another, and something else',
      patient([one, nir]),
      patient([two, nir, foreign], 'QUAL', renamed),
      'A47 A|13 < A|12',
      ['CONVERSION_LOSS Patient.identifier', 'CONVERSION_LOSS Patient.name'],
    ],
    ['two at once', patient([one, foreign]), patient([two]), 'CONVERSION_FAILED Patient.identifier'],
    ['one by two', patient([one]), patient([two, id(LOCAL, 'A|14')]), 'CONVERSION_FAILED Patient.identifier'],
    ['an INS and another', patient([nir, one]), patient([other, two]), 'CONVERSION_FAILED Patient.identifier'],
    ['two INS by one', patient([nia, nir]), patient([other]), 'CONVERSION_FAILED Patient.identifier'],
  ])('%s', (_name, before, after, said, lost = []) => {
    expect(told(after, { change: 'update', before })).toEqual({ said, lost })
  })

  test('of which the former is gone: A31, and it is told', () => {
    expect(told(patient([one]), { change: 'update', before: null })).toEqual({
      said: 'A31 A|12',
      lost: ['PRIOR_VERSION_GONE Patient.identifier'],
    })
  })

  test.each<[name: string, after: JsonObject, event: object]>([
    [
      'patient-renumbered',
      patient([nir, two, old]),
      { what: 'change', from: { value: 'A|12' }, to: { value: 'A|13' } },
    ],
    ['patient-demoted', patient([nir, one], 'RECUP'), { what: 'ins-removal', of: [{ value: nir['value'] }] }],
  ])('%s.hl7, and there again', async (name, after, event) => {
    const made = toHl7(after, { ...CONTEXT, change: 'update', before: patient([nir, one]) })
    if (!made.ok) throw new Error(made.at)
    await expect(linesOf(made.made.bytes)).toMatchFileSnapshot(pathOf(`${name}.hl7`))
    const patch = toFhir(messageFrom(made.made.bytes), CONTEXT)
    if (!patch.ok) throw new Error(patch.at)
    const again = toHl7(jsonOf(patch.made.bytes), CONTEXT)
    if (!again.ok) throw new Error(again.at)
    const [sent, returned] = [messageFrom(made.made.bytes), messageFrom(again.made.bytes)]
    for (const path of ['MSH-9.2', 'PID-3', 'MRG-1']) expect(returned.raw(path)).toEqual(sent.raw(path))
    // What another gateway takes it for.
    expect(identityEvents(sent, 'ADT^A47')).toMatchObject([event])
  })
})

describe('a patch', () => {
  const bundleOf = (name: string): JsonObject => {
    const made = toFhir(messageIn(`${name}.hl7`), CONTEXT)
    if (!made.ok) throw new Error(made.at)
    return jsonOf(made.made.bytes)
  }
  const entryOf = (bundle: JsonObject): JsonObject => (bundle['entry'] as JsonObject[])[0]!
  const operationsOf = (bundle: JsonObject): JsonObject[] =>
    (entryOf(bundle)['resource'] as JsonObject)['parameter'] as JsonObject[]
  const operation = (type: string, path: string, ...more: JsonObject[]): JsonObject => ({
    name: 'operation',
    part: [{ name: 'type', valueCode: type }, { name: 'path', valueString: path }, ...more],
  })
  const added = (value: JsonObject): JsonObject =>
    operation('add', 'Patient', { name: 'name', valueString: 'identifier' }, { name: 'value', valueIdentifier: value })

  test.each<[name: string, from: string, change: (bundle: JsonObject) => unknown, said: string]>([
    ['as we write it', 'adt-a47-changed', () => null, "A47 300101 < O'300&99"],
    [
      'another operation',
      'adt-a47-changed',
      (bundle) => operationsOf(bundle).push(operation('delete', 'Patient.name')),
      'CONVERSION_FAILED Parameters.parameter',
    ],
    [
      'another way to say it',
      'adt-a47-changed',
      (bundle) => operationsOf(bundle).splice(0, 2, operation('delete', 'Patient.identifier[0]')),
      'CONVERSION_FAILED Parameters.parameter',
    ],
    [
      'two that go',
      'adt-a47-changed',
      (bundle) =>
        operationsOf(bundle).push(operation('delete', "Patient.identifier.where(system = 'a:b' and value = '1')")),
      'CONVERSION_FAILED Parameters.parameter',
    ],
    [
      'one is added, and none goes',
      'adt-a47-changed',
      (bundle) => operationsOf(bundle).splice(0, 4, added(id('a:b', '1'))),
      'CONVERSION_FAILED Parameters.parameter',
    ],
    [
      'one INS of several',
      'adt-a47-ins-deleted',
      (bundle) => operationsOf(bundle).splice(1, 1),
      'CONVERSION_FAILED Parameters.parameter',
    ],
    [
      'another INS whose status is not told',
      'adt-a47-ins-changed',
      (bundle) => operationsOf(bundle).splice(-2, 2),
      'CONVERSION_FAILED Parameters.parameter',
    ],
    [
      'a status that goes, and none comes',
      'adt-a47-ins-changed',
      (bundle) => operationsOf(bundle).splice(-1, 1),
      'CONVERSION_FAILED Parameters.parameter',
    ],
    [
      'of something else',
      'adt-a47-changed',
      (bundle) => Object.assign(entryOf(bundle), { request: { method: 'PATCH', url: 'Observation/1' } }),
      'CONVERSION_NONE ',
    ],
    [
      'beside another entry',
      'adt-a47-changed',
      (bundle) => (bundle['entry'] as JsonObject[]).push({ resource: resourceIn('patient.json') }),
      'CONVERSION_FAILED Bundle.entry',
    ],
    [
      'twice',
      'adt-a47-changed',
      (bundle) => (bundle['entry'] as JsonObject[]).push(structuredClone(entryOf(bundle))),
      'CONVERSION_FAILED Bundle.entry',
    ],
  ])('%s', (_name, from, change, said) => {
    const bundle = bundleOf(from)
    change(bundle)
    expect(told(bundle, {}).said).toBe(said)
  })
})
