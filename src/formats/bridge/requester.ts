/** Who asks for something: professional, structure and the number to call back. */
import type { JsonObject } from '../fhir/json.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import type { Entry } from './bundle.ts'
import type { BridgeContext } from './context.ts'
import type { OrderGroup } from './order-groups.ts'
import { entriesOfAll, partyOf, professionalAt, roleOf, structureAt } from './participants.ts'
import { type Part, partsOf } from './parts.ts'
import { contactPointOf } from './people.ts'

/** Who asks: ORC-12 or OBR-16 in the structure of ORC-21, reached as ORC-14 or OBR-17 says. */
export interface Requester {
  readonly reference: JsonObject | null
  readonly contained: readonly JsonObject[]
  readonly entries: readonly Entry[]
}

/** The requester of an order; `id`: that of the role which is contained. */
export function requesterOf(
  message: Hl7Message,
  { orc, obr }: OrderGroup,
  context: BridgeContext,
  id = 'requester',
): Requester {
  const first = orc === null ? null : professionalAt(message, `${orc}-12`, context)
  const person = first ?? (obr === null ? null : professionalAt(message, `${obr}-16`, context))
  const structure = (orc === null ? null : structureAt(message, `${orc}-21`, context)) ?? partyOf(context.sender)
  const called: Part[] = [
    ...(orc === null ? [] : partsOf(message, `${orc}-14`)),
    ...(obr === null ? [] : partsOf(message, `${obr}-17`)),
  ]
  const telecom = called.map((part) => contactPointOf(part, true)).filter((one) => one !== null)
  return { ...roleOf(person, structure, id, telecom), entries: entriesOfAll([person, structure]) }
}
