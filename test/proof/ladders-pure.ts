import type { Act, Case, CaseViewer, Happening } from '../../src/core/cases.ts'
import { decide } from '../../src/telemedicine/case/decide.ts'
import { due, GATEWAY, tick } from '../../src/telemedicine/case/due.ts'
import { evolve, evolveAll } from '../../src/telemedicine/case/evolve.ts'
import { random } from '../support/world/random.ts'
import { request, STROKE } from '../telemedicine/invented.ts'
import {
  actsOf,
  BEGIN,
  DOWN_MS,
  type Fate,
  fates,
  judged,
  type LadderFound,
  LOOK_MS,
  type Step,
  stepsOf,
  total,
} from './ladders-judge.ts'

const DELIVERED = { delivered: true }

/** What a run is, without a store: so many cases by themselves, under the same steps of the clock and times out of order. */
export interface PureRun {
  readonly requests: number
  readonly hours: number
  readonly steps: number
  /** How often the gateway is down, some seconds each. */
  readonly outages: number
  readonly seed: number
}

/** Runs each case by the pure core alone, and looks at it by the same arithmetic as the run over a store. */
export function pureLadderRun({ requests, hours, steps: n, outages, seed }: PureRun): LadderFound {
  const dice = random(seed)
  const steps = stepsOf(n, hours, dice)
  // Never so soon after one another that a rung is later than one outage makes it.
  let free = 0
  const begins = Array.from({ length: outages }, () => dice.between(0, hours * 3_600_000)).sort((a, b) => a - b)
  const down = begins.flatMap((from) => {
    if (from < free) return []
    const until = from + dice.between(0, DOWN_MS)
    free = until + 2 * DOWN_MS
    return [{ from, until }]
  })
  const up = (at: number): number =>
    down.reduce((now, { from, until }) => (now >= from && now < until ? until : now), at)
  const all = fates(requests, hours, dice).map((fate) => {
    const { happenings, now } = lived(fate, steps, up)
    return judged(fate, happenings, now, steps)
  })
  return { cases: all.length, ...total(all) }
}

function lived(fate: Fate, steps: readonly Step[], up: (at: number) => number) {
  let ids = 0
  const name = { id: fate.id, number: fate.id, service: STROKE }
  const ticking = { ...name, facts: DELIVERED, uuid: () => `n${ids++}` }
  const taken = (at: number): number => steps.filter((step) => step.at <= at).length
  const wall = (at: number): number => BEGIN + at + steps.slice(0, taken(at)).reduce((sum, { byMs }) => sum + byMs, 0)
  const happenings: Happening[] = []
  let now: Case | null = null
  const put = (one: Happening): void => {
    happenings.push(one)
    now = evolve(now, one, name)
  }
  const clock = (at: number): void => {
    const known = now!.clock
    steps.slice(known, taken(at)).forEach(({ byMs }, i) => {
      put({
        seq: now!.version + 1,
        atMs: wall(at),
        recordedAtMs: wall(at),
        by: GATEWAY,
        act: { what: 'clock', step: known + i + 1, byMs },
      })
    })
  }
  const ticked = (at: number): void => {
    const more = tick(now!, wall(at), ticking)
    happenings.push(...more)
    if (more.length > 0) now = evolveAll(now, more, name)
  }
  const open = (at: number): void => {
    const asked = request({ id: fate.id })
    put({ seq: 1, atMs: wall(at), recordedAtMs: wall(at), by: asked.asker, act: { what: 'request', request: asked } })
    if (taken(at) > 0) {
      const act: Act = { what: 'clock', step: taken(at), byMs: 0 }
      put({ seq: 2, atMs: wall(at), recordedAtMs: wall(at), by: GATEWAY, act })
    }
    ticked(at)
  }
  const act = (at: number, what: Act, viewer: CaseViewer): void => {
    clock(at)
    const decision = decide(now!, what, viewer, STROKE, { nowMs: wall(at), atMs: null })
    if (decision.ok) for (const one of decision.happenings) put(one)
    ticked(at)
  }
  /** True time of the look at which what is next due is told. */
  const next = (from: number): number => {
    const soonest = now === null ? undefined : due(now, STROKE, DELIVERED)[0]
    if (soonest === undefined) return Number.POSITIVE_INFINITY
    const behind = steps.slice(0, now!.clock).reduce((sum, { byMs }) => sum + byMs, 0)
    const at = soonest.atMs - BEGIN - behind
    return up(Math.max(from, Math.ceil(at / LOOK_MS) * LOOK_MS))
  }
  let at = up(fate.at)
  open(at)
  for (const doing of actsOf(fate)) {
    for (let look = next(at); look <= doing.at; look = next(at)) {
      at = look
      clock(at)
      ticked(at)
    }
    at = Math.max(at, up(doing.at))
    act(at, doing.act, doing.viewer)
  }
  return { happenings, now: now as Case | null }
}
