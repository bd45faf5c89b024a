import { describe, expect, test } from 'vitest'
import { toFhir, toHl7 } from '../../../src/formats/bridge/bridge.ts'
import { CONTEXT, jsonOf, linesOf, messageIn, pathOf, resourceIn } from './conversions.ts'

/** Places that a conversion told as lost. */
const noticed = (findings: readonly { code: string; at?: string }[]): string[] =>
  findings.map(({ code, at }) => (code === 'CONVERSION_LOSS' ? `${at}` : `${code} ${at}`))

describe('orders, results and documents from HL7 v2, and back', () => {
  test.each<[name: string, noticed: string[], back: string[]]>([
    ['stroke-order', [], []],
    ['stroke-order-omi', ['IPC-2', 'IPC-4', 'IPC-6'], []],
    ['teleradiology-1-request', [], []],
    ['teleradiology-2-cancel', [], []],
    ['teleradiology-3-accepted', [], []],
    ['teleradiology-3-refused', [], []],
    ['teleradiology-4-complement', [], []],
    ['results-laboratory', ['ORC-5', 'ORC-9', 'ORC-12', 'OBR-16'], []],
    ['results-corrected', ['ORC-5', 'ORC-9', 'ORC-12', 'OBR-16'], []],
    ['results-nihss', [], []],
    ['document-initial', [], []],
    ['document-replace', [], []],
    ['document-delete', [], []],
    ['document-in-oru', ['OBR-25'], []],
  ])('%s', async (name, expected, lostOnTheWayBack) => {
    const made = toFhir(messageIn(`${name}.hl7`), CONTEXT)
    expect(made).toMatchObject({ ok: true })
    if (!made.ok) return
    await expect(`${JSON.stringify(made.made.resource, null, 2)}\n`).toMatchFileSnapshot(pathOf(`${name}.fhir.json`))
    const back = toHl7(jsonOf(made.made.bytes), CONTEXT)
    expect(back).toMatchObject({ ok: true })
    if (!back.ok) return
    await expect(linesOf(back.made.bytes)).toMatchFileSnapshot(pathOf(`${name}.back.hl7`))
    expect(noticed(made.findings)).toEqual(expected)
    expect(noticed(back.findings)).toEqual(lostOnTheWayBack)
  })
})

describe('orders, results and documents from FHIR', () => {
  test.each<[name: string, noticed: string[]]>([
    ['order-single', ['INS_STRIPPED Patient.identifier']],
    [
      'order-transaction',
      ['started', 'numberOfSeries', 'numberOfInstances', 'series'].map((one) => `ImagingStudy.${one}`),
    ],
    ['report', []],
    ['document', []],
    ['teleradiology-request', []],
    ['teleradiology-acceptance', []],
  ])('%s', async (name, expected) => {
    const made = toHl7(resourceIn(`${name}.json`), CONTEXT)
    expect(made).toMatchObject({ ok: true })
    if (!made.ok) return
    await expect(linesOf(made.made.bytes)).toMatchFileSnapshot(pathOf(`${name}.hl7`))
    expect(noticed(made.findings)).toEqual(expected)
  })
})
