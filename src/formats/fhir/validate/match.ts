/** Fixed and pattern values (elementdefinition.html#fixed, #pattern). Pure. */
import { isObject, JsonNumber, type JsonValue } from '../json-value.ts'
import type { Defined } from './structure.ts'

/** Is the value exactly what the definition fixes, deeply? */
export function isFixed(value: JsonValue | undefined, fixed: Defined | undefined): boolean {
  if (Array.isArray(fixed)) {
    return Array.isArray(value) && value.length === fixed.length && fixed.every((one, i) => isFixed(value[i], one))
  }
  if (isRecord(fixed)) {
    if (!isObject(value)) return false
    const names = Object.keys(fixed)
    return Object.keys(value).length === names.length && names.every((name) => isFixed(value[name], fixed[name]))
  }
  return isSame(value, fixed)
}

/** Has the value at least what the pattern asks: every member, and every element of its arrays somewhere? */
export function hasPattern(value: JsonValue | undefined, pattern: Defined | undefined): boolean {
  if (Array.isArray(pattern)) {
    return Array.isArray(value) && pattern.every((one) => value.some((there) => hasPattern(there, one)))
  }
  if (isRecord(pattern)) {
    if (!isObject(value)) return false
    for (const name in pattern) if (!hasPattern(value[name], pattern[name])) return false
    return true
  }
  return isSame(value, pattern)
}

/** Is a definition's value an object? */
export function isRecord(value: Defined | undefined): value is { readonly [name: string]: Defined | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isSame(value: JsonValue | undefined, asked: Defined | undefined): boolean {
  if (value instanceof JsonNumber) return typeof asked === 'number' && Number(value.text) === asked
  return value === asked
}
