/**
 * Rules of R4 that every message meets, in our own words instead of FHIRPath's: by their expression, so that a rule of a
 * profile that happens to bear the same key is not taken for one of them. True: the rule holds. */
import { isObject, type JsonObject, type JsonValue, object, objects, text } from '../json-value.ts'
import { typeOf } from './run.ts'

/** A rule over an element of the type or path that it stands on. */
export type NativeRule = (value: JsonValue) => boolean

type ObjectRule = (value: JsonObject) => boolean

const has = (value: JsonObject, name: string): boolean => value[name] !== undefined || value[`_${name}`] !== undefined
const oneOf =
  (...names: readonly string[]): ObjectRule =>
  (value) =>
    names.some((name) => has(value, name))
const implies =
  (one: string, other: string): ObjectRule =>
  (value) =>
    !has(value, one) || has(value, other)
const notBoth =
  (one: string, other: string): ObjectRule =>
  (value) =>
    !(has(value, one) && has(value, other))
const isCapital = (code: number): boolean => code >= 0x41 && code <= 0x5a
const hasChoice = (value: JsonObject, name: string): boolean => {
  for (const key in value) if (key.startsWith(name) && isCapital(key.charCodeAt(name.length))) return true
  return false
}
const isType = (...types: readonly string[]): ObjectRule => {
  const known: ReadonlySet<JsonValue | undefined> = new Set<JsonValue | undefined>(types)
  return (value) => known.has(value['type'])
}
const exchange = isType('batch', 'transaction', 'history')
const response = isType('batch-response', 'transaction-response', 'history')

const RULES: Readonly<Record<string, ObjectRule>> = {
  'code.empty() or system.exists()': implies('code', 'system'),
  'value.empty() or system.exists()': implies('value', 'system'),
  'data.empty() or contentType.exists()': implies('data', 'contentType'),
  'comparator.empty()': (value) => !has(value, 'comparator'),
  'start.hasValue().not() or end.hasValue().not() or (start <= end)': isForward,
  '(numerator.empty() xor denominator.exists()) and (numerator.exists() or extension.exists())': (value) =>
    has(value, 'numerator') === has(value, 'denominator') && (has(value, 'numerator') || has(value, 'extension')),
  'name.exists() or telecom.exists() or address.exists() or organization.exists()': oneOf(
    'name',
    'telecom',
    'address',
    'organization',
  ),
  'dataAbsentReason.empty() or value.empty()': (value) =>
    !(has(value, 'dataAbsentReason') && hasChoice(value, 'value')),
  'value.empty() or component.code.where(coding.intersect(%resource.code.coding).exists()).empty()': isNotRepeated,
  'low.exists() or high.exists() or text.exists()': oneOf('low', 'high', 'text'),
  'orderDetail.empty() or code.exists()': implies('orderDetail', 'code'),
  'start.exists() = end.exists()': (value) => has(value, 'start') === has(value, 'end'),
  'type.exists() or actor.exists()': oneOf('type', 'actor'),
  '(identifier.count() + name.count()) > 0': oneOf('identifier', 'name'),
  "where(use = 'home').empty()": ({ use }) => use !== 'home',
  'text.exists() or entry.exists() or section.exists()': oneOf('text', 'entry', 'section'),
  'emptyReason.empty() or entry.empty()': notBoth('emptyReason', 'entry'),
  'text.`div`.exists()': (value) => isObject(value['text']) && has(value['text'], 'div'),
  "total.empty() or (type = 'searchset') or (type = 'history')": (value) =>
    !has(value, 'total') || isType('searchset', 'history')(value),
  "entry.search.empty() or (type = 'searchset')": (value) =>
    value['type'] === 'searchset' || !objects(value['entry']).some((one) => has(one, 'search')),
  "entry.all(request.exists() = (%resource.type = 'batch' or %resource.type = 'transaction' or %resource.type = 'history'))":
    (value) => objects(value['entry']).every((one) => has(one, 'request') === exchange(value)),
  "entry.all(response.exists() = (%resource.type = 'batch-response' or %resource.type = 'transaction-response' or %resource.type = 'history'))":
    (value) => objects(value['entry']).every((one) => has(one, 'response') === response(value)),
  "(type = 'history') or entry.where(fullUrl.exists()).select(fullUrl&resource.meta.versionId).isDistinct()":
    isDistinct,
  "type = 'document' implies (identifier.system.exists() and identifier.value.exists())": (value) =>
    value['type'] !== 'document' ||
    (isObject(value['identifier']) && has(value['identifier'], 'system') && has(value['identifier'], 'value')),
  "type = 'document' implies (timestamp.hasValue())": (value) =>
    value['type'] !== 'document' || typeof value['timestamp'] === 'string',
  "type = 'document' implies entry.first().resource.is(Composition)": beginsWith('document', 'Composition'),
  "type = 'message' implies entry.first().resource.is(MessageHeader)": beginsWith('message', 'MessageHeader'),
  'resource.exists() or request.exists() or response.exists()': oneOf('resource', 'request', 'response'),
  "fullUrl.exists() implies fullUrl.contains('/_history/').not()": ({ fullUrl }) =>
    typeof fullUrl !== 'string' || !fullUrl.includes('/_history/'),
}

/** The rule in our own words, or null when FHIRPath must be asked. */
export function nativeRule(expression: string): NativeRule | null {
  if (expression === 'htmlChecks()') return isNarrative
  const rule = Object.hasOwn(RULES, expression) ? RULES[expression]! : null
  return rule === null ? null : (value) => !isObject(value) || rule(value)
}

/** per-1. Dates of differing precision are compared as far as both go: nothing wrong is said of what cannot be told. */
function isForward({ start, end }: JsonObject): boolean {
  if (typeof start !== 'string' || typeof end !== 'string') return true
  if (start.includes('T') && end.includes('T')) {
    const [from, to] = [Date.parse(start), Date.parse(end)]
    return Number.isNaN(from) || Number.isNaN(to) || from <= to
  }
  const size = Math.min(start.length, end.length, 10)
  return start.slice(0, size) <= end.slice(0, size)
}

/** obs-7: where the whole has a value, no component has a code of the whole. */
function isNotRepeated(value: JsonObject): boolean {
  if (value['component'] === undefined || !hasChoice(value, 'value')) return true
  const own = objects(object(value['code'])?.['coding'])
  const isOwn = (coding: JsonObject): boolean => own.some((one) => CODING.every((name) => one[name] === coding[name]))
  return !objects(value['component']).some((one) => objects(object(one['code'])?.['coding']).some(isOwn))
}

const CODING = ['code', 'system', 'version', 'display', 'userSelected']

/** bdl-7. */
function isDistinct(bundle: JsonObject): boolean {
  if (bundle['type'] === 'history') return true
  const seen = new Set<string>()
  for (const entry of objects(bundle['entry'])) {
    const url = text(entry['fullUrl'])
    if (url === null) continue
    const key = `${url}\n${text(object(object(entry['resource'])?.['meta'])?.['versionId']) ?? ''}`
    if (seen.has(key)) return false
    seen.add(key)
  }
  return true
}

function beginsWith(type: string, first: string): ObjectRule {
  return (bundle) => bundle['type'] !== type || typeOf(objects(bundle['entry'])[0]?.['resource']) === first
}

/** What has no place in a narrative (narrative.html §2.4.0.1): active content, forms, frames, outside styles. */
const FORBIDDEN =
  /<(?:script|form|object|iframe|frame|frameset|input|button|link|style|base|meta|embed|applet|body|head|html|svg)[\s/>]|\son[a-z]{1,30}\s*=|javascript:/i

/** txt-1, txt-2: a `div` of XHTML with something in it and nothing active. */
function isNarrative(value: JsonValue): boolean {
  if (typeof value !== 'string' || !/^\s*<div[\s>]/.test(value) || !value.trimEnd().endsWith('</div>')) return false
  if (FORBIDDEN.test(value)) return false
  return value.includes('<img') || hasText(value)
}

/** Is there a character between tags that shows? One pass. */
function hasText(xhtml: string): boolean {
  let inTag = false
  for (let i = 0; i < xhtml.length; i++) {
    const c = xhtml.charCodeAt(i)
    if (c === 0x3c) inTag = true
    else if (c === 0x3e) inTag = false
    else if (!inTag && c > 0x20) return true
  }
  return false
}
