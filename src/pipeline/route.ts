import type { CodeTable, Condition, Config, Destination, RouteRule, ServiceRule } from '../core/config.ts'
import { type DestinationId, type Finding, type Lane, PLATFORM } from '../core/message.ts'

/** What routing looks at. Paths of another format than the message's answer nothing. */
export interface RouteFacts {
  /** `ADT^A01`, a FHIR type, and for a bundle also its entries' kinds. */
  readonly kinds: readonly string[]
  readonly establishment: string
  /** Every component of MSH-5 and MSH-6. */
  readonly receivers: readonly string[]
  /** MSH-21 or meta.profile. */
  readonly profiles: readonly string[]
  /** Test messages go only to qualification, real ones only to production. */
  readonly test: boolean
  /** First component of every repetition at a path; empty when the message has none or the path is not its own. */
  values(path: string): readonly string[]
}

/** A destination that takes the message. */
export interface Planned {
  readonly destination: DestinationId
  readonly route: string
  readonly lane: Lane
  readonly alertAfterMs: number | null
}

/** Where a message goes. `matched` false: no route took it; an empty plan all the same means wrong use (202). */
export interface Plan {
  readonly matched: boolean
  readonly planned: readonly Planned[]
  readonly findings: readonly Finding[]
}

function inTable(value: string, table: CodeTable | undefined): boolean {
  return table !== undefined && (table.codes.has(value) || table.prefixes.some((prefix) => value.startsWith(prefix)))
}

function holds(condition: Condition, facts: RouteFacts, config: Config): boolean {
  const values = facts.values(condition.path)
  const wanted = condition.in
  if ('table' in wanted) return values.some((value) => inTable(value, config.tables.get(wanted.table)))
  return values.some((value) => wanted.includes(value))
}

/** Is this a message of the service? Any of `any`, all of `all`, none of `none`; a rule of no more than `none` is never met. */
export function isOfService(rule: ServiceRule, facts: RouteFacts, config: Config): boolean {
  if (rule.any.length + rule.all.length === 0) return false
  return (
    (rule.any.length === 0 || rule.any.some((c) => holds(c, facts, config))) &&
    rule.all.every((c) => holds(c, facts, config)) &&
    !rule.none.some((c) => holds(c, facts, config))
  )
}

function isOfKind(pattern: string, kinds: readonly string[]): boolean {
  return pattern.endsWith('*') ? kinds.some((kind) => kind.startsWith(pattern.slice(0, -1))) : kinds.includes(pattern)
}

/** Does a route of this sender take the message? */
function matches({ when }: RouteRule, facts: RouteFacts, config: Config): boolean {
  if (when.kinds !== undefined && !when.kinds.some((pattern) => isOfKind(pattern, facts.kinds))) return false
  if (when.receivers !== undefined && !when.receivers.some((r) => facts.receivers.includes(r))) return false
  if (when.profile !== undefined && !when.profile.some((p) => facts.profiles.includes(p))) return false
  if (when.service !== undefined) {
    const rule = config.services.get(when.service)
    if (rule === undefined || !isOfService(rule, facts, config)) return false
  }
  for (const [path, wanted] of [
    ['ServiceRequest.performer', when.performer],
    ['ServiceRequest.category', when.category],
    ...Object.entries(when.paths ?? {}),
  ] as const) {
    if (wanted !== undefined && !facts.values(path).some((value) => wanted.includes(value))) return false
  }
  return true
}

/** Routes by who may send by them, as they are asked for: a large region has some for each of a thousand establishments. */
const FROM = new WeakMap<readonly RouteRule[], Map<string, readonly RouteRule[]>>()

/** The routes by which an establishment may send, in the order of the file. */
function routesFrom(establishment: string, routes: readonly RouteRule[]): readonly RouteRule[] {
  const known = FROM.get(routes) ?? new Map<string, readonly RouteRule[]>()
  FROM.set(routes, known)
  const found = known.get(establishment) ?? routes.filter(({ when }) => when.from?.includes(establishment) ?? true)
  known.set(establishment, found)
  return found
}

const wrongUse = (destination: Destination, test: boolean): boolean => test !== (destination.use === 'qualification')

/**
 * Where the message goes: every route that matches applies; a destination is taken once, with the first such route's
 * name and the most urgent lane; one of the wrong use is left out with a finding. Pure: same message, same table, same
 * plan. */
export function plan(facts: RouteFacts, config: Config): Plan {
  const planned = new Map<DestinationId, Planned>()
  const findings: Finding[] = []
  const left = new Set<DestinationId>()
  let matched = false
  for (const route of routesFrom(facts.establishment, config.routes)) {
    if (!matches(route, facts, config)) continue
    matched = true
    for (const id of route.to) {
      const destination = config.destinations.get(id)
      if (id !== PLATFORM && (destination === undefined || wrongUse(destination, facts.test))) {
        if (!left.has(id)) findings.push({ code: 'WRONG_USE', class: 'contract', at: id })
        left.add(id)
        continue
      }
      const first = planned.get(id)
      const urgent = route.lane === 'urgent' || first?.lane === 'urgent'
      const alerts = [first?.alertAfterMs, route.alertAfterMs].filter((ms) => typeof ms === 'number')
      planned.set(id, {
        destination: id,
        route: first?.route ?? route.name,
        lane: urgent ? 'urgent' : 'normal',
        alertAfterMs: alerts.length === 0 ? null : Math.min(...alerts),
      })
    }
  }
  return { matched, planned: [...planned.values()], findings }
}
