/** National identifiers in the parts of HL7 v2 fields (IHE France N.1, N.8, N.9): CX, XCN and XON, unescaped. Pure. */
import { INS_C_OIDS, insAuthority, insAuthorityOf, isIns } from './ins.ts'
import { mayBeSent, type National, type PatientKind, type ProfessionalKind, type StructureKind } from './national.ts'

/** HD: an authority by name, by id, or both. `idType`: ISO, DNS, UUID; L, M (EJ) and N (EG) in France. */
export interface Hd {
  readonly namespace: string
  readonly id: string
  readonly idType: string
}

/** An identifier as a field has it: CX-1/4/5, XCN-1/9/13 or XON-10/6/7; '' where nothing stands. */
export interface Hl7Identifier {
  readonly value: string
  readonly authority: Hd
  readonly type: string
}

/** Authority of the professionals' national ids. */
export const PROFESSIONALS: Hd = { namespace: 'ASIP-SANTE-PS', id: '1.2.250.1.71.4.2.1', idType: 'ISO' }
/** Authority of the structures' national ids. */
export const STRUCTURES: Hd = { namespace: 'ASIP-SANTE-ST', id: '1.2.250.1.71.4.2.2', idType: 'ISO' }

/** The national identifier that a CX is; null: it is a local one, or an INS of an unknown authority. */
export function nationalOfCx({ value, authority, type }: Hl7Identifier): National<PatientKind> | null {
  const ins = insAuthority(authority.id)
  if (type === 'NH') return { kind: 'NH', value }
  if (type === 'INS-C' || (type !== 'INS' && INS_C_OIDS.includes(authority.id))) return { kind: 'INS-C', value }
  return ins !== null && isIns(authority.id, type) ? { kind: ins.kind, value } : null
}

/** The CX of a patient's identifier; null for what is never sent. */
export function cxOfNational(national: National<PatientKind>): Hl7Identifier | null {
  if (!mayBeSent(national)) return null
  const { kind, value } = national
  const ins = insAuthorityOf(kind === 'NH' ? 'INS-NIR' : kind)!
  const namespace = kind === 'NH' ? 'ASIP-SANTE-NIR' : ins.namespace
  return { value, authority: { namespace, id: ins.oid, idType: 'ISO' }, type: kind === 'NH' ? 'NH' : 'INS' }
}

/**
 * The national identifier that an XCN is; null: a local one. Without XCN-13 the national authority and the form tell, and
 * an RPPS with its prefix is the IdNPS that it looks like. */
export function nationalOfXcn({ value, authority, type }: Hl7Identifier): National<ProfessionalKind> | null {
  const national = authority.id === PROFESSIONALS.id || (authority.id === '' && type !== '')
  if (!national && type !== 'RPPS' && type !== 'ADELI' && type !== 'IDNPS') return null
  if (type === 'ADELI') return { kind: 'ADELI', value }
  if (type === 'IDNPS') return { kind: 'IDNPS', value }
  if (type === 'RPPS') return { kind: /^8\d{11}$/.test(value) ? 'IDNPS' : 'RPPS', value }
  if (type !== '' || authority.id !== PROFESSIONALS.id) return null
  return { kind: /^\d{11}$/.test(value) ? 'RPPS' : 'IDNPS', value }
}

/** XCN-1, 9 and 13 of a professional's identifier; null for what is never sent. */
export function xcnOfNational(national: National<ProfessionalKind>): Hl7Identifier | null {
  return mayBeSent(national) ? { value: national.value, authority: PROFESSIONALS, type: national.kind } : null
}

const STRUCTURE_TYPES: Readonly<Record<string, StructureKind>> = {
  FINEJ: 'FINEJ',
  FINEG: 'FINEG',
  // Printed in examples of the guides, which mean the place where care is given.
  FINESS: 'FINEG',
  IDNST: 'IDNST',
  SIREN: 'SIREN',
  SIRET: 'SIRET',
}

/** The national identifier that an XON is (XON-10 with XON-6 and XON-7); null: a local one, such as a UF. */
export function nationalOfXon({ value, type }: Hl7Identifier): National<StructureKind> | null {
  const kind = Object.hasOwn(STRUCTURE_TYPES, type) ? STRUCTURE_TYPES[type]! : null
  return kind === null ? null : { kind, value }
}

/** XON-10, 6 and 7 of a structure's identifier. */
export function xonOfNational({ kind, value }: National<StructureKind>): Hl7Identifier {
  return { value, authority: STRUCTURES, type: kind }
}
