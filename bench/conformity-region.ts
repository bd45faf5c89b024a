/**
 * A whole region, 1,356 establishments that all send, under every framework that is shipped: how long it takes to judge all of them
 * (as on each new day), those whose counts changed, in what memory, and what pages take. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { frameworkSource } from '../src/app/wiring/framework-source.ts'
import { judgingRound } from '../src/conformity/rounds.ts'
import type { Config } from '../src/core/config.ts'
import { type Framework, frameworkName } from '../src/core/conformity.ts'
import type { Journal } from '../src/core/journal.ts'
import { someConfig } from '../test/console/region.ts'
import { unhurried } from '../test/proof/month-run.ts'
import { realClock } from '../test/support/peers/clock.ts'
import { asked } from './conformity.ts'
import { atMost, type Figure } from './figure.ts'
import { openEmbedded } from './search.ts'

const KINDS = { hospital: 134, 'nursing-home': 600, 'disability-home': 400, social: 222 } as const
/** Days that were counted. */
const DAYS = 60
const DAY_MS = 86_400_000
const MESSAGES = ['ADT^A28', 'ADT^A31', 'ADT^A01', 'ADT^A03', 'ORU^R01', 'MDM^T02']
const FOUND = ['', 'PAM-PID-32', 'FIELD_MISSING SEGMENT_END']

const base = someConfig()
const config: Config = {
  ...base,
  establishments: new Map(
    Object.entries(KINDS).flatMap(([kind, many]) =>
      Array.from({ length: many }, (_, n) => {
        const id = `${kind}-${n}`
        const finess = { ej: `${44 + (n % 5)}${String(n).padStart(7, '0')}`, eg: [] }
        const own = { id, name: `Établissement ${id} (fictif)`, finess, kind: kind as 'hospital' }
        return [id, { ...base.establishments.get('ch-laval')!, ...own }] as const
      }),
    ),
  ),
}

/** Each establishment sends every kind of message with every finding on every day, with two products. */
function fill(file: string, nowMs: number): void {
  const db = new DatabaseSync(file)
  db.exec('PRAGMA synchronous = OFF; BEGIN')
  const count = db.prepare(`INSERT INTO conformity_count VALUES (?, 'production', 'sent', ?, ?, ?, ?, ?)`)
  let e = 0
  for (const id of config.establishments.keys()) {
    e++
    for (let day = DAYS; day > 0; day--) {
      const date = new Date(nowMs - (day - 1) * DAY_MS).toISOString().slice(0, 10)
      for (const [k, kind] of MESSAGES.entries())
        for (const [f, found] of FOUND.entries())
          count.run(id, date, kind, `PRODUCT-${(e + k) % 12}`, found, 1 + ((e + f) % 7))
    }
  }
  db.exec('COMMIT')
  db.close()
}

/** Judges until nothing is due. */
async function judged(journal: Journal, frameworks: readonly Framework[], nowMs: number): Promise<Took> {
  const clock = { ...realClock, nowMs: () => nowMs }
  const parts = { journal: unhurried(journal), config: () => config, frameworks: async () => frameworks, clock }
  const [beganMs, used] = [performance.now(), process.cpuUsage()]
  let [longestMs, roundMs] = [0, performance.now()]
  const fence = { lease: 'conformity', epoch: 0 } as const
  for (let more = true; more; ) {
    more = (await judgingRound(parts, { fence })) !== null
    longestMs = Math.max(longestMs, performance.now() - roundMs)
    roundMs = performance.now()
  }
  const { user, system } = process.cpuUsage(used)
  return { seconds: (performance.now() - beganMs) / 1_000, processorSeconds: (user + system) / 1e6, longestMs }
}

interface Took {
  readonly seconds: number
  readonly processorSeconds: number
  readonly longestMs: number
}

/** The figures. */
export async function benchConformityRegion(tell: (line: string) => void = console.error): Promise<Figure[]> {
  const dir = mkdtempSync(join(tmpdir(), 'passerelle-bench-region-'))
  try {
    const store = join(dir, 'store')
    await (await openEmbedded(store)).close()
    const nowMs = Date.UTC(2026, 9, 15, 12)
    fill(join(store, 'store.db'), nowMs)
    const source = frameworkSource()
    const frameworks = source.files().flatMap((yaml) => source.readPublished(yaml) ?? [])
    const requirements = frameworks.flatMap(({ domains }) => domains.flatMap((one) => one.requirements)).length
    const size = `${config.establishments.size} establishments, ${requirements} requirements`
    tell(size)
    const journal = await openEmbedded(store)
    try {
      const figures: Figure[] = []
      const run = async (name: string, atMs: number): Promise<void> => {
        const took = await judged(journal, frameworks, atMs)
        tell(`${name}: ${JSON.stringify(took)}`)
        figures.push({ name: `conformity region: ${name}`, value: took.seconds, unit: 's' })
        figures.push({ name: `conformity region: ${name}, processor`, value: took.processorSeconds, unit: 's' })
      }
      await run('judged for the first time', nowMs)
      await run('judged on the next day', nowMs + DAY_MS)
      const changed = 'UPDATE conformity_standing SET change = change + 1'
      await journal.apply({ rows: [{ sql: changed, parameters: [] }] })
      await run('judged after all sent something', nowMs + DAY_MS)
      figures.push(atMost('conformity region: memory', process.memoryUsage.rss() / 1024 ** 2, 'MiB', 600))
      const pages = frameworks.flatMap((framework) => {
        const name = frameworkName(framework)
        const of = encodeURIComponent(name)
        return [
          [`region, ${name}, JSON`, `/api/conformity/matrix?framework=${of}&use=production`, null],
          [`region, ${name}, page`, `/conformite?referentiel=${of}&usage=production`, null],
        ] as const
      })
      const others = [
        ['region, products, page', '/conformite/produits?usage=production', null],
        ['region, one establishment, page', '/conformite/etablissements/hospital-7?usage=production', null],
      ] as const
      return [
        ...figures,
        ...(await asked({ journal, config, frameworks, nowMs: nowMs + DAY_MS }, [...pages, ...others])),
      ]
    } finally {
      await journal.close()
    }
  } finally {
    rmSync(dir, { recursive: true })
  }
}
