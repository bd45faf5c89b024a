/** The NIH stroke scale: one Observation of the total with its items as components, one OBX for each in HL7 v2. */
import { type JsonObject, object } from '../fhir/json.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import { decimalOf } from './observation-value.ts'
import type { ObservationGroup } from './order-groups.ts'
import { textAt } from './parts.ts'

/** Total score, 0 to 42. */
export const NIHSS_TOTAL = '72089-6'
/** The panel. A number under it is the total, written by a system that took one for the other. */
const NIHSS_PANEL = '70182-1'
const LOINC = 'http://loinc.org'

/** Items by code, with their highest score; the maxima make 42. */
export const NIHSS_ITEMS: Readonly<Record<string, number>> = {
  '70184-7': 3,
  '70185-4': 2,
  '70186-2': 2,
  '70187-0': 2,
  '70188-8': 3,
  '70189-6': 3,
  '70190-4': 4,
  '70967-5': 4,
  '70191-2': 4,
  '70968-3': 4,
  '70192-0': 2,
  '70193-8': 2,
  '70194-6': 3,
  '70195-3': 2,
  '70196-1': 2,
}

/** OBX of one scale: its total and the items that belong to it. */
export interface Scale {
  readonly total: ObservationGroup
  readonly items: readonly ObservationGroup[]
}

/**
 * The scales among an order's observations, and the others. Items belong to the total before them, or to the first; with
 * no total they are observations of their own, since none is computed here. */
export function scalesIn(
  message: Hl7Message,
  observations: readonly ObservationGroup[],
): { scales: readonly Scale[]; others: readonly ObservationGroup[] } {
  const codeOf = ({ obx }: ObservationGroup) =>
    ['LN', 'LOINC'].includes(textAt(message, `${obx}-3.3`)) ? textAt(message, `${obx}-3`) : ''
  const isTotal = (one: ObservationGroup) =>
    (codeOf(one) === NIHSS_TOTAL || codeOf(one) === NIHSS_PANEL) && scoreAt(message, one.obx) !== null
  const scales = observations.filter(isTotal).map((total) => ({ total, items: [] as ObservationGroup[] }))
  if (scales.length === 0) return { scales, others: observations }
  const others: ObservationGroup[] = []
  let current = -1
  for (const one of observations) {
    if (scales[current + 1]?.total === one) current++
    else if (Object.hasOwn(NIHSS_ITEMS, codeOf(one))) scales[Math.max(current, 0)]!.items.push(one)
    else others.push(one)
  }
  return { scales, others }
}

/** A whole number in OBX-5, or null. */
export function scoreAt(message: Hl7Message, obx: string): number | null {
  const value = textAt(message, `${obx}-2`) === 'NM' ? decimalOf(textAt(message, `${obx}-5`)) : null
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null
}

/** Code of the total as it is written, whichever the message bears; its own name goes along. */
export function totalCode(code: JsonObject | null): JsonObject {
  const display = object((code?.['coding'] as JsonObject[] | undefined)?.[0])?.['display']
  return { coding: [{ system: LOINC, code: NIHSS_TOTAL, ...(display === undefined ? {} : { display }) }] }
}
