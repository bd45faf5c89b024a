import type { Reach } from '../../core/caller.ts'
import type { Establishment } from '../../core/config.ts'
import type { Framework, Judgement } from '../../core/conformity.ts'
import type { ConformityAsk, ConformityViews, Product, ProductLine, ProductSite } from '../../core/conformity-views.ts'
import type { OnProduct } from '../judge/products.ts'
import { shareOf } from './cell.ts'
import { frameworkOf, seenBy, type ViewParts, within } from './seen.ts'

/** What one product comes to at one establishment. */
interface OnSite extends OnProduct {
  readonly establishment: Establishment
  readonly product: string
}

const MOST_FOUND = 5

/** Requirements × software products. @throws {GatewayError} NOT_FOUND */
export async function readProducts(
  parts: ViewParts,
  ask: ConformityAsk,
  reach: Reach | null,
): ReturnType<ConformityViews['products']> {
  const framework = await frameworkOf(parts, ask.framework)
  const all = await readSites(parts, ask, reach)
  return { products: productsOf(all), lines: linesOf(all, framework) }
}

/** Every product at every establishment within the reach, but for verdicts that a person set: those say nothing of a product. */
async function readSites(
  { journal, config, nowMs }: ViewParts,
  ask: ConformityAsk,
  reach: Reach | null,
): Promise<readonly OnSite[]> {
  const { sql, parameters } = within(reach)
  const [rows, set] = await Promise.all([
    journal.read<{ establishment: string; product: string; judged: string }>({
      sql: `SELECT establishment, product, judged FROM conformity_product WHERE use = ? AND framework = ?${sql}`,
      parameters: [ask.use, ask.framework, ...parameters],
    }),
    journal.read<{ establishment: string; requirement: string }>({
      sql: `SELECT establishment, requirement FROM conformity_override
        WHERE use = ? AND framework = ? AND (until_ms IS NULL OR until_ms > ?)${sql}`,
      parameters: [ask.use, ask.framework, nowMs(), ...parameters],
    }),
  ])
  const bySomebody = new Set(set.map(({ establishment, requirement }) => `${establishment} ${requirement}`))
  const known = new Map(seenBy(config(), reach).map((one) => [one.id, one]))
  const products = reach?.applications ?? null
  return rows.flatMap(({ establishment: id, product, judged }) => {
    const establishment = known.get(id)
    if (establishment === undefined || (products !== null && !products.includes(product))) return []
    return (JSON.parse(judged) as readonly OnProduct[])
      .filter(({ requirement }) => !bySomebody.has(`${id} ${requirement}`))
      .map((one) => ({ ...one, establishment, product }))
  })
}

function productsOf(all: readonly OnSite[]): readonly Product[] {
  return [...Map.groupBy(all, ({ product }) => product)]
    .map(([product, own]) => ({
      product,
      establishments: new Set(own.map(({ establishment }) => establishment.id)).size,
      share: shareOf(own.map(({ verdict }) => verdict)),
    }))
    .sort((a, b) => b.establishments - a.establishments || a.product.localeCompare(b.product))
}

function linesOf(all: readonly OnSite[], framework: Framework): readonly ProductLine[] {
  const levels = new Map(
    framework.domains.flatMap(({ requirements }) => requirements).map((one) => [one.id, one.level]),
  )
  return [...Map.groupBy(all, ({ product, requirement }) => JSON.stringify([product, requirement])).values()]
    .flatMap((own): ProductLine[] => {
      const { product, requirement } = own[0]!
      const failing = own.filter(({ verdict }) => ['unmet', 'partly', 'lapsed'].includes(verdict))
      const met = own.filter(({ verdict }) => verdict === 'met').length
      const level = levels.get(requirement) ?? 'optional'
      return failing.length === 0
        ? []
        : [
            {
              product,
              requirement,
              level,
              met,
              failing: failing.map(siteOf).sort((a, b) => (a.id < b.id ? -1 : 1)),
              found: mostOften(failing),
            },
          ]
    })
    .sort((a, b) => b.failing.length - a.failing.length || (order(a) < order(b) ? -1 : 1))
}

const order = ({ product, requirement }: ProductLine): string => `${product} ${requirement}`

function siteOf({ establishment: { id, name }, verdict, good, total }: OnSite): ProductSite {
  return { id, name, verdict, good, total }
}

function mostOften(sites: readonly OnSite[]): Judgement['found'] {
  const sums = new Map<string, number>()
  for (const { finding, messages } of sites.flatMap(({ found }) => found)) {
    sums.set(finding, (sums.get(finding) ?? 0) + messages)
  }
  return [...sums]
    .map(([finding, messages]) => ({ finding, messages }))
    .sort((a, b) => b.messages - a.messages)
    .slice(0, MOST_FOUND)
}
