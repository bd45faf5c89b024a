/** What a ladder should have told, by an arithmetic of its own, apart from the engine; and what befalls the cases of a run. */
import type { Act, Case, CaseViewer, Happening } from '../../src/core/cases.ts'
import { due } from '../../src/telemedicine/case/due.ts'
import type { Random } from '../support/world/random.ts'
import { person, plain, STROKE } from '../telemedicine/invented.ts'

const SECOND = 1_000
const MIN = 60 * SECOND
const HOUR = 60 * MIN
/** The wall clock where true time is 0. */
export const BEGIN = Date.UTC(2026, 10, 26, 9)
/** How often a gateway that was not told looks for timers. */
export const LOOK_MS = SECOND
/** Longest time that the gateway is down after a crash. */
export const DOWN_MS = 20 * SECOND
/** How late a rung may be: until the gateway is up again, and looks. */
const SLACK_MS = LOOK_MS + DOWN_MS + LOOK_MS

/** What was found. `faults`: a rung missed, doubled, early or late, or a case over its limit of which nobody was told. */
export interface LadderFound {
  readonly cases: number
  readonly rungs: number
  readonly delays: number
  readonly faults: readonly string[]
}

/** A step of the wall clock, at a true time. */
export interface Step {
  readonly at: number
  readonly byMs: number
}

/** So many steps of up to two hours, either way. */
export function stepsOf(n: number, hours: number, dice: Random): readonly Step[] {
  const steps = Array.from({ length: n }, () => ({
    at: dice.between(0, hours * HOUR),
    byMs: dice.pick([-1, 1]) * dice.between(5 * SECOND, 2 * HOUR),
  }))
  return steps.sort((one, other) => one.at - other.at)
}

/** What becomes of a request, in true time since it was made. */
export interface Fate {
  readonly id: string
  readonly at: number
  readonly refusedAfter: number | null
  readonly acceptedAfter: number | null
  readonly advisedAfter: number | null
  readonly endsAfter: number
}

export const ASKS = person('requester', 'ch-laval')
const ANGERS = person('expert', 'chu-angers')
const NANTES = person('expert', 'chu-nantes')
const COORDINATION = person('coordination', null)
const ADVICE: Act = { what: 'advise', text: 'Avis', coded: [] }

/** What becomes of so many requests. */
export function fates(requests: number, hours: number, dice: Random): readonly Fate[] {
  const within = (ms: number): number => Math.floor(dice.next() * ms)
  return Array.from({ length: requests }, (_, i) => {
    const refusedAfter = dice.next() < 0.3 ? 10 * SECOND + within(6 * MIN) : null
    const acceptedAfter = dice.next() < 0.7 ? (refusedAfter ?? 0) + 5 * SECOND + within(15 * MIN) : null
    const advisedAfter = acceptedAfter !== null && dice.next() < 0.5 ? acceptedAfter + within(20 * MIN) : null
    const last = Math.max(refusedAfter ?? 0, acceptedAfter ?? 0, advisedAfter ?? 0)
    return {
      id: `r${i}`,
      at: within(hours * HOUR),
      refusedAfter,
      acceptedAfter,
      advisedAfter,
      endsAfter: last + MIN + within(40 * MIN),
    }
  })
}

/** What people do to a case, in order of true time. */
export function actsOf(fate: Fate): readonly { readonly at: number; readonly act: Act; readonly viewer: CaseViewer }[] {
  const { at, refusedAfter, acceptedAfter, advisedAfter, endsAfter } = fate
  const accepts = refusedAfter === null ? ANGERS : NANTES
  return [
    ...(refusedAfter === null
      ? []
      : [{ at: at + refusedAfter, act: { what: 'refuse', reason: 'Bloc' } as const, viewer: ANGERS }]),
    ...(acceptedAfter === null ? [] : [{ at: at + acceptedAfter, act: plain('accept'), viewer: accepts }]),
    ...(advisedAfter === null ? [] : [{ at: at + advisedAfter, act: ADVICE, viewer: accepts }]),
    { at: at + endsAfter, act: { what: 'cancel', reason: 'Fin' } as const, viewer: COORDINATION },
  ]
}

/** True times of happenings: the wall clock less the steps that their case had taken along by then. */
function trueTimes(happenings: readonly Happening[], steps: readonly { byMs: number }[]): readonly number[] {
  let taken = 0
  return happenings.map(({ act, recordedAtMs }, i) => {
    if (act.what === 'clock') taken = act.step
    // A new case names the last step right behind its request.
    const next = happenings[i + 1]?.act
    const own = i === 0 && next?.what === 'clock' ? next.step : taken
    return recordedAtMs - BEGIN - steps.slice(0, own).reduce((sum, { byMs }) => sum + byMs, 0)
  })
}

const RUNGS = STROKE.ladders[0]!.rungs
/** A rung that was due: so shortly before the end that it may have gone untold, or not. */
interface Expected {
  readonly at: number
  readonly mayLack: boolean
}

function rungsBetween(begin: number, end: number): readonly Expected[] {
  const times: Expected[] = []
  for (let n = 0; ; n += 1) {
    const last = RUNGS.at(-1)!
    const at = begin + (RUNGS[n]?.afterMs ?? last.afterMs + (n - RUNGS.length + 1) * last.everyMs!)
    if (at > end) return times
    times.push({ at, mayLack: end - at <= SLACK_MS })
  }
}

/** What a case shows by its happenings. */
export function judged(
  fate: Fate,
  happenings: readonly Happening[],
  last: Case | null,
  steps: readonly Step[],
): Omit<LadderFound, 'cases'> {
  const times = trueTimes(happenings, steps)
  const climbs = climbsOf(happenings, times)
  const faults = climbs.flatMap(compared).map((fault) => `${fate.id}: ${fault}`)
  if (last === null) faults.push(`${fate.id}: no case`)
  else if (last.closedAtMs === null) faults.push(`${fate.id}: still open`)
  else faults.push(...forgotten(fate, happenings, times))
  if (last !== null && due(last, STROKE).length > 0) faults.push(`${fate.id}: closed, and something is due`)
  const rungs = climbs.reduce((sum, { told }) => sum + told.length, 0)
  return { rungs, delays: happenings.filter(({ act }) => act.what === 'late').length, faults }
}

/** What several cases show together. */
export function total(all: readonly Omit<LadderFound, 'cases'>[]): Omit<LadderFound, 'cases'> {
  return {
    rungs: all.reduce((sum, { rungs }) => sum + rungs, 0),
    delays: all.reduce((sum, { delays }) => sum + delays, 0),
    faults: all.flatMap(({ faults }) => faults),
  }
}

/** What is wrong with the rungs that were told, beside those that were due. */
function compared({ told, expected }: Climbed): readonly string[] {
  const faults: string[] = []
  let next = 0
  for (const { at, mayLack } of expected) {
    const found = told[next]
    if (found !== undefined && found >= at - 1 && found <= at + SLACK_MS) next += 1
    else if (!mayLack) faults.push(`a rung due at ${at} was not told in time`)
  }
  return next === told.length ? faults : [...faults, `${told.length - next} rungs too many`]
}

/** Rungs of one climb that were told, and those that were due, in true time. */
interface Climbed {
  readonly told: readonly number[]
  readonly expected: readonly Expected[]
}

/**
 * The climbs of a case: from its request, and again from a refusal, until somebody accepted or it ended. An arithmetic of its
 * own, apart from the engine. */
function climbsOf(happenings: readonly Happening[], times: readonly number[]): readonly Climbed[] {
  const place = (...what: readonly Act['what'][]): number => {
    const i = happenings.findIndex(({ act }) => what.includes(act.what))
    return i < 0 ? happenings.length : i
  }
  const end = place('accept', 'cancel')
  const refused = Math.min(place('refuse'), end)
  const between = (from: number, to: number): Climbed => ({
    told: happenings.flatMap(({ act }, i) => (act.what === 'rung' && i > from && i < to ? [times[i]!] : [])),
    expected: rungsBetween(times[from]!, times[to] ?? Number.NEGATIVE_INFINITY),
  })
  const after = happenings.flatMap(({ act }, i) => (act.what === 'rung' && i > end ? [times[i]!] : []))
  const climbs = refused === end ? [between(0, end)] : [between(0, refused), between(refused, end)]
  return happenings.length === 0 ? [] : [...climbs, { told: after, expected: [] }]
}

/** Limits after acceptance that passed and of which nobody was told. */
function forgotten(fate: Fate, happenings: readonly Happening[], times: readonly number[]): string[] {
  const at = (what: Act['what']): number | null => {
    const i = happenings.findIndex(({ act }) => act.what === what)
    return i < 0 ? null : times[i]!
  }
  const told = (name: string) => happenings.filter(({ act }) => act.what === 'late' && act.delay === name).length
  const [accepted, advised, ended] = [at('accept'), at('advise'), at('cancel')]
  const check = (name: string, since: number | null, until: number | null): string[] => {
    const delay = STROKE.delays.find((one) => one.name === name)!
    const passedMs = since === null || until === null ? 0 : until - since
    const least = delay.tell.filter((_, i) => passedMs > delay.afterMs + i * delay.nextMs + SLACK_MS).length
    const most = delay.tell.filter((_, i) => passedMs >= delay.afterMs + i * delay.nextMs - 1).length
    const n = told(name)
    return n < least || n > most ? [`${fate.id}: ${name} told ${n} times, ${least} to ${most} were due`] : []
  }
  return [
    ...check('accepted-without-advice', accepted, advised ?? ended),
    ...check('advice-not-opened', advised, ended),
    ...check('decision-not-recorded', advised, ended),
  ]
}
