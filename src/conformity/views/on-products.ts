import type { Framework, Judgement, Requirement, TrafficRule } from '../../core/conformity.ts'
import { dayOf } from '../day.ts'
import { requirementsFor } from '../judge/judge.ts'
import { type Count, judgeTraffic } from '../judge/traffic.ts'
import { readCounts, type Subject } from '../store/facts.ts'
import type { ViewParts } from './seen.ts'

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

/** What an establishment sent: by length of the window, in days. */
export type Windows = ReadonlyMap<number, readonly Count[]>

/** Counts of what an establishment sent, for the windows of these rules. */
export async function readSent(
  { journal, config, nowMs }: Pick<ViewParts, 'journal' | 'config' | 'nowMs'>,
  subject: Subject,
  rules: readonly SentRule[],
): Promise<Windows> {
  const today = dayOf(nowMs(), config().region.timeZone)
  const windows = new Map<number, readonly Count[]>()
  for (const days of new Set(rules.map(({ rule }) => rule.windowDays))) {
    const counts = await readCounts(journal, subject, days, today)
    windows.set(
      days,
      counts.filter(({ side }) => side === 'sent'),
    )
  }
  return windows
}

/** What a rule comes to over what these products sent; null: they sent nothing that it looks at. Pure. */
export function judgeProducts({ rule }: SentRule, windows: Windows, products: readonly string[]): Judgement | null {
  const counts = windows.get(rule.windowDays) ?? []
  const judgement = judgeTraffic(
    rule,
    counts.filter(({ application }) => products.includes(application)),
  )
  return judgement.total === 0 ? null : judgement
}

/** The products that an establishment sends with. Pure. */
export function productsIn(windows: Windows): readonly string[] {
  const names = [...windows.values()].flatMap((counts) => counts.map(({ application }) => application))
  return [...new Set(names)].filter((name) => name !== '').sort()
}
