/** National identifiers whatever the format that carries them: their kinds, and what is wrong with one. Pure. */
import type { IdentifierFault } from './fault.ts'
import { finessFault } from './finess.ts'
import { type InsKind, insAuthorityOf, matriculeFault } from './ins.ts'
import { adeliFault, idNpsFault, rppsFault } from './professional.ts'
import { idNstFault, sirenFault, siretFault } from './structure.ts'

/** Kinds of identifiers of patients; `NH` is the billing number, which looks like an INS and never is one. */
export type PatientKind = InsKind | 'INS-C' | 'NH'
/** Kinds of identifiers of professionals. */
export type ProfessionalKind = 'RPPS' | 'IDNPS' | 'ADELI'
/** Kinds of identifiers of structures: legal (EJ) and geographic (EG) entities. */
export type StructureKind = 'FINEJ' | 'FINEG' | 'IDNST' | 'SIREN' | 'SIRET'
/** All of them, in the codes of FrCore's identifier types. */
export type NationalKind = PatientKind | ProfessionalKind | StructureKind

/** An identifier of a national kind. */
export interface National<K extends NationalKind = NationalKind> {
  readonly kind: K
  readonly value: string
}

/** What is wrong with an identifier; `matricule`: the form of a matricule's body where it is not the default. */
export function nationalFault({ kind, value }: National, matricule?: RegExp): IdentifierFault | null {
  switch (kind) {
    case 'RPPS':
      return rppsFault(value)
    case 'IDNPS':
      return idNpsFault(value)
    case 'ADELI':
      return adeliFault(value)
    case 'FINEJ':
    case 'FINEG':
      return finessFault(value)
    case 'IDNST':
      return idNstFault(value)
    case 'SIREN':
      return sirenFault(value)
    case 'SIRET':
      return siretFault(value)
    case 'INS-C':
      return /^\d{22}$/.test(value) ? null : 'form'
    case 'NH': {
      // A billing number is often written without its key.
      const fault = matriculeFault(value, matricule)
      return fault === 'keyless' ? null : fault
    }
    default:
      return matriculeFault(value, matricule)
  }
}

/**
 * Is a fault of this identifier an error, or only told? The matricule of a real person must be right; of every other, and
 * of test identities, published examples are wrong. */
export function isGrave(kind: NationalKind): boolean {
  return insAuthorityOf(kind)?.production === true
}

/** May it be sent? What is obsolete (INS-C, ADELI, and an IdNPS made of one) is read and never written. */
export function mayBeSent({ kind, value }: National): boolean {
  return kind !== 'INS-C' && kind !== 'ADELI' && !(kind === 'IDNPS' && value.startsWith('0'))
}
