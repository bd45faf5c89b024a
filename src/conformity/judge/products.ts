import type { Framework, Judgement, Requirement, TrafficRule } from '../../core/conformity.ts'
import { requirementsFor } from './judge.ts'
import { type Count, judgeTraffic } from './traffic.ts'

/** A requirement that is judged by what software sends. */
export interface SentRule {
  readonly requirement: Requirement
  readonly rule: TrafficRule
}

/** Those of a framework that are judged by what establishments of that kind send. Pure. */
export function sentRules(framework: Framework, kind: string): readonly SentRule[] {
  return requirementsFor(framework, kind).flatMap((requirement) => {
    const { judging } = requirement
    return judging.by === 'traffic' && judging.rule.side === 'sent' ? [{ requirement, rule: judging.rule }] : []
  })
}

/** What an establishment sent: counts of the last so many days, and days since the first that it sent something. */
export interface SentFacts {
  readonly windows: ReadonlyMap<number, readonly Count[]>
  readonly sentDays: number
}

/** What one requirement comes to over what a product sent. */
export interface OnProduct extends Pick<Judgement, 'verdict' | 'good' | 'total' | 'found'> {
  readonly requirement: string
}

/** What a rule comes to over these counts of products; null: there is nothing among them that it looks at. Pure. */
export function judgeSent({ rule }: SentRule, { windows, sentDays }: SentFacts): Judgement | null {
  const judgement = judgeTraffic(rule, windows.get(rule.windowDays) ?? [], sentDays)
  return judgement.total === 0 ? null : judgement
}

/** Every product that an establishment of that kind sent with, each judged by what it sent itself. By product. Pure. */
export function judgeProducts(
  framework: Framework,
  kind: string,
  { windows, sentDays }: SentFacts,
): ReadonlyMap<string, readonly OnProduct[]> {
  const rules = sentRules(framework, kind)
  const all = new Map<string, readonly OnProduct[]>()
  for (const [product, own] of byProduct(windows)) {
    const judged = rules.flatMap((rule) => {
      const judgement = judgeSent(rule, { windows: own, sentDays })
      if (judgement === null) return []
      const { verdict, good, total, found } = judgement
      return [{ requirement: rule.requirement.id, verdict, good, total, found }]
    })
    if (judged.length > 0) all.set(product, judged)
  }
  return all
}

/** Counts of what was sent, of each product by itself; what names no product is nobody's. */
function byProduct(windows: SentFacts['windows']): ReadonlyMap<string, Map<number, Count[]>> {
  const all = new Map<string, Map<number, Count[]>>()
  for (const [days, counts] of windows) {
    for (const count of counts) {
      if (count.side !== 'sent' || count.application === '') continue
      const own = all.get(count.application) ?? new Map<number, Count[]>()
      all.set(count.application, own)
      const some = own.get(days) ?? []
      own.set(days, some)
      some.push(count)
    }
  }
  return all
}
