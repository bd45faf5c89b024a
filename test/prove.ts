/**
 * `npm run prove [-- --kills N --queued N --blows N --frozen SECONDS --messages N --cases N --journeys N --drills N
 * --mail-kills N --counted N --store sqlite|postgres --only NAME…]`: the long forms of the proofs (identities, months, ladders, journeys, drills, store, mail, nodes), all
 * of them on both stores unless some are named. Exit 0 when all hold, 1 when one does not. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { crashRun, SHORT, SHORT_OR_LEASED } from './proof/crash.ts'
import { drillRun } from './proof/drills.ts'
import { type Blow, failoverRun } from './proof/failover.ts'
import { LEGS } from './proof/journey.ts'
import { journeysRun } from './proof/journey-judge.ts'
import { journeyWorld } from './proof/journey-world.ts'
import { ladderPlace } from './proof/ladder-place.ts'
import { ladderRun } from './proof/ladders.ts'
import { pureLadderRun } from './proof/ladders-pure.ts'
import { mailCrashRun } from './proof/mail-crash.ts'
import { monthProof } from './proof/month-judge.ts'
import { queueThenDeliver } from './proof/queued.ts'
import { proveIns } from './proof/unqualified-ins.ts'
import { missingOrthanc, startOrthanc } from './support/peers/orthanc.ts'
import { type Cluster, startCluster } from './support/postgres/cluster.ts'
import { random, seedOfRun } from './support/world/random.ts'
import { worldsOn } from './support/world/store.ts'

const WORLDS = 2
/** What befalls three nodes, one after the other, in an order that the seed decides. */
const BLOWS: readonly Blow[] = ['kill', 'freeze', 'cut', 'stall', 'restart database', 'kill database', 'pause', 'apply']
/** When a month is judged. */
const MONTH_DAYS = [5, 10, 15, 20, 25, 30]
const JOURNEYS_ABREAST = 6
/** Share of the legs of journeys at which the gateway is killed. */
const KILLED_LEGS = 0.2
/** Most time from a blow to the first delivery by another node (ms). */
const TAKEOVER_MS = 5_000

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '2000' },
    queued: { type: 'string', default: '1000000' },
    blows: { type: 'string', default: '100' },
    frozen: { type: 'string', default: '60' },
    messages: { type: 'string', default: '100000' },
    cases: { type: 'string', default: '100000' },
    journeys: { type: 'string', default: '100' },
    drills: { type: 'string', default: '10000' },
    'mail-kills': { type: 'string', default: '50' },
    counted: { type: 'string', default: '2000000' },
    store: { type: 'string' },
    only: { type: 'string', multiple: true },
  },
})
/** Whether a proof is wanted. */
const wanted = (
  name: 'identities' | 'months' | 'ladders' | 'journeys' | 'drills' | 'store' | 'mail' | 'nodes',
): boolean => values.only?.includes(name) ?? true
const kills = Number.parseInt(values.kills, 10)
const cases = Number.parseInt(values.cases, 10)
const queued = Number.parseInt(values.queued, 10)
const seed = seedOfRun()
const faults: string[] = []
console.log(`PROOF_SEED=${seed}`)

if (wanted('identities')) proveIdentities(Number.parseInt(values.messages, 10))
if (wanted('ladders')) provePureLadders(cases)
if (values.store !== 'postgres') {
  if (wanted('months')) await proveMonth(Number.parseInt(values.counted, 10))
  if (wanted('ladders')) await proveLadders(null)
  if (wanted('journeys')) await proveJourneys('the embedded store')
  if (wanted('drills')) await proveDrills('the embedded store')
  if (wanted('store')) await proveStore(null)
  if (wanted('mail')) await proveMail(Number.parseInt(values['mail-kills'], 10))
}
if (values.store !== 'sqlite') {
  const cluster = await startCluster({ settings: { max_connections: 200 } })
  worldsOn(() => cluster.createDatabase())
  try {
    if (wanted('ladders')) await proveLadders(cluster)
    if (wanted('journeys')) await proveJourneys('PostgreSQL')
    if (wanted('drills')) await proveDrills('PostgreSQL')
    if (wanted('store')) await proveStore(cluster)
    if (wanted('nodes')) await proveNodes(cluster)
  } finally {
    worldsOn(null)
    await cluster.end()
  }
}
for (const fault of faults) console.error(`FAULT ${fault}`)
console.log(faults.length === 0 ? 'all proofs hold' : `${faults.length} faults`)
process.exitCode = faults.length === 0 ? 0 : 1

/** No INS of an identity that is not qualified leaves, in so many messages of each format. */
function proveIdentities(messages: number): void {
  console.log(`${messages} messages of each format under the INS rule`)
  try {
    proveIns(messages, seed)
  } catch (fault) {
    faults.push(`an INS left: ${String(fault)}`)
  }
}

/** A month of a region, counted and judged for conformity, straight and with kills. */
async function proveMonth(messages: number): Promise<void> {
  const size = { hospitals: 134, homes: 600, messages }
  console.log(`a month of ${messages} messages from ${size.hospitals} hospitals and ${size.homes} homes`)
  const dir = mkdtempSync(join(tmpdir(), 'passerelle-month-'))
  try {
    const how = {
      seed,
      size,
      days: MONTH_DAYS,
      kills: 20,
      commits: [1, Math.ceil(messages / 20_000)] as const,
      batch: 1_000,
    }
    const { faults: found, ...figures } = await monthProof(dir, how, (line) => console.log(`  ${line}`))
    console.log(`  ${JSON.stringify(figures)}`)
    faults.push(...found)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** Ladders and delays of so many cases by themselves, under two steps of the clock an hour. */
function provePureLadders(requests: number): void {
  console.log(`ladders of ${requests} cases under steps of the clock`)
  const found = pureLadderRun({ requests, hours: 240, steps: 480, outages: 2_400, seed })
  console.log(`  ${found.rungs} rungs, ${found.delays} delays told`)
  faults.push(...found.faults)
}

/** The same over a store, with crashes. */
async function proveLadders(cluster: Cluster | null): Promise<void> {
  const requests = Math.ceil(cases / 5)
  console.log(
    `ladders of ${requests} cases, with crashes, on ${cluster === null ? 'the embedded store' : 'PostgreSQL'}`,
  )
  const place = await ladderPlace(cluster === null ? null : await cluster.createDatabase())
  try {
    const how = {
      requests,
      hours: Math.ceil(requests / 80),
      steps: Math.ceil(requests / 100),
      crashes: Math.ceil(requests / 50),
    }
    const found = await ladderRun({ ...how, open: place.open, seed })
    console.log(`  ${found.cases} cases, ${found.rungs} rungs, ${found.delays} delays told`)
    faults.push(...found.faults)
  } finally {
    await place.end()
  }
}

/** Whole journeys of telemedicine, with kills in the middle of their legs, on the store of worlds. */
async function proveJourneys(on: string): Promise<void> {
  const need = missingOrthanc()
  if (need !== null) return void faults.push(`journeys: ${need}`)
  const dice = random(seed)
  const journeys = Array.from({ length: Number.parseInt(values.journeys, 10) }, (_, i) => ({
    n: i + 1,
    images: 2 * dice.between(1, 15),
    kills: LEGS.filter(() => dice.next() < KILLED_LEGS),
  }))
  console.log(`${journeys.length} journeys with kills, on ${on}`)
  const [site, centre] = await Promise.all([startOrthanc(), startOrthanc()])
  const world = await journeyWorld(site, centre)
  try {
    const { faults: found, ...figures } = await journeysRun(world, journeys, JOURNEYS_ABREAST)
    console.log(`  ${JSON.stringify(figures)}`)
    faults.push(...found)
  } finally {
    await world.close()
    await Promise.all([site.end(), centre.end()])
  }
}

/** Real requests, tests and drills side by side, on the store of worlds. */
async function proveDrills(on: string): Promise<void> {
  console.log(`${values.drills} real requests, tests and drills, on ${on}`)
  const found = await drillRun(Number.parseInt(values.drills, 10), seed, (line) => console.log(`  ${line}`))
  const { faults: crossed, ...figures } = found
  console.log(`  ${JSON.stringify(figures)}`)
  faults.push(...crossed)
}

/** Crashes and a long queue, on one store; null: the embedded one. */
async function proveStore(cluster: Cluster | null): Promise<void> {
  const on = cluster === null ? 'the embedded store' : 'PostgreSQL'
  console.log(`${kills} kills under load, on ${on}`)
  const reports = await Promise.all(
    Array.from({ length: WORLDS }, (_, i) =>
      crashRun(seed + i, Math.ceil(kills / WORLDS), (line) => console.log(`  world ${i + 1}: ${line}`), {
        life: cluster === null ? SHORT : SHORT_OR_LEASED,
      }),
    ),
  )
  for (const { faults: found, status, verify, acknowledged, messages, repeats } of reports) {
    console.log(`  ${acknowledged} acknowledged, ${repeats} repeats, conservation difference ${status.difference}`)
    faults.push(...found)
    const { received, closed, inFlight, parked } = status
    if (received !== messages || closed !== received || inFlight + parked > 0) {
      faults.push(`counts do not add up: ${JSON.stringify({ messages, received, closed, inFlight, parked })}`)
    }
    if (verify.code !== 0) faults.push(`verify: ${verify.out}`)
  }
  console.log(`${queued} queued for a destination that is down, then delivered, on ${on}`)
  faults.push(...(await queueThenDeliver(queued, (line) => console.log(`  ${line}`))))
}

/** Mail that was taken is in the mailbox or at the other operator, over ends of the gateway under load. */
async function proveMail(ends: number): Promise<void> {
  console.log(`${ends} ends of a mail operator under load`)
  const { faults: found, status, ...figures } = await mailCrashRun(seed, ends, (line) => console.log(`  ${line}`))
  console.log(`  ${JSON.stringify(figures)}`)
  faults.push(...found)
  if (status.parked > 0 || status.difference !== 0) faults.push(`mail: counts do not add up: ${JSON.stringify(status)}`)
}

/** Three nodes: rounds of every blow; the time that another node took to deliver first is a figure, and has a bound. */
async function proveNodes(cluster: Cluster): Promise<void> {
  const dice = random(seed)
  const blows = Array.from({ length: Number.parseInt(values.blows, 10) }, () => dice.pick(BLOWS))
  console.log(`${blows.length} blows to three nodes under load`)
  const { acknowledged, repeats, alerts, takeoverMs, ...report } = await failoverRun({
    seed,
    cluster,
    names: ['a', 'b', 'c'],
    blows,
    frozenMs: Number.parseInt(values.frozen, 10) * 1_000,
    tell: (line) => console.log(`  ${line}`),
  })
  faults.push(...report.faults)
  console.log(`  ${acknowledged} acknowledged, ${repeats} repeats, ${alerts} alerts`)
  for (const [blow, group] of Map.groupBy(takeoverMs, (one) => one.blow)) {
    const sorted = group.map(({ ms }) => ms).sort((a, b) => a - b)
    const [middle = 0, worst = 0] = [sorted[sorted.length >> 1], sorted.at(-1)]
    console.log(
      `  first delivery by another node after ${blow}: median ${middle} ms, worst ${worst} ms of ${sorted.length}`,
    )
    if (worst > TAKEOVER_MS) faults.push(`${worst} ms to the first delivery by another node after ${blow}`)
  }
}
