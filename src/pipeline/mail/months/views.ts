import { type Reach, reaches } from '../../../core/caller.ts'
import type { Config } from '../../../core/config.ts'
import { GatewayError } from '../../../core/errors.ts'
import type { Journal } from '../../../core/journal.ts'
import {
  type IndicatorSettings,
  type MailFigures,
  type MailGroup,
  type MailMonth,
  type MailMonthFilter,
  type MailMonthViews,
  MONTH_COLUMNS,
  MOST_MONTHS,
  type XMssCodes,
} from '../../../core/mail-indicators.ts'
import type { Clock } from '../../../core/ports.ts'
import { isMonth, type MonthSpan, monthAt, monthSpan, monthsBetween } from '../../../formats/clock/months.ts'
import { monthsCsv } from '../../../formats/mail/months-csv.ts'
import { countMonth } from './count.ts'
import { Counted, count, type GroupRow } from './figures.ts'
import { countedMonths, type FiguresRow, keptFigures, keptRefusals, type RefusalRow } from './rows.ts'

/** What months are shown from. */
export interface MonthViewParts {
  readonly journal: Pick<Journal, 'read'>
  readonly config: () => Pick<Config, 'mail' | 'region'>
  readonly clock: Pick<Clock, 'nowMs'>
}

/** Without an operator there are months of before, told in the usual way. */
const PLAIN: IndicatorSettings = {
  xMss: { codeCda: [], ins: [], nil: [], mes: [] },
  columns: MONTH_COLUMNS.map((column) => ({ column, name: column })),
}

/** So long are the figures of a month that was not counted yet told again (ms): nobody keeps the store busy by asking. */
const AGAIN_MS = 60_000

type CountOf = (span: MonthSpan, xMss: XMssCodes) => ReturnType<typeof countMonth>

/** Months as they are told: those that are over from their rows, the others as they stood within the last minute. */
export function mailMonthViews(parts: MonthViewParts): MailMonthViews {
  const { config, clock } = parts
  const settings = (): IndicatorSettings => config().mail?.operator?.indicators ?? PLAIN
  const now = (): string => monthAt(clock.nowMs(), config().region.timeZone)
  const countOf = remembering(parts)
  const list: MailMonthViews['list'] = (filter, reach) => listed(parts, filter, reach, settings(), now(), countOf)
  return {
    now,
    list,
    csv: async (filter, reach) => monthsCsv(await list(filter, reach), settings().columns),
  }
}

/** Counts a month, or tells what it came to a moment ago; who asks while it is being counted waits for the same. */
function remembering({ journal, clock }: MonthViewParts): CountOf {
  const known = new Map<
    string,
    { readonly atMs: number; readonly xMss: XMssCodes; readonly count: ReturnType<CountOf> }
  >()
  return (span, xMss) => {
    const nowMs = clock.nowMs()
    const last = known.get(span.month)
    const ageMs = nowMs - (last?.atMs ?? 0)
    if (last !== undefined && last.xMss === xMss && ageMs >= 0 && ageMs < AGAIN_MS) return last.count
    const count = countMonth((query) => journal.read(query), span, xMss)
    known.set(span.month, { atMs: nowMs, xMss, count })
    count.catch(() => known.delete(span.month))
    if (known.size > MOST_MONTHS) known.delete([...known.keys()][0] ?? '')
    return count
  }
}

async function listed(
  { journal, config }: MonthViewParts,
  filter: MailMonthFilter,
  reach: Reach | null,
  { xMss }: IndicatorSettings,
  now: string,
  countOf: CountOf,
): Promise<readonly MailMonth[]> {
  const { from, to } = filter
  const asked = isMonth(from) && isMonth(to) ? monthsBetween(from, to).slice(0, MOST_MONTHS + 1) : []
  if (asked.length === 0 || asked.length > MOST_MONTHS) throw new GatewayError('BAD_REQUEST')
  const final = new Set((await journal.read<{ month: string }>(countedMonths(filter))).map(({ month }) => month))
  const kept = Map.groupBy(await journal.read<FiguresRow>(keptFigures(filter, reach)), ({ month }) => month)
  const refused = Map.groupBy(await journal.read<RefusalRow>(keptRefusals(filter, reach)), ({ month }) => month)
  const seen = ({ domain, establishment, kind }: MailGroup): boolean =>
    (filter.domain ?? domain) === domain &&
    (filter.establishment ?? establishment) === establishment &&
    (filter.kind ?? kind) === kind &&
    reaches(reach, establishment)
  const months: MailMonth[] = []
  for (const month of asked.filter((one) => one <= now)) {
    const isFinal = final.has(month)
    const span = monthSpan(month, config().region.timeZone)
    const figures = isFinal ? (kept.get(month) ?? []).map(figuresOf) : (await countOf(span, xMss)).filter(seen)
    const whole = withRefusals(figures, refused.get(month) ?? [])
    months.push(...whole.map((one) => ({ month, final: isFinal, ...one })))
  }
  return months
}

function figuresOf({ domain, establishment, kind, figures }: FiguresRow): MailGroup & MailFigures {
  const kept = JSON.parse(figures) as Omit<MailFigures, 'refused'>
  return { ...({ domain, establishment, kind } as MailGroup), ...kept, refused: {} }
}

/** With what the doors refused, which is kept by the month as it happens. */
function withRefusals(
  figures: readonly (MailGroup & MailFigures)[],
  refusals: readonly RefusalRow[],
): readonly (MailGroup & MailFigures)[] {
  const counted = new Counted()
  for (const row of refusals) count(counted.of(row).refused, row.code, Number(row.n))
  const keyOf = ({ domain, establishment, kind }: GroupRow): string => JSON.stringify([domain, establishment, kind])
  const alone = new Map(counted.all().map((one) => [keyOf(one), one]))
  const both = figures.map((one) => {
    const refused = alone.get(keyOf(one))?.refused ?? {}
    alone.delete(keyOf(one))
    return { ...one, refused }
  })
  return [...both, ...alone.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}
