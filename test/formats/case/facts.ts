/** What readings for cases are made with in tests: keys that can be read. */
import { readFileSync } from 'node:fs'
import type { CaseFacts } from '../../../src/formats/case/reading.ts'
import type { JsonObject } from '../../../src/formats/fhir/json.ts'
import { parseStrict } from '../../../src/formats/fhir/json.ts'

export const AT_MS = Date.UTC(2026, 10, 23, 9, 15)

export const FACTS: CaseFacts = {
  message: '0199a000-0000-7000-8000-000000000001',
  service: 'stroke',
  site: 'ch-haut-anjou',
  receivedAtMs: AT_MS,
  test: true,
  charset: 'UNICODE UTF-8',
  timeZone: 'Europe/Paris',
  key: (authority, value) => `<${authority}|${value}>`,
  codes: new Map([
    ['11368-8', 'onset'],
    ['VU_BIEN', 'last-seen-well'],
    ['DECOUVERTE', 'discovery'],
    ['6301-6', 'biology'],
    ['777-3', 'biology'],
  ]),
  kept: new Map(),
}

/** A message of lines: MSH with its kind, a patient, and what follows. */
export function hl7(kind: string, ...lines: string[]): Buffer {
  const structure = kind.replace('^', '_')
  const head = `MSH|^~\\&|DPI|CH-HAUT-ANJOU^539990028^M|UNV|CHU-ANGERS|20261123101500+0100||${kind}^${structure}|M1|T|2.5|||||FRA|UNICODE UTF-8`
  return Buffer.from(`${[head, ...lines].join('\r')}\r`, 'utf8')
}

/** A file of profiles/examples. */
export function example(name: string): Buffer {
  return readFileSync(new URL(`../../../profiles/examples/${name}`, import.meta.url))
}

export function json(bytes: Buffer): JsonObject {
  const read = parseStrict(bytes)
  if (!read.ok) throw new Error('no JSON')
  return read.value as JsonObject
}
