import { type Config, isTrialRegion } from '../core/config.ts'
import type { Intake, Statement } from '../core/journal.ts'
import { personIn, unitIn } from '../formats/case/hl7-patient.ts'
import type { Hl7Message } from '../formats/hl7v2/message.ts'
import { mayAsk } from './care.ts'

/** How long a registration is kept (ms): a patient is offered on the form for a day. */
export const REGISTERED_MS = 2 * 86_400_000
/** A patient comes to a site (ADT). */
const COMES: ReadonlySet<string> = new Set(['ADT^A01', 'ADT^A04', 'ADT^A05'])
/** The stay is over, or never was (ADT). */
const LEAVES: ReadonlySet<string> = new Set(['ADT^A03', 'ADT^A11', 'ADT^A38'])
const NOTHING: readonly Statement[] = []

/** Kinds of message by which a patient comes to a site or leaves it. */
export function registers(kind: string): boolean {
  return COMES.has(kind) || LEAVES.has(kind)
}

/**
 * The row that a registration is committed with: who came to a site that may ask, or that they left. Nothing for any other
 * message, nor for one of a trial in a region that is none, or the other way round. Pure. */
export function registeredRows(
  { kind, establishment: site, test, receivedAtMs, orderKeys }: Intake,
  message: Hl7Message,
  config: Config,
): readonly Statement[] {
  if (!registers(kind) || site === null || !mayAsk(site, config) || test !== isTrialRegion(config)) return NOTHING
  const domain = `${site}:`
  const keys = orderKeys.filter((one) => one.startsWith(domain))
  const [key] = keys
  if (key === undefined) return NOTHING
  if (LEAVES.has(kind)) {
    return keys.map((one) => ({
      sql: 'DELETE FROM care_registered WHERE site = ? AND patient_key = ? AND at_ms <= ?',
      parameters: [site, one, receivedAtMs],
    }))
  }
  const read = personIn(message)
  if (read === null) return NOTHING
  return [{ sql: COMING, parameters: [site, key, receivedAtMs, JSON.stringify(read.patient), unitIn(message)] }]
}

const COMING = `INSERT INTO care_registered (site, patient_key, at_ms, patient, unit) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (site, patient_key) DO UPDATE
  SET at_ms = excluded.at_ms, patient = excluded.patient, unit = excluded.unit`

/** Removes registrations from before a time, at most so many at a time. */
export function forgetRegistered(beforeMs: number, maxRows: number): Statement {
  return {
    sql: `DELETE FROM care_registered WHERE (site, patient_key) IN
      (SELECT site, patient_key FROM care_registered WHERE at_ms < ? ORDER BY at_ms LIMIT ?)`,
    parameters: [beforeMs, maxRows],
  }
}
