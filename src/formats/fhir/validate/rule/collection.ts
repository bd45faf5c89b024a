/** Collections of FHIRPath over JSON as it was read: what is said of them, and when that cannot be said here. */
import { isObject, JsonNumber, type JsonObject, type JsonValue } from '../../json-value.ts'
import type { Surroundings } from '../engine.ts'

/** A collection. Its items are never null. */
export type Values = readonly JsonValue[]

/** What an expression sees: its focus (`$this`), the total of an aggregate, the resource around. */
export interface Scope {
  readonly focus: Values
  readonly total: Values
  readonly around: Surroundings
  readonly budget: Budget
}

/** Values that may still be passed: rules over lists of lists grow with the square. */
export interface Budget {
  left: number
}

/** Counts values that are passed. @throws {Unsure} when there are too many */
export function spend({ budget }: Scope, values: number): void {
  budget.left -= values + 1
  if (budget.left < 0) throw new Unsure()
}

/** An expression compiled. */
export type Eval = (scope: Scope) => Values

/** Thrown where only the whole engine can tell: types, dates, extensions of primitives, errors. */
export class Unsure extends Error {}

/** Nothing. */
export const NONE: Values = []
const TRUE: Values = [true]
const FALSE: Values = [false]

/** A boolean as a collection; null: nothing. */
export function truth(value: boolean | null): Values {
  return value === null ? NONE : value ? TRUE : FALSE
}

/** A collection where one boolean is due: nothing is null, one item that is no boolean is true (singleton evaluation). */
export function boolean(values: Values): boolean | null {
  if (values.length === 0) return null
  if (values.length > 1) throw new Unsure()
  const [value] = values
  return typeof value === 'boolean' ? value : true
}

/** A collection where one text is due; null when there is none. */
export function textOf(values: Values): string | null {
  if (values.length === 0) return null
  const [value] = values
  if (values.length > 1 || typeof value !== 'string') throw new Unsure()
  return value
}

/** A collection where one number is due; null when there is none. */
export function numberOf(values: Values): number | null {
  if (values.length === 0) return null
  const [value] = values
  if (values.length > 1) throw new Unsure()
  if (value instanceof JsonNumber) return Number(value.text)
  if (typeof value !== 'number') throw new Unsure()
  return value
}

/** Names of the choice elements of R4. */
const CHOICE_NAMES: ReadonlySet<string> = new Set(
  `abatement additive age allowed amount answer asNeeded author born bounds characteristic chargeItem code collected
  content created date deceased defaultValue definingSubstance definition detail diagnosis doseNumber dose due effective
  entity event example fastingStatus fixed identified indication item legallyBinding location manufacturer maxValue
  medication minValue minimumVolume module multipleBirth name occurred occurrence offset onset participantEffective
  pattern performed probability procedure product quantity rate reason reported scheduled seriesDoses serviced source
  start statusReason studyEffective subject substance target time timing topic used value when`.split(/\s+/),
)
/** Types of choice elements as their names end. */
const CHOICE_TYPES: ReadonlySet<string> = new Set(
  `Base64Binary Boolean Canonical Code Date DateTime Decimal Id Instant Integer Markdown Oid PositiveInt String Time
  UnsignedInt Uri Url Uuid Address Age Annotation Attachment CodeableConcept Coding ContactPoint Count Distance Duration
  HumanName Identifier Money Period Quantity Range Ratio Reference SampledData Signature Timing ContactDetail Contributor
  DataRequirement Expression ParameterDefinition RelatedArtifact TriggerDefinition UsageContext Dosage Meta`.split(
    /\s+/,
  ),
)

/** The name of a member as rules ask for it. */
export function nameFor(bare: string): Name {
  return { bare, shadow: `_${bare}`, choice: CHOICE_NAMES.has(bare) }
}

/** A name as rules ask for it. */
export interface Name {
  readonly bare: string
  /** `_name`: what a primitive has beside its value. */
  readonly shadow: string
  /** May it be a choice (`value` for `valueInteger`)? */
  readonly choice: boolean
}

/** The values of a member in each item, of a choice whichever it is. */
export function member(values: Values, name: Name): Values {
  if (values.length === 1) return memberOf(values[0]!, name)
  const found: JsonValue[] = []
  for (const value of values) found.push(...memberOf(value, name))
  return found
}

function memberOf(value: JsonValue, name: Name): Values {
  // What a primitive has beside its value stands elsewhere.
  if (!isObject(value) || value[name.shadow] !== undefined) throw new Unsure()
  return listed(value[name.bare] ?? (name.choice ? choice(value, name.bare) : undefined))
}

function choice(value: JsonObject, name: string): JsonValue | undefined {
  for (const key in value) {
    const from = key.startsWith('_') ? 1 : 0
    const first = key.charCodeAt(from + name.length)
    if (!(first >= 0x41 && first <= 0x5a) || !key.startsWith(name, from)) continue
    if (!CHOICE_TYPES.has(key.slice(from + name.length))) continue
    if (from === 1) throw new Unsure()
    return value[key]
  }
  return undefined
}

/** The member of a choice that is of one type (`value.ofType(integer)`). */
export function chosen(values: Values, name: string, type: string): Values {
  const key = name + type.charAt(0).toUpperCase() + type.slice(1)
  const found: JsonValue[] = []
  for (const value of values) {
    if (!isObject(value) || value[`_${key}`] !== undefined || value[name] !== undefined) throw new Unsure()
    found.push(...listed(value[key]))
  }
  return found
}

function listed(value: JsonValue | undefined): Values {
  if (value === undefined) return NONE
  if (!Array.isArray(value)) return value === null ? NONE : [value]
  if (value.includes(null)) throw new Unsure()
  return value
}

const EXTENSION: Name = { bare: 'extension', shadow: '_extension', choice: false }

/** The extensions of a url. */
export function extensions(values: Values, url: string): Values {
  return member(values, EXTENSION).filter((one) => isObject(one) && one['url'] === url)
}

/** May be a date: only the engine compares those. */
const DATED = /^\d{4}(?:-|$)|^\d\d:/

/** Are two items equal? `literal`: one of them is written in the expression, so no date. */
export function equal(one: JsonValue, other: JsonValue, literal: boolean): boolean {
  if (typeof one === 'string' && typeof other === 'string') {
    if (one === other) return true
    if (!literal && DATED.test(one) && DATED.test(other)) throw new Unsure()
    return false
  }
  if (isNumeric(one) && isNumeric(other)) return numberOf([one]) === numberOf([other])
  if (typeof one === 'boolean' && typeof other === 'boolean') return one === other
  // Objects are compared by what they mean, texts and numbers by their types: the engine knows.
  throw new Unsure()
}

function isNumeric(value: JsonValue): boolean {
  return typeof value === 'number' || value instanceof JsonNumber
}

/** Each item once. Objects, and dates that differ, are for the engine to compare. */
export function distinct(values: Values): Values {
  if (values.length < 2) return values
  const found = new Set<JsonValue>()
  let dates = 0
  for (const value of values) {
    const plain = value instanceof JsonNumber ? Number(value.text) : value
    if (typeof plain === 'object' || found.has(plain)) {
      if (typeof plain === 'object') throw new Unsure()
      continue
    }
    found.add(plain)
    if (typeof plain === 'string' && DATED.test(plain) && ++dates > 1) throw new Unsure()
  }
  const sorts = new Set([...found].map((one) => typeof one))
  if (sorts.size > 1) throw new Unsure()
  return [...found]
}
