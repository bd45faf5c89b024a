/** JSON Patch (RFC 6902) on resources that keep the text of their numbers. */
import { applyPatch } from 'rfc6902'
import { copyOf, isObject, JsonNumber, type JsonObject, type JsonValue } from './json-value.ts'
import { JSON_LIMITS } from './read-json.ts'

/** Operations of a patch. */
const MAX_OPERATIONS = 1000
/** Values that the operations add or copy, together: without a bound, sixty copies fill the memory. */
const MAX_VALUES = 100_000
const MAX_POINTER = 1000
const INDEX = /^(0|[1-9]\d{0,8})$/
/** Names that the library handles otherwise than other names; FHIR has no such element. */
const RESERVED: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** Numbers travel through the library as texts behind this mark, or it would take their class and their text away. */
const NUMBER = '\u0000n'
/** A text that begins with NUL gets this before it. */
const TEXT = '\u0000t'

/**
 * Applies the patch to a copy: all operations, or the index of the first that is malformed, or whose place is not there,
 * or whose `test` fails. Places are checked here, strictly (RFC 6901) and before each step: the library takes `01` and
 * `x` for an index, goes on after the end of an array, and looks for the end of a move before its beginning is gone. */
export function applyJsonPatch(
  resource: JsonObject,
  patch: JsonValue,
): { readonly value: JsonValue } | { readonly failed: number } {
  if (!Array.isArray(patch) || patch.length > MAX_OPERATIONS) return { failed: 0 }
  const target = copyOf(resource, packed)
  const budget = { values: MAX_VALUES }
  const failed = patch.findIndex((operation) => !isObject(operation) || !apply(operation, target, budget))
  return failed < 0 ? { value: copyOf(target, unpacked) } : { failed }
}

/** One operation of the standard; false when it does not apply. */
function apply(operation: JsonObject, target: JsonValue, budget: { values: number }): boolean {
  const { op, path, from, value } = operation
  if (typeof path !== 'string') return false
  if (op === 'remove') return remove(path, target)
  if (op === 'move' || op === 'copy') {
    if (typeof from !== 'string' || (op === 'move' && path.startsWith(`${from}/`))) return false
    const source = place(from, target)
    if (source?.value === undefined) return false
    if (op === 'move') return remove(from, target) && write('add', path, source.value, target, { values: MAX_VALUES })
    return write('add', path, source.value, target, budget)
  }
  if (value === undefined || holdsReserved(value)) return false
  if (op === 'test') {
    const tested = place(path, target)
    return tested?.value !== undefined && sameValue(copyOf(tested.value, unpacked), value)
  }
  return (op === 'add' || op === 'replace') && write(op, path, copyOf(value, packed), target, budget)
}

function remove(path: string, target: JsonValue): boolean {
  const removed = place(path, target)
  if (removed === null || removed.parent === null || removed.value === undefined) return false
  return applyPatch(target, [{ op: 'remove', path }])[0] === null
}

function write(
  op: 'add' | 'replace',
  path: string,
  value: JsonValue,
  target: JsonValue,
  budget: { values: number },
): boolean {
  const at = place(path, target)
  // The whole resource can be tested, and in no other way touched.
  if (at === null || at.parent === null) return false
  if (op === 'add' ? !at.mayAdd : at.value === undefined) return false
  const { values, depth } = measure(value)
  budget.values -= values
  if (budget.values < 0 || at.depth + depth > JSON_LIMITS.maxDepth) return false
  return applyPatch(target, [{ op, path, value }])[0] === null
}

interface Place {
  /** Null for the whole. */
  readonly parent: JsonValue | null
  /** Undefined when nothing is there. */
  readonly value: JsonValue | undefined
  readonly mayAdd: boolean
  readonly depth: number
}

/** Where a JSON Pointer leads, or null when it is none or its parent is not there. */
function place(pointer: string, target: JsonValue): Place | null {
  if (pointer === '') return { parent: null, value: target, mayAdd: false, depth: 0 }
  if (!pointer.startsWith('/') || pointer.length > MAX_POINTER || /~(?![01])/.test(pointer)) return null
  const names = pointer
    .slice(1)
    .split('/')
    .map((one) => one.replaceAll('~1', '/').replaceAll('~0', '~'))
  const last = names.at(-1)!
  if (names.some((name) => RESERVED.has(name))) return null
  let parent: JsonValue = target
  for (const name of names.slice(0, -1)) {
    const inner = member(parent, name)
    if (inner === undefined) return null
    parent = inner
  }
  const found = { parent, value: member(parent, last), depth: names.length }
  if (isObject(parent)) return { ...found, mayAdd: true }
  if (!Array.isArray(parent)) return null
  return { ...found, mayAdd: last === '-' || (INDEX.test(last) && Number(last) <= parent.length) }
}

function member(parent: JsonValue, name: string): JsonValue | undefined {
  if (Array.isArray(parent)) return INDEX.test(name) ? parent[Number(name)] : undefined
  return isObject(parent) && Object.hasOwn(parent, name) ? parent[name] : undefined
}

function holdsReserved(value: JsonValue): boolean {
  if (Array.isArray(value)) return value.some(holdsReserved)
  return isObject(value) && Object.entries(value).some(([name, one]) => RESERVED.has(name) || holdsReserved(one))
}

function measure(value: JsonValue): { values: number; depth: number } {
  const inner = Array.isArray(value) ? value : isObject(value) ? Object.values(value) : null
  const size = { values: 1, depth: inner === null ? 0 : 1 }
  for (const one of inner ?? []) {
    const { values, depth } = measure(one)
    size.values += values
    size.depth = Math.max(size.depth, depth + 1)
  }
  return size
}

function packed(leaf: JsonValue): JsonValue {
  if (typeof leaf === 'number' || leaf instanceof JsonNumber) return NUMBER + numberText(leaf)
  return typeof leaf === 'string' && leaf.startsWith('\0') ? TEXT + leaf : leaf
}

function unpacked(leaf: JsonValue): JsonValue {
  if (typeof leaf !== 'string') return leaf
  if (leaf.startsWith(TEXT)) return leaf.slice(TEXT.length)
  if (!leaf.startsWith(NUMBER)) return leaf
  const written = leaf.slice(NUMBER.length)
  return String(Number(written)) === written ? Number(written) : new JsonNumber(written)
}

/** Equality of RFC 6902 §4.6: numbers by what they are worth, objects whatever the order of their members. */
function sameValue(one: JsonValue, other: JsonValue): boolean {
  if (isNumber(one) && isNumber(other)) return numberText(one) === numberText(other) || worth(one) === worth(other)
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((element, i) => sameValue(element, other[i]!))
  }
  if (!isObject(one) || !isObject(other)) return one === other
  const names = Object.keys(one)
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && sameValue(one[name]!, other[name]!))
  )
}

function isNumber(value: JsonValue): value is number | JsonNumber {
  return typeof value === 'number' || value instanceof JsonNumber
}

function numberText(value: number | JsonNumber): string {
  return typeof value === 'number' ? String(value) : value.text
}

/** NaN, and so equal to nothing, when it is beyond what JavaScript holds exactly. */
function worth(value: number | JsonNumber): number {
  const number = Number(numberText(value))
  return Number.isFinite(number) && numberText(value).replace(/\D/g, '').length <= 15 ? number : Number.NaN
}
