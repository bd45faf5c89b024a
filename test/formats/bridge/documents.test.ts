import { describe, expect, test } from 'vitest'
import { MAPPINGS, toFhir, toHl7 } from '../../../src/formats/bridge/bridge.ts'
import { resourcesOf } from '../../../src/formats/fhir/bundle.ts'
import { type JsonObject, objects } from '../../../src/formats/fhir/json-value.ts'
import { mdm } from '../../support/documents.ts'
import { changed, messageOf } from '../../support/sendings.ts'
import { CONTEXT, linesOf, resourceIn } from './conversions.ts'

function bundleOf(segments: readonly string[]): JsonObject {
  const made = toFhir(messageOf(segments), CONTEXT, MAPPINGS)
  if (!made.ok) throw new Error(made.at)
  return made.made.resource
}

const LOINC = { system: 'http://loinc.org', code: '18748-4', display: "CR d'imagerie médicale" }
const TYPE = "18748-4^CR d'imagerie médicale^LN"
const bare = (segments: readonly string[]) => changed(segments, 'TXA', TYPE, '18748-4')

describe('the type of a document', () => {
  test.each<[name: string, segments: readonly string[], coding: JsonObject]>([
    ['as TXA-2 says it', mdm(), LOINC],
    ['a bare code with the system of OBX-3', bare(mdm()), LOINC],
    ['a bare code with the system of OBR-4', changed(bare(mdm()), 'OBX|1|', TYPE, '18748-4'), LOINC],
    ['another code has another system', changed(mdm(), 'TXA', TYPE, 'CR'), { code: 'CR' }],
    [
      'its own system stands',
      changed(mdm(), 'TXA', TYPE, 'CR^Compte rendu^LN'),
      { system: 'http://loinc.org', code: 'CR', display: 'Compte rendu' },
    ],
  ])('%s', (_name, segments, coding) => {
    const document = resourcesOf(bundleOf(segments)).find(({ resourceType }) => resourceType === 'DocumentReference')
    expect(document?.['type']).toEqual({ coding: [coding] })
  })
})

test('what pads the number of a structure or professional is no part of it', () => {
  const pad = '\u00a0'.repeat(18)
  const padded = changed(
    changed(mdm(), 'PRT||UC||SB', '^^^539990028', `^^^539990028${pad}`),
    'PRT||UC||SB',
    '|899900000011^',
    `|899900000011${pad} ^`,
  )
  expect(bundleOf(padded)).toEqual(bundleOf(mdm()))
  const found = objects(bundleOf(padded)['entry']).map(({ request }) => JSON.stringify(request))
  expect(found.join()).not.toMatch(/%C2%A0|\u00a0/)
})

describe('a document on its way to HL7 v2', () => {
  const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
  const label = (system: string, code: string) => ({ coding: [{ system, code }] })
  const [HIDDEN, SECRET, PLAIN] = [
    label('urn:oid:1.2.250.1.213.1.1.4.13', 'INVISIBLE_PATIENT'),
    label(CONFIDENTIALITY, 'V'),
    label(CONFIDENTIALITY, 'N'),
  ]
  const pdf = { attachment: { contentType: 'application/pdf', data: 'JVBERi0=' } }
  const cda = { attachment: { contentType: 'text/xml', data: 'PGEvPg==' } }
  const recipient = { url: 'https://profiles.ihe.net/ITI/MHD/StructureDefinition/ihe-intendedRecipient' }
  const sent = (more: JsonObject) => {
    const example = resourceIn('document.json')
    const entry = objects(example['entry']).map((one) => {
      const document = one['resource'] as JsonObject
      if (document['resourceType'] !== 'DocumentReference') return one
      const { extension: _, securityLabel: __, relatesTo: ___, ...rest } = document
      return { ...one, resource: { ...rest, ...more } }
    })
    return toHl7({ ...example, entry }, CONTEXT)
  }

  test.each<[name: string, more: JsonObject, lost: string[]]>([
    ['nothing', { content: [pdf] }, []],
    ['what is plain', { content: [pdf], securityLabel: [PLAIN] }, []],
    ['the masks of a CDA', { content: [cda], securityLabel: [HIDDEN] }, []],
    ['the masks of what is no CDA', { content: [pdf], securityLabel: [HIDDEN] }, ['DocumentReference.securityLabel']],
    ['a label without a metadatum', { content: [cda], securityLabel: [SECRET] }, ['DocumentReference.securityLabel']],
    ['a second content', { content: [cda, pdf] }, ['DocumentReference.content']],
    ['recipients of what is no CDA', { content: [pdf], extension: [recipient] }, ['DocumentReference.extension']],
  ])('tells what it loses: %s', (_name, more, lost) => {
    const made = sent(more)
    expect(made.ok && made.findings.filter(({ code }) => code === 'CONVERSION_LOSS').map(({ at }) => at)).toEqual(lost)
  })

  test.each<[name: string, target: JsonObject, event: string | false]>([
    ['named by its identifier', { identifier: { system: 'urn:ietf:rfc3986', value: 'urn:oid:1.2.3' } }, 'MDM^T10'],
    ['named by a reference alone', { reference: 'DocumentReference/77' }, false],
  ])('is no new one where it replaces another: %s', (_name, target, event) => {
    const made = sent({ content: [cda], relatesTo: [{ code: 'replaces', target }] })
    expect(made.ok ? /MDM\^T\d\d/.exec(linesOf(made.made.bytes))?.[0] : made.at).toBe(
      event === false ? 'DocumentReference.relatesTo' : event,
    )
  })
})

test.each([
  ['preliminary', 'P'],
  ['amended', 'C'],
  ['entered-in-error', 'W'],
  ['final', 'F'],
])('the document of a report that is %s is %s; one that is not there is told', (status, code) => {
  const example = resourceIn('document.json')
  const [patient] = objects(example['entry'])
  const report = {
    resourceType: 'DiagnosticReport',
    identifier: [{ system: 'urn:oid:1.2.3', value: 'R1' }],
    status,
    code: { text: 'Compte rendu' },
    subject: { reference: patient!['fullUrl']! },
    presentedForm: [{ contentType: 'application/pdf', data: 'JVBERi0=' }, { url: 'https://dpi.test/1.pdf' }],
  }
  const made = toHl7({ ...example, entry: [patient!, { fullUrl: 'urn:uuid:1', resource: report }] }, CONTEXT)
  expect(
    made.ok &&
      linesOf(made.made.bytes)
        .split('\n')
        .find((line) => line.startsWith('OBX'))
        ?.split('|')[11],
  ).toBe(code)
  expect(made.ok && made.findings.map(({ at }) => at)).toContain('DiagnosticReport.presentedForm')
})
