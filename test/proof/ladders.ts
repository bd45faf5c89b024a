import { machineIds } from '../../src/app/cli/machine.ts'
import type { Act, CaseViewer, Happening } from '../../src/core/cases.ts'
import type { Journal } from '../../src/core/journal.ts'
import type { Log } from '../../src/core/ports.ts'
import { due } from '../../src/telemedicine/case/due.ts'
import { type ClockSteps, clockSteps, setBackBy } from '../../src/telemedicine/clock-steps.ts'
import { loadCase, loadHappenings } from '../../src/telemedicine/store/load.ts'
import { type Random, random } from '../support/world/random.ts'
import { caseRoom } from '../telemedicine/case-room.ts'
import { person, plain, request, STROKE } from '../telemedicine/invented.ts'

const SECOND = 1_000
const MIN = 60 * SECOND
const HOUR = 60 * MIN
const BEGIN = Date.UTC(2026, 10, 26, 9)
/** How often a gateway that was not told looks for timers. */
const LOOK_MS = SECOND
/** Longest time that the gateway is down after a crash. */
const DOWN_MS = 20 * SECOND
/** How late a rung may be: until the gateway is up again, and looks. */
const SLACK_MS = LOOK_MS + DOWN_MS + LOOK_MS
const quiet: Log = { info() {}, warn() {}, error() {} }

/** What a run is: so many requests within so many hours, so many steps of the wall clock and crashes among them. */
export interface LadderRun {
  readonly open: () => Promise<Journal>
  readonly requests: number
  readonly hours: number
  readonly steps: number
  readonly crashes: number
  readonly seed: number
}

/** What was found. `faults`: a rung missed, doubled, early or late, or a case over its limit of which nobody was told. */
export interface LadderFound {
  readonly cases: number
  readonly rungs: number
  readonly delays: number
  readonly faults: readonly string[]
}

/** What becomes of a request, in true time since it was made. */
interface Fate {
  readonly id: string
  readonly at: number
  readonly refusedAfter: number | null
  readonly acceptedAfter: number | null
  readonly advisedAfter: number | null
  readonly endsAfter: number
}

const ASKS = person('requester', 'ch-laval')
const ANGERS = person('expert', 'chu-angers')
const NANTES = person('expert', 'chu-nantes')
const COORDINATION = person('coordination', null)
const ADVICE: Act = { what: 'advise', text: 'Avis', coded: [] }

function fates({ requests, hours }: LadderRun, dice: Random): readonly Fate[] {
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

type Doing = { readonly at: number; readonly run: () => Promise<void> }

/** The gateway with a true time that tests move, a wall clock that steps, and a process that crashes and begins again. */
class Region {
  now = 0
  #offset = 0
  #booted = 0
  readonly #open: () => Promise<Journal>
  readonly #dice: Random
  journal!: Journal
  room!: ReturnType<typeof caseRoom>
  #steps!: ClockSteps
  #downUntil = 0
  /** Chance that the process dies at a round of timers. */
  crash = 0
  crashes = 0

  constructor(open: () => Promise<Journal>, dice: Random) {
    this.#open = open
    this.#dice = dice
  }

  wall(): number {
    return BEGIN + this.now + this.#offset
  }

  async boot(): Promise<void> {
    this.journal = await this.#open()
    this.#booted = this.now
    const clock = { nowMs: () => this.wall(), monotonicMs: () => this.now - this.#booted, after: () => () => {} }
    this.#steps = clockSteps({ journal: this.journal, clock, log: quiet })
    this.room = caseRoom(this.journal, { clock, steps: this.#steps, recent: async () => [] })
    await this.#steps.load()
    await this.#steps.keep(await setBackBy({ journal: this.journal, clock }))
    await this.room.told.refresh()
  }

  async die(): Promise<void> {
    this.crashes += 1
    await this.journal.close()
    this.#downUntil = this.now + Math.floor(this.#dice.next() * DOWN_MS)
    this.now = this.#downUntil
    await this.boot()
  }

  async step(byMs: number): Promise<void> {
    this.#offset += byMs
    await this.#steps.check()
  }

  /** When the next timer is due, in true time, on the second at which the gateway looks. */
  async next(): Promise<number> {
    const at = await this.journal.nextDueMs()
    if (at === null) return Number.POSITIVE_INFINITY
    return Math.max(this.now, Math.ceil((at - BEGIN - this.#offset) / LOOK_MS) * LOOK_MS)
  }

  /** A round of timers, side by side so that they share commits; a crash leaves some of them undone. */
  async fire(): Promise<void> {
    const { follower } = this.room
    const timers = await this.journal.due(this.wall(), 100)
    const dies = this.crash > 0 && this.#dice.next() < this.crash
    await Promise.all(
      timers.map(async (timer) => {
        const effect = await follower.timer(timer)
        if (dies && this.#dice.next() < 0.5) return
        if (await this.journal.apply({ ...effect, fired: [timer.id] })) this.room.told.applied(effect)
      }),
    )
    if (dies) await this.die()
  }
}

/** Runs it, and looks at every case by its happenings. */
export async function ladderRun(run: LadderRun): Promise<LadderFound> {
  const dice = random(run.seed)
  const region = new Region(run.open, dice)
  await region.boot()
  const ids = new Map<string, string>()
  const all = fates(run, dice)
  const doings = all.flatMap((fate) => doingsOf(fate, region, ids, dice))
  const steps: { at: number; byMs: number }[] = Array.from({ length: run.steps }, () => ({
    at: Math.floor(dice.next() * run.hours * HOUR),
    byMs: (dice.next() < 0.5 ? -1 : 1) * (SECOND * 5 + Math.floor(dice.next() * 2 * HOUR)),
  })).sort((one, other) => one.at - other.at)
  for (const { at, byMs } of steps) doings.push({ at, run: () => region.step(byMs) })
  doings.sort((one, other) => one.at - other.at)
  const rounds = run.requests * 8
  region.crash = run.crashes / rounds
  let done = 0
  while (done < doings.length) {
    const timer = await region.next()
    const doing = doings[done]!
    if (timer <= doing.at) {
      region.now = Math.max(region.now, timer)
      await region.fire()
      continue
    }
    region.now = Math.max(region.now, doing.at)
    // What happens at one moment happens at once.
    const together = [doing]
    while (doings[done + together.length]?.at === doing.at) together.push(doings[done + together.length]!)
    for (const one of together) await one.run()
    done += together.length
  }
  const found = await judge(all, ids, steps, region)
  await region.journal.close()
  return found
}

function doingsOf(fate: Fate, region: Region, ids: Map<string, string>, dice: Random): Doing[] {
  const act = (what: Act, viewer: CaseViewer) => async (): Promise<void> => {
    const id = ids.get(fate.id)
    if (id !== undefined) await region.room.commands.act(id, what, viewer)
  }
  const patient = { ...request().patient, identifiers: [{ authority: 'CHL', value: fate.id, type: 'PI' }] }
  const asks = async (): Promise<void> => {
    const done = await region.room.commands.request(request({ id: machineIds.uuid(), patient }), ASKS)
    if (done.ok) ids.set(fate.id, done.case.id)
  }
  const { at, refusedAfter, acceptedAfter, advisedAfter, endsAfter } = fate
  const accepts = refusedAfter === null ? ANGERS : NANTES
  return [
    { at, run: asks },
    // Some are sent again, as systems do that were cut off from their answer.
    ...(dice.next() < 0.1 ? [{ at: at + 1, run: asks }] : []),
    ...(refusedAfter === null ? [] : [{ at: at + refusedAfter, run: act({ what: 'refuse', reason: 'Bloc' }, ANGERS) }]),
    ...(acceptedAfter === null ? [] : [{ at: at + acceptedAfter, run: act(plain('accept'), accepts) }]),
    ...(advisedAfter === null ? [] : [{ at: at + advisedAfter, run: act(ADVICE, accepts) }]),
    { at: at + endsAfter, run: act({ what: 'cancel', reason: 'Fin' }, COORDINATION) },
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
    if (at >= end) return times
    times.push({ at, mayLack: end - at <= SLACK_MS })
  }
}

async function judge(
  all: readonly Fate[],
  ids: ReadonlyMap<string, string>,
  steps: readonly { byMs: number }[],
  { journal }: Region,
): Promise<LadderFound> {
  const faults: string[] = []
  let [rungs, delays] = [0, 0]
  const [count] = await journal.look<{ n: number }>({ sql: 'SELECT count(*) AS n FROM care_case', parameters: [] })
  if (Number(count?.n) !== all.length) faults.push(`${count?.n} cases of ${all.length} requests`)
  for (const fate of all) {
    const id = ids.get(fate.id)
    const happenings = id === undefined ? [] : await loadHappenings(journal, id)
    const times = trueTimes(happenings, steps)
    const climbs = climbsOf(happenings, times)
    rungs += climbs.reduce((sum, { told }) => sum + told.length, 0)
    delays += happenings.filter(({ act }) => act.what === 'late').length
    faults.push(...climbs.flatMap(compared).map((fault) => `${fate.id}: ${fault}`))
    const last = id === undefined ? null : await loadCase(journal, id)
    if (last === null) faults.push(`${fate.id}: no case`)
    else if (last.closedAtMs === null) faults.push(`${fate.id}: still open`)
    else faults.push(...forgotten(fate, happenings, times))
    if (last !== null && due(last, STROKE).length > 0) faults.push(`${fate.id}: closed, and something is due`)
  }
  return { cases: Number(count?.n), rungs, delays, faults }
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
