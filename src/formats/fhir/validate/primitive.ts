/** Primitive types of R4 (datatypes.html §2.24.0.1): the JSON they are written in, their form and their range. */
import { JsonNumber, type JsonValue } from '../json-value.ts'

const STRING = /^[^\x00-\x08\x0b\x0c\x0e-\x1f]*$/
const NOT_BLANK = /[^ \t\r\n]/
const DATE = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$/
const DATE_TIME =
  /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T([01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00))?)?)?$/
const INSTANT =
  /^(\d{4})-(\d\d)-(\d\d)T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)$/
const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?$/
const CODE = /^[^\s]+(?: [^\s]+)*$/
const URI = /^\S*$/
const OID = /^urn:oid:[0-2](?:\.(?:0|[1-9]\d*))+$/
const UUID = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const ID = /^[A-Za-z0-9\-.]{1,64}$/
const INTEGER = /^-?(?:0|[1-9]\d*)$/
const MAX_INTEGER = 2_147_483_647
const MAX_STRING = 1_048_576

type Form = (text: string) => boolean

const plain: Form = (text) => text.length <= MAX_STRING && NOT_BLANK.test(text) && STRING.test(text)
const uri: Form = (text) => text !== '' && URI.test(text)
const dated =
  (pattern: RegExp): Form =>
  (text) => {
    const parts = pattern.exec(text)
    return parts !== null && isDate(Number(parts[1]), parts[2], parts[3])
  }

const TEXTS: Readonly<Record<string, Form>> = {
  string: plain,
  markdown: plain,
  code: (text) => CODE.test(text) && STRING.test(text),
  id: (text) => ID.test(text),
  uri,
  url: uri,
  canonical: uri,
  oid: (text) => OID.test(text),
  uuid: (text) => UUID.test(text),
  date: dated(DATE),
  dateTime: dated(DATE_TIME),
  instant: dated(INSTANT),
  time: (text) => TIME.test(text),
  base64Binary: isBase64,
  xhtml: (text) => text.trimStart().startsWith('<div'),
}

const INTEGERS: Readonly<Record<string, number>> = { integer: -MAX_INTEGER - 1, unsignedInt: 0, positiveInt: 1 }

/** Is it the name of a primitive type? */
export function isPrimitive(type: string): boolean {
  const first = type.charCodeAt(0)
  return first >= 0x61 && first <= 0x7a
}

/** Gives the test of a primitive type: has a value its JSON form (`structure` when not), and its own (`value`)? Null: yes. */
export function primitiveTest(type: string): (value: JsonValue) => 'structure' | 'value' | null {
  if (type === 'boolean') return (value) => (typeof value === 'boolean' ? null : 'structure')
  if (type === 'decimal') return (value) => (isNumber(value) ? null : 'structure')
  const least = INTEGERS[type]
  if (least !== undefined) {
    return (value) => {
      if (!isNumber(value)) return 'structure'
      if (typeof value !== 'number' && !INTEGER.test(value.text)) return 'value'
      const number = Number(typeof value === 'number' ? value : value.text)
      return Number.isInteger(number) && number >= least && number <= MAX_INTEGER ? null : 'value'
    }
  }
  const form = TEXTS[type] ?? plain
  return (value) => (typeof value !== 'string' ? 'structure' : form(value) ? null : 'value')
}

function isNumber(value: JsonValue): value is number | JsonNumber {
  return typeof value === 'number' || value instanceof JsonNumber
}

function isDate(year: number, month: string | undefined, day: string | undefined): boolean {
  if (year === 0) return false
  if (month === undefined) return true
  const m = Number(month)
  if (m < 1 || m > 12) return false
  return day === undefined || (Number(day) >= 1 && Number(day) <= daysOf(year, m))
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** RFC 4648 §4 with white space between (R4 allows it), in one pass: an expression over megabytes is no good idea. */
function isBase64(text: string): boolean {
  let digits = 0
  let pads = 0
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09) continue
    if (c === 0x3d) pads++
    else if (pads > 0 || !isBase64Digit(c)) return false
    else digits++
  }
  return digits > 0 && pads <= 2 && (digits + pads) % 4 === 0
}

function isBase64Digit(c: number): boolean {
  return (c >= 0x41 && c <= 0x5a) || (c >= 0x61 && c <= 0x7a) || (c >= 0x30 && c <= 0x39) || c === 0x2b || c === 0x2f
}
