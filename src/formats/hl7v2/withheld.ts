/** What of a message does not leave the gateway: the INS of identities that are not qualified. */

import type { IdentifierField, PatientIdentity } from './identifiers.ts'
import type { Range } from './segments.ts'

/**
 * The bytes to leave out, in order: each INS in PID-3, and in PID-2, PID-4 and MRG-1, of an identity that is not qualified,
 * with one separator. MRG-1 of an A47 keeps it: without the old INS the receiver could not delete it. `kind`: `ADT^A47`. */
export function withheldOf(identities: readonly PatientIdentity[], kind: string): Range[] {
  const ranges: Range[] = []
  for (const { qualified, own, merged, elsewhere } of identities) {
    if (qualified) continue
    for (const field of elsewhere) cutIns(field, ranges)
    cutIns(own, ranges)
    if (kind !== 'ADT^A47') for (const field of merged) cutIns(field, ranges)
  }
  return ranges.sort((a, b) => a.start - b.start)
}

function cutIns({ end, identifiers }: IdentifierField, ranges: Range[]): void {
  let cut = 0
  for (const one of identifiers) {
    if (!one.ins) continue
    // The separator before it goes with it when something stands before, else the one behind.
    if (one.repetition - 1 > cut) ranges.push({ start: one.start - 1, end: one.end })
    else ranges.push({ start: one.start, end: Math.min(one.end + 1, end) })
    cut++
  }
}
