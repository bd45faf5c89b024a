import { setTimeout as wait } from 'node:timers/promises'
import type { Status } from '../../src/core/views.ts'
import { runCommand } from '../support/world/gateway.ts'
import { type Acknowledged, type Load, startLoad } from '../support/world/load.ts'
import { adt, orm, oru, patient } from '../support/world/messages.ts'
import { type Random, random } from '../support/world/random.ts'
import type { Receiver } from '../support/world/receiver.ts'
import { emptied, makeWorld, type World } from '../support/world/world.ts'
import { altered, inversions, lost, type Repeats, repeats, tooManyRepeats } from './ledgers.ts'

/** How many deliveries of one destination may be on the wire at once: `maxInFlight` and `urgentInFlight`. */
const SLOTS = 2
const DESTINATIONS = ['chu-a/dpi', 'chu-b/dpi', 'chu-c/unv'] as const
/** Which destinations a kind goes to, in the region file below. */
const WAYS: Readonly<Record<string, readonly string[]>> = {
  ORU: ['chu-a/dpi', 'chu-b/dpi'],
  ADT: ['chu-a/dpi'],
  ORM: ['chu-c/unv'],
}

/** What a run of kills left behind; every list of faults must be empty. */
export interface CrashReport {
  readonly seed: number
  readonly kills: number
  readonly acknowledged: number
  readonly resent: number
  readonly repeats: number
  readonly faults: readonly string[]
  readonly status: Status
  readonly verify: { readonly code: number; readonly out: string }
  /** Time from start to ready over the lives that were let come up, ms, sorted. */
  readonly startsMs: readonly number[]
}

/**
 * Kills the gateway `kills` times under load at moments that `seed` decides (one in seven before it is ready), lets it
 * finish, and judges the ledgers of senders and receivers. */
export async function crashRun(
  seed: number,
  kills: number,
  tell: (line: string) => void = () => {},
): Promise<CrashReport> {
  const dice = random(seed)
  const world = await makeWorld({
    destinations: Object.fromEntries(
      DESTINATIONS.map((id) => [id, { script: (name) => (name.endsWith('7') ? { lateMs: 4 } : 'AA') }]),
    ),
    routes: [
      { name: 'results', when: { kinds: ['ORU^R01'] }, to: WAYS['ORU'] },
      { name: 'admissions', when: { kinds: ['ADT^*'] }, to: WAYS['ADT'] },
      { name: 'stroke requests', when: { kinds: ['ORM^O01'], service: 'stroke' }, to: WAYS['ORM'], lane: 'urgent' },
    ],
  })
  const load = startLoad({ port: world.mllpPort, connections: 6, patients: 30, make: nextMessage })
  try {
    const receivers = DESTINATIONS.map((id) => [id, world.receiver(id)] as const)
    const startsMs = await killAgainAndAgain(world, dice, kills, receivers, tell)
    const last = await world.start()
    await load.finish()
    await emptied(last, 90_000)
    const status = await last.status()
    const ended = await last.stop()
    const faults = judge(load, receivers)
    if (ended.code !== 0) faults.push(`the last life ended with ${ended.code ?? ended.signal}`)
    return {
      seed,
      kills,
      acknowledged: load.acknowledged.size,
      resent: load.counts.resent,
      repeats: receivers.reduce((sum, [, receiver]) => sum + repeats(receiver.ledger).total, 0),
      faults,
      status,
      verify: await runCommand(world, ['verify']),
      startsMs: startsMs.sort((a, b) => a - b),
    }
  } finally {
    load.abandon()
    await world.close()
  }
}

/** The kind goes round with the number, one in five urgent; the control id tells patient and number. */
function nextMessage(who: number, seq: number): { controlId: string; kind: string; bytes: Buffer } {
  const kind = seq % 5 === 0 ? 'ORM' : seq % 2 === 0 ? 'ADT' : 'ORU'
  const controlId = `P${String(who).padStart(3, '0')}N${String(seq).padStart(7, '0')}`
  const make = { ORM: orm, ADT: adt, ORU: oru }[kind] ?? oru
  return { controlId, kind, bytes: make({ facility: 'CH-A', patient: patient(who), controlId }) }
}

type Receivers = readonly (readonly [id: string, receiver: Receiver])[]

async function killAgainAndAgain(
  world: World,
  dice: Random,
  kills: number,
  receivers: Receivers,
  tell: (line: string) => void,
): Promise<number[]> {
  const startsMs: number[] = []
  for (let n = 1; n <= kills; n++) {
    const began = performance.now()
    const gateway = world.launch()
    if (dice.between(1, 7) === 1) await wait(dice.between(20, 400))
    else {
      await gateway.ready()
      startsMs.push(performance.now() - began)
      await wait(dice.between(100, 600))
    }
    const { signal } = await gateway.kill()
    if (signal !== 'SIGKILL') throw new Error(`life ${n} ended by itself:\n${world.logged().slice(-2_000)}`)
    for (const [, receiver] of receivers) receiver.epoch()
    if (n % 50 === 0) tell(`${n} kills`)
  }
  return startsMs
}

/** Every fault that the two ledgers show. */
function judge(load: Load, receivers: Receivers): string[] {
  const faults: string[] = []
  const note = (id: string, what: string, found: readonly string[]): void => {
    if (found.length > 0) faults.push(`${id}: ${found.length} ${what}, such as ${found.slice(0, 5).join('; ')}`)
  }
  for (const [id, receiver] of receivers) {
    const promised = new Map<string, Acknowledged>(
      [...load.acknowledged].filter(([, { kind }]) => WAYS[kind]?.includes(id)),
    )
    const stray = [...receiver.distinct].filter((controlId) => !promised.has(controlId))
    const again: Repeats = repeats(receiver.ledger)
    note(id, 'acknowledged and lost', lost(promised, receiver.ledger))
    note(id, 'with other bytes', altered(promised, receiver.ledger))
    note(id, 'not meant for it', stray)
    note(id, 'twice without a crash', again.withinOneLife)
    note(id, 'lives with more repeats than were in flight', tooManyRepeats(again, SLOTS))
    // An urgent delivery may overtake one that a crash left in back-off; order is promised where no lane is urgent.
    if (id !== 'chu-c/unv') note(id, 'out of order', inversions(promised, receiver.ledger))
  }
  if (load.counts.wrong > 0) faults.push(`${load.counts.wrong} answers named another message`)
  return faults
}
