import { describe, expect, test } from 'vitest'
import { toFhir, toHl7 } from '../../../src/formats/bridge/bridge.ts'
import { CONTEXT, jsonOf, linesOf, messageIn, pathOf } from './conversions.ts'

const noticed = (findings: readonly { code: string; at?: string }[]): string[] =>
  findings.map(({ code, at }) => `${code} ${at}`)

describe('orders, results and documents from HL7 v2, and back', () => {
  test.each<[name: string, noticed: string[], back: string[]]>([
    ['stroke-order', [], []],
    ['stroke-order-omi', [], []],
    ['teleradiology-1-request', [], []],
    ['teleradiology-2-cancel', [], []],
    ['teleradiology-3-accepted', [], []],
    ['teleradiology-3-refused', [], []],
    ['teleradiology-4-complement', [], []],
    ['results-laboratory', [], []],
    ['results-corrected', [], []],
    ['results-nihss', [], []],
    ['document-initial', [], []],
    ['document-replace', [], []],
    ['document-delete', [], []],
    ['document-in-oru', [], []],
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
