import { describe, expect, test } from 'vitest'
import { toFhir, toHl7 } from '../../../src/formats/bridge/bridge.ts'
import { CONTEXT, jsonOf, linesOf, messageIn, pathOf } from './conversions.ts'

/** What a conversion noticed, as lines: `CODE PLACE`. */
const noticed = (findings: readonly { code: string; at?: string }[]): string[] =>
  findings.map(({ code, at }) => `${code} ${at}`)

const LOSSES_OF_ZBE = ['ZBE-1', 'ZBE-4', 'ZBE-5', 'ZBE-9'].map((at) => `CONVERSION_LOSS ${at}`)

describe('from HL7 v2, and back', () => {
  test.each<[name: string, noticed: string[]]>([
    ['adt-a01', LOSSES_OF_ZBE],
    ['adt-a03', ['CONVERSION_LOSS PV1-36', ...LOSSES_OF_ZBE]],
    ['adt-a04', ['CONVERSION_LOSS PV1-4', ...LOSSES_OF_ZBE, 'CONVERSION_LOSS ZFM']],
    ['adt-a05', LOSSES_OF_ZBE],
    ['adt-a28', ['INS_STRIPPED PID-3']],
    ['adt-a31', ['CONVERSION_LOSS NK1']],
    ['adt-a40', []],
    ['adt-a47-changed', []],
    ['adt-a47-ins-changed', []],
    ['adt-a47-ins-deleted', []],
    ['adt-a47-deleted', []],
    ['siu-s12', []],
    ['siu-s14', []],
    ['siu-s15', []],
    ['siu-s26', []],
    ['ack-aa', []],
    ['ack-ae', ['CONVERSION_LOSS ERR-8']],
  ])('%s', async (name, expected) => {
    const made = toFhir(messageIn(`${name}.hl7`), CONTEXT)
    expect(made.ok).toBe(true)
    if (!made.ok) return
    expect(noticed(made.findings)).toEqual(expected)
    await expect(`${JSON.stringify(made.made.resource, null, 2)}\n`).toMatchFileSnapshot(pathOf(`${name}.fhir.json`))
    const back = toHl7(jsonOf(made.made.bytes), CONTEXT)
    expect(back.ok).toBe(true)
    if (!back.ok) return
    expect(noticed(back.findings)).toEqual(name.startsWith('adt-a47') ? ['CONVERSION_LOSS Patient.name'] : [])
    await expect(linesOf(back.made.bytes)).toMatchFileSnapshot(pathOf(`${name}.back.hl7`))
  })
})
