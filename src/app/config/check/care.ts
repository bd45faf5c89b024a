import { SERVICE_KINDS, TIME_NAMES } from '../../../core/services.ts'
import { durationMs } from '../../../core/units.ts'
import { error, type Fault, type Path } from '../problem.ts'
import type { WrittenService } from '../written.ts'
import type { WrittenCare, WrittenCentres, WrittenField, WrittenRung } from '../written-care.ts'
import { addressProblem } from './destinations.ts'
import { present } from './sound.ts'

const RULE_KEYS = ['any', 'all', 'none']
const NEEDED = ['title', 'prefix', 'code', 'askers', 'opens', 'ladders', 'reports'] as const
/** Fields that every form has: the engine's own. */
const OWN_FIELDS: readonly string[] = ['patient', 'reason', 'call-back', 'consent', 'treating-doctor', ...TIME_NAMES]

/** Faults of what a service has beside its rule; none for a rule alone. `known`: ids of establishments. Pure. */
export function careFaults(service: WrittenService, at: Path, known: ReadonlySet<string>): Fault[] {
  const foreign = Object.keys(service).filter((key) => !RULE_KEYS.includes(key))
  if (service.kind === undefined) {
    if (foreign.length === 0) return []
    return [
      error(at, 'MISSING', `kind is missing: ${SERVICE_KINDS.join(', ')}; without it a service is its rule alone`),
    ]
  }
  const missing = NEEDED.filter((key) => service[key] === undefined)
  return [
    ...missing.map((key) => error(at, 'MISSING', `${key} is missing`)),
    ...askerFaults(service, at, known),
    ...ladderFaults(service, at, known),
    ...windowFaults(service, at),
    ...formFaults(service, at),
    ...kindFaults(service, at),
    ...(['reports', 'decisions'] as const).flatMap((key) => twice(service[key] ?? [], [...at, key], 'id')),
    ...reportFaults(service, at),
    ...joinUrlFaults(service.joinUrl, [...at, 'joinUrl']),
  ]
}

function askerFaults({ askers }: WrittenCare, at: Path, known: ReadonlySet<string>): Fault[] {
  if (askers === undefined) return []
  const { kinds = [], establishments = [] } = askers
  if (kinds.length + establishments.length === 0) return [error([...at, 'askers'], 'MISSING', 'nobody may ask')]
  return unknown(establishments, [...at, 'askers', 'establishments'], known)
}

function ladderFaults({ ladders }: WrittenCare, at: Path, known: ReadonlySet<string>): Fault[] {
  if (ladders === undefined) return []
  const answers = present(ladders).some(([, { name }]) => name === 'answer')
  return [
    ...(answers ? [] : [error([...at, 'ladders'], 'MISSING', 'the ladder answer is missing')]),
    ...twice(ladders, [...at, 'ladders'], 'name'),
    ...present(ladders).flatMap(([i, { rungs, centres }]) => [
      ...rungFaults(rungs, [...at, 'ladders', i, 'rungs']),
      ...centreFaults(centres, [...at, 'ladders', i, 'centres'], known),
    ]),
  ]
}

/** A ladder climbs in time, and its last rung is told again for ever. */
export function rungFaults(rungs: readonly WrittenRung[], at: Path): Fault[] {
  const all = present(rungs)
  return all.flatMap(([i, rung], place) => {
    const faults: Fault[] = []
    const last = place === all.length - 1
    const before = all[place - 1]
    if (before !== undefined && durationMs(rung.after) <= durationMs(before[1].after)) {
      faults.push(error([...at, i, 'after'], 'BAD_LADDER', `${rung.after} is not after the rung before it`))
    }
    if (last && rung.every === undefined) {
      const message = 'the last rung has no every: the ladder would run out, and nobody be told any more'
      faults.push(error([...at, i], 'BAD_LADDER', message))
    }
    if (!last && rung.every !== undefined) {
      faults.push(error([...at, i, 'every'], 'BAD_LADDER', 'only the last rung is told again'))
    }
    return faults
  })
}

/** Sites and centres that are no establishments. */
export function centreFaults(centres: WrittenCentres | undefined, at: Path, known: ReadonlySet<string>): Fault[] {
  return Object.entries(centres ?? {}).flatMap(([site, row]) => [
    ...(site === '*' || known.has(site)
      ? []
      : [{ ...error([...at, site], 'UNKNOWN_ESTABLISHMENT', `there is no establishment ${site}`), onKey: true }]),
    ...unknown(row, [...at, site], known),
  ])
}

/** Establishments of a list that are not there. */
export function unknown(ids: readonly string[], at: Path, known: ReadonlySet<string>): Fault[] {
  return present(ids).flatMap(([i, id]) =>
    known.has(id) ? [] : [error([...at, i], 'UNKNOWN_ESTABLISHMENT', `there is no establishment ${id}`)],
  )
}

function windowFaults({ windows = [] }: WrittenCare, at: Path): Fault[] {
  const place = [...at, 'windows']
  return [
    ...twice(windows, place, 'id'),
    ...present(windows).flatMap(([i, { from, unless = [], date }]) => {
      const both = unless.filter((name) => from.includes(name))
      const day = new Date(`${date}T00:00:00Z`)
      return [
        ...both.map((name) =>
          error([...place, i, 'unless'], 'BAD_VALUE', `${name} stands in from too: the window would never be shown`),
        ),
        ...(Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== date
          ? [error([...place, i, 'date'], 'BAD_VALUE', `${date} is no day`)]
          : []),
      ]
    }),
  ]
}

function formFaults({ form = [] }: WrittenCare, at: Path): Fault[] {
  const place = [...at, 'form']
  return [...twice(form, place, 'id'), ...present(form).flatMap(([i, field]) => fieldFaults(field, [...place, i]))]
}

function fieldFaults({ id, type, choices }: WrittenField, at: Path): Fault[] {
  if (OWN_FIELDS.includes(id)) {
    return [error([...at, 'id'], 'NAME_RESERVED', `every form asks ${id}: it needs no row`)]
  }
  if (type === 'choice') {
    if (choices === undefined) return [error(at, 'MISSING', 'choices is missing')]
    return twice(choices, [...at, 'choices'], 'id')
  }
  if (choices === undefined) return []
  return [{ ...error([...at, 'choices'], 'UNKNOWN_KEY', `choices does not go with ${type}`), onKey: true }]
}

/** What a kind must have, and what it cannot. */
function kindFaults({ kind, appointment, delays = {}, decisions = [] }: WrittenCare, at: Path): Fault[] {
  const faults: Fault[] = []
  if (kind === 'teleconsultation' && appointment === undefined) {
    faults.push(error(at, 'MISSING', 'appointment is missing: a teleconsultation has one'))
  }
  if (kind !== 'teleconsultation' && appointment !== undefined) {
    const message = `appointment does not go with ${kind}`
    faults.push({ ...error([...at, 'appointment'], 'UNKNOWN_KEY', message), onKey: true })
  }
  if (kind === 'tele-expertise' && delays['answer-due'] === undefined) {
    faults.push(error(at, 'MISSING', 'delays.answer-due is missing: an opinion is given within a delay'))
  }
  if (delays['decision-not-recorded'] !== undefined && decisions.length === 0) {
    const message = 'there are no decisions to record'
    faults.push({ ...error([...at, 'delays', 'decision-not-recorded'], 'MISSING', message), onKey: true })
  }
  return faults
}

function reportFaults({ reports }: WrittenCare, at: Path): Fault[] {
  if (reports === undefined) return []
  const all = present(reports).map(([, report]) => report)
  if (all.length === 0) return [error([...at, 'reports'], 'MISSING', 'a report is missing: one closes the case')]
  const first = all.filter((report) => report.default).length
  if (all.length === 1 || first === 1) return []
  return [error([...at, 'reports'], 'BAD_VALUE', `one report is the default, found ${first}`)]
}

/** A template of a link that is none, or would lead everybody to the same place. */
export function joinUrlFaults(joinUrl: string | undefined, at: Path): Fault[] {
  if (joinUrl === undefined) return []
  if (!joinUrl.includes('{token}')) return [error(at, 'BAD_URL', 'a link without {token} lets anybody in')]
  const problem = addressProblem(joinUrl.replaceAll('{token}', 'x').replace(/[?#].*$/, ''))
  return problem === null ? [] : [error(at, 'BAD_URL', problem)]
}

/** Ids that stand twice. */
function twice<K extends string>(list: readonly Readonly<Record<K, unknown>>[], at: Path, key: K): Fault[] {
  const places = new Map<unknown, number>()
  return present(list).flatMap(([i, item]) => {
    const first = places.get(item[key])
    if (first !== undefined) return [error([...at, i, key], 'ID_TWICE', `${item[key]} is already at [${first}]`)]
    places.set(item[key], i)
    return []
  })
}
