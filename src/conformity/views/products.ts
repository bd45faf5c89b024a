import type { Reach } from '../../core/caller.ts'
import type { Establishment } from '../../core/config.ts'
import type { Framework, Judgement, Verdict } from '../../core/conformity.ts'
import type { ConformityAsk, ConformityViews, Product, ProductLine, ProductSite } from '../../core/conformity-views.ts'
import { shareOf } from './cell.ts'
import { judgeProducts, productsIn, readSentBy, type Sent, sentRules } from './on-products.ts'
import { frameworkOf, seenBy, type ViewParts, within } from './seen.ts'

/** What one product comes to at one establishment. */
interface OnSite {
  readonly establishment: Establishment
  readonly product: string
  readonly requirement: string
  readonly judgement: Pick<Judgement, 'verdict' | 'good' | 'total' | 'found'>
}

interface Row {
  readonly establishment: string
  readonly requirement: string
  readonly verdict: Verdict
  readonly good: number
  readonly total: number
  readonly found: string
  readonly software: string
}

const MOST_FOUND = 5

/** Requirements × software products. @throws {GatewayError} NOT_FOUND */
export async function readProducts(
  parts: ViewParts,
  ask: ConformityAsk,
  reach: Reach | null,
): ReturnType<ConformityViews['products']> {
  const framework = await frameworkOf(parts, ask.framework)
  const establishments = seenBy(parts.config(), reach)
  const products = reach?.applications ?? null
  const kept = products === null ? await keptRows(parts, framework, ask, establishments, reach) : []
  const whole = kept.filter(({ software }) => software.length === 1)
  // Where several products stand behind a verdict, each is judged by what it sent itself.
  const several = new Set(kept.filter(({ software }) => software.length > 1).map(({ key }) => key))
  const sites = new Set([...several].map((key) => key.split(' ', 1)[0]))
  const own = establishments.filter(({ id }) => products !== null || sites.has(id))
  const apart: OnSite[] = []
  const sent = await readSentBy(parts, framework, ask.use, own)
  for (const one of own) {
    const judged = judgedApart(framework, one, sent(one.id), products)
    apart.push(...judged.filter(({ requirement }) => products !== null || several.has(`${one.id} ${requirement}`)))
  }
  const all = [...whole.map(({ onSite }) => onSite), ...apart]
  return { products: productsOf(all), lines: linesOf(all, framework) }
}

async function keptRows(
  { journal }: ViewParts,
  framework: Framework,
  ask: ConformityAsk,
  establishments: readonly Establishment[],
  reach: Reach | null,
): Promise<readonly { key: string; software: readonly string[]; onSite: OnSite }[]> {
  const { sql, parameters } = within(reach)
  const rows = await journal.read<Row>({
    sql: `SELECT establishment, requirement, verdict, good, total, found, software FROM conformity_verdict
      WHERE use = ? AND framework = ? AND software <> '[]' AND why NOT IN ('waived', 'overridden')${sql}`,
    parameters: [ask.use, ask.framework, ...parameters],
  })
  const known = new Map(establishments.map((one) => [one.id, one]))
  const sent = new Map<string, ReadonlySet<string>>()
  const isSent = ({ kind }: Establishment, requirement: string): boolean => {
    const ids = sent.get(kind) ?? new Set(sentRules(framework, kind).map((one) => one.requirement.id))
    sent.set(kind, ids)
    return ids.has(requirement)
  }
  return rows.flatMap(({ establishment: id, requirement, verdict, good, total, found, software }) => {
    const establishment = known.get(id)
    if (establishment === undefined || !isSent(establishment, requirement)) return []
    const names = JSON.parse(software) as readonly string[]
    const judgement = {
      verdict,
      good: Number(good),
      total: Number(total),
      found: JSON.parse(found) as Judgement['found'],
    }
    const onSite = { establishment, product: names[0] ?? '', requirement, judgement }
    return [{ key: `${id} ${requirement}`, software: names, onSite }]
  })
}

/** Products of one establishment, each judged by what it sent. `products` null: all of them. */
function judgedApart(
  framework: Framework,
  establishment: Establishment,
  sent: Sent,
  products: readonly string[] | null,
): readonly OnSite[] {
  const rules = sentRules(framework, establishment.kind)
  const names = productsIn(sent).filter((one) => products === null || products.includes(one))
  return names.flatMap((product) =>
    rules.flatMap((rule) => {
      const judgement = judgeProducts(rule, sent, [product])
      return judgement === null ? [] : [{ establishment, product, requirement: rule.requirement.id, judgement }]
    }),
  )
}

function productsOf(all: readonly OnSite[]): readonly Product[] {
  return [...Map.groupBy(all, ({ product }) => product)]
    .map(([product, own]) => ({
      product,
      establishments: new Set(own.map(({ establishment }) => establishment.id)).size,
      share: shareOf(own.map(({ judgement }) => judgement.verdict)),
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
      const failing = own.filter(({ judgement }) => ['unmet', 'partly', 'lapsed'].includes(judgement.verdict))
      const met = own.filter(({ judgement }) => judgement.verdict === 'met').length
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

function siteOf({ establishment: { id, name }, judgement: { verdict, good, total } }: OnSite): ProductSite {
  return { id, name, verdict, good, total }
}

function mostOften(sites: readonly OnSite[]): Judgement['found'] {
  const sums = new Map<string, number>()
  for (const { finding, messages } of sites.flatMap(({ judgement }) => judgement.found)) {
    sums.set(finding, (sums.get(finding) ?? 0) + messages)
  }
  return [...sums]
    .map(([finding, messages]) => ({ finding, messages }))
    .sort((a, b) => b.messages - a.messages)
    .slice(0, MOST_FOUND)
}
