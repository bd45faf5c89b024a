/** The walk: the members of an object against the elements that a definition allows and asks. */
import type { JsonObject, JsonValue } from '../json-value.ts'
import type { Item } from './item.ts'
import { Place, type Run } from './run.ts'
import { assign, countSlices, type Sliced, type Slicing, sliced } from './slicing.ts'

/** An element as its parent sees it. */
export interface Member {
  /** Without `[x]`. */
  readonly name: string
  readonly min: number
  readonly max: number
  /** Is it written as an array? What the base type says, whatever a profile allows. */
  readonly repeats: boolean
  /** By name in JSON: one, or one for each type of a choice. */
  readonly items: ReadonlyMap<string, Item>
  readonly slicing: Slicing | null
}

/** What a name in JSON stands for: the name itself, or `_name`, the id and extensions of a primitive. */
export interface Entry {
  readonly member: Member
  readonly item: Item
  readonly bare: string
  /** `_name` of a primitive, which has one; else null. */
  readonly shadow: string | null
}

/** The elements of an object. */
export interface ObjectPlan {
  /** Canonical of the profile or type. */
  readonly profile: string
  readonly isResource: boolean
  readonly isExtension: boolean
  readonly entries: ReadonlyMap<string, Entry>
  /** What must be looked at although it is not there. */
  readonly asked: readonly Member[]
}

/** Checks an object's members. Gives how many it has beside `id` (ele-1 is the caller's to tell). */
export function checkObject(run: Run, plan: ObjectPlan, value: JsonObject, place: Place): number {
  if (run.stopped) return 1
  let members = 0
  let chosen: Member[] | null = null
  let extended = false
  let valued = false
  for (const name in value) {
    run.step(place)
    if (name !== 'id') members++
    if (plan.isExtension) {
      if (name === 'extension') extended = true
      else if (name.startsWith('value') || name.startsWith('_value')) valued = true
    }
    const entry = plan.entries.get(name)
    if (entry === undefined) {
      if (name !== 'resourceType' || !plan.isResource) {
        run.tell('structure', new Place(place, name, -1, place.scope), { profile: plan.profile })
      }
      continue
    }
    const { member, item, bare, shadow } = entry
    // Told with the value that it stands beside.
    if (name === shadow && value[bare] !== undefined) continue
    const at = new Place(place, bare, -1, place.scope)
    if (member.items.size > 1) {
      if (chosen?.includes(member)) run.tell('structure', at, { profile: plan.profile })
      else (chosen ??= []).push(member)
    }
    const beside = shadow === null ? undefined : value[shadow]
    checkMember(run, { member, item, profile: plan.profile }, value[bare], beside, at)
  }
  for (const member of plan.asked) if (!isThere(member, value)) absent(run, member, plan.profile, place)
  if (plan.isExtension && extended === valued && members > 0) {
    run.tell('invariant', place, { rule: 'ext-1', profile: plan.profile })
  }
  return members
}

function isThere(member: Member, value: JsonObject): boolean {
  if (member.items.size <= 1)
    return value[member.name] !== undefined || value[`_${member.name}`] !== undefined || anyItem(member, value)
  return anyItem(member, value)
}

function anyItem({ items }: Member, value: JsonObject): boolean {
  for (const name of items.keys()) if (value[name] !== undefined || value[`_${name}`] !== undefined) return true
  return false
}

function absent(run: Run, member: Member, profile: string, up: Place): void {
  const place = new Place(up, member.name, -1, up.scope)
  if (member.min > 0) run.tell('required', place, { profile })
  else if (member.slicing !== null) countSlices(run, member.slicing, null, place)
}

interface Asked {
  readonly member: Member
  readonly item: Item
  readonly profile: string
}

function checkMember(
  run: Run,
  asked: Asked,
  value: JsonValue | undefined,
  shadow: JsonValue | undefined,
  place: Place,
): void {
  const { member, item, profile } = asked
  if (!member.repeats) {
    if (Array.isArray(value) || Array.isArray(shadow)) run.tell('structure', place, { profile })
    else if (member.max === 0) run.tell('structure', place, { profile })
    else checkOne(run, asked, value, shadow, place, member.slicing === null ? null : sliced(member.slicing), true)
    return
  }
  if ((value !== undefined && !Array.isArray(value)) || (shadow !== undefined && !Array.isArray(shadow))) {
    run.tell('structure', place, { profile })
    return
  }
  const size = Math.max(value?.length ?? 0, shadow?.length ?? 0)
  if (size === 0) run.tell('structure', place, { profile })
  else if (size > member.max) run.tell('structure', place, { profile })
  else if (size < member.min) run.tell('required', place, { profile })
  if (member.max === 0) return
  const list: List = { asked: { member, item, profile }, value, shadow, size, place }
  checkList(run, list, 0, member.slicing === null ? null : sliced(member.slicing))
}

interface List {
  readonly asked: Asked
  readonly value: readonly JsonValue[] | undefined
  readonly shadow: readonly JsonValue[] | undefined
  readonly size: number
  readonly place: Place
}

/** The elements of a list from one on; what is too much for this slice is put off. */
function checkList(run: Run, list: List, from: number, state: Sliced | null): void {
  const { asked, value, shadow, size, place } = list
  for (let i = from; i < size && !run.stopped; i++) {
    if (run.step(place) && i > from) {
      run.later(() => checkList(run, list, i, state))
      return
    }
    checkOne(run, asked, value?.[i], shadow?.[i], new Place(place.up, place.name, i, place.scope), state, false)
  }
  if (state !== null) countSlices(run, asked.member.slicing!, state, place)
}

function checkOne(
  run: Run,
  { member: { slicing }, item }: Asked,
  value: JsonValue | undefined,
  shadow: JsonValue | undefined,
  place: Place,
  state: Sliced | null,
  alone: boolean,
): void {
  const slice = slicing === null || state === null ? null : assign(run, slicing, state, value ?? null, place)
  const own = slice?.items.get(place.name)
  if (own === undefined || !slicing!.plain) item(run, value, shadow, place)
  own?.(run, value, shadow, place)
  if (alone && slicing !== null) countSlices(run, slicing, state, place)
}
