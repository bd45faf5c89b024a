import { measuresPlugin } from '../../console/measures.ts'
import type { CaseViews } from '../../core/cases.ts'
import type { Config } from '../../core/config.ts'
import type { DutyViews } from '../../core/duty.ts'
import type { Journal } from '../../core/journal.ts'
import type { Clock } from '../../core/ports.ts'
import type { HttpPlugin } from '../../entrances/http/server.ts'
import { measureProjection } from '../../telemedicine/measures/projection.ts'
import { measureViews } from '../../telemedicine/measures/views.ts'
import type { CaseProjection } from '../../telemedicine/projection.ts'
import { reportViews } from '../../telemedicine/report/views.ts'
import { loadHappenings } from '../../telemedicine/store/load.ts'

/** Times of cases that end are kept for measures. */
export function measured(journal: Pick<Journal, 'look'>): CaseProjection {
  return measureProjection((id) => loadHappenings(journal, id))
}

/** What reports and measures are shown from. */
export interface MeasureSources {
  readonly journal: Pick<Journal, 'look' | 'read'>
  readonly views: CaseViews
  readonly duty: Pick<DutyViews, 'on'>
  readonly config: () => Config
  readonly clock: Clock
  readonly version: string
}

/** The printed pages of cases, and measures. */
export function reportsAndMeasures({ journal, views, duty, config, clock, version }: MeasureSources): HttpPlugin {
  const nowMs = (): number => clock.nowMs()
  const reports = reportViews({ journal, config, views, nowMs })
  return measuresPlugin({ views, reports, measures: measureViews(journal), duty, config, nowMs, version })
}
