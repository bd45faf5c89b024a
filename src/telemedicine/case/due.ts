import type { Act, Case, Climb, Happening, Notice, Participant } from '../../core/cases.ts'
import { CLOSED_STATES } from '../../core/cases.ts'
import type { CareService, Channel, Delay, DelayName, Told } from '../../core/services.ts'
import { ANSWER, asked, current, following, ladderOf, rungAtMs } from './climb.ts'
import { sinceOf } from './delays.ts'
import { type CaseName, evolve } from './evolve.ts'

/** What a case does not know of itself. `delivered`: its requests have reached every destination; absent: not known. */
export interface CaseFacts {
  readonly delivered?: boolean
}

/** Something that is due of a case. */
export type DueThing =
  | { readonly kind: 'rung'; readonly ladder: string; readonly rung: number }
  | { readonly kind: 'late'; readonly delay: DelayName; readonly step: number }

/** What is due, and when (ms since 1970). */
export interface Due {
  readonly atMs: number
  readonly what: DueThing
}

/** Who does what no person does. */
export const GATEWAY: Participant = { name: 'gateway', rpps: null, establishment: null, role: 'gateway', phone: null }

/**
 * What a case has coming, the soonest first: the next rung of each ladder that goes on, the next step of each delay that
 * counts. Nothing when it is closed or was written down afterwards. Pure. */
export function due(of: Case, service: CareService, facts: CaseFacts = {}): readonly Due[] {
  if (CLOSED_STATES.includes(of.state) || of.late) return []
  const rungs = of.climbs.flatMap((climb) => rungDue(climb, service))
  const delays = service.delays.flatMap((delay) => delayDue(of, delay, facts))
  return [...rungs, ...delays].sort((one, other) => one.atMs - other.atMs)
}

function rungDue(climb: Climb, service: CareService): readonly Due[] {
  if (climb.endedAtMs !== null) return []
  const atMs = rungAtMs(ladderOf(service, climb.ladder)?.rungs ?? [], climb.begunAtMs, climb.climbed)
  return atMs === null ? [] : [{ atMs, what: { kind: 'rung', ladder: climb.ladder, rung: climb.climbed } }]
}

function delayDue(of: Case, delay: Delay, facts: CaseFacts): readonly Due[] {
  const sinceMs = sinceOf(delay.name, of, facts)
  const step = of.lateTold[delay.name] ?? 0
  if (sinceMs === null || step >= delay.tell.length) return []
  return [{ atMs: sinceMs + delay.afterMs + step * delay.nextMs, what: { kind: 'late', delay: delay.name, step } }]
}

/** What a tick is made with. `uuid`: ids of notices. */
export interface Ticking extends CaseName {
  readonly facts?: CaseFacts
  readonly uuid: () => string
}

/** Most happenings of one tick: a case has some ten rungs and delays. */
const MOST = 100

/**
 * Everything that is due of a case by now, as happenings of the gateway, in the order in which it was due. Repeats of a last
 * rung that nobody was there to tell are told once; whoever is told several things is told by the first. Pure but for
 * the names of notices. */
export function tick(of: Case, nowMs: number, ticking: Ticking): readonly Happening[] {
  const { service, facts } = ticking
  const done: Happening[] = []
  const told = new Set<string>()
  let now = of
  for (let n = 0; n < MOST; n += 1) {
    const next = due(now, service, facts).find(({ atMs }) => atMs <= nowMs)
    if (next === undefined) break
    const act = next.what.kind === 'rung' ? climbing(now, next.what, nowMs, ticking) : lateness(now, next.what, ticking)
    const fresh = act.notices.filter(({ told: whom, channel, establishment }) => {
      const rota = BY_ROTA.has(whom) ? ladderTold(act) : ''
      const key = `${whom} ${channel} ${establishment ?? ''} ${rota}`
      return !told.has(key) && told.add(key)
    })
    const happening: Happening = {
      seq: now.version + 1,
      atMs: nowMs,
      recordedAtMs: nowMs,
      by: GATEWAY,
      act: { ...act, notices: fresh },
    }
    done.push(happening)
    now = evolve(now, happening, ticking)
  }
  return done
}

/** Words that mean another person on each ladder: a centre has a rota for each. */
const BY_ROTA: ReadonlySet<Told> = new Set<Told>(['duty-1', 'duty-2', 'next-centre'])

/** The ladder whose rota a notice is read by: delays are told by that of `answer`. */
function ladderTold(act: RungAct | LateAct): string {
  return act.what === 'rung' ? act.ladder : ANSWER
}

type RungAct = Extract<Act, { what: 'rung' }>
type LateAct = Extract<Act, { what: 'late' }>

function climbing(
  of: Case,
  { ladder, rung }: Extract<DueThing, { kind: 'rung' }>,
  nowMs: number,
  ticking: Ticking,
): RungAct {
  const climb = of.climbs.find((one) => one.ladder === ladder)!
  const { rungs } = ladderOf(ticking.service, ladder)!
  const last = rungs.length - 1
  let n = rung
  if (n > last) while ((rungAtMs(rungs, climb.begunAtMs, n + 1) ?? Number.POSITIVE_INFINITY) <= nowMs) n += 1
  const { tell, channels } = rungs[Math.min(n, last)]!
  // A repeat goes on with whom it reached: another centre is asked once, by the rung itself.
  const next = tell.includes('next-centre') && n <= last ? following(climb) : null
  const onward: Climb = next === null ? climb : { ...climb, at: next }
  const whom = next === null ? tell.filter((one) => one !== 'next-centre') : tell
  const notices = told(of, whom, { channels, climb: onward, was: climb, uuid: ticking.uuid })
  return { what: 'rung', ladder, rung: n, centre: current(onward) ?? '', notices }
}

function lateness(of: Case, { delay, step }: Extract<DueThing, { kind: 'late' }>, { service, uuid }: Ticking): LateAct {
  const climb = of.climbs.find(({ ladder }) => ladder === ANSWER) ?? null
  const whom = service.delays.find(({ name }) => name === delay)?.tell[step]
  const channels: readonly Channel[] = ladderOf(service, ANSWER)?.rungs[0]?.channels ?? ['console']
  const notices = whom === undefined ? [] : told(of, [whom], { channels, climb, was: climb, uuid })
  return { what: 'late', delay, step, notices }
}

interface Telling {
  readonly channels: readonly Channel[]
  readonly climb: Climb | null
  /** The ladder before this rung: whom it asked is told the rest of it. */
  readonly was: Climb | null
  readonly uuid: () => string
}

/** Whom a word of a rung or delay means now. Where it means nobody, the coordination is told: never nobody at all. */
function told(of: Case, words: readonly Told[], { channels, climb, was, uuid }: Telling): readonly Notice[] {
  const whom = new Map<string, { told: Told; establishment: string | null }>()
  const add = (one: Told, establishment: string | null): unknown =>
    whom.set(`${one} ${establishment ?? ''}`, { told: one, establishment })
  const mine = was === null ? null : current(was)
  for (const word of words) {
    if (word === 'coordination') add('coordination', null)
    else if (word === 'requester' || word === 'imaging') add(word, of.site)
    else if (word === 'owner' && of.owner !== null) add('owner', of.owner.establishment)
    else if (word === 'everybody') {
      for (const centre of climb === null ? [] : asked(climb)) add('duty-1', centre)
      add('coordination', null)
      add('requester', of.site)
    } else {
      const centre = word === 'next-centre' ? (climb === null ? null : current(climb)) : mine
      if (centre === null) add('coordination', null)
      else add(word === 'owner' ? 'duty-1' : word, centre)
    }
  }
  if (whom.size === 0) add('coordination', null)
  return [...whom.values()].flatMap((one) => channels.map((channel) => ({ id: uuid(), ...one, channel, name: '' })))
}
