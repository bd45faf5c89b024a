import { may, reachOf } from '../core/caller.ts'
import type { CaseMessage, RegisteredPatients } from '../core/cases.ts'
import type { Config } from '../core/config.ts'
import type { Effect, Statement } from '../core/journal.ts'
import { readHl7Case } from '../formats/case/hl7.ts'
import type { CaseParts } from './projection.ts'
import { isTrial } from './store/plan.ts'

/** How long a patient is offered on the form since the last registration, and how long it is kept (ms). */
const OFFERED_MS = 86_400_000
const KEPT_MS = 2 * OFFERED_MS
/** Patients of one site on the form. */
const MOST = 500
/** The stay is over, or never was (ADT). */
const LEAVES: ReadonlySet<string> = new Set(['ADT^A03', 'ADT^A11', 'ADT^A38'])

/** What registrations are kept with. */
export type RegisterParts = Pick<CaseParts, 'journal' | 'config' | 'clock' | 'search'>

/** Keeps who came to a site, from the messages of its registrations, for two days; who leaves goes at once. */
export function registering(parts: RegisterParts): (bytes: Buffer, message: CaseMessage) => Promise<Effect> {
  return async (bytes, message) => {
    const nowMs = parts.clock.nowMs()
    const old: Statement = { sql: 'DELETE FROM care_registered WHERE at_ms < ?', parameters: [nowMs - KEPT_MS] }
    const row = message.test === isTrial(parts.config()) ? rowOf(bytes, message, parts) : null
    return { rows: row === null ? [old] : [row, old] }
  }
}

function rowOf(bytes: Buffer, message: CaseMessage, { config, search }: RegisterParts): Statement | null {
  const { establishment: site, kind, keys, receivedAtMs } = message
  const [key] = keys.filter((one) => one.startsWith(`${site}:`))
  if (key === undefined) return null
  if (LEAVES.has(kind)) {
    return {
      sql: `DELETE FROM care_registered WHERE site = ? AND patient_key IN (${keys.map(() => '?').join(', ')}) AND at_ms <= ?`,
      parameters: [site, ...keys, receivedAtMs],
    }
  }
  const stay = stayOf(bytes, message, config(), search)
  if (stay === null) return null
  return {
    sql: `INSERT INTO care_registered (site, patient_key, at_ms, patient, unit) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (site, patient_key) DO UPDATE
      SET at_ms = excluded.at_ms, patient = excluded.patient, unit = excluded.unit`,
    parameters: [site, key, receivedAtMs, JSON.stringify(stay.patient), stay.unit],
  }
}

function stayOf(
  bytes: Buffer,
  { id, establishment: site, receivedAtMs, test }: CaseMessage,
  { establishments, region }: Config,
  key: RegisterParts['search'],
) {
  const charset = establishments.get(site)?.charset ?? ''
  const facts = { message: id, service: '', site, receivedAtMs, test, charset, timeZone: region.timeZone, key }
  return readHl7Case(bytes, { ...facts, codes: new Map(), kept: new Map() }).stay
}

/** Who is registered at a site, for those who may ask from there; for whoever asks in units, who is in theirs, or in none that was told. */
export function registeredPatients({ journal, clock }: Pick<RegisterParts, 'journal' | 'clock'>): RegisteredPatients {
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
