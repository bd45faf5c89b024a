import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { pathOf } from './conversions.ts'

/** The proof of the rule files knows how to judge lines of text. */
const JUDGE = new URL('../hl7v2-rules/prove.ts', import.meta.url)
const made = readdirSync(pathOf('')).filter((name) => name.endsWith('.back.hl7'))
const own = [
  ...[
    'patient',
    'patient-created',
    'patient-renumbered',
    'patient-demoted',
    'stay',
    'appointment',
    'order-single',
    'order-transaction',
    'report',
    'document',
  ],
  ...['teleradiology-request', 'teleradiology-acceptance'],
].map((name) => `${name}.hl7`)

// What the bridge writes is judged by the rules where both are there.
describe.skipIf(!existsSync(JUDGE))('the rules of HL7 v2 find nothing in what is made of FHIR', () => {
  test.each([...made, ...own])('%s', async (name) => {
    const { findingsIn } = (await import(JUDGE.href)) as {
      findingsIn: (lines: readonly string[]) => readonly { class: string; code: string; at: string }[]
    }
    const lines = readFileSync(pathOf(name), 'utf8')
      .trimEnd()
      .split(/[\r\n]/)
    // A patch of identifiers tells no name, and so not the birth name, which is expected.
    const nameless = /^adt-a47.*back/.test(name) ? ['form VALUE_UNLISTED PID-5.7'] : []
    expect(findingsIn(lines).map((one) => `${one.class} ${one.code} ${one.at}`)).toEqual(nameless)
  })
})
