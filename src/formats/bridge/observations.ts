/** OBX with its NTE (HL7 v2.5.1 §7.4.2) and Observation. */
import { type JsonObject, object, objects, text } from '../fhir/json.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import { type Field, type Fields, type Repetition, type Segment, segment } from '../hl7v2/write.ts'
import { type Loose, resource } from './bundle.ts'
import { ceOf, codeIn, codeSystemName, codeSystemOf, conceptOf, conceptWith, tableSystem } from './codes.ts'
import { type BridgeContext, mapped } from './context.ts'
import { NIHSS_TOTAL } from './nihss.ts'
import {
  decimalOf,
  digitsOf,
  furtherValues,
  observedValue,
  sameCode,
  type Types,
  unitOf,
  type ValueElements,
  type ValueFields,
  valueFields,
  wordFields,
} from './observation-value.ts'
import { noteTexts, type ObservationGroup } from './order-groups.ts'
import { type Participant, professionalAt, professionalField } from './participants.ts'
import { partOf, partsOf, textAt } from './parts.ts'
import { dateTimeOf, tsOf } from './time.ts'

const INTERPRETATION = 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation'
/** Code system of Observation.dataAbsentReason. */
export const ABSENT = 'http://terminology.hl7.org/CodeSystem/data-absent-reason'
/** Flags of table 0078 that bear the same code in FHIR; every other stays one of the table. */
const FLAGS: ReadonlySet<string> = new Set('< > A AA B D H HH I L LL MS N R S U W'.split(' '))
const FLAG_TABLE = tableSystem('0078')

/** OBX-11 (table 0085) and Observation.status. */
const STATUSES: Readonly<Record<string, string>> = {
  F: 'final',
  P: 'preliminary',
  C: 'corrected',
  X: 'cancelled',
  D: 'entered-in-error',
  W: 'entered-in-error',
  R: 'preliminary',
  S: 'preliminary',
  I: 'registered',
  O: 'registered',
  U: 'final',
}
const RESULT_STATUSES: Readonly<Record<string, string>> = {
  final: 'F',
  preliminary: 'P',
  corrected: 'C',
  amended: 'C',
  cancelled: 'X',
  'entered-in-error': 'W',
  registered: 'I',
  unknown: 'N',
}
const RANGE = /^\s*(-?\d+(?:\.\d+)?)\s*-\s*(-?\d+(?:\.\d+)?)\s*$/
const BOUND = /^\s*([<>])=?\s*(-?\d+(?:\.\d+)?)\s*$/

/** What all observations of an order share. */
export interface Shared {
  readonly subject: JsonObject | null
  readonly encounter: JsonObject | null
  /** When an OBX does not say (OBR-7). */
  readonly effective: string | null
  readonly issued: string | null
  readonly category: Loose
  readonly context: BridgeContext
}

/** An Observation, without the identifier that its order gives it, and who observed. */
export interface Observed {
  readonly members: Readonly<Record<string, Loose>>
  readonly performer: Participant | null
}

/** What an OBX says, with the comments below it. */
export function observed(message: Hl7Message, group: ObservationGroup, shared: Shared): Observed {
  const { obx } = group
  const { timeZone } = shared.context
  const first = observedValue(message, obx, timeZone)
  const code = conceptOf(partOf(message, `${obx}-3`))
  const performer = professionalAt(message, `${obx}-16`, shared.context)
  const { value, component } = together(code, [first, ...furtherValues(message, obx)])
  return {
    performer,
    members: {
      status: mapped(shared.context, 'result-status', STATUSES, textAt(message, `${obx}-11`)) ?? 'unknown',
      category: shared.category,
      code: code ?? { text: '?' },
      subject: shared.subject,
      encounter: shared.encounter,
      effectiveDateTime: dateTimeOf(textAt(message, `${obx}-14`), timeZone) ?? shared.effective,
      issued: shared.issued,
      performer: performer === null ? [] : [performer.reference],
      ...value,
      dataAbsentReason: Object.keys(first).length === 0 ? conceptWith(ABSENT, 'unknown') : undefined,
      interpretation: partsOf(message, `${obx}-8`).map((part) => flagOf(part(1), part(3))),
      note: noteTexts(message, group.notes).map((said) => ({ text: said })),
      method: conceptOf(partOf(message, `${obx}-17`)),
      referenceRange: rangeOf(message, obx),
      component,
    },
  }
}

/**
 * Values of one code: a single one is the Observation's own, several are components of the same code, and then it has none
 * (obs-7). */
export function together(
  code: Loose,
  values: readonly ValueElements[],
): { readonly value: ValueElements; readonly component: readonly Loose[] } {
  const [first = {}, ...more] = values
  if (more.length === 0) return { value: first, component: [] }
  return { value: {}, component: values.map((one) => ({ code, ...one })) }
}

function flagOf(code: string, system: string): Loose {
  const known = system === '' || system === 'HL70078' || system === 'HL78'
  if (known && FLAGS.has(code)) return conceptWith(INTERPRETATION, code)
  return conceptWith((known ? null : codeSystemOf(system)) ?? FLAG_TABLE, code)
}

/** OBX-7 as text, with its bounds where it has the usual form `low-high`, `<high` or `>low`. */
function rangeOf(message: Hl7Message, obx: string): Loose {
  const said = textAt(message, `${obx}-7`)
  if (said === '') return []
  const unit = unitOf(message, obx)
  const bound = (value: string | undefined): Loose => {
    const decimal = decimalOf(value ?? null)
    return decimal === null ? undefined : { value: decimal, ...unit }
  }
  const [, low, high] = RANGE.exec(said) ?? []
  const [, side, limit] = BOUND.exec(said) ?? []
  return [{ low: bound(side === '>' ? limit : low), high: bound(side === '<' ? limit : high), text: said }]
}

/** An Observation with its name; `profile`: what it claims to meet. */
export function observationWith(
  { members }: Observed,
  identifier: JsonObject,
  profile: string | null = null,
  more: Readonly<Record<string, Loose>> = {},
): JsonObject {
  return resource('Observation', profile, { identifier: [identifier], ...members, ...more })
}

/** Writes the OBX of observations, counted through the order. */
export class ObservationWriter {
  readonly segments: Segment[] = []
  readonly #types: Types
  readonly #context: BridgeContext
  readonly #status: string | null
  #count = 0

  /** `status`: OBX-11 of all, where the message fixes it. */
  constructor(types: Types, context: BridgeContext, status: string | null = null) {
    this.#types = types
    this.#context = context
    this.#status = status
  }

  /** Set id of the next OBX. */
  get next(): number {
    return this.#count + 1
  }

  /** An OBX of fields, its number added. */
  add(fields: Fields): void {
    this.#count++
    this.segments.push(segment('OBX', { 1: String(this.#count), ...fields }))
  }

  /** NTE below the last OBX or OBR: one for each text, its lines as repetitions; `kind`: NTE-4. */
  notes(texts: readonly string[], kind: Fields[number] = null): void {
    texts.forEach((said, i) => {
      this.segments.push(segment('NTE', { 1: String(i + 1), 3: { repeat: said.split('\n') }, 4: kind }))
    })
  }

  /**
   * An Observation: its own OBX, unless it is a panel that says nothing but its components; its comments; the components of its
   * own code as repetitions, the others as OBX of their own. `performer` is its Practitioner. */
  observation(one: JsonObject, performer: JsonObject | null = null): void {
    const code = object(one['code'])
    const components = objects(one['component'])
    const same = components.filter((component) => sameCode(object(component['code']), code))
    const others = components.filter((component) => !same.includes(component))
    const notes = objects(one['note']).flatMap((note) => text(note['text']) ?? [])
    const own = repeated([one, ...same], this.#types)
    const value = own.type === null ? this.#reason(one) : own
    const says = value.type !== null || notes.length > 0 || objects(one['interpretation']).length > 0
    const common: Fields = {
      11: this.#status ?? mapped(this.#context, 'observation-status', RESULT_STATUSES, text(one['status'])) ?? 'F',
      14: tsOf(text(one['effectiveDateTime']) ?? text(one['effectiveInstant']) ?? periodStart(one)),
    }
    if (says || others.length === 0) {
      this.add({
        ...this.#valued(code, one, value),
        ...common,
        16: professionalField(performer),
        17: ceOf(object(one['method'])),
      })
      this.notes(notes)
    }
    for (const component of others) {
      const value = valueFields(component, this.#types)
      this.add({
        ...this.#valued(object(component['code']), component, value.type === null ? this.#reason(component) : value),
        ...common,
      })
    }
  }

  /** OBX-8. */
  flags(holder: JsonObject): Field {
    return { repeat: objects(holder['interpretation']).map(flagField) }
  }

  /** Why there is no value, in the words of who tested: a code, or a text. */
  #reason(holder: JsonObject): ValueFields {
    const reason = object(holder['dataAbsentReason'])
    const coding = objects(reason?.['coding']).filter((one) => one['system'] !== ABSENT)
    const said = text(reason?.['text'])
    if (coding.length > 0) return { type: this.#types.coded, value: ceOf({ coding }), unit: null }
    return said === null ? { type: null, value: null, unit: null } : wordFields(said)
  }

  #valued(code: JsonObject | null, holder: JsonObject, { type, value, unit }: ValueFields): Fields {
    const [range] = objects(holder['referenceRange'])
    return {
      2: type,
      3: ceOf(code),
      5: value,
      6: unit,
      7: rangeField(range),
      8: this.flags(holder),
    }
  }
}

function periodStart(one: JsonObject): string | null {
  return text(object(one['effectivePeriod'])?.['start'])
}

/** Values of one code as repetitions: of its own OBX-2, for one stands for all. */
function repeated(holders: readonly JsonObject[], types: Types): ValueFields {
  const all = holders.map((one) => valueFields(one, types)).filter(({ type }) => type !== null)
  const [first, ...more] = all
  if (first === undefined || more.length === 0) return first ?? { type: null, value: null, unit: null }
  const alike = all.filter(({ type }) => type === first.type)
  return { ...first, value: { repeat: alike.map(({ value }) => value as Repetition) } }
}

function rangeField(range: JsonObject | undefined): string | null {
  if (range === undefined) return null
  const said = text(range['text'])
  if (said !== null) return said
  const [low, high] = [digitsOf(object(range['low'])?.['value']), digitsOf(object(range['high'])?.['value'])]
  if (low !== null && high !== null) return `${low}-${high}`
  return low !== null ? `>${low}` : high !== null ? `<${high}` : null
}

function flagField(concept: JsonObject): [string | null, null, string | null] | string | null {
  const code = codeIn(concept, INTERPRETATION)
  if (code !== null) return code
  const [coding] = objects(concept['coding'])
  const [own, system] = [text(coding?.['code']), text(coding?.['system'])]
  return own === null ? null : [own, null, system === null ? null : codeSystemName(system)]
}

/** Is it the total of the NIH stroke scale? */
export function isNihssTotal(one: JsonObject): boolean {
  return codeIn(object(one['code']), 'http://loinc.org') === NIHSS_TOTAL
}
