/** The context in which examples are converted, and the examples. */
import { readFileSync } from 'node:fs'
import type { BridgeContext, Party } from '../../../src/formats/bridge/context.ts'
import type { JsonObject } from '../../../src/formats/fhir/json.ts'
import { parseStrict } from '../../../src/formats/fhir/json.ts'
import type { Hl7Message } from '../../../src/formats/hl7v2/message.ts'
import { messageFrom } from '../messages.ts'

const party = (id: string, finess: string, application: string): Party => ({
  establishment: id,
  name: id,
  application,
  authority: { namespace: id.toUpperCase(), id: finess, idType: 'M' },
})

/** From CH Haut-Anjou to CHU Angers. */
export const CONTEXT: BridgeContext = {
  sender: party('ch-haut-anjou', '539990028', 'PASSERELLE'),
  receiver: party('chu-angers', '490000031', 'dpi'),
  key: 'delivery-1',
  atMs: Date.UTC(2026, 10, 23, 8, 45),
  timeZone: 'Europe/Paris',
  test: true,
  writing: { charset: 'UNICODE UTF-8' },
  tables: new Map(),
}

/** Path of an example. */
export function pathOf(name: string): string {
  return new URL(`golden/${name}`, import.meta.url).pathname
}

/** An example in HL7 v2: lines of text, in the character set that its MSH-18 says. */
export function messageIn(name: string): Hl7Message {
  return messageOfText(readFileSync(pathOf(name), 'utf8'))
}

/** A message of lines. */
export function messageOfText(lines: string): Hl7Message {
  const text = lines.replaceAll('\n', '\r')
  if (!text.split('\r', 1)[0]!.includes('|8859/15')) return messageFrom(Buffer.from(text, 'utf8'))
  const latin9 = text.replaceAll('Œ', '\xbc').replaceAll('€', '\xa4')
  return messageFrom(Buffer.from(latin9, 'latin1'))
}

/** An example in FHIR. */
export function resourceIn(name: string): JsonObject {
  return jsonOf(readFileSync(pathOf(name)))
}

/** JSON as the gateway reads it. */
export function jsonOf(bytes: Buffer): JsonObject {
  const read = parseStrict(bytes)
  if (!read.ok) throw new Error('no JSON')
  return read.value as JsonObject
}

/** HL7 v2 as lines of text. */
export function linesOf(bytes: Buffer): string {
  return bytes.toString('utf8').replaceAll('\r', '\n')
}
