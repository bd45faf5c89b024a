import type { CaseIdentifier, CasePatient } from './cases.ts'

/** What a site says anew of the identity of one of its patients (A31, A40, A47). Content: erased with the case. */
export interface IdentityChange {
  readonly site: string
  /** Keys of the patient as the site knew or knows them: its requests that bear one are changed. */
  readonly of: readonly string[]
  readonly comes: readonly CaseIdentifier[]
  readonly goes: readonly CaseIdentifier[]
  readonly keysCome: readonly string[]
  readonly keysGo: readonly string[]
  /** No INS holds but those that come. */
  readonly withoutIns: boolean
  /** Null: not told. */
  readonly traits: Pick<CasePatient, 'family' | 'given' | 'birthDate' | 'sex'> | null
  readonly status: CasePatient['status'] | null
}
