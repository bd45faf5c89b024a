import { describe, expect, test } from 'vitest'
import { MAPPINGS, toFhir } from '../../../src/formats/bridge/bridge.ts'
import { resourcesOf } from '../../../src/formats/fhir/bundle.ts'
import { type JsonObject, objects } from '../../../src/formats/fhir/json-value.ts'
import { mdm } from '../../support/documents.ts'
import { changed, messageOf } from '../../support/sendings.ts'
import { CONTEXT } from './conversions.ts'

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
