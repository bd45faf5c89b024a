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

let turn = 0
/** Stays and results in turn. */
const ordinary: Make = (facility, whose, controlId) =>
  block((turn++ % 2 === 0 ? adt : oru)({ facility, patient: whose, controlId }))

interface Measured {
  readonly perSecond: number
  /** Processor time per message, deliveries meanwhile included (ms). */
  readonly cost: number
}

interface Side {
  readonly world: World
  readonly gateway: Gateway
}

async function measure({ world, gateway }: Side, seconds: number): Promise<Measured> {
  const used = processorMs(gateway.pid)
  const plan = { port: world.mllpPort, connections: CONNECTIONS, facilities: ['CH-A'], seconds, make: ordinary }
  const posted = await postFor(plan)
  const cost = (processorMs(gateway.pid) - used) / posted.total
  if (posted.refused > 0) throw new Error(`${posted.refused} ordinary messages were refused`)
  await emptied(gateway, DRAINED_MS)
  return { perSecond: posted.perSecond, cost }
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
    // Both have compiled what they run before anything counts.
    await measure(without, seconds)
    await measure(offering, seconds)
    const ratios: number[] = []
    const costs: number[] = []
    const rates: number[] = []
    for (let n = 1; n <= repeats; n++) {
      // Who goes first changes, as the disk and the machine do meanwhile.
      const first = n % 2 === 0 ? await measure(offering, seconds) : null
      const bare = await measure(without, seconds)
      const cases = first ?? (await measure(offering, seconds))
      rates.push(cases.perSecond)
      ratios.push(cases.perSecond / bare.perSecond)
      costs.push(cases.cost / bare.cost)
      tell(
        `${n}/${repeats}: without services ${Math.round(bare.perSecond)}/s at ${bare.cost.toFixed(3)} ms, with ${OPEN} open cases ${Math.round(cases.perSecond)}/s at ${cases.cost.toFixed(3)} ms`,
      )
    }
    return [
      { name: `intake with ${OPEN} open cases: accepted`, value: median(rates), unit: '/s' },
      atLeast(`intake with ${OPEN} open cases: ratio to a region without services`, median(ratios), '', 0.97),
      { name: `intake with ${OPEN} open cases: processor time per message, ratio`, value: median(costs), unit: '' },
    ]
  } finally {
    for (const world of worlds) await world.close()
  }
}

if (import.meta.main) console.log(table(await benchCasesIntake({ repeats: 2, seconds: 1 })))
