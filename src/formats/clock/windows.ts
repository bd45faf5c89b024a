import type { Case } from '../../core/cases.ts'
import { CLOSED_STATES } from '../../core/cases.ts'
import type { Texts } from '../../core/onboarding.ts'
import type { CareService, TimeName, WindowRule } from '../../core/services.ts'
import { TIME_NAMES } from '../../core/services.ts'
import { earliestMs, timeDoubt } from './earliest.ts'

/**
 * `running`; `over`: its end has passed, and the case goes on; `met`: what it counts to was done in time; `switched-off`
 * by the region; `unverified`: the time it counts from is to be verified, so nothing is counted. */
export type WindowState = 'running' | 'over' | 'met' | 'switched-off' | 'unverified'

/** A window of a case as it is now. */
export interface ShownWindow {
  readonly id: string
  readonly name: Texts
  readonly lengthMs: number
  /** Which time it counts from, and the earliest instant that this time may mean. */
  readonly from: TimeName | 'requested'
  readonly fromMs: number
  readonly endsMs: number
  /** Below zero: how long it has been over; null: nothing is counted. */
  readonly remainingMs: number | null
  readonly state: WindowState
}

/**
 * Windows that count together. `onset`: from what is known of the beginning; `unknown`: the second clock, of an unknown
 * beginning, never merged with the first; `answer`: from the request to the advice. */
export interface CaseClock {
  readonly basis: 'onset' | 'unknown' | 'answer'
  readonly windows: readonly ShownWindow[]
  /** The running one that ends first; null: none runs. */
  readonly main: ShownWindow | null
  /** The one whose end passed last; null: none is over. */
  readonly passed: ShownWindow | null
}

/** Every clock of a case, and what its place in a worklist hangs on. */
export interface CaseClocks {
  readonly clocks: readonly CaseClock[]
  /** Times to be verified; the case is pinned on top. */
  readonly toVerify: readonly TimeName[]
  /** The service counts from a time that nobody has told. */
  readonly noTime: boolean
  /** Least remaining time of what runs; below zero: since when everything is over; null: nothing is counted. */
  readonly remainingMs: number | null
}

/** What of a case its clocks are made of. */
export type Clocked = Pick<Case, 'times' | 'requests' | 'openedAtMs' | 'late' | 'state' | 'advice'>
/** What of a service. */
export type ClockRules = Pick<CareService, 'windows' | 'oldMs'>

const BASES = ['onset', 'unknown', 'answer'] as const

/** The clocks of a case at a time. A case that is over has none. Pure. */
export function clocksOf(
  shown: Clocked,
  service: ClockRules,
  { nowMs, timeZone }: { readonly nowMs: number; readonly timeZone: string },
): CaseClocks {
  if (CLOSED_STATES.includes(shown.state)) return { clocks: [], toVerify: [], noTime: false, remainingMs: null }
  const toVerify = TIME_NAMES.filter((name) => {
    const time = shown.times[name]
    return time !== undefined && timeDoubt(time, { nowMs, oldMs: service.oldMs, late: shown.late }) !== null
  })
  const windows = service.windows.flatMap((rule) => {
    const from = countsFrom(rule, shown)
    return from === null ? [] : [{ rule, shown: windowOf(rule, from, { shown, toVerify, nowMs, timeZone }) }]
  })
  const clocks = BASES.flatMap((basis): CaseClock[] => {
    const mine = windows.filter(({ rule }) => basisOf(rule) === basis).map((one) => one.shown)
    return mine.length === 0 ? [] : [{ basis, windows: mine, ...standOut(mine) }]
  })
  const counted = service.windows.filter((rule) => !rule.off && basisOf(rule) !== 'answer')
  const noTime = counted.length > 0 && !clocks.some(({ basis }) => basis !== 'answer')
  const sorting = counted.length === 0 ? clocks : clocks.filter(({ basis }) => basis !== 'answer')
  return { clocks, toVerify, noTime, remainingMs: leastOf(sorting) }
}

function basisOf({ from, unless }: WindowRule): CaseClock['basis'] {
  if (from.every((name) => name === 'requested')) return 'answer'
  return unless.length > 0 ? 'unknown' : 'onset'
}

/** The first of its times that is told; null: none, or it is shown only when something is not told that is. */
function countsFrom({ from, unless }: WindowRule, { times }: Clocked): TimeName | 'requested' | null {
  if (unless.some((name) => times[name] !== undefined)) return null
  return from.find((name) => name === 'requested' || times[name] !== undefined) ?? null
}

function windowOf(
  rule: WindowRule,
  from: TimeName | 'requested',
  at: {
    readonly shown: Clocked
    readonly toVerify: readonly TimeName[]
    readonly nowMs: number
    readonly timeZone: string
  },
): ShownWindow {
  const { shown, toVerify, nowMs, timeZone } = at
  const time = from === 'requested' ? undefined : shown.times[from]
  const fromMs = time === undefined ? requestedMs(shown) : earliestMs(time, timeZone)
  const endsMs = fromMs + rule.lengthMs
  const said = { id: rule.id, name: rule.name, lengthMs: rule.lengthMs, from, fromMs, endsMs }
  if (rule.off) return { ...said, remainingMs: null, state: 'switched-off' }
  if (from !== 'requested' && toVerify.includes(from)) return { ...said, remainingMs: null, state: 'unverified' }
  const advisedMs = from === 'requested' ? (shown.advice?.atMs ?? null) : null
  if (advisedMs !== null && advisedMs <= endsMs) return { ...said, remainingMs: null, state: 'met' }
  const remainingMs = endsMs - (advisedMs ?? nowMs)
  return { ...said, remainingMs, state: remainingMs > 0 ? 'running' : 'over' }
}

function requestedMs({ requests, openedAtMs }: Clocked): number {
  return Math.min(...requests.map(({ atMs }) => atMs), openedAtMs)
}

function standOut(windows: readonly ShownWindow[]): Pick<CaseClock, 'main' | 'passed'> {
  const byEnd = windows.toSorted((a, b) => a.endsMs - b.endsMs)
  return {
    main: byEnd.find(({ state }) => state === 'running') ?? null,
    passed: byEnd.findLast(({ state }) => state === 'over') ?? null,
  }
}

function leastOf(clocks: readonly CaseClock[]): number | null {
  const left = clocks.flatMap(({ main }) => main?.remainingMs ?? [])
  if (left.length > 0) return Math.min(...left)
  const over = clocks.flatMap(({ passed }) => passed?.remainingMs ?? [])
  return over.length > 0 ? Math.max(...over) : null
}

/** What a line of a worklist is sorted by. */
export interface Placed {
  readonly clocks: Pick<CaseClocks, 'toVerify' | 'noTime' | 'remainingMs'>
  readonly openedAtMs: number
}

/**
 * Order of a worklist: times to verify first, then cases of which no time is known, then by remaining time; then what is
 * over, the last to end first; then what counts nothing. Equal ones: the older case first. */
export function byUrgency(a: Placed, b: Placed): number {
  const [rankA, rankB] = [rankOf(a.clocks), rankOf(b.clocks)]
  if (rankA !== rankB) return rankA - rankB
  const [leftA, leftB] = [a.clocks.remainingMs ?? 0, b.clocks.remainingMs ?? 0]
  const byTime = rankA === 2 ? leftA - leftB : rankA === 3 ? leftB - leftA : 0
  return byTime === 0 ? a.openedAtMs - b.openedAtMs : byTime
}

function rankOf({ toVerify, noTime, remainingMs }: Placed['clocks']): number {
  if (toVerify.length > 0) return 0
  if (noTime) return 1
  if (remainingMs === null) return 4
  return remainingMs > 0 ? 2 : 3
}
