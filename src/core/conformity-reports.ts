/** Measured conformity as FHIR R4 resources, for other programs: each a text of JSON. */
import type { Reach } from './caller.ts'
import type { InBoth } from './conformity.ts'
import type { ConformityAsk, MatrixFilter } from './conformity-views.ts'

/** Which of the two forms is wanted: how each requirement stands, or how many are met. */
export type ReportForm = 'TestReport' | 'MeasureReport'

/** How a report is asked for. `language`: of its texts. `reach` null: the whole region. */
export interface ReportAsk {
  readonly form: ReportForm
  readonly ask: ConformityAsk
  readonly reach: Reach | null
  readonly language: keyof InBoth
}

/** Reports as FHIR. Whoever is bound to products gets none: a part of what an establishment sends is no report of it. */
export interface ConformityReports {
  /** Of one establishment; null: there is none, not for these eyes, or nothing is asked of it. @throws {GatewayError} NOT_FOUND */
  one(id: string, how: ReportAsk): Promise<string | null>
  /**
   * Of every establishment that the filter wants, as one Bundle (collection) that comes in pieces, an establishment at a time;
   * before them, of MeasureReports, the region as a whole. Null: not for these eyes. @throws {GatewayError} NOT_FOUND */
  all(how: ReportAsk, filter: Omit<MatrixFilter, 'domain'>): Promise<AsyncIterable<string> | null>
}
