/** Named checks of how OBX segments go together: what documents (CI-SIS) and tele-radiology ask of them. */
import type { ErrorCode } from '../../../core/errors.ts'
import type { Broken, Given, MakeCheck } from './checks.ts'
import type { ValueSet, ValuesOf } from './condition.ts'
import type { Look } from './look.ts'
import { type Place, parsePlace } from './place.ts'

const SUB_ID = /^([1-9]\d{0,3})\.([1-9]\d{0,3})$/

function fieldPlace(value: unknown, what: string): Place {
  const place = typeof value === 'string' ? parsePlace(value) : null
  if (place === null || place.field === null) throw new RangeError(`${what} must be a field, such as OBX-3`)
  return place
}

function list(value: unknown, what: string): readonly string[] {
  const texts = Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
  if (texts.length === 0) throw new RangeError(`${what} must be a list of values`)
  return texts
}

function record(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new RangeError(`${what} must have keys`)
  return value as Readonly<Record<string, unknown>>
}

const valueAt = (look: Look, segment: number, place: Place): string => look.values(segment, place)[0] ?? ''
const told = (segment: string, n: number, field: number | null): string =>
  `${n === 1 ? segment : `${segment}(${n})`}${field === null ? '' : `-${field}`}`

/** Conditions that one and the same segment meets. */
function sameSegment(
  given: unknown,
  what: string,
): { segment: string; meets: (look: Look, segment: number) => boolean } {
  const each = Object.entries(record(given, what)).map(([at, values]) => {
    return { place: fieldPlace(at, what), values: new Set(list(values, what)) }
  })
  const names = new Set(each.map(({ place }) => place.segment))
  if (names.size !== 1) throw new RangeError(`${what} must be of one segment`)
  const meets = (look: Look, segment: number): boolean =>
    each.every(({ place, values }) => look.some(segment, place, (value) => values.has(value)))
  return { segment: [...names][0]!, meets }
}

/** `{ some, needs }`: where some segment meets `some`, one must meet `needs`. */
function someNeeds({ some, needs }: Given): ReturnType<MakeCheck> {
  const [cause, wanted] = [sameSegment(some, 'some'), sameSegment(needs, 'needs')]
  const any = (look: Look, { segment, meets }: typeof cause): boolean =>
    look.named(segment).some((index) => meets(look, index))
  return (look) => (any(look, cause) && !any(look, wanted) ? [{ at: wanted.segment }] : [])
}

/** `{ at, values, per }`: the values that are listed come in this order, afresh after each segment named `per`. */
function inOrder({ at, values, per }: Given): ReturnType<MakeCheck> {
  const place = fieldPlace(at, 'at')
  const ranks = new Map(list(values, 'values').map((value, i) => [value, i]))
  if (per !== undefined && typeof per !== 'string') throw new RangeError('per must name a segment')
  return (look) => {
    const broken: Broken[] = []
    let [before, group] = [-1, -1]
    for (const [i, segment] of look.named(place.segment).entries()) {
      const rank = ranks.get(valueAt(look, segment, place))
      const now = per === undefined ? -1 : look.near(per, segment)
      if (now !== group) before = -1
      group = now
      if (rank === undefined) continue
      // What comes too early is told where the row goes back.
      if (rank < before) broken.push({ at: told(place.segment, i + 1, null) })
      else before = rank
    }
    return broken
  }
}

/** `{ names, values, whenAny, allow }`: by name, the values are those of one of the rows, where one of `whenAny` holds. */
function combinations({ names, values, whenAny, allow }: Given): ReturnType<MakeCheck> {
  const [name, value] = [fieldPlace(names, 'names'), fieldPlace(values, 'values')]
  if (!Array.isArray(allow) || allow.length === 0) throw new RangeError('allow must be a list of combinations')
  const rows = allow.map((row) => Object.entries(record(row, 'allow')))
  const asked = Object.entries(record(whenAny, 'whenAny'))
  return (look) => {
    const said = new Map<string, { readonly value: string; readonly at: string }>()
    for (const [i, segment] of look.named(name.segment).entries()) {
      const key = valueAt(look, segment, name)
      if (!said.has(key)) {
        said.set(key, { value: valueAt(look, segment, value), at: told(value.segment, i + 1, value.field) })
      }
    }
    const cause = asked.find(([key, wanted]) => said.get(key)?.value === wanted)
    if (cause === undefined || rows.some((row) => row.every(([key, wanted]) => said.get(key)?.value === wanted)))
      return []
    return [{ at: said.get(cause[0])!.at }]
  }
}

/**
 * `{ names, subId, always }`: segments that share a name tell each other apart by a sub-id `n.m`; those named in `always`
 * have one even when alone (ANS, imaging requests in HL7 v2, Sub-ID). */
function subIds({ names, subId, always }: Given): ReturnType<MakeCheck> {
  const [name, sub] = [fieldPlace(names, 'names'), fieldPlace(subId, 'subId')]
  const lone = new Set(always === undefined ? [] : list(always, 'always'))
  return (look) => {
    const all = look.named(name.segment).map((segment, i) => {
      const at = told(sub.segment, i + 1, sub.field)
      return { name: valueAt(look, segment, name), sub: valueAt(look, segment, sub), at }
    })
    const counts = new Map<string, number>()
    for (const one of all) counts.set(one.name, (counts.get(one.name) ?? 0) + 1)
    const seen = new Set<string>()
    return all.flatMap((one): Broken[] => {
      const shared = counts.get(one.name)! > 1
      if (one.name === '' || (!shared && !lone.has(one.name))) return []
      const code = subIdFault(one.sub, shared && seen.has(`${one.name}\n${one.sub}`))
      seen.add(`${one.name}\n${one.sub}`)
      return code === null ? [] : [{ at: one.at, code }]
    })
  }
}

function subIdFault(sub: string, again: boolean): ErrorCode | null {
  if (sub === '') return 'FIELD_MISSING'
  if (!SUB_ID.test(sub)) return 'FIELD_MALFORMED'
  return again ? 'CONTENT_DISAGREES' : null
}

/** `{ names, subId, name, parts }`: of each occurrence `n` of a name, all these parts `m` are there or none. */
function together({ names, subId, name, parts }: Given): ReturnType<MakeCheck> {
  const [at, sub] = [fieldPlace(names, 'names'), fieldPlace(subId, 'subId')]
  const wanted = list(parts, 'parts')
  return (look) => {
    const found = new Map<string, { readonly parts: Set<string>; readonly at: string }>()
    for (const [i, segment] of look.named(at.segment).entries()) {
      const match = valueAt(look, segment, at) === name ? SUB_ID.exec(valueAt(look, segment, sub)) : null
      if (match === null) continue
      const occurrence = found.get(match[1]!) ?? { parts: new Set<string>(), at: told(sub.segment, i + 1, sub.field) }
      occurrence.parts.add(match[2]!)
      found.set(match[1]!, occurrence)
    }
    return [...found.values()].flatMap((one) => {
      const there = wanted.filter((part) => one.parts.has(part)).length
      return there === 0 || there === wanted.length ? [] : [{ at: one.at }]
    })
  }
}

/**
 * `{ names, name, hosts }`: the address in OBX-5 of the segments so named, as text or in base64 (ED), with or without its
 * scheme, is of one of the hosts: `viewer.example`, or `.example` for all below it. Nothing is fetched. */
function hosts({ names, name, hosts: allowed }: Given, valuesOf: ValuesOf): ReturnType<MakeCheck> {
  const at = fieldPlace(names, 'names')
  const set = valuesOf(typeof allowed === 'string' ? (allowed as `table:${string}`) : list(allowed, 'hosts'))
  const value = parsePlace(`${at.segment}-5`)
  return (look) =>
    look.named(at.segment).flatMap((segment, i) => {
      if (valueAt(look, segment, at) !== name) return []
      const field = look.field(segment, value.field!)
      const text = field === null ? '' : addressIn(look, segment, value)
      if (text === '') return []
      return isAllowed(text, set) ? [] : [{ at: told(at.segment, i + 1, value.field) }]
    })
}

/** The address that an OBX carries: ED in base64, else text. */
function addressIn(look: Look, segment: number, value: Place): string {
  const data = valueAt(look, segment, { ...value, component: 5 })
  const encoding = valueAt(look, segment, { ...value, component: 4 })
  if (encoding.toLowerCase() === 'base64') return Buffer.from(data, 'base64').toString('utf8')
  return valueAt(look, segment, value)
}

function isAllowed(text: string, set: ValueSet): boolean {
  const address = text.trim()
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `https://${address}`)
  if (url === null || url.protocol !== 'https:' || url.username !== '' || url.password !== '') return false
  const labels = url.hostname.replace(/\.$/, '').split('.')
  return labels.some((_, i) => set.has(i === 0 ? labels.join('.') : `.${labels.slice(i).join('.')}`))
}

/** The checks of this file, by name. */
export const OBSERVATION_CHECKS: Readonly<Record<string, MakeCheck>> = {
  someNeeds,
  inOrder,
  combinations,
  subIds,
  together,
  hosts,
}
