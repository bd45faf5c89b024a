import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { MAPPINGS, toFhir } from '../../../src/formats/bridge/bridge.ts'
import { CONTEXT, messageOfText, pathOf } from './conversions.ts'

test.each<[name: string, file: string, admitted: string, lost: readonly string[]]>([
  ['a discharge that says when the stay began', 'adt-a03.hl7', '20261123094000+0100', []],
  ['one that does not, and so takes it away where it is written', 'adt-a03.hl7', '', ['CONVERSION_LOSS PV1-44']],
  ['an admission begins when it moves', 'adt-a01.hl7', '', []],
])('%s', (_name, file, admitted, lost) => {
  const text = readFileSync(pathOf(file), 'utf8').replace('20261123094000+0100|20261130', `${admitted}|20261130`)
  const made = toFhir(messageOfText(text), CONTEXT, MAPPINGS)
  if (!made.ok) throw new Error(made.at)
  const told = made.findings.map(({ code, at }) => `${code} ${at}`)
  expect(told.filter((one) => one.endsWith('PV1-44'))).toEqual(lost)
})
