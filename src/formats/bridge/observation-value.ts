/** The value of an OBX (OBX-2, OBX-5, OBX-6) and Observation.value[x]. */
import { JsonNumber, type JsonObject, type JsonValue, object, objects, text } from '../fhir/json.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import type { Field, Repetition } from '../hl7v2/write.ts'
import { ceOf, conceptOf } from './codes.ts'
import { textsAt } from './order-groups.ts'
import { partOf, partsOf } from './parts.ts'
import { dateTimeOf, tsOf } from './time.ts'

const UCUM = 'http://unitsofmeasure.org'
const NUMBER = /^([+-]?)(\d{0,30})(?:\.(\d{0,30}))?$/
const TIME = /^(\d\d)(\d\d)(?:(\d\d)(?:\.\d{1,4})?)?(?:[+-]\d{4})?$/
/** Comparators of Quantity (R4); `=` is none, and `<>` has no place there. */
const COMPARATORS: ReadonlySet<string> = new Set(['<', '<=', '>=', '>'])

/** Types of which an Observation holds one value: several are text. */
const SINGLE: ReadonlySet<string | null> = new Set(['NM', 'SN', 'DT', 'TS', 'DTM', 'TM'])

/** Value elements by name: `valueQuantity`, `valueString`…. */
export type ValueElements = Readonly<Record<string, JsonValue>>

/** Names of the value elements that are written and read. */
export const VALUE_ELEMENTS: readonly string[] = [
  ...['Quantity', 'Integer', 'CodeableConcept', 'String', 'DateTime', 'Time', 'Boolean', 'Range', 'Ratio', 'Period'],
].map((type) => `value${type}`)

/**
 * The value of an OBX; none when OBX-5 is empty or the HL7 null, or is a document (ED), which is no value of an
 * Observation. A number that is none, and what R4 has no type for, comes as text. */
export function observedValue(message: Hl7Message, obx: string, timeZone: string): ValueElements {
  const path = `${obx}-5`
  if (message.repetitions(path) === 0 || message.isNull(path)) return {}
  const type = message.text(`${obx}-2`)
  const unit = wordOf(unitOf(message, obx))
  if (SINGLE.has(type) && message.repetitions(path) > 1) return asText(message, path, unit)
  switch (type) {
    case 'NM':
      return numeric(message, obx) ?? asText(message, path, unit)
    case 'SN':
      return structured(message, obx) ?? asText(message, path, unit)
    case 'CE':
    case 'CWE':
    case 'CNE':
    case 'CF':
      return coded(message, path) ?? asText(message, path)
    case 'DT':
    case 'TS':
    case 'DTM': {
      const moment = dateTimeOf(message.text(path) ?? '', timeZone)
      return moment === null ? asText(message, path) : { valueDateTime: moment }
    }
    case 'TM': {
      const [, hours, minutes, seconds = '00'] = TIME.exec(message.text(path) ?? '') ?? []
      return hours === undefined ? asText(message, path) : { valueTime: `${hours}:${minutes}:${seconds}` }
    }
    case 'ED':
      return {}
    case 'ST':
    case 'TX':
    case 'FT':
    case null:
      return said(withUnit(textsAt(message, path).join('\n'), unit))
    default:
      return asText(message, path, unit)
  }
}

/**
 * Of a type that R4 has not, or of a value that is none: every repetition on a line, the parts that say something, with the
 * unit behind. */
function asText(message: Hl7Message, path: string, unit = ''): ValueElements {
  const lines = partsOf(message, path).map((part) =>
    [1, 2, 3, 4, 5]
      .map((component) => part(component))
      .filter((one) => one !== '')
      .join(' '),
  )
  return said(lines.map((line) => withUnit(line, unit)).join('\n'))
}

/** A text has no place for its unit, and `<5` of what is no result: it stands behind, unless the text says it itself. */
function withUnit(value: string, unit: string): string {
  const says = unit === '' || value.toLowerCase().endsWith(unit.toLowerCase())
  return value === '' || says ? value : `${value} ${unit}`
}

function wordOf({ unit }: JsonObject): string {
  return text(unit) ?? ''
}

function said(value: string): ValueElements {
  return value === '' ? {} : { valueString: value }
}

/** A decimal as JSON writes it, digits as they came: `1.0` stays `1.0`; null when the text is no number. */
export function decimalOf(value: string | null): JsonValue {
  const [, sign, whole = '', fraction = ''] = NUMBER.exec(value?.trim() ?? '') ?? []
  if (sign === undefined || whole + fraction === '') return null
  const digits = whole.replace(/^0+(?=\d)/, '') || '0'
  const written = `${sign === '-' ? '-' : ''}${digits}${fraction === '' ? '' : `.${fraction}`}`
  return String(Number(written)) === written ? Number(written) : new JsonNumber(written)
}

/** The digits of a JSON number, or null. An exponent is written out where it can be. */
export function digitsOf(value: JsonValue | undefined): string | null {
  if (value instanceof JsonNumber) return /e/i.test(value.text) ? plain(Number(value.text)) : value.text
  return typeof value === 'number' ? plain(value) : null
}

function plain(value: number): string | null {
  if (!Number.isFinite(value)) return null
  const written = String(value)
  return written.includes('e') ? value.toFixed(Math.abs(value) < 1 ? 20 : 0).replace(/(\.\d*?)0+$/, '$1') : written
}

/** Unit of OBX-6: as Quantity says it, with its code where the system is UCUM or is not said. */
export function unitOf(message: Hl7Message, obx: string): JsonObject {
  const code = message.text(`${obx}-6.1`)
  const name = message.text(`${obx}-6.2`)
  const system = message.text(`${obx}-6.3`)
  if (code === null) return name === null ? {} : { unit: name }
  return system === 'UCUM' || system === 'UCUM-2.1'
    ? { unit: name ?? code, system: UCUM, code }
    : { unit: name ?? code, ...(name === null || name === code ? {} : { code }) }
}

function numeric(message: Hl7Message, obx: string): ValueElements | null {
  const value = decimalOf(message.text(`${obx}-5`))
  return value === null ? null : { valueQuantity: { value, ...unitOf(message, obx) } }
}

/** SN (HL7 v2.5.1 §2.A.69): `>^100`, `^1^:^128`, `^5^-^10`. */
function structured(message: Hl7Message, obx: string): ValueElements | null {
  const at = (component: number) => message.text(`${obx}-5.${component}`)
  const [comparator, separator] = [at(1), at(3)]
  const [first, second] = [decimalOf(at(2)), decimalOf(at(4))]
  const unit = unitOf(message, obx)
  if (first === null) return null
  if (separator === null && at(4) === null) {
    if (comparator === null || comparator === '=') return { valueQuantity: { value: first, ...unit } }
    return COMPARATORS.has(comparator) ? { valueQuantity: { value: first, comparator, ...unit } } : null
  }
  if (comparator !== null || second === null) return null
  if (separator === '-') return { valueRange: { low: { value: first, ...unit }, high: { value: second, ...unit } } }
  if (separator === ':' || separator === '/')
    return { valueRatio: { numerator: { value: first, ...unit }, denominator: { value: second } } }
  return null
}

function coded(message: Hl7Message, path: string): ValueElements | null {
  const first = conceptOf(partOf(message, path))
  return first === null ? null : { valueCodeableConcept: first }
}

/** The fields OBX-2, OBX-5 and OBX-6 of a value. */
export interface ValueFields {
  readonly type: string | null
  readonly value: Field
  readonly unit: Repetition
}

/** Which types a version writes: CWE and DTM came with 2.6 for what was CE and TS. */
export interface Types {
  readonly coded: 'CE' | 'CWE'
  readonly moment: 'TS' | 'DTM'
}

/** The value of an Observation, or of one of its components, as OBX fields; a type of null when it has none. */
export function valueFields(holder: JsonObject, types: Types): ValueFields {
  const bare = (type: string, value: Field): ValueFields => ({ type, value, unit: null })
  const quantity = object(holder['valueQuantity'])
  if (quantity !== null) return quantityFields(quantity)
  const integer = digitsOf(holder['valueInteger'])
  if (integer !== null) return bare('NM', integer)
  const coding = object(holder['valueCodeableConcept'])
  if (coding !== null) return bare(types.coded, ceOf(coding))
  const words = text(holder['valueString'])
  if (words !== null) return wordFields(words)
  const moment = text(holder['valueDateTime'])
  if (moment !== null) return bare(moment.length <= 10 ? 'DT' : types.moment, tsOf(moment))
  const time = text(holder['valueTime'])
  if (time !== null) return bare('TM', time.replace(/:/g, '').slice(0, 6))
  if (typeof holder['valueBoolean'] === 'boolean')
    return bare(types.coded, [holder['valueBoolean'] ? 'Y' : 'N', null, 'expandedYes-NoIndicator'])
  return compoundFields(holder) ?? { type: null, value: null, unit: null }
}

/** Longest ST (HL7 v2.5.1 §2.A.71). */
const MOST_ST = 199

/** OBX-2 and OBX-5 of words. */
export function wordFields(words: string): ValueFields {
  return { type: words.includes('\n') || words.length > MOST_ST ? 'TX' : 'ST', value: words, unit: null }
}

function quantityFields(quantity: JsonObject): ValueFields {
  const value = digitsOf(quantity['value'])
  const comparator = text(quantity['comparator'])
  const unit = unitField(quantity)
  if (value === null) return { type: null, value: null, unit }
  return comparator === null ? { type: 'NM', value, unit } : { type: 'SN', value: [comparator, value], unit }
}

function unitField(quantity: JsonObject): Repetition {
  const [code, unit] = [text(quantity['code']), text(quantity['unit'])]
  const ucum = quantity['system'] === UCUM
  if (code === null) return unit
  return [code, unit === code ? null : unit, ucum ? 'UCUM' : null]
}

/** Range, Ratio and Period as SN or text. */
function compoundFields(holder: JsonObject): ValueFields | null {
  const ratio = object(holder['valueRatio'])
  if (ratio !== null) return ratioFields(ratio)
  const range = object(holder['valueRange'])
  const [low, high] = [object(range?.['low']), object(range?.['high'])]
  const [first, second] = [digitsOf(low?.['value']), digitsOf(high?.['value'])]
  const unit = low === null ? null : unitField(low)
  if (first !== null && second !== null) return { type: 'SN', value: [null, first, '-', second], unit }
  if (first !== null) return { type: 'SN', value: ['>=', first], unit }
  if (second !== null) return { type: 'SN', value: ['<=', second], unit: unitField(high!) }
  const period = object(holder['valuePeriod'])
  if (period === null) return null
  const bounds = [text(period['start']), text(period['end'])].filter((one) => one !== null)
  return bounds.length === 0 ? null : { type: 'ST', value: bounds.join(' / '), unit: null }
}

/** SN has one comparator, in front of a single number, and OBX-6 one unit: a Ratio of more goes in words, `<1:128`. */
function ratioFields(ratio: JsonObject): ValueFields | null {
  const sides = [object(ratio['numerator']), object(ratio['denominator'])]
  const [numerator, denominator] = sides
  const [first, second] = sides.map((side) => digitsOf(side?.['value']))
  const isPlain = sides.every((side) => text(side?.['comparator']) === null) && unitField(denominator ?? {}) === null
  if (isPlain && first != null && second != null)
    return { type: 'SN', value: [null, first, ':', second], unit: unitField(numerator ?? {}) }
  const words = sides.flatMap((side) => {
    const [digits, unit] = [digitsOf(side?.['value']), text(side?.['unit']) ?? text(side?.['code'])]
    return digits === null ? [] : `${text(side?.['comparator']) ?? ''}${digits}${unit === null ? '' : ` ${unit}`}`
  })
  return words.length === 0 ? null : wordFields(words.join(':'))
}

/** The values behind the first of a coded OBX-5. */
export function furtherValues(message: Hl7Message, obx: string): ValueElements[] {
  if (!['CE', 'CWE', 'CNE', 'CF'].includes(message.text(`${obx}-2`) ?? '')) return []
  return partsOf(message, `${obx}-5`)
    .slice(1)
    .map(conceptOf)
    .filter((one) => one !== null)
    .map((one) => ({ valueCodeableConcept: one }))
}

/** Is it the same code? Components of an Observation's own code are further values of it. */
export function sameCode(one: JsonObject | null, other: JsonObject | null): boolean {
  const codesOf = (concept: JsonObject | null) =>
    objects(concept?.['coding'])
      .filter((coding) => text(coding['code']) !== null)
      .map((coding) => `${text(coding['system']) ?? ''}|${text(coding['code'])}`)
  const [a, b] = [codesOf(one), codesOf(other)]
  return a.length > 0 && a[0] === b[0]
}
