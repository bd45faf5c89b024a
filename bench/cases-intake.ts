/**
 * What telemedicine costs ordinary messages: intake of ADT and ORU at 64 connections by a region that offers a stroke service
 * and has open cases, beside the same region without services, in turns. */
import { connect } from '../test/support/world/client.ts'
import { block } from '../test/support/world/frame.ts'
import { type Gateway, processorMs } from '../test/support/world/gateway.ts'
import { adt, oru, patient } from '../test/support/world/messages.ts'
import { until } from '../test/support/world/until.ts'
import { emptied, makeWorld, type World } from '../test/support/world/world.ts'
import { ASKED, casesSpec, request } from './cases-region.ts'
import { atLeast, type Figure, median, table } from './figure.ts'
import { type Make, postFor } from './post.ts'

const CONNECTIONS = 64
const REPEATS = 7
const SECONDS = 4
const OPEN = 50
/** Patients that no ordinary message is about. */
const FIRST_PATIENT = 800_000
const DRAINED_MS = 120_000
/** A process that works less than that in so long rests (ms). */
const QUIET_MS = 50
const LOOK_MS = 500

/** What is posted: results with changes of what is known of a patient; with admissions, which the form of requests offers. */
const MIXES = ['changes', 'admissions'] as const
type Mix = (typeof MIXES)[number]
const WORDS: Readonly<Record<Mix, string>> = { changes: 'ORU and ADT^A08', admissions: 'ORU and ADT^A01' }

let turn = 0
/** Stays and results in turn. */
function ordinary(mix: Mix): Make {
  return (facility, whose, controlId) => {
    const parts = { facility, patient: whose, controlId }
    if (turn++ % 2 === 0) return block(oru(parts))
    const admission = adt(parts)
    if (mix === 'admissions') return block(admission)
    return block(Buffer.from(admission.toString('latin1').replace('ADT^A01^ADT_A01', 'ADT^A08^ADT_A01'), 'latin1'))
  }
}

interface Measured {
  readonly perSecond: number
  /** Processor time per message, its delivery and what follows it behind the answer included (ms). */
  readonly cost: number
}

interface Side {
  readonly world: World
  readonly gateway: Gateway
}

async function measure({ world, gateway }: Side, mix: Mix, seconds: number): Promise<Measured> {
  const used = processorMs(gateway.pid)
  const plan = { port: world.mllpPort, connections: CONNECTIONS, facilities: ['CH-A'], seconds, make: ordinary(mix) }
  const posted = await postFor(plan)
  if (posted.refused > 0) throw new Error(`${posted.refused} ordinary messages were refused`)
  await emptied(gateway, DRAINED_MS)
  await quiet(gateway)
  return { perSecond: posted.perSecond, cost: (processorMs(gateway.pid) - used) / posted.total }
}

/** What follows messages behind the answer is no delivery: it is over when the process has little to do. */
async function quiet({ pid }: Gateway): Promise<void> {
  let before = processorMs(pid)
  const rests = async (): Promise<boolean> => {
    const now = processorMs(pid)
    const worked = now - before
    before = now
    return worked <= QUIET_MS
  }
  await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  await until('the gateway rests', rests, { withinMs: DRAINED_MS, everyMs: LOOK_MS })
}

/** Asks for opinions that nobody gives. */
async function openCases({ world }: Side): Promise<void> {
  const client = await connect(world.mllpPort)
  for (let n = 0; n < OPEN; n++) {
    const answer = await client.post(request(ASKED.route.site, patient(FIRST_PATIENT + n), `OPEN${n}`))
    if (answer?.code !== 'AA') throw new Error(`a request was answered ${answer?.code}`)
  }
  client.close()
  const all = async (): Promise<boolean> => {
    const answer = await fetch(`http://127.0.0.1:${world.httpPort}/api/cases?open=true&limit=200`, {
      headers: { authorization: 'Bearer expert-chu-angers' },
    })
    return ((await answer.json()) as { readonly cases: readonly unknown[] }).cases.length === OPEN
  }
  await until(`${OPEN} cases are open`, all, { withinMs: 20_000, everyMs: 50 })
}

interface Compared {
  readonly without: Side
  readonly offering: Side
  readonly mix: Mix
  readonly repeats: number
  readonly seconds: number
  readonly tell: (line: string) => void
}

async function compare({ without, offering, mix, repeats, seconds, tell }: Compared): Promise<Figure[]> {
  // Both have compiled what they run before anything counts.
  await measure(without, mix, seconds)
  await measure(offering, mix, seconds)
  const ratios: number[] = []
  const costs: number[] = []
  const rates: number[] = []
  for (let n = 1; n <= repeats; n++) {
    // Who goes first changes, as the disk and the machine do meanwhile.
    const first = n % 2 === 0 ? await measure(offering, mix, seconds) : null
    const bare = await measure(without, mix, seconds)
    const cases = first ?? (await measure(offering, mix, seconds))
    rates.push(cases.perSecond)
    ratios.push(cases.perSecond / bare.perSecond)
    costs.push(cases.cost / bare.cost)
    tell(
      `${WORDS[mix]}, ${n}/${repeats}: without services ${Math.round(bare.perSecond)}/s at ${bare.cost.toFixed(3)} ms, with ${OPEN} open cases ${Math.round(cases.perSecond)}/s at ${cases.cost.toFixed(3)} ms`,
    )
  }
  const name = `intake of ${WORDS[mix]}, ${OPEN} open cases`
  return [
    { name: `${name}: accepted`, value: median(rates), unit: '/s' },
    atLeast(`${name}: ratio to a region without services`, median(ratios), '', 0.97),
    { name: `${name}: processor time per message, ratio`, value: median(costs), unit: '' },
  ]
}

/** Share of the rate that stays, and of the processor's time per message that comes on top. */
export async function benchCasesIntake({ repeats = REPEATS, seconds = SECONDS } = {}): Promise<Figure[]> {
  const tell = (line: string): void => console.error(`  ${line}`)
  const worlds: World[] = []
  const side = async (offered: boolean): Promise<Side> => {
    const world = await makeWorld(casesSpec(offered))
    worlds.push(world)
    return { world, gateway: await world.start() }
  }
  try {
    const [without, offering] = [await side(false), await side(true)]
    await openCases(offering)
    const figures: Figure[] = []
    for (const mix of MIXES) {
      figures.push(...(await compare({ without, offering, mix, repeats, seconds, tell })))
    }
    return figures
  } finally {
    for (const world of worlds) await world.close()
  }
}

if (import.meta.main) console.log(table(await benchCasesIntake({ repeats: 2, seconds: 1 })))
