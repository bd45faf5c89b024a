/** Fields of a message as a mapping reads them: repetition by repetition, component by component. */
import type { Hl7Message } from '../hl7v2/message.ts'
import type { Component, Repetition } from '../hl7v2/write.ts'
import type { Hd, Hl7Identifier } from '../identifiers/hl7-form.ts'

/** A repetition: the text of a component, or of a subcomponent of it; '' when empty or the HL7 null. */
export type Part = (component: number, subcomponent?: number) => string

/** More repetitions than a field of one patient has: each is looked for from the field's start. */
const MOST_REPETITIONS = 200

/** The repetitions of a field (`PID-3`, `OBX(2)-5`), in order, at most 200, those that are empty left out. */
export function partsOf(message: Hl7Message, path: string): Part[] {
  const count = Math.min(message.repetitions(path), MOST_REPETITIONS)
  return Array.from({ length: count }, (_, i) => i + 1)
    .filter((n) => message.raw(`${path}(${n})`) !== null && !message.isNull(`${path}(${n})`))
    .map((n) => partAt(message, `${path}(${n})`))
}

/** The first repetition of a field, whatever it holds. */
export function partOf(message: Hl7Message, path: string): Part {
  return partAt(message, `${path}(1)`)
}

function partAt(message: Hl7Message, place: string): Part {
  return (component, subcomponent = 1) => {
    const value = message.text(`${place}.${component}.${subcomponent}`)
    return value === null || value === '""' ? '' : value
  }
}

/** Text at a path, '' when empty or the HL7 null. */
export function textAt(message: Hl7Message, path: string): string {
  const value = message.text(path)
  return value === null || value === '""' ? '' : value
}

/** HD in a component. */
export function hdOfPart(part: Part, component: number): Hd {
  return { namespace: part(component, 1), id: part(component, 2), idType: part(component, 3) }
}

/** CX-1, CX-4 and CX-5 (HL7 v2.5.1 §2.A.14). */
export function cxOf(part: Part): Hl7Identifier {
  return { value: part(1), authority: hdOfPart(part, 4), type: part(5) }
}

/** EI (§2.A.28), as an identifier without a type: EI-2 to EI-4 are its authority. */
export function eiOf(part: Part, type = ''): Hl7Identifier {
  return { value: part(1), authority: { namespace: part(2), id: part(3), idType: part(4) }, type }
}

/** A CX as it is written. */
export function cxRepetition({ value, authority, type }: Hl7Identifier): Repetition {
  return [value, '', '', hdComponent(authority), type]
}

/** An EI as it is written. */
export function eiRepetition({ value, authority: { namespace, id, idType } }: Hl7Identifier): Repetition {
  return [value, namespace, id, idType]
}

/** HD as a component. */
export function hdComponent({ namespace, id, idType }: Hd): Component {
  return [namespace, id, idType]
}
