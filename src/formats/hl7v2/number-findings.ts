/** Numbers of professionals (XCN) and structures (XON) in a message, as far as their form and key tell (I0.10, I0.11). */
import type { Finding } from '../../core/message.ts'
import { type Hl7Identifier, nationalOfXcn, nationalOfXon } from '../identifiers/hl7-form.ts'
import { type National, nationalFault } from '../identifiers/national.ts'
import { fieldText } from './identifiers.ts'
import type { Hl7Message } from './message.ts'

/** Where professionals and structures stand, in the messages of the French guides. */
const PROFESSIONALS: readonly (readonly [segment: string, field: number])[] = [
  ['PD1', 4],
  ['PV1', 7],
  ['PV1', 8],
  ['PV1', 9],
  ['PV1', 17],
  ['ORC', 10],
  ['ORC', 11],
  ['ORC', 12],
  ['OBR', 10],
  ['OBR', 16],
  ['OBR', 28],
  ['TXA', 5],
  ['TXA', 9],
  ['TXA', 10],
  ['TXA', 22],
  ['PRT', 5],
  ['ROL', 4],
]
const STRUCTURES: readonly (readonly [segment: string, field: number])[] = [
  ['ORC', 21],
  ['ZBE', 7],
  ['ZBE', 8],
  ['PRT', 8],
]
/** What a field must hold to be worth cutting. */
const PROFESSIONAL = /RPPS|IDNPS|1\.2\.250\.1\.71\.4\.2\.1(?!\d)/
const STRUCTURE = /FINE|IDNST|SIRE/
/** Segments of one name looked at: the thousandth result has the author of the first. */
const MAX_SEGMENTS = 20

/** One finding per wrong field, all of class `form`: which kind of number, and whether its form or its key is wrong. */
export function numberFindings(message: Hl7Message): Finding[] {
  const found: Finding[] = []
  for (const [name, field] of PROFESSIONALS) look(message, name, field, PROFESSIONAL, professional, found)
  for (const [name, field] of STRUCTURES) look(message, name, field, STRUCTURE, structure, found)
  return found
}

function look(
  message: Hl7Message,
  name: string,
  field: number,
  worth: RegExp,
  read: (components: readonly string[]) => National | null,
  found: Finding[],
): void {
  const segments = message.segmentIndex.named(name)
  for (let i = 0; i < segments.length && i < MAX_SEGMENTS; i++) {
    const text = fieldText(message, segments[i]!, field)
    if (text === '' || !worth.test(text)) continue
    const { repetition, component } = message.delimiters
    for (const one of split(text, repetition)) {
      const national = read(split(one, component))
      const fault = national === null || national.value === '' ? null : nationalFault(national)
      if (fault === null || national === null) continue
      const at = i === 0 ? `${name}-${field}` : `${name}(${i + 1})-${field}`
      found.push({ code: 'IDENTIFIER_FAULT', class: 'form', at, params: { kind: national.kind, fault } })
      break
    }
  }
}

/** Numbers and OIDs have nothing to unescape: a part that has is no such number. */
function professional(parts: readonly string[]): National | null {
  return nationalOfXcn(identifier(parts[0], parts[8], parts[12]))
}

function structure(parts: readonly string[]): National | null {
  return nationalOfXon(identifier(parts[9], parts[5], parts[6]))
}

function identifier(value = '', authority = '', type = ''): Hl7Identifier {
  const [namespace = '', id = '', idType = ''] = authority.split('&')
  return { value, authority: { namespace, id, idType }, type }
}

function split(text: string, separator: number | null): string[] {
  return separator === null ? [text] : text.split(String.fromCharCode(separator))
}
