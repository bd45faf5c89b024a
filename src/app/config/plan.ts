import type { Counts } from '../../core/journal.ts'
import type { Plan, PlanChange, SettingChange } from '../../core/operations.ts'
import { withOffer } from './care.ts'
import { readShared, type StoredShared } from './compile.ts'
import { canonical, type SharedJson } from './shared.ts'
import { personName } from './sign-in.ts'

/** What of a plan follows from the two configurations alone. */
export type Difference = Omit<Plan, 'problems' | 'restart'>

type Named = ReadonlyMap<string, unknown>
type Part = PlanChange['part']

/**
 * The exact difference between the running configuration (null: none yet) and another, with the deliveries it touches.
 * Settings are compared with their defaults filled in, so writing a default down changes nothing. Pure.
 * @throws {GatewayError} CONFIG_INVALID if a text is no shared part */
export function planOf(
  running: { readonly revision: number; readonly json: SharedJson } | null,
  after: SharedJson,
  counts: Pick<Counts, 'destinations'>,
): Difference {
  const now = readShared(after)
  const then = running === null ? null : readShared(running.json)
  const changes = then === null ? [] : changesOf(then, now)
  const waiting = (id: string) => {
    const { open = 0, parked = 0 } = counts.destinations.get(id) ?? {}
    return { destination: id, open, parked }
  }
  const touched = changes
    .filter(({ part, what }) => part === 'destination' && what !== 'added')
    .map(({ name, what }) => ({ what, ...waiting(name) }))
    .filter(({ open, parked }) => open > 0 || parked > 0)
  return {
    revision: running?.revision ?? null,
    same: running !== null && changes.length === 0,
    changes,
    affected: touched.map(({ what: _what, ...one }) => one),
    orphans: touched.filter(({ what }) => what === 'removed').map(({ destination }) => destination),
  }
}

function changesOf(then: StoredShared, now: StoredShared): PlanChange[] {
  const both = (part: Part, named: (shared: StoredShared) => Named): PlanChange[] =>
    compared(part, named(then), named(now))
  return [
    ...both('region', ({ region }) => new Map([['region', region]])),
    ...both('operator', ({ operators }) => new Map(operators.map((one) => [one.name, one]))),
    ...both(
      'sign-in',
      ({ signIn: { demo, limits, localAdministrators } }) =>
        new Map([['sign-in', { demo, limits, localAdministrators }]]),
    ),
    ...both('provider', ({ signIn }) => new Map(signIn.providers.map((one) => [one.id, one]))),
    ...both('person', ({ signIn }) => new Map(signIn.people.map((one) => [personName(one), one]))),
    ...both('establishment', ({ establishments }) => new Map(establishments.map((one) => [one.id, ownSettings(one)]))),
    ...both('destination', destinationsOf),
    ...both('route', ({ routes }) => new Map(routes.map((one) => [one.name, one]))),
    ...movedRoutes(then, now),
    ...both('service', servicesOf),
    ...both(
      'telemedicine',
      ({ telemedicine }) => new Map([['telemedicine', { ...telemedicine, services: undefined }]]),
    ),
    ...both('table', ({ tables }) => new Map(Object.entries(tables))),
    ...both('map', ({ maps }) => new Map(Object.entries(maps))),
    ...both('mail', ({ mail }) => new Map(mail === undefined ? [] : [['mail', mail]])),
    ...both('identities', ({ identities }) => new Map([['identities', identities]])),
    ...both('conformity', ({ conformity }) => new Map(conformity === undefined ? [] : [['conformity', conformity]])),
    ...both('fhir', ({ fhir }) => new Map(Object.entries(fhir.profiles))),
    ...both('rule', ({ rules }) => new Map(Object.entries(rules))),
    ...both('rules', ({ ruleFiles }) => new Map(Object.entries(ruleFiles))),
    ...both('movements', ({ movements }) => new Map([['movements', movements]])),
    ...both('exports', (shared) => new Map([['exports', shared.exports]])),
    ...both('alerts', ({ alerts }) => new Map([['alerts', alerts]])),
    ...both('notify', ({ notify }) => new Map(notify.map((one) => [one.name, one]))),
    ...both('privacy', ({ privacy }) => new Map([['privacy', privacy]])),
    ...both('retention', ({ retention }) => new Map([['retention', retention]])),
  ]
}

/** An establishment without its destinations, which are told apart. */
function ownSettings(establishment: StoredShared['establishments'][number]): object {
  return { ...establishment, destinations: undefined }
}

/** Destinations as they are treated: what the establishment says of all its systems counts as theirs. */
function destinationsOf({ establishments }: StoredShared): Named {
  return new Map(
    establishments.flatMap(({ id, destinations }) =>
      Object.entries(destinations).map(([name, way]) => [`${id}/${name}`, way] as const),
    ),
  )
}

/** Services as they are offered: a setting of the file and one of the region that comes to the same are no difference. */
function servicesOf({ services, telemedicine }: StoredShared): Named {
  return new Map(
    Object.entries(services).map(([name, service]): [string, unknown] => {
      if (service.kind === undefined) return [name, service]
      const offer = telemedicine.services[name]
      const offered = offer === undefined ? { offered: false } : { offered: true }
      return [name, { ...byId(offer === undefined ? service : withOffer(service, offer)), ...offered }]
    }),
  )
}

/** Lists whose items have names, as settings by name, so that a change is told where it is; their order counts as a setting. */
function byId(service: object): object {
  return Object.fromEntries(
    Object.entries(service).map(([key, value]) => {
      const items = Array.isArray(value) ? (value as readonly unknown[]) : []
      const names = items.map((item) => (isKeyed(item) ? (item['id'] ?? item['name']) : undefined))
      if (items.length === 0 || !names.every((name) => typeof name === 'string')) return [key, value]
      return [key, { order: names, ...Object.fromEntries(items.map((item, i) => [names[i], item])) }]
    }),
  )
}

function compared(part: Part, then: Named, now: Named): PlanChange[] {
  const removed = [...then.keys()].filter((name) => !now.has(name))
  return [
    ...removed.map((name): PlanChange => ({ part, name, what: 'removed', settings: [] })),
    ...[...now].flatMap(([name, value]): PlanChange[] => {
      if (!then.has(name)) return [{ part, name, what: 'added', settings: [] }]
      const settings = settingsOf('', then.get(name), value)
      return settings.length === 0 ? [] : [{ part, name, what: 'changed', settings }]
    }),
  ]
}

/** The settings that differ, each at its deepest place; a list counts as one setting. */
function settingsOf(at: string, from: unknown, to: unknown): SettingChange[] {
  if (isKeyed(from) && isKeyed(to)) {
    const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])].sort()
    return keys.flatMap((key) => settingsOf(at === '' ? key : `${at}.${key}`, from[key], to[key]))
  }
  const [before, after] = [shown(at, from), shown(at, to)]
  return canonicalOf(from) === canonicalOf(to) ? [] : [{ at, from: before, to: after }]
}

function isKeyed(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const canonicalOf = (value: unknown): string | undefined => (value === undefined ? undefined : canonical(value))
const LONGEST = 200

/** A value as text for people. The hash of a key tells nobody anything, and is not repeated. */
function shown(at: string, value: unknown): string | null {
  if (value === undefined) return null
  if (/(^|\.)(keySha256|keys|jwks|clients|localAdministrators)$/.test(at)) return '…'
  const text = canonical(value)
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text
}

/** Routes that stand elsewhere among those that both have: the fewest that, moved, make the one order the other. */
function movedRoutes(then: StoredShared, now: StoredShared): PlanChange[] {
  const before = new Map(then.routes.map(({ name }, i) => [name, i]))
  const common = now.routes.flatMap(({ name }) => (before.has(name) ? [{ name, place: before.get(name)! }] : []))
  const kept = longestRising(common.map(({ place }) => place))
  return common
    .filter(({ place }) => !kept.has(place))
    .map(({ name }) => ({ part: 'route', name, what: 'moved', settings: [] }))
}

/** The values of a longest rising subsequence, by patience: O(n log n). */
function longestRising(values: readonly number[]): ReadonlySet<number> {
  const ends: number[] = []
  const before = new Map<number, number | undefined>()
  for (const value of values) {
    let low = 0
    for (let high = ends.length; low < high; ) {
      const middle = (low + high) >> 1
      if (ends[middle]! < value) low = middle + 1
      else high = middle
    }
    before.set(value, ends[low - 1])
    ends[low] = value
  }
  const kept = new Set<number>()
  for (let value = ends.at(-1); value !== undefined; value = before.get(value)) kept.add(value)
  return kept
}
