/** Resources as people compare them, and without their patient. Pure. */
import { codeOrMasked, masked } from '../masked.ts'
import { isObject, JsonNumber, type JsonValue } from './json-value.ts'

/** Values by their places (`entry[0].resource.name[0].family`), in their order; at most `most`. */
export function leavesOf(value: JsonValue, most = 5_000): ReadonlyMap<string, string> {
  const leaves = new Map<string, string>()
  const walk = (one: JsonValue, at: string): void => {
    if (leaves.size >= most) return
    if (Array.isArray(one)) for (const [i, element] of one.entries()) walk(element, `${at}[${i}]`)
    else if (isObject(one)) {
      for (const [name, member] of Object.entries(one)) walk(member, at === '' ? name : `${at}.${name}`)
    } else leaves.set(at, textOf(one))
  }
  walk(value, '')
  return leaves
}

function textOf(leaf: JsonValue): string {
  if (typeof leaf === 'string') return leaf
  return leaf instanceof JsonNumber ? leaf.text : JSON.stringify(leaf)
}

/** Members that hold codes of the standard, whatever they stand in. */
const CODES: ReadonlySet<string> = new Set([
  'resourceType',
  'status',
  'intent',
  'priority',
  'use',
  'mode',
  'system',
  'contentType',
  'language',
  'profile',
  'fhirVersion',
  'method',
  'docStatus',
  'eventUri',
])
/** What a value beside a system is. */
const CODED: ReadonlySet<string> = new Set(['code', 'version'])
const EXTENSIONS: ReadonlySet<string> = new Set(['extension', 'modifierExtension'])
/** The address of an extension says what it is; any other address may lead to a person. */
const OF_EXTENSION: ReadonlySet<string> = new Set(['url'])
const NONE: ReadonlySet<string> = new Set()
const NAME = /^_?[a-z][A-Za-z0-9]{0,39}$/
const TYPED_REFERENCE = /^([A-Z][A-Za-z]{2,39})\/./

/** The resource without what it says of a person: names and codes of its elements stay, all other values are masked. */
export function maskedResource(value: JsonValue): JsonValue {
  const walk = (one: JsonValue, name: string, beside: ReadonlySet<string>): JsonValue => {
    if (Array.isArray(one)) return one.map((element) => walk(element, name, beside))
    if (isObject(one)) {
      const inner = EXTENSIONS.has(name) ? OF_EXTENSION : typeof one['system'] === 'string' ? CODED : NONE
      const members = Object.entries(one).map(([key, member]): [string, JsonValue] => [
        NAME.test(key) ? key : masked(key),
        walk(member, key, inner),
      ])
      return Object.fromEntries(members)
    }
    return leaf(one, CODES.has(name) || beside.has(name), name)
  }
  return walk(value, '', NONE)
}

function leaf(one: JsonValue, coded: boolean, name: string): JsonValue {
  if (one === null) return null
  const text = textOf(one)
  if (typeof one === 'string') {
    const type = name === 'reference' ? TYPED_REFERENCE.exec(one)?.[1] : undefined
    if (type !== undefined) return `${type}/${masked(one.slice(type.length + 1))}`
    if (coded) return codeOrMasked(one)
  }
  return masked(text)
}
