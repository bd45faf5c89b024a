import type { Establishment } from '../../core/config.ts'
import type { Framework, Judgement, Requirement, TrafficRule } from '../../core/conformity.ts'
import { dayOf } from '../day.ts'
import { requirementsFor } from '../judge/judge.ts'
import { judgeTraffic } from '../judge/traffic.ts'
import { readSentDays, readWindows, type Subject, subjectKey, type Windows } from '../store/facts.ts'
import type { ViewParts } from './seen.ts'

/** Establishments of one question. */
const AT_ONCE = 10

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

/** What an establishment sent. */
export interface Sent {
  readonly windows: Windows
  /** Days since the first that it sent something; 0: it never did. */
  readonly sentDays: number
}

/** Nothing was sent. */
export const NOTHING_SENT: Sent = { windows: new Map(), sentDays: 0 }

/** Counts of what establishments sent, for the windows of these rules; by `subjectKey`. */
export async function readSent(
  { journal, config, nowMs }: Pick<ViewParts, 'journal' | 'config' | 'nowMs'>,
  subjects: readonly Subject[],
  rules: readonly SentRule[],
): Promise<ReadonlyMap<string, Sent>> {
  const today = dayOf(nowMs(), config().region.timeZone)
  const lengths = [...new Set(rules.map(({ rule }) => rule.windowDays))]
  const all = new Map<string, Sent>()
  for (let at = 0; at < subjects.length; at += AT_ONCE) {
    const portion = subjects.slice(at, at + AT_ONCE)
    const windows = await readWindows(journal, portion, lengths, today)
    for (const subject of portion) {
      const own = windows.get(subjectKey(subject))
      if (own === undefined) continue
      const sentDays = await readSentDays(journal, subject, today)
      all.set(subjectKey(subject), { windows: sentOf(own), sentDays })
    }
  }
  return all
}

/** The same for establishments of several kinds, under all rules of a framework: by the id of each. */
export async function readSentBy(
  parts: Pick<ViewParts, 'journal' | 'config' | 'nowMs'>,
  framework: Framework,
  use: Subject['use'],
  establishments: readonly Pick<Establishment, 'id' | 'kind'>[],
): Promise<(id: string) => Sent> {
  const kinds = new Set(establishments.map(({ kind }) => kind))
  const rules = [...kinds].flatMap((kind) => sentRules(framework, kind))
  const subjects = establishments.map(({ id }) => ({ establishment: id, use }))
  const all = await readSent(parts, subjects, rules)
  return (id) => all.get(subjectKey({ establishment: id, use })) ?? NOTHING_SENT
}

function sentOf(windows: Windows): Windows {
  return new Map([...windows].map(([days, counts]) => [days, counts.filter(({ side }) => side === 'sent')]))
}

/** What a rule comes to over what these products sent; null: they sent nothing that it looks at. Pure. */
export function judgeProducts({ rule }: SentRule, sent: Sent, products: readonly string[]): Judgement | null {
  const counts = sent.windows.get(rule.windowDays) ?? []
  const judgement = judgeTraffic(
    rule,
    counts.filter(({ application }) => products.includes(application)),
    sent.sentDays,
  )
  return judgement.total === 0 ? null : judgement
}

/** The products that an establishment sends with. Pure. */
export function productsIn({ windows }: Sent): readonly string[] {
  const names = [...windows.values()].flatMap((counts) => counts.map(({ application }) => application))
  return [...new Set(names)].filter((name) => name !== '').sort()
}
