/**
 * The matrix of a great region, 200 establishments × 60 domains with 12,000 verdicts and a year of changes: what its page, its
 * JSON and its file take at a door, and the products and one establishment beside it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createLog } from '../src/app/log.ts'
import { createMeter } from '../src/app/meter.ts'
import { conformityReports } from '../src/conformity/reports.ts'
import { structureViews } from '../src/conformity/structures/views.ts'
import { conformityViews } from '../src/conformity/views/views.ts'
import { conformityPlugin } from '../src/console/conformity.ts'
import { conformityReportsPlugin } from '../src/console/conformity-reports.ts'
import type { Config } from '../src/core/config.ts'
import { type Framework, VERDICTS } from '../src/core/conformity.ts'
import type { Journal } from '../src/core/journal.ts'
import { httpEntrance } from '../src/entrances/http/server.ts'
import { accessTokens } from '../src/entrances/http/tokens.ts'
import { someConfig } from '../test/console/region.ts'
import { realClock } from '../test/support/peers/clock.ts'
import { atMost, type Figure, quantile } from './figure.ts'
import { openEmbedded } from './search.ts'

const ESTABLISHMENTS = 200
const DOMAINS = 60
/** Of each verdict in a year. */
const CHANGES = 6
const ASKED = 40
const DAY_MS = 86_400_000

const numbers = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i)
const both = (text: string) => ({ fr: text, en: text })

const FRAMEWORK: Framework = {
  ...{
    id: 'bench',
    version: '1',
    name: both('Bench'),
    publisher: 'Nobody',
    status: 'final',
    source: 'https://bench.test/',
  },
  ...{ validFrom: '2026-01-01', validTo: null, appliesTo: ['hospital'], confirm: false },
  domains: numbers(DOMAINS).map((d) => ({
    id: `D${d}`,
    name: both(`Domain ${d}`),
    requirements: [
      {
        ...{ id: `R${d}`, level: 'mandatory', text: both(`Requirement ${d}`), confirm: false, appliesTo: null },
        source: { document: 'Bench', clause: null },
        next: both('Mend it'),
        judging: {
          by: 'traffic',
          rule: {
            ...{ side: 'sent', kinds: ['ADT^*'], windowDays: 30, minimum: 1 },
            measure: { what: 'absence', of: [`RULE-${d}`] },
          },
        },
      },
    ],
  })),
}

const base = someConfig()
const config = {
  ...base,
  establishments: new Map(
    numbers(ESTABLISHMENTS).map((e) => {
      const finess = { ej: `${44 + (e % 5)}${String(e).padStart(7, '0')}`, eg: [] }
      return [
        `ch-${e}`,
        { ...base.establishments.get('ch-laval')!, id: `ch-${e}`, name: `Établissement ${e} (fictif)`, finess },
      ]
    }),
  ),
}

function fill(file: string, nowMs: number): void {
  const db = new DatabaseSync(file)
  db.exec('PRAGMA synchronous = OFF; BEGIN')
  const verdict = db.prepare(
    `INSERT INTO conformity_verdict VALUES ('qualification', 'bench@1', ?, ?, ?, 'found', 90, 100, ?, ?, NULL, ?, ?, NULL)`,
  )
  const change =
    db.prepare(`INSERT INTO conformity_change (at_ms, use, establishment, framework, requirement, was, verdict, why, good, total)
    VALUES (?, 'qualification', ?, 'bench@1', ?, 'met', ?, 'found', 90, 100)`)
  const product = db.prepare(`INSERT INTO conformity_product VALUES ('qualification', 'bench@1', ?, ?, ?)`)
  for (let e = 0; e < ESTABLISHMENTS; e++) {
    const judged = numbers(DOMAINS).map((d) => ({
      ...{ requirement: `R${d}`, verdict: VERDICTS[(e * 7 + d * 3) % VERDICTS.length]!, good: 90, total: 100 },
      found: [{ finding: `RULE-${d}`, messages: 10 }],
    }))
    product.run(`ch-${e}`, `PRODUCT-${e % 12}`, JSON.stringify(judged))
    for (let d = 0; d < DOMAINS; d++) {
      const is = VERDICTS[(e * 7 + d * 3) % VERDICTS.length]!
      const found = JSON.stringify([{ finding: `RULE-${d}`, messages: 10 }])
      verdict.run(`ch-${e}`, `R${d}`, is, found, JSON.stringify([`PRODUCT-${e % 12}`]), nowMs, nowMs)
      for (let n = 0; n < CHANGES; n++)
        change.run(nowMs - ((e * DOMAINS + d + n * 61) % 365) * DAY_MS, `ch-${e}`, `R${d}`, is)
    }
  }
  db.exec('COMMIT')
  db.close()
}

/** No establishment of the bench is in a programme. */
const UNFUNDED = {
  programme: () => null,
  programmes: () => [],
  enrolledAt: async () => [],
  establishmentsIn: async () => [],
}

/** What a region's pages and answers are asked of. */
export interface Asked {
  readonly journal: Journal
  readonly config: Config
  readonly frameworks: readonly Framework[]
  readonly nowMs: number
}

/** Asks a door for each of these, `ASKED` times: the 95th hundredth, ms; `most` where a figure has a bound. */
export async function asked(
  { journal, config, frameworks, nowMs }: Asked,
  paths: readonly (readonly [name: string, path: string, most: number | null])[],
): Promise<Figure[]> {
  const parts = { journal, config: () => config, frameworks: async () => frameworks, nowMs: () => nowMs }
  const views = conformityViews(parts)
  const structures = structureViews(parts)
  const plugins = [
    conformityPlugin({ ...parts, views, structures, programmes: UNFUNDED, version: '0.0.0', demo: false }),
    conformityReportsPlugin({ reports: conformityReports(parts), views, config: () => config, programmes: UNFUNDED }),
  ]
  const door = httpEntrance({
    door: { name: 'http', host: '127.0.0.1', port: 0, allowPlain: false, tls: null, maxBodyBytes: 1_000_000 },
    ...{ plugins, config: () => config, tokens: accessTokens(journal.secret, realClock), clock: realClock },
    looks: { note: async () => {} },
    log: createLog('error', { write: () => {} }),
    meter: createMeter({ clock: realClock, strict: true, runtime: false }),
    version: '0.0.0',
  })
  const { port } = await door.open()
  const figures: Figure[] = []
  try {
    for (const [name, path, most] of paths) {
      const ms: number[] = []
      for (let n = 0; n < ASKED; n++) {
        const startMs = performance.now()
        const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
          headers: { authorization: 'Bearer demo-admin' },
        })
        await answer.arrayBuffer()
        if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`)
        ms.push(performance.now() - startMs)
      }
      const figure = { name: `conformity: ${name}, p95`, value: quantile(ms, 0.95), unit: 'ms' }
      figures.push(most === null ? figure : atMost(figure.name, figure.value, 'ms', most))
    }
  } finally {
    await door.close(1_000)
  }
  return figures
}

/** The figures. */
export async function benchConformity(): Promise<Figure[]> {
  const dir = mkdtempSync(join(tmpdir(), 'passerelle-bench-conformity-'))
  try {
    const store = join(dir, 'store')
    await (await openEmbedded(store)).close()
    const nowMs = Date.now()
    fill(join(store, 'store.db'), nowMs)
    const journal = await openEmbedded(store)
    try {
      const size = `${ESTABLISHMENTS} × ${DOMAINS}`
      return await asked({ journal, config, frameworks: [FRAMEWORK], nowMs }, [
        [`matrix ${size}, JSON`, '/api/conformity/matrix', 300],
        [`matrix ${size}, page`, '/conformite', 300],
        [`matrix ${size}, CSV`, '/api/conformity/matrix.csv', 300],
        [`TestReports ${size}, Bundle`, '/api/conformity/test-reports', null],
        [`MeasureReports ${size}, Bundle`, '/api/conformity/measure-reports', null],
        ['products, page', '/conformite/produits', null],
        ['one establishment, page', '/conformite/etablissements/ch-7', null],
        ['changes, page', '/conformite/evolutions', null],
      ])
    } finally {
      await journal.close()
    }
  } finally {
    rmSync(dir, { recursive: true })
  }
}
