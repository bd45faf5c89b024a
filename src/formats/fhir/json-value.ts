/** JSON as FHIR needs it: numbers keep their text (R4 json.html §2.6.2.3), names are only names. Pure. */

/** `JSON.rawJSON` (ECMAScript 2026); the compiler's library does not know it yet. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown }

/** A number whose text JavaScript would write otherwise: `1.00`, `1e400`, `-0`, `12345678901234567890`. */
export class JsonNumber {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  /** Lets `JSON.stringify` write the text as it is. */
  toJSON(): unknown {
    return rawJSON(this.text)
  }
}

/** Members by name. An object that was read inherits nothing: `__proto__` and `constructor` are names like any other. */
export interface JsonObject {
  [name: string]: JsonValue
}

/** A value. A number is a `number` when JavaScript writes it again as it was read, else a `JsonNumber`. */
export type JsonValue = null | boolean | number | string | JsonNumber | JsonValue[] | JsonObject

/**
 * Objects made by this keep V8's fast properties, which `Object.create(null)` does not: reading is twice as fast. What
 * they inherit from is empty and frozen, and itself inherits nothing. */
const Plain = function Plain() {} as unknown as { new (): JsonObject; prototype: object }
Plain.prototype = Object.freeze(Object.create(null) as object)

/** A new object without members, which inherits nothing. */
export function emptyObject(): JsonObject {
  return new Plain()
}

/** JSON text (RFC 8259), without white space; numbers as they were read, members in their order. */
export function writeJson(value: JsonValue): string {
  return JSON.stringify(value)
}

/** Is it an object? Arrays and numbers are not. */
export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber)
}

/** The object, or null when it is none. */
export function object(value: JsonValue | undefined): JsonObject | null {
  return isObject(value) ? value : null
}

/** The text, or null when it is none or is empty. */
export function text(value: JsonValue | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

/** The elements; none when it is no array. */
export function list(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : []
}

/** The objects among the elements of an array; none when it is no array. */
export function objects(value: JsonValue | undefined): JsonObject[] {
  return list(value).filter(isObject)
}

/** A copy that shares nothing with the value; `leaf` changes what is neither array nor object. */
export function copyOf(value: JsonValue, leaf: (one: JsonValue) => JsonValue = (one) => one): JsonValue {
  if (Array.isArray(value)) return value.map((one) => copyOf(one, leaf))
  if (!isObject(value)) return leaf(value)
  const copy = emptyObject()
  for (const [name, one] of Object.entries(value)) copy[name] = copyOf(one, leaf)
  return copy
}
