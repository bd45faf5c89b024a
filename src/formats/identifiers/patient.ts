/** A patient's identifiers, national and local: CX of HL7 v2 against FHIR Identifier, both ways. Pure. */
import { type JsonObject, text } from '../fhir/json-value.ts'
import { assignerOf, hdOf, systemOf } from './authority.ts'
import { FR_TYPES, identifierOfNational, nationalOfIdentifier, typeCodes, V2_TYPES } from './fhir-form.ts'
import { cxOfNational, type Hl7Identifier, nationalOfCx } from './hl7-form.ts'
import { insAuthorityOf } from './ins.ts'
import type { National, PatientKind } from './national.ts'

/** Types of table 0203 that FrCore took over from the international table; the others are its own. */
const INTERNATIONAL: ReadonlySet<string> = new Set(['PI', 'PN', 'MR', 'AN', 'VN', 'PPN', 'RI', 'EI', 'NH'])
/** Identifiers that an establishment goes by every day; all others are secondary. */
const USUAL = 'PI'

/** What the Identifier says beside the CX. `old`: replaced by another, as the one of MRG-1 is. */
export interface PatientUse {
  readonly old?: boolean
}

/** The FHIR Identifier of a CX; null when it is empty, is the HL7 null, or is never sent (INS-C). */
export function identifierOfCx(cx: Hl7Identifier, use: PatientUse = {}): JsonObject | null {
  if (cx.value === '' || cx.value === '""') return null
  const national = nationalOfCx(cx)
  if (national !== null) return identifierOfNational(national, use)
  const system = systemOf(cx.authority)
  const assigner = assignerOf(cx.authority)
  const { type } = cx
  const coding = { system: INTERNATIONAL.has(type) ? V2_TYPES : FR_TYPES, code: type }
  return {
    use: use.old === true ? 'old' : type === USUAL ? 'usual' : 'secondary',
    ...(type === '' ? {} : { type: { coding: [coding] } }),
    ...(system === null ? {} : { system }),
    value: cx.value,
    ...(assigner === null ? {} : { assigner }),
  }
}

/** The CX of a FHIR Identifier; null when it has no value, or is never sent. */
export function cxOfIdentifier(identifier: JsonObject): Hl7Identifier | null {
  const value = text(identifier['value'])
  if (value === null) return null
  const national = nationalOfIdentifier(identifier)
  if (national !== null && isPatient(national)) return cxOfNational(national)
  return { value, authority: hdOf(identifier), type: typeCodes(identifier)[0] ?? '' }
}

function isPatient(national: National): national is National<PatientKind> {
  return national.kind === 'INS-C' || national.kind === 'NH' || insAuthorityOf(national.kind) !== null
}
