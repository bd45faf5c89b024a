import type { Establishment } from '../../core/config.ts'
import type { Framework, Judgement } from '../../core/conformity.ts'
import { dayOf } from '../day.ts'
import { judgeSent, type SentFacts, type SentRule, sentRules } from '../judge/products.ts'
import { readSentDays, readWindows, type Subject, subjectKey, type Windows } from '../store/facts.ts'
import type { ViewParts } from './seen.ts'

/** Establishments of one question. */
const AT_ONCE = 10

/** Nothing was sent. */
export const NOTHING_SENT: SentFacts = { windows: new Map(), sentDays: 0 }

/** Counts of what establishments sent, for the windows of these rules; by `subjectKey`. */
export async function readSent(
  { journal, config, nowMs }: Pick<ViewParts, 'journal' | 'config' | 'nowMs'>,
  subjects: readonly Subject[],
  rules: readonly SentRule[],
): Promise<ReadonlyMap<string, SentFacts>> {
  const today = dayOf(nowMs(), config().region.timeZone)
  const lengths = [...new Set(rules.map(({ rule }) => rule.windowDays))]
  const all = new Map<string, SentFacts>()
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
): Promise<(id: string) => SentFacts> {
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
export function judgeTogether(
  rule: SentRule,
  { windows, sentDays }: SentFacts,
  products: readonly string[],
): Judgement | null {
  const counts = windows.get(rule.rule.windowDays) ?? []
  const own = counts.filter(({ application }) => products.includes(application))
  return judgeSent(rule, { windows: new Map([[rule.rule.windowDays, own]]), sentDays })
}
