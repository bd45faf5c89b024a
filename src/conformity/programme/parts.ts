import type { FindEstablishment } from '../../core/establishment-lookup.ts'
import type { Programme } from '../../core/programmes.ts'
import type { ActingParts } from '../acting.ts'

/** What programmes work with. */
export interface ProgrammeParts extends Pick<ActingParts, 'journal' | 'config' | 'shelf' | 'clock' | 'ids'> {
  /** Those of the files that are good, in the order of their first day. */
  readonly programmes: () => readonly Programme[]
  readonly find: FindEstablishment
}
