import { auditPlugin } from '../../console/audit.ts'
import { auditPages } from '../../console/audit-pages.ts'
import { auditSearchPlugin } from '../../console/audit-search.ts'
import { privacyPlugin } from '../../console/privacy.ts'
import { type Runs, runRoutes } from '../../console/runs.ts'
import type { Config } from '../../core/config.ts'
import type { Journal } from '../../core/journal.ts'
import type { Clock, Log } from '../../core/ports.ts'
import type { CasesOfPatients } from '../../core/privacy.ts'
import type { HttpPlugin } from '../../entrances/http/server.ts'
import { auditReports } from '../../pipeline/audit/reports.ts'
import { auditViews } from '../../pipeline/audit/views.ts'
import { privacyCommands } from '../../pipeline/privacy/privacy.ts'
import { auditChecks } from '../audit/checks.ts'
import { exportOf } from '../cli/audit.ts'

/** What the audit and privacy are made of. `guided`: the region is invented. */
export interface AuditSources {
  readonly journal: Journal
  readonly config: () => Config
  readonly clock: Clock
  readonly log: Log
  readonly version: string
  readonly guided: boolean
  /** What is under way, as pages show it. */
  readonly runs: Runs
  /** Cases of telemedicine: nothing of a patient who has an open one is erased, and closed ones go along. */
  readonly cases: CasesOfPatients
}

/** The audit and the rights of patients: pages, API, checks and files. */
export function auditAndPrivacy(sources: AuditSources): HttpPlugin[] {
  const { config, version, clock, log, runs, guided: demo } = sources
  const audit = auditViews(sources)
  const reports = auditReports(sources)
  const checks = auditChecks({ audit, clock, log })
  const exported = (progress: (done: number, total: number) => void) => exportOf(audit, {}, progress)
  return [
    auditPlugin(audit),
    auditSearchPlugin({ audit, reports, checks, config }),
    auditPages({ audit, reports, checks, exported, runs, config, clock, version, demo }),
    privacyPlugin({ privacy: privacyCommands(sources), runs, config, version, demo }),
    (server, { guards }) => runRoutes(server, runs, guards),
  ]
}
