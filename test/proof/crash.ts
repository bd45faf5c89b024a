import { setTimeout as wait } from 'node:timers/promises'
import type { Status } from '../../src/core/views.ts'
import { runCommand } from '../support/world/gateway.ts'
import { type Acknowledged, type Load, startLoad } from '../support/world/load.ts'
import { adt, orm, oru, patient } from '../support/world/messages.ts'
import { type Random, random } from '../support/world/random.ts'
import type { Receiver } from '../support/world/receiver.ts'
import { observation, REQUEST_SYSTEM, serviceRequest, transaction } from '../support/world/resources.ts'
import { until } from '../support/world/until.ts'
import { fhirPost, hl7Post } from '../support/world/web-client.ts'
import { startWebLoad, type WebMessage } from '../support/world/web-load.ts'
import { emptied, makeWorld, type World } from '../support/world/world.ts'
import { altered, inversions, lost, type Repeats, repeats, tooManyRepeats } from './ledgers.ts'

/** How a destination is reached, how much may be on its wire at once, and whether it keeps each patient's order. */
const DESTINATIONS: Readonly<Record<string, { type: 'mllp' | 'http' | 'fhir'; slots: number; ordered: boolean }>> = {
  'chu-a/dpi': { type: 'mllp', slots: 2, ordered: true },
  'chu-b/dpi': { type: 'mllp', slots: 2, ordered: true },
  // An urgent delivery may overtake one that a crash left in back-off; order is promised where no lane is urgent.
  'chu-c/unv': { type: 'mllp', slots: 2, ordered: false },
  'chu-d/archive': { type: 'http', slots: 3, ordered: true },
  'chu-e/fhir': { type: 'fhir', slots: 3, ordered: true },
}
/** Which destinations a kind goes to, in the region file below. */
const WAYS: Readonly<Record<string, readonly string[]>> = {
  ORU: ['chu-a/dpi', 'chu-b/dpi', 'chu-d/archive'],
  ADT: ['chu-a/dpi', 'chu-d/archive'],
  ORM: ['chu-c/unv'],
  FHIR: ['chu-e/fhir'],
}

/** What a run of kills left behind; every list of faults must be empty. */
export interface CrashReport {
  readonly seed: number
  readonly kills: number
  readonly acknowledged: number
  /** What the gateway counts for them: a transaction is itself and its entries. */
  readonly messages: number
  /** Acknowledged at each door. */
  readonly byDoor: Readonly<Record<string, number>>
  readonly resent: number
  readonly repeats: number
  readonly faults: readonly string[]
  readonly status: Status
  readonly verify: { readonly code: number; readonly out: string }
  /** Time from start to ready over the lives that were let come up, ms, sorted. */
  readonly startsMs: readonly number[]
}

/** How long a life is let go on once the gateway is ready. */
export type Life = (dice: Random, delivered: () => Promise<void>) => Promise<void>

/** Short: most of what is in flight at its end has just begun. */
export const SHORT: Life = (dice) => wait(dice.between(100, 600))

/** One in three until something is delivered: what a dead node held on PostgreSQL is free after 3 s, and not before. */
export const SHORT_OR_LEASED: Life = (dice, delivered) =>
  dice.between(1, 3) === 1 ? delivered() : SHORT(dice, delivered)

/**
 * Kills the gateway `kills` times under load at moments that `seed` decides (one in seven before it is ready), lets it
 * finish, and judges the ledgers of senders and receivers. */
export async function crashRun(
  seed: number,
  kills: number,
  tell: (line: string) => void = () => {},
  { store, life = SHORT }: { readonly store?: string; readonly life?: Life } = {},
): Promise<CrashReport> {
  const dice = random(seed)
  const world = await makeWorld({
    ...(store !== undefined && { store }),
    destinations: Object.fromEntries(
      Object.entries(DESTINATIONS).map(([id, { type }]) => [
        id,
        {
          type,
          script: (name) => (name.endsWith('7') ? { lateMs: 4 } : 'AA'),
          options: type === 'mllp' ? {} : { maxInFlight: 2, urgentInFlight: 1, onUnknown: 'resend' },
        },
      ]),
    ),
    routes: [
      { name: 'results', when: { kinds: ['ORU^R01'] }, to: WAYS['ORU'] },
      { name: 'admissions', when: { kinds: ['ADT^*'] }, to: WAYS['ADT'] },
      { name: 'stroke requests', when: { kinds: ['ORM^O01'], service: 'stroke' }, to: WAYS['ORM'], lane: 'urgent' },
      { name: 'FHIR', when: { kinds: ['ServiceRequest'] }, to: WAYS['FHIR'] },
    ],
  })
  const loads = startLoads(world)
  try {
    const receivers = Object.keys(DESTINATIONS).map((id) => [id, world.receiver(id)] as const)
    const startsMs = await killAgainAndAgain({ world, dice, kills, receivers, loads, life, tell })
    const last = await world.start()
    await loaded(loads, kills)
    await Promise.all(Object.values(loads).map((load) => load.finish()))
    await emptied(last, 90_000)
    const status = await last.status()
    const ended = await last.stop()
    const acknowledged = new Map(Object.values(loads).flatMap((load) => [...load.acknowledged]))
    const faults = judge(acknowledged, receivers, (id) => leasesLost(world.logged(), id))
    for (const [door, { counts }] of Object.entries(loads)) {
      if (counts.wrong > 0) faults.push(`${door}: ${counts.wrong} answers named another message, or refused a good one`)
    }
    if (ended.code !== 0) faults.push(`the last life ended with ${ended.code ?? ended.signal}`)
    return {
      seed,
      kills,
      acknowledged: acknowledged.size,
      messages: [...acknowledged.values()].reduce((sum, one) => sum + one.messages, 0),
      byDoor: Object.fromEntries(Object.entries(loads).map(([door, load]) => [door, load.acknowledged.size])),
      resent: Object.values(loads).reduce((sum, load) => sum + load.counts.resent, 0),
      repeats: receivers.reduce((sum, [, receiver]) => sum + repeats(receiver.ledger).total, 0),
      faults,
      status,
      verify: await runCommand(world, ['verify']),
      startsMs: startsMs.sort((a, b) => a - b),
    }
  } finally {
    for (const load of Object.values(loads)) load.abandon()
    await world.close()
  }
}

/** At once over MLLP, HL7 over HTTP, and FHIR; each patient at one door. */
function startLoads({ mllpPort, httpPort }: World): Loads {
  const from = (first: number): number[] => Array.from({ length: 10 }, (_, i) => first + i)
  const web = { port: httpPort, facility: 'CH-A', connections: 2 }
  return {
    mllp: startLoad({ port: mllpPort, connections: 4, patients: 20, make: nextMessage }),
    hl7: startWebLoad({
      ...web,
      patients: from(100),
      make: (who, seq) => {
        const message = nextMessage(who, seq)
        return { ...message, post: hl7Post(message.bytes) }
      },
    }),
    fhir: startWebLoad({ ...web, patients: from(200), make: nextResource }),
  }
}

const idOf = (who: number, seq: number): string => `P${String(who).padStart(3, '0')}N${String(seq).padStart(7, '0')}`

/** The kind goes round with the number, one in five urgent; the control id tells patient and number. */
function nextMessage(who: number, seq: number): { controlId: string; kind: string; bytes: Buffer } {
  const kind = seq % 5 === 0 ? 'ORM' : seq % 2 === 0 ? 'ADT' : 'ORU'
  const controlId = idOf(who, seq)
  const make = { ORM: orm, ADT: adt, ORU: oru }[kind] ?? oru
  return { controlId, kind, bytes: make({ facility: 'CH-A', patient: patient(who), controlId }) }
}

/** Creates under If-None-Exist; one in four a transaction of two under Bundle.identifier. */
function nextResource(who: number, seq: number): WebMessage {
  const controlId = idOf(who, seq)
  const common = { controlId, kind: 'FHIR' }
  const whose = patient(who)
  if (seq % 4 === 0) {
    const entries = [serviceRequest(`${controlId}A`, whose), observation(`${controlId}B`, whose)]
    const bytes = Buffer.from(JSON.stringify(transaction(controlId, entries)))
    return { ...common, bytes, post: fhirPost('', bytes), counts: 1 + entries.length }
  }
  const bytes = Buffer.from(JSON.stringify(serviceRequest(controlId, whose)))
  const condition = { 'if-none-exist': `identifier=${REQUEST_SYSTEM}|${controlId}` }
  return { ...common, bytes, post: fhirPost('/ServiceRequest', bytes, condition) }
}

type Receivers = readonly (readonly [id: string, receiver: Receiver])[]

/** Resolves when something comes to one of the receivers. */
async function somethingComes(receivers: Receivers): Promise<void> {
  await Promise.any(
    receivers.map(([, receiver]) => {
      const { length } = receiver.ledger
      return receiver.when(({ ledger }) => ledger.length > length, 30_000)
    }),
  )
}

type Loads = Readonly<Record<string, Load>>

/** Resolves when the load has run by the `n`th life: more than ten were acknowledged for each, and more than one at each door. */
async function loaded(loads: Loads, n: number): Promise<void> {
  const sizes = (): number[] => Object.values(loads).map(({ acknowledged }) => acknowledged.size)
  const enough = (): boolean =>
    sizes().every((size) => size > n) && sizes().reduce((sum, size) => sum + size, 0) > 10 * n
  await until(`the load of life ${n}`, async () => enough())
}

async function killAgainAndAgain(parts: {
  readonly world: World
  readonly dice: Random
  readonly kills: number
  readonly receivers: Receivers
  readonly loads: Loads
  readonly life: Life
  readonly tell: (line: string) => void
}): Promise<number[]> {
  const { world, dice, kills, receivers, loads, life, tell } = parts
  const startsMs: number[] = []
  for (let n = 1; n <= kills; n++) {
    const began = performance.now()
    const gateway = world.launch()
    if (dice.between(1, 7) === 1) await wait(dice.between(20, 400))
    else {
      await gateway.ready()
      startsMs.push(performance.now() - began)
      await loaded(loads, n)
      await life(dice, () => somethingComes(receivers))
    }
    const { signal } = await gateway.kill()
    if (signal !== 'SIGKILL') throw new Error(`life ${n} ended by itself:\n${world.logged().slice(-2_000)}`)
    for (const [, receiver] of receivers) receiver.epoch()
    if (n % 50 === 0) tell(`${n} kills`)
  }
  return startsMs
}

/**
 * How often a life gave up a destination because it could not renew its lease in time, as on a machine that stood still: what was on
 * its way then is sent once more, and the log says why. */
function leasesLost(log: string, id: string): number {
  return log.split('\n').filter((line) => line.includes('lease.lost') && line.includes(`destination:${id}"`)).length
}

/** Every fault that the two ledgers show. */
function judge(
  acknowledged: ReadonlyMap<string, Acknowledged>,
  receivers: Receivers,
  lostLeases: (id: string) => number,
): string[] {
  const faults: string[] = []
  const note = (id: string, what: string, found: readonly string[]): void => {
    if (found.length > 0) faults.push(`${id}: ${found.length} ${what}, such as ${found.slice(0, 5).join('; ')}`)
  }
  for (const [id, receiver] of receivers) {
    const { slots, ordered } = DESTINATIONS[id] ?? { slots: 0, ordered: true }
    const promised = new Map<string, Acknowledged>([...acknowledged].filter(([, { kind }]) => WAYS[kind]?.includes(id)))
    const stray = [...receiver.distinct].filter((controlId) => !promised.has(controlId))
    const again: Repeats = repeats(receiver.ledger)
    note(id, 'acknowledged and lost', lost(promised, receiver.ledger))
    note(id, 'with other bytes', altered(promised, receiver.ledger))
    note(id, 'not meant for it', stray)
    if (again.withinOneLife.length > slots * lostLeases(id)) note(id, 'twice without a crash', again.withinOneLife)
    note(id, 'lives with more repeats than were in flight', tooManyRepeats(again, slots))
    if (ordered) note(id, 'out of order', inversions(promised, receiver.ledger))
  }
  return faults
}
