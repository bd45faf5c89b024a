/** What the service costs and gains, by the region's own figures: tables `telemedicine-costs` and `expected-strokes`. */
import type { CaseMeasure } from '../../core/measures.ts'

/** Names of the region's tables (`from,to`). */
export const COSTS = 'telemedicine-costs'
/** From: id of a site; to: strokes expected there in a year. */
export const EXPECTED = 'expected-strokes'

/** Rows of `telemedicine-costs` that are counted with. Euros; a row `NAME:source` says where the figure stands. */
export const PARAMETERS = ['case-cost', 'fixed-cost-per-year', 'transfer-cost'] as const
/** Decisions after which a patient is transferred, where the table has no row `transfer-decisions` (ids, spaces between). */
const TRANSFERS = 'transfer thrombectomy'
const YEAR_MS = 31_557_600_000

/** A figure of the region; `value` null: it has not told one. */
export interface Parameter {
  readonly name: (typeof PARAMETERS)[number]
  readonly value: number | null
  readonly source: string | null
}

/** The sheet. Sums are null where a parameter that they need is not told. */
export interface CostSheet {
  readonly cases: number
  /** Cases with a decision recorded that is no transfer. */
  readonly avoided: number
  readonly transferred: number
  readonly parameters: readonly Parameter[]
  readonly cost: number | null
  readonly costPerCase: number | null
  readonly gain: number | null
  readonly balance: number | null
}

type Rows = ReadonlyMap<string, string> | undefined

function numberAt(rows: Rows, name: string): number | null {
  const value = Number((rows?.get(name) ?? '').replace(',', '.').trim() || Number.NaN)
  return Number.isFinite(value) && value >= 0 ? value : null
}

/**
 * cost = cases × case-cost + fixed-cost-per-year × length of the period in years; gain = transfers avoided × transfer-cost;
 * balance = gain − cost. Pure. */
export function costSheet(measures: readonly CaseMeasure[], rows: Rows, spanMs: number): CostSheet {
  const parameters = PARAMETERS.map(
    (name): Parameter => ({ name, value: numberAt(rows, name), source: rows?.get(`${name}:source`) ?? null }),
  )
  const figureOf = (name: Parameter['name']): number | null =>
    parameters.find((one) => one.name === name)?.value ?? null
  const transfers = new Set((rows?.get('transfer-decisions') ?? TRANSFERS).split(/\s+/))
  const done = measures.filter(({ state }) => state === 'done')
  const decided = done.flatMap(({ decision }) => decision ?? [])
  const transferred = decided.filter((one) => transfers.has(one)).length
  const avoided = decided.length - transferred
  const [each, fixed, transfer] = [figureOf('case-cost'), figureOf('fixed-cost-per-year'), figureOf('transfer-cost')]
  const cost = each === null || fixed === null ? null : done.length * each + fixed * (spanMs / YEAR_MS)
  const gain = transfer === null ? null : avoided * transfer
  return {
    ...{ cases: done.length, avoided, transferred, parameters, cost, gain },
    costPerCase: cost === null || done.length === 0 ? null : cost / done.length,
    balance: cost === null || gain === null ? null : gain - cost,
  }
}

/** Strokes expected at a site in a span of time, by the region's figure of a year; null: it has told none. Pure. */
export function expectedIn(site: string, rows: Rows, spanMs: number): number | null {
  const yearly = numberAt(rows, site)
  return yearly === null ? null : (yearly * spanMs) / YEAR_MS
}
