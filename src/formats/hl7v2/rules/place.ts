/** Places that rules look at and tell: `ZBE`, `PID-3`, `PID-3.4.2`, `OBX(1)-5`. */
import { parsePath } from '../path.ts'

/** A place; null: not said. `field` null: the segment as a whole. */
export interface Place {
  readonly segment: string
  readonly occurrence: number | null
  readonly field: number | null
  readonly repetition: number | null
  readonly component: number | null
  readonly subcomponent: number | null
}

const SEGMENT = /^[A-Z][A-Z0-9]{2}$/

/** @throws {RangeError} if the text is no place */
export function parsePlace(text: string): Place {
  if (!SEGMENT.test(text)) return parsePath(text)
  return { segment: text, occurrence: null, field: null, repetition: null, component: null, subcomponent: null }
}

/** The place as it is told, with the occurrence and the repetition where they are not the first. Pure. */
export function placeText(place: Place, occurrence: number, repetition: number): string {
  const { segment, field, component, subcomponent } = place
  const head = occurrence > 1 ? `${segment}(${occurrence})` : segment
  if (field === null) return head
  const repeated = repetition > 1 ? `(${repetition})` : ''
  const parts = `${component === null ? '' : `.${component}`}${subcomponent === null ? '' : `.${subcomponent}`}`
  return `${head}-${field}${repeated}${parts}`
}
