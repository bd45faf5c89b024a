import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { bridgesDocument } from '../../../src/app/bridges-document.ts'
import { isConvertible, MAPPINGS, toFhir, toHl7 } from '../../../src/formats/bridge/bridge.ts'
import { CONTEXT, linesOf, messageOfText } from './conversions.ts'
import { allergyMapping } from './example/allergies.ts'

const page = readFileSync(new URL('../../../docs/bridges.md', import.meta.url), 'utf8')

test('docs/bridges.md lists the mappings and their losses; if not, run: node src/app/bridges-document.ts', () => {
  expect(page).toBe(bridgesDocument(page))
})

test('its worked example is the one that runs here', () => {
  const example = readFileSync(new URL('example/allergies.ts', import.meta.url), 'utf8')
  const shown = /```ts\n(.*?)```/s.exec(page)?.[1]
  expect(shown).toBe(
    example.replaceAll('../../../../src/formats/bridge/', './').replaceAll('../../../../src/formats/', '../'),
  )
})

test('the worked example converts both ways', () => {
  const mappings = [allergyMapping, ...MAPPINGS]
  const lines = [
    'MSH|^~\\&|DPI|CH-HAUT-ANJOU^539990028^M|||20261123||ADT^A60^ADT_A60|C1|T|2.5||||||UNICODE UTF-8',
    'PID|||300101^^^CH-HAUT-ANJOU&539990028&M^PI||LEROUX (FICTIF)^SUZANNE^SUZANNE^^^^L||19540312|F||||||||||||||||||||||||PROV',
    'IAM|1||J01CA04^Amoxicilline^ATC|||A|77^CH-HAUT-ANJOU^539990028^M',
    '',
  ]
  expect(isConvertible('ADT^A60', 'fhir', mappings)).toBe(true)
  const made = toFhir(messageOfText(lines.join('\n')), CONTEXT, mappings)
  if (!made.ok) throw new Error(made.at)
  expect(made.findings.map(({ code, at }) => `${code} ${at}`)).toEqual(['CONVERSION_LOSS IAM-6'])
  const back = toHl7(made.made.resource, CONTEXT, mappings)
  if (!back.ok) throw new Error(back.at)
  expect(linesOf(back.made.bytes).split('\n').slice(2)).toEqual([
    'PID|||300101^^^CH-HAUT-ANJOU&539990028&M^PI||LEROUX (FICTIF)^SUZANNE^SUZANNE^^^^L||19540312|F||||||||||||||||||||||||PROV',
    'IAM|1||J01CA04^Amoxicilline^ATC|||A|77^CH-HAUT-ANJOU^539990028^M',
    '',
  ])
})
