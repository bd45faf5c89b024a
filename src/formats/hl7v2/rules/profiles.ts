/** Which rules a message is looked at by. */
import type { Header } from '../header.ts'
import type { CompiledRule, CompiledStructure } from './compile.ts'
import type { Holds } from './condition.ts'
import type { Look } from './look.ts'
import type { WrittenApplies, WrittenRule, WrittenStructure } from './written.ts'

/** A compiled file that applies to messages, with the rules of the pieces it uses. */
export interface Profile {
  readonly name: string
  readonly appliesTo: WrittenApplies
  readonly replaces: readonly string[]
  readonly holds: Holds | null
  readonly structures: readonly CompiledStructure[]
  readonly rules: readonly CompiledRule[]
}

/** All that is looked at in one sort of message. */
export interface RulePlan {
  /** Names of the files. */
  readonly files: readonly string[]
  /** For each file with structures: those for the event, of which the first that holds is compared. */
  readonly structures: readonly (readonly CompiledStructure[])[]
  /** Rules that look at the message as a whole. */
  readonly whole: readonly CompiledRule[]
  /** Rules of fields, by segment. */
  readonly bySegment: readonly (readonly [segment: string, rules: readonly CompiledRule[]])[]
}

/** Files that the header of a message calls for; `plan` where content has no say in it. */
interface Candidates {
  readonly profiles: readonly Profile[]
  readonly plan: RulePlan | null | undefined
}

/** Headers come from strangers: no more sorts of them are remembered. */
const MOST_REMEMBERED = 500

/** The rules in force, compiled. */
export class Hl7Profiles {
  /** Every rule and structure as it was written, by id. */
  readonly known: ReadonlyMap<string, WrittenRule | WrittenStructure>
  readonly #profiles: readonly Profile[]
  readonly #candidates = new Map<string, Candidates>()
  readonly #plans = new Map<string, RulePlan>()

  constructor(profiles: readonly Profile[], known: ReadonlyMap<string, WrittenRule | WrittenStructure>) {
    this.#profiles = profiles
    this.known = known
  }

  /** What a message is looked at by; null: no file applies. */
  planFor(header: Header, look: Look): RulePlan | null {
    const key = [header.kind, header.version, header.versionCountry, ...header.profiles].join('\n')
    let candidates = this.#candidates.get(key)
    if (candidates === undefined) {
      const profiles = this.#profiles.filter(({ appliesTo }) => applies(appliesTo, header))
      const sure = profiles.every(({ holds }) => holds === null)
      candidates = { profiles, plan: sure ? this.#plan(profiles, header) : undefined }
      remember(this.#candidates, key, candidates)
    }
    if (candidates.plan !== undefined) return candidates.plan
    return this.#plan(
      candidates.profiles.filter(({ holds }) => holds === null || holds(look, -1, 0)),
      header,
    )
  }

  #plan(chosen: readonly Profile[], header: Header): RulePlan | null {
    if (chosen.length === 0) return null
    const planKey = [header.triggerEvent, ...chosen.map(({ name }) => name)].join('\n')
    let plan = this.#plans.get(planKey)
    if (plan === undefined) {
      plan = planOf(chosen, header.triggerEvent)
      remember(this.#plans, planKey, plan)
    }
    return plan
  }
}

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  if (map.size >= MOST_REMEMBERED) map.clear()
  map.set(key, value)
}

function applies({ kinds, versions, countries, profiles }: WrittenApplies, header: Header): boolean {
  const ofKind = kinds.some((kind) => {
    if (kind === '*') return header.messageType !== 'ACK'
    return kind.endsWith('^*') ? kind.slice(0, -2) === header.messageType : kind === header.kind
  })
  return (
    ofKind &&
    (versions === undefined || versions.includes(header.version)) &&
    (countries === undefined || countries.includes(header.versionCountry)) &&
    (profiles === undefined || header.profiles.some((one) => profiles.includes(one)))
  )
}

function planOf(chosen: readonly Profile[], event: string): RulePlan {
  const replaced = new Set(chosen.flatMap(({ replaces }) => replaces))
  const files = chosen.filter(({ name }) => !replaced.has(name))
  // A piece that two files use is looked at once.
  const rules = new Map(files.flatMap((file) => file.rules).map((rule) => [rule.id, rule]))
  const whole: CompiledRule[] = []
  const bySegment = new Map<string, CompiledRule[]>()
  for (const rule of rules.values()) {
    if (!rule.isFor(event)) continue
    if (rule.whole) whole.push(rule)
    else bySegment.set(rule.place.segment, [...(bySegment.get(rule.place.segment) ?? []), rule])
  }
  return {
    files: files.map(({ name }) => name),
    structures: files
      .map(({ structures }) => structures.filter(({ isFor }) => isFor(event)))
      .filter(({ length }) => length > 0),
    whole,
    bySegment: [...bySegment],
  }
}
