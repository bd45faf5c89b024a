/** The OBX of one order as entries of a transaction: each Observation with a name that stays. */
import { type JsonObject, type JsonValue, object, objects } from '../fhir/json.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import { type Entry, ensured, type Loose, written } from './bundle.ts'
import { conceptOf, conceptWith } from './codes.ts'
import { scalesIn, scoreAt, totalCode } from './nihss.ts'
import { ABSENT, type Observed, observationWith, observed, type Shared } from './observations.ts'
import type { ObservationGroup } from './order-groups.ts'
import { partOf, textAt } from './parts.ts'
import { PROFILES } from './profiles.ts'
import { stableId } from './stable-id.ts'

/** The name of the order that observations hang on: what names them follows from it. */
export interface OrderName {
  readonly system: string
  readonly value: string
}

/** `ensured`: created once, as told with an order. `written`: results, which are corrected later. */
export type Writes = 'ensured' | 'written'

const CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category'

/** Counts what bears the same code in one order, so that each has a name of its own, the same in every version. */
export class ObservationNames {
  readonly #order: OrderName
  readonly #seen = new Map<string, number>()

  constructor(order: OrderName) {
    this.#order = order
  }

  /** The identifier of the next observation with this code and sub-id. */
  next(code: string, system: string, subId: string): JsonObject {
    const key = JSON.stringify([code, system, subId])
    const n = (this.#seen.get(key) ?? 0) + 1
    this.#seen.set(key, n)
    const { system: authority, value } = this.#order
    const id = stableId('Observation', authority, value, code, system, subId, String(n))
    return { system: 'urn:ietf:rfc3986', value: `urn:uuid:${id}` }
  }

  /** The identifier of the observation of an OBX. */
  of(message: Hl7Message, { obx }: ObservationGroup): JsonObject {
    return this.next(textAt(message, `${obx}-3`), textAt(message, `${obx}-3.3`), textAt(message, `${obx}-4`))
  }
}

/**
 * Entries of the observations, in order, and of those who made them. The NIH stroke scale becomes one Observation of the
 * total with the items as components. */
export function observationEntries(
  message: Hl7Message,
  observations: readonly ObservationGroup[],
  shared: Shared,
  names: ObservationNames,
  writes: Writes,
): { observations: Entry[]; others: Entry[] } {
  const make = writes === 'written' ? written : ensured
  const { scales, others } = scalesIn(message, observations)
  const entries: Entry[] = []
  const people: Entry[] = []
  const keep = (one: Observed, resource: JsonObject): void => {
    entries.push(make(resource))
    if (one.performer?.entry != null) people.push(one.performer.entry)
  }
  for (const { total, items } of scales) {
    const one = observed(message, total, shared)
    keep(
      one,
      observationWith(one, names.next('NIHSS', textAt(message, `${total.obx}-4`), ''), PROFILES.nihss, {
        category: [conceptWith(CATEGORY, 'survey')],
        code: totalCode(conceptOf(partOf(message, `${total.obx}-3`))),
        valueQuantity: undefined,
        valueInteger: scoreAt(message, total.obx) ?? undefined,
        component: items.map((item) => componentOf(message, item, shared)),
      }),
    )
  }
  for (const group of others) {
    const one = observed(message, group, shared)
    keep(one, observationWith(one, names.of(message, group), PROFILES.observation))
  }
  return { observations: entries, others: people }
}

/** An item: its score, or why it has none (`UN`, which cannot be tested), for the profile knows scores alone. */
function componentOf(message: Hl7Message, item: ObservationGroup, shared: Shared): Loose {
  const score = scoreAt(message, item.obx)
  const { code, interpretation, valueCodeableConcept, valueString } = observed(message, item, shared).members
  if (score !== null) return { code, valueInteger: score, interpretation }
  const said = object(valueCodeableConcept as JsonValue)
  const reason = { system: ABSENT, code: 'not-performed' }
  return {
    code,
    dataAbsentReason: { coding: [reason, ...objects(said?.['coding'])], text: said?.['text'] ?? valueString },
    interpretation,
  }
}

/** Category of an Observation from OBR-24 (table 0074); undefined: not told. */
export function categoryOf(section: string): Loose {
  const code = LABORATORY.has(section) ? 'laboratory' : IMAGING.has(section) ? 'imaging' : null
  return code === null ? undefined : [conceptWith(CATEGORY, code)]
}

const LABORATORY: ReadonlySet<string> = new Set('LAB CH HM MB MCB BLB SR IMM TX VR CG GE PAT SP'.split(' '))
const IMAGING: ReadonlySet<string> = new Set('RAD RX CT NMR MR NMS RUS CUS VUS XRC CTH MRI'.split(' '))
