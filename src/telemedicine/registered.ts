import { may, reachOf } from '../core/caller.ts'
import type { RegisteredPatients } from '../core/cases.ts'
import type { CaseParts } from './projection.ts'

/** How long a patient is offered on the form since the last registration (ms). */
const OFFERED_MS = 86_400_000
/** Patients of one site on the form. */
const MOST = 500

/**
 * Who is registered at a site, for those who may ask from there; for whoever is bound to units, who is in theirs, or in none that
 * was told. */
export function registeredPatients({ journal, clock }: Pick<CaseParts, 'journal' | 'clock'>): RegisteredPatients {
  return {
    async list(site, caller) {
      const reach = may(caller, 'cases:act') ? reachOf(caller, 'cases:act') : { establishments: [], applications: null }
      if (reach !== null && reach.establishments?.includes(site) === false) return []
      const units = reach?.units ?? null
      const inUnits = units === null ? '' : ` AND (unit IS NULL OR unit IN (${units.map(() => '?').join(', ')}))`
      const rows = await journal.read<{ at_ms: number; patient: string }>({
        sql: `SELECT at_ms, patient FROM care_registered WHERE site = ? AND at_ms > ?${inUnits} ORDER BY at_ms DESC LIMIT ?`,
        parameters: [site, clock.nowMs() - OFFERED_MS, ...(units ?? []), MOST],
      })
      return rows.map(({ at_ms, patient }) => ({ site, atMs: Number(at_ms), patient: JSON.parse(patient) }))
    },
  }
}
