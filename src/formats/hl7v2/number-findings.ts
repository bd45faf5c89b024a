/** Numbers of professionals (XCN) and structures (XON) in a message, as far as their form and key tell (I0.10, I0.11). */
import type { Finding } from '../../core/message.ts'
import { type Hl7Identifier, nationalOfXcn, nationalOfXon } from '../identifiers/hl7-form.ts'
import { type National, nationalFault } from '../identifiers/national.ts'
import type { Hl7Message } from './message.ts'

/** Where professionals and structures stand, in the messages of the French guides. */
const PLACES: readonly {
  readonly segment: string
  readonly xcn: readonly number[]
  readonly xon: readonly number[]
}[] = [
  { segment: 'PD1', xcn: [4], xon: [] },
  { segment: 'PV1', xcn: [7, 8, 9, 17], xon: [] },
  { segment: 'ORC', xcn: [10, 11, 12], xon: [21] },
  { segment: 'OBR', xcn: [10, 16, 28], xon: [] },
  { segment: 'TXA', xcn: [5, 9, 10, 22], xon: [] },
  { segment: 'PRT', xcn: [5], xon: [8] },
  { segment: 'ROL', xcn: [4], xon: [] },
  { segment: 'ZBE', xcn: [], xon: [7, 8] },
]
/** What a segment must hold to be worth cutting. */
const WORTH = /RPPS|IDNPS|1\.2\.250\.1\.71\.4\.2\.1(?!\d)|FINE|IDNST|SIRE/
/** Segments of one name looked at: the thousandth result has the author of the first. */
const MAX_SEGMENTS = 20
/** Bytes of a segment looked at: what is longer holds a document behind them. */
const MAX_BYTES = 65_536

/** One finding per wrong field, all of class `form`: which kind of number, and whether its form or its key is wrong. */
export function numberFindings({ bytes, delimiters, segmentIndex }: Hl7Message): Finding[] {
  const found: Finding[] = []
  for (const { segment: name, xcn, xon } of PLACES) {
    const segments = segmentIndex.named(name)
    for (let i = 0; i < segments.length && i < MAX_SEGMENTS; i++) {
      const start = segmentIndex.starts[segments[i]!]!
      const text = bytes.toString('latin1', start, Math.min(segmentIndex.ends[segments[i]!]!, start + MAX_BYTES))
      if (!WORTH.test(text)) continue
      const fields = text.split(String.fromCharCode(delimiters.field))
      const look = (field: number, read: (parts: readonly string[]) => National | null): void => {
        const wrong = faultIn(fields[field] ?? '', delimiters, read)
        const at = i === 0 ? `${name}-${field}` : `${name}(${i + 1})-${field}`
        if (wrong !== null) found.push({ code: 'IDENTIFIER_FAULT', class: 'form', at, params: wrong })
      }
      for (const field of xcn) look(field, professional)
      for (const field of xon) look(field, structure)
    }
  }
  return found
}

/** The first wrong number of a field. */
function faultIn(
  field: string,
  { repetition, component }: Hl7Message['delimiters'],
  read: (parts: readonly string[]) => National | null,
): { readonly kind: string; readonly fault: string } | null {
  if (field === '') return null
  for (const one of split(field, repetition)) {
    const national = read(split(one, component))
    const fault = national === null || national.value === '' ? null : nationalFault(national)
    if (national !== null && fault !== null) return { kind: national.kind, fault }
  }
  return null
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
