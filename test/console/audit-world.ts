import { machineClock } from '../../src/app/cli/machine.ts'
import { auditAndPrivacy } from '../../src/app/wiring/audit-and-privacy.ts'
import { progressRuns } from '../../src/console/runs.ts'
import type { LegalHold } from '../../src/core/config.ts'
import type { Journal } from '../../src/core/journal.ts'
import { cover } from '../../src/pipeline/audit/cover.ts'
import { storedKey } from '../../src/pipeline/audit/rows.ts'
import { personEvent } from '../journal/made.ts'
import { casesThatAre } from '../support/cases-of-patients.ts'
import { AUTHORITY, delivery, INS, intake, type Running, startConsole } from './gateway.ts'
import { operator, someConfig } from './region.ts'

/** What must never run, wherever it is shown. */
export const HOSTILE = `<script>alert(1)</script>"'><img src=x onerror=alert(1)>`
/** The patient of the console's messages, `authority|identifier`. */
export const PATIENT = `${AUTHORITY}|${INS}`
const QUIET = { info() {}, warn() {}, error() {} }
/** Delivered to the platform alone, so closed from the start. */
export const closed = () => ({ deliveries: [delivery('platform', { state: 'delivered' })] })

/** Takes what waits into the tree. */
export async function seal(journal: Journal): Promise<void> {
  const parts = { journal, key: await storedKey(journal), site: 'Region' }
  while ((await cover(parts)).more);
}

/** A console whose audit tells of a patient, of somebody hostile, and of the platform. */
export async function busy(): Promise<Running & { readonly message: string; readonly holds: LegalHold[] }> {
  const holds: LegalHold[] = []
  const config = someConfig({
    operators: (['admin', 'dpo', 'auditor', 'operator', 'support'] as const).map((role) => operator(role)),
    retention: { closedMs: 86_400_000, refusedMs: 60_000, refusedMaxBytes: 1, ordersMs: 1, visitsMs: 1, auditMs: 1 },
    privacy: { holds, incidentHeadings: [`Rubrique ${HOSTILE}`] },
  })
  const running = await startConsole(
    {
      over: (journal) => ({
        plugins: auditAndPrivacy({
          journal,
          config: () => config,
          clock: machineClock,
          log: QUIET,
          version: '1.2.3',
          guided: false,
          runs: progressRuns(),
          cases: casesThatAre(),
        }),
      }),
    },
    config,
  )
  const { journal } = running
  const one = intake(journal, 'C1', { ...closed(), kind: 'ADT^A01' })
  await journal.commit([one])
  const why = 'litige, demande du patient'
  const atMs = Date.parse('2026-03-03T13:02:00Z')
  await journal.apply({
    events: [
      personEvent('read-body', { who: 'demo-operator', message: one.id, why, atMs }),
      personEvent('close', { who: HOSTILE, why: HOSTILE, code: 'WRONG_STATE', detail: HOSTILE, atMs: atMs + 1_000 }),
      personEvent(HOSTILE, { who: 'ann', why: null, atMs: atMs + 2_000 }),
      personEvent('alert', { who: 'gateway', why: null, code: 'ALERT_AFTER', atMs: atMs + 3_000 }),
      personEvent('pause', { who: 'demo-admin', detail: 'chu-angers/dpi', atMs: atMs + 4_000 }),
    ],
  })
  await seal(journal)
  return { ...running, message: one.id, holds }
}
