import { reaches, reachOf } from '../core/caller.ts'
import type { CaseMessage, CasePatient, RegisteredPatient, RegisteredPatients } from '../core/cases.ts'
import type { Effect, Journal } from '../core/journal.ts'
import type { Clock } from '../core/ports.ts'

/** How far back patients are offered (ms). */
const OFFERED_MS = 86_400_000
/** What is older is gone (ms). */
const KEPT_MS = 2 * 86_400_000
/** Patients of one list. */
const MOST = 60

/** Notes that a patient came to a site; what is too old goes in the same commit. `key`: HMAC of an identifier. Pure. */
export function registeredEffect(
  patient: CasePatient,
  { establishment, receivedAtMs }: Pick<CaseMessage, 'establishment' | 'receivedAtMs'>,
  key: (authority: string, value: string) => string,
): Effect {
  const [first] = patient.identifiers
  if (first === undefined) return {}
  return {
    rows: [
      {
        sql: `INSERT INTO care_registered (site, patient_key, at_ms, patient) VALUES (?, ?, ?, ?)
          ON CONFLICT (site, patient_key) DO UPDATE SET at_ms = excluded.at_ms, patient = excluded.patient`,
        parameters: [establishment, key(first.authority, first.value), receivedAtMs, JSON.stringify(patient)],
      },
      { sql: 'DELETE FROM care_registered WHERE at_ms < ?', parameters: [receivedAtMs - KEPT_MS] },
    ],
  }
}

/** Reads who was registered at a site in the last 24 hours. */
export function registeredPatients({
  journal,
  clock,
}: {
  journal: Pick<Journal, 'look'>
  clock: Clock
}): RegisteredPatients {
  return {
    async list(site, caller): Promise<readonly RegisteredPatient[]> {
      if (!reaches(reachOf(caller, 'cases:act'), site)) return []
      const rows = await journal.look<{ at_ms: number; patient: string }>({
        sql: 'SELECT at_ms, patient FROM care_registered WHERE site = ? AND at_ms > ? ORDER BY at_ms DESC LIMIT ?',
        parameters: [site, clock.nowMs() - OFFERED_MS, MOST],
      })
      return rows.map(({ at_ms, patient }) => ({
        site,
        atMs: Number(at_ms),
        patient: JSON.parse(patient) as CasePatient,
      }))
    },
  }
}
