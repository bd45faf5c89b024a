import { machineIds } from '../../src/app/cli/machine.ts'
import type { Act, CaseViewer } from '../../src/core/cases.ts'
import type { Journal } from '../../src/core/journal.ts'
import type { Log } from '../../src/core/ports.ts'
import { type ClockSteps, clockSteps, setBackBy } from '../../src/telemedicine/clock-steps.ts'
import { loadCase, loadHappenings } from '../../src/telemedicine/store/load.ts'
import { type Random, random } from '../support/world/random.ts'
import { caseRoom } from '../telemedicine/case-room.ts'
import { request } from '../telemedicine/invented.ts'
import {
  ASKS,
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
    const dies = this.now > this.#downUntil + 2 * DOWN_MS && this.#dice.next() < this.crash
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
  const all = fates(run.requests, run.hours, dice)
  const doings = all.flatMap((fate) => doingsOf(fate, region, ids, dice))
  const steps = stepsOf(run.steps, run.hours, dice)
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
  return [
    { at: fate.at, run: asks },
    // Some are sent again, as systems do that were cut off from their answer.
    ...(dice.next() < 0.1 ? [{ at: fate.at + 1, run: asks }] : []),
    ...actsOf(fate).map(({ at, act: what, viewer }) => ({ at, run: act(what, viewer) })),
  ]
}

async function judge(
  all: readonly Fate[],
  ids: ReadonlyMap<string, string>,
  steps: readonly Step[],
  { journal }: Region,
): Promise<LadderFound> {
  const faults: string[] = []
  const [count] = await journal.look<{ n: number }>({ sql: 'SELECT count(*) AS n FROM care_case', parameters: [] })
  if (Number(count?.n) !== all.length) faults.push(`${count?.n} cases of ${all.length} requests`)
  const found: Omit<LadderFound, 'cases'>[] = []
  for (const fate of all) {
    const id = ids.get(fate.id)
    const happenings = id === undefined ? [] : await loadHappenings(journal, id)
    found.push(judged(fate, happenings, id === undefined ? null : await loadCase(journal, id), steps))
  }
  return { cases: Number(count?.n), ...total([{ rungs: 0, delays: 0, faults }, ...found]) }
}
