/** What an HL7 v2 message says anew of an identity: merges, changes, deletions and updates (ITI-30, PAM FR §4.4). */
import type { Act } from '../../core/cases.ts'
import type { IdentityChange } from '../../core/identity-change.ts'
import { textAt } from '../bridge/parts.ts'
import { type IdentityEvent, identityEvents } from '../hl7v2/identity-event.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import type { Hl7Identifier } from '../identifiers/hl7-form.ts'
import { identifierOf, type Marked, personIn, STATUSES, unmarked } from './hl7-patient.ts'
import { type CaseFacts, NO_CHANGE as NONE, patientKeys } from './reading.ts'

type Said = Omit<IdentityChange, 'site'>

/** What an A40 or A47 changes, and the keys of whom it is about: an INS that is deleted is among them. */
export function changesIn(message: Hl7Message, kind: string, facts: CaseFacts) {
  const changes = identityEvents(message, kind).flatMap((event) => changeOf(event, message, facts))
  const acts = changes.map((change): Act => ({ what: 'identity', change: { ...change, site: facts.site } }))
  return { acts, keys: [...new Set(changes.flatMap(({ of, keysCome }) => [...of, ...keysCome]))] }
}

/** What an A31 or A08 tells of a patient whom the site knows by a number of its own. */
export function updateIn(message: Hl7Message, facts: CaseFacts): readonly Act[] {
  const own = personIn(message)?.marked.filter(({ ins }) => !ins) ?? []
  const change = { ...NONE, ...toldIn(message, facts), of: patientKeys(own, facts), site: facts.site }
  return own.length === 0 ? [] : [{ what: 'identity', change }]
}

/** Identifiers, traits and status of PID. Without PID-32 nothing is told of the status, nor of an INS. */
function toldIn(
  message: Hl7Message,
  facts: CaseFacts,
): Pick<Said, 'comes' | 'keysCome' | 'withoutIns' | 'traits' | 'status'> {
  const read = personIn(message)
  const isTold = textAt(message, 'PID-32') !== ''
  const marked = read?.marked ?? []
  const { family = '', given = '', birthDate = null, sex = 'unknown' } = read?.patient ?? {}
  return {
    comes: marked.map(unmarked),
    keysCome: patientKeys(marked, facts),
    withoutIns: isTold,
    traits: family === '' ? null : { family, given, birthDate, sex },
    status: isTold && read !== null ? read.patient.status : null,
  }
}

function changeOf(event: IdentityEvent, message: Hl7Message, facts: CaseFacts): readonly Said[] {
  const keys = (all: readonly Hl7Identifier[]): string[] => patientKeys(markedOf(all), facts)
  switch (event.what) {
    case 'merge': {
      const of = keys([...event.merged, ...event.kept].filter((one) => markedOf([one]).some(({ ins }) => !ins)))
      // Of several patients in one message the traits are of the first.
      if (message.segments('PID') === 1) return [{ ...NONE, ...toldIn(message, facts), of }]
      return [{ ...NONE, of, comes: markedOf(event.kept).map(unmarked), keysCome: keys(event.kept) }]
    }
    case 'change': {
      const to = [event.to]
      const from = keys([event.from])
      return [
        {
          ...{ ...NONE, of: from, goes: markedOf([event.from]).map(unmarked), keysGo: from },
          ...{ comes: markedOf(to).map(unmarked), keysCome: keys(to) },
        },
      ]
    }
    case 'removal': {
      const from = keys([event.from])
      return [{ ...NONE, of: from, goes: markedOf([event.from]).map(unmarked), keysGo: from }]
    }
    case 'ins-removal':
      return [{ ...NONE, of: keys(event.of), withoutIns: true, status: STATUSES[event.status] }]
    case 'nir':
      return []
  }
}

/** As a case keeps them. `identityEvents` gives only an INS that holds, or one that does no more. */
function markedOf(all: readonly Hl7Identifier[]): Marked[] {
  return all.flatMap((one) => identifierOf(one, true))
}
