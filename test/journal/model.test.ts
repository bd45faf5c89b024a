import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Counts, Intake, Journal } from '../../src/core/journal.ts'
import { mayMove, type State, standing } from '../../src/core/message.ts'
import { newDelivery, newIntake, newMove, nextId, personEvent } from './made.ts'
import { sqliteRig } from './rig.ts'

const PLACES = ['a/x', 'a/y', 'b/x'] as const
const KEYS = ['d:1', 'd:2', 'd:3', 'e:1'] as const
const STATES: readonly State[] = [
  'queued',
  'sending',
  'delivered',
  'refused',
  'unknown',
  'expired',
  'poisoned',
  'closed',
]

type Step =
  | { readonly do: 'commit'; places: string[]; keys: string[]; poisoned: boolean; platform: boolean; fails: boolean }
  | { readonly do: 'move'; pick: number; to: State | null; held: boolean; holds: boolean }
  | { readonly do: 'replay'; pick: number; place: string; fails: boolean }
  | { readonly do: 'reopen' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('commit' as const),
      places: fc.subarray([...PLACES]),
      keys: fc.subarray([...KEYS]),
      poisoned: fc.boolean(),
      platform: fc.boolean(),
      fails: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('move' as const),
      pick: fc.nat(),
      to: fc.option(fc.constantFrom(...STATES)),
      held: fc.boolean(),
      holds: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('replay' as const),
      pick: fc.nat(),
      place: fc.constantFrom(...PLACES),
      fails: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'reopen' as const }) },
)

interface Known {
  readonly id: string
  readonly message: string
  readonly place: string
  readonly keys: readonly string[]
  state: State
  held: boolean
  holds: boolean
}

/** The journal as it would be without a disk: deliveries in order, and the messages they belong to. */
class Model {
  readonly messages = new Map<string, Intake>()
  readonly deliveries: Known[] = []

  add(message: Intake): void {
    this.messages.set(message.id, message)
    for (const one of message.deliveries) this.deliver(message, one.id, one.destination, one.state)
  }

  deliver(message: Intake, id: string, place: string, state: State): void {
    const holds = state !== 'delivered'
    this.deliveries.push({
      id,
      message: message.id,
      place,
      keys: message.orderKeys,
      state,
      held: state === 'poisoned',
      holds,
    })
  }

  move(known: Known, to: State | null, held: boolean, holds: boolean): boolean {
    if (to !== null && !mayMove(known.state, to)) return false
    known.state = to ?? known.state
    known.held = known.state === 'unknown' ? held : ['refused', 'expired', 'poisoned'].includes(known.state)
    const now = standing(known.state, known.held)
    known.holds = now === 'open' || (now === 'parked' && holds)
    return true
  }

  /** What a start does. */
  restart(): void {
    for (const known of this.deliveries) if (known.state === 'sending') known.state = 'unknown'
  }

  stateOf(message: string): string {
    const all = this.deliveries.filter((one) => one.message === message).map((one) => standing(one.state, one.held))
    return all.includes('parked') ? 'parked' : all.includes('open') ? 'inFlight' : 'closed'
  }

  counts(): Pick<Counts, 'received' | 'closed' | 'inFlight' | 'parked'> {
    const all = [...this.messages.keys()].map((id) => this.stateOf(id))
    const count = (state: string) => all.filter((one) => one === state).length
    return { received: all.length, closed: count('closed'), inFlight: count('inFlight'), parked: count('parked') }
  }

  queue(place: string): Known[] {
    return this.deliveries.filter((one) => one.place === place && one.holds)
  }
}

async function run(journal: Journal, model: Model, one: Exclude<Step, { do: 'reopen' }>): Promise<void> {
  if (one.do === 'commit') {
    const deliveries = one.places.map((place) => newDelivery(place, { state: one.poisoned ? 'poisoned' : 'queued' }))
    if (one.platform) deliveries.push(newDelivery('platform', { state: 'delivered' }))
    const taken = model.deliveries[0]
    // A failing neighbour in the same group: its second message takes an id that is in use.
    const failing =
      one.fails && taken ? [newIntake(), newIntake({ deliveries: [newDelivery('a/x', { id: taken.id })] })] : []
    const intake = newIntake({ deliveries, orderKeys: one.keys })
    const [bad] = failing as [Intake, Intake] | []
    const others = bad ? [journal.commit(failing as [Intake, Intake])] : []
    const [result, ...failed] = await Promise.allSettled([journal.commit([intake]), ...others])
    expect(result).toMatchObject({ status: 'fulfilled', value: { kind: 'committed' } })
    expect(failed.every(({ status }) => status === 'rejected')).toBe(true)
    model.add(intake)
    return
  }
  const known = model.deliveries.at(one.pick % Math.max(model.deliveries.length, 1))
  if (!known) return
  if (one.do === 'move') {
    const { to, held, holds } = one
    const events = one.pick % 2 ? [personEvent('close')] : []
    const moved = await journal.record(newMove(known.id, { from: [known.state], to, held, holds, events }))
    expect(moved).toBe(model.move(known, to, held, holds))
    return
  }
  const delivery = newDelivery(one.place, { replayOf: known.id })
  const wrong = one.fails ? [{ messageId: nextId(), delivery: newDelivery('a/x') }] : []
  const applied = await journal.apply({ deliveries: [{ messageId: known.message, delivery }, ...wrong] })
  expect(applied).toBe(!one.fails)
  if (applied) model.deliver(model.messages.get(known.message)!, delivery.id, one.place, 'queued')
}

async function compare(journal: Journal, model: Model): Promise<void> {
  const counts = await journal.counts()
  expect(counts).toMatchObject(model.counts())
  expect(counts.received).toBe(counts.closed + counts.inFlight + counts.parked)
  for (const place of [...PLACES, 'platform']) {
    const here = model.deliveries.filter((one) => one.place === place)
    const count = (which: string) => here.filter((one) => standing(one.state, one.held) === which).length
    const delivered = here.filter(({ state }) => state === 'delivered').length
    const at = counts.destinations.get(place) ?? { open: 0, parked: 0, delivered: 0 }
    expect(at).toMatchObject({ open: count('open'), parked: count('parked'), delivered })
    const queue = await journal.queue(place, 0, 999)
    const seen = queue.map(({ id, state, held }) => ({ id, state, held }))
    expect(seen).toEqual(model.queue(place).map(({ id, state, held }) => ({ id, state, held })))
    const later = queue.at(-1)
    if (!later) continue
    const earlier = await journal.earlier(place, later.keys, later.seq, 999)
    const shared = model
      .queue(place)
      .slice(0, -1)
      .filter(({ keys }) => keys.some((key) => later.keys.includes(key)))
    expect(earlier.map(({ id }) => id)).toEqual(shared.map(({ id }) => id).toReversed())
  }
  for (const id of model.messages.keys()) expect(await journal.state(id)).toBe(model.stateOf(id))
}

test('random commits, moves, replays and restarts: queue, order, states and counters are those of a simple model', async () => {
  const rig = await sqliteRig()
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60, size: 'max' }), async (steps) => {
        const model = new Model()
        await rig.renew()
        for (const one of steps) {
          if (one.do === 'reopen') {
            await rig.reopen()
            model.restart()
          } else await run(rig.journal, model, one)
        }
        await compare(rig.journal, model)
        expect((await rig.journal.verify(null)).damaged).toEqual([])
      }),
      { numRuns: 25 },
    )
  } finally {
    await rig.end()
  }
})
