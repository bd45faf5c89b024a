import { cpuUsage } from 'node:process'
import { answeredFollower, sentFollower } from '../src/conformity/follow.ts'
import type { Config } from '../src/core/config.ts'
import type { Follower } from '../src/core/follower.ts'
import type { Journal } from '../src/core/journal.ts'
import { processorMs } from '../test/support/world/gateway.ts'
import { emptied, type World } from '../test/support/world/world.ts'
import { atMost, type Figure, median } from './figure.ts'
import { postFor } from './post.ts'
import { benchWorld, FACILITIES } from './region.ts'
import { openEmbedded } from './search.ts'

const REPEATS = 3
const SECONDS = 6

/**
 * How messages fall into rows of counts: as the region of the bench sends them; or from 1,356 establishments with two findings in each,
 * so that nearly every message of a commit makes a row of its own, and two of its examples. */
const SHAPES: Readonly<Record<string, string | null>> = {
  'eight establishments': null,
  '1,356 establishments': `UPDATE message SET establishment = 'e-' || (seq * 7919 % 1356), kind = 'ADT^A' || (seq % 10),
    findings = '[{"code":"FIELD_MISSING","class":"contract","params":{"rule":"PAM-PID-32"}},{"code":"SEGMENT_END","class":"form"}]'`,
}

/** What counting costs, in processor time of each follower, ms per message. */
interface Cost {
  readonly sent: number
  readonly answered: number
}

/**
 * What counting for conformity adds to intake: processor time of both followers per message, over the store that a gateway filled
 * at 64 connections, as a share of the processor time that the gateway itself used for each. Processor time and not messages a
 * second, because it says the same on a machine that does other things; each commit of the followers has a sync of its own here,
 * which in a busy gateway it shares with messages. */
export async function benchCounting(tell: (line: string) => void = console.error): Promise<Figure[]> {
  const world = await benchWorld()
  try {
    const intake = await intakeCost(world, tell)
    const shapes = await countingCosts(world.store, tell)
    // The gateway counted what was sent while it took messages in; answers are not ripe so soon.
    const alone = intake - shapes.get('eight establishments')!.sent
    return [
      { name: 'counting: processor time of intake, per message', value: alone, unit: 'ms' },
      ...[...shapes].flatMap(([shape, { sent, answered }]): Figure[] => [
        { name: `counting, ${shape}: per message`, value: (sent + answered) * 1_000, unit: 'µs' },
        atMost(`counting, ${shape}: share of intake`, (100 * (sent + answered)) / alone, '%', 5),
      ]),
    ]
  } finally {
    await world.close()
  }
}

const us = (ms: number): string => `${(ms * 1_000).toFixed(1)} µs`

async function intakeCost(world: World, tell: (line: string) => void): Promise<number> {
  const gateway = await world.start()
  const costs: number[] = []
  for (let n = 1; n <= REPEATS; n++) {
    const used = processorMs(gateway.pid)
    const posted = await postFor({
      ...{ port: world.mllpPort, connections: 64, facilities: FACILITIES, seconds: SECONDS },
    })
    await emptied(gateway, 120_000)
    costs.push((processorMs(gateway.pid) - used) / posted.total)
    tell(`${n}/${REPEATS}: ${Math.round(posted.perSecond)}/s, ${us(costs.at(-1)!)} of processor a message`)
  }
  await gateway.stop()
  return median(costs)
}

/** Both followers over every message of a store, from the first, by shape. What is in the store afterwards is of no use. */
export async function countingCosts(store: string, tell: (line: string) => void): Promise<ReadonlyMap<string, Cost>> {
  const journal = await openEmbedded(store)
  try {
    const costs = new Map<string, Cost>()
    for (const [shape, sql] of Object.entries(SHAPES)) {
      if (sql !== null) await journal.apply({ rows: [{ sql, parameters: [] }] })
      const runs: Cost[] = []
      // The first run starts the thread of questions and is not looked at.
      for (let n = 0; n <= REPEATS; n++) runs.push(await countingCost(journal))
      const [sent, answered] = [
        median(runs.slice(1).map((run) => run.sent)),
        median(runs.slice(1).map((run) => run.answered)),
      ]
      tell(`${shape}: sent ${us(sent)}, answered ${us(answered)} a message`)
      costs.set(shape, { sent, answered })
    }
    return costs
  } finally {
    await journal.close()
  }
}

async function countingCost(journal: Journal): Promise<Cost> {
  const emptied = [
    ...['conformity_count', 'conformity_example', 'conformity_standing'].map((table) => `DELETE FROM ${table}`),
    "DELETE FROM cursor WHERE follower LIKE 'conformity%'",
  ]
  await journal.apply({ rows: emptied.map((sql) => ({ sql, parameters: [] })) })
  const config = configOf()
  const sent = await readOn(journal, sentFollower({ journal, config }))
  return { sent, answered: await readOn(journal, answeredFollower({ journal, config })) }
}

/** Reads on as the runner of followers does; gives the processor time of each message, ms. */
async function readOn(journal: Journal, follower: Follower): Promise<number> {
  const began = cpuUsage()
  for (let messages = 0; ; ) {
    const from = await journal.cursor(follower.name)
    const entries = await journal.follow(from, follower.pace?.batch ?? 0)
    const to = entries.at(-1)?.position
    if (to === undefined) {
      const { user, system } = cpuUsage(began)
      return (user + system) / 1_000 / messages
    }
    const effect = await follower.entries(entries)
    if (!(await journal.apply({ ...effect, cursor: { follower: follower.name, from, to } }))) throw new Error('refused')
    messages += entries.length
  }
}

function configOf(): () => Config {
  const destinations = new Map(
    FACILITIES.map((facility) => {
      const establishment = `r${facility.toLowerCase()}`
      return [`${establishment}/dpi`, { establishment }]
    }),
  )
  const config = { region: { timeZone: 'Europe/Paris' }, destinations } as unknown as Config
  return () => config
}
