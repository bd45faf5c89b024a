import type { CasePatient } from '../../core/cases.ts'
import type { Journal, Statement } from '../../core/journal.ts'
import { registers } from '../registered.ts'
import { isoTime } from '../views/list.ts'
import { inParts, type Kept } from './kept.ts'

/** That a patient was registered at a site, as it is kept for the form of requests (two days). */
export interface KeptRegistration {
  readonly site: string
  readonly patient_key: string
  readonly at_ms: number
  readonly patient: string
}

const COLUMNS = 'SELECT site, patient_key, at_ms, patient FROM care_registered'

/** Registrations under one of the search keys, whatever the site, and those that one of the messages made. */
export async function registrationsOf(
  journal: Pick<Journal, 'read'>,
  keys: readonly string[],
  messages: readonly Pick<Kept, 'establishment' | 'kind' | 'received_at_ms' | 'patient_keys' | 'as'>[],
): Promise<readonly KeptRegistration[]> {
  const made = new Set<string>()
  const along = new Set<string>()
  for (const { establishment, kind, received_at_ms, patient_keys, as } of messages) {
    if (as !== 'patient' || !registers(kind)) continue
    for (const key of JSON.parse(patient_keys) as string[]) {
      along.add(`${establishment}:${key}`)
      made.add(`${received_at_ms} ${establishment}:${key}`)
    }
  }
  const bearing = await inParts<KeptRegistration>(
    journal,
    keys,
    (places) => `${COLUMNS} WHERE substr(patient_key, length(site) + 2) IN (${places})`,
  )
  const named = await inParts<KeptRegistration>(
    journal,
    [...along],
    (places) => `${COLUMNS} WHERE patient_key IN (${places})`,
  )
  const all = [...bearing, ...named.filter(({ at_ms, patient_key }) => made.has(`${at_ms} ${patient_key}`))]
  return [...new Map(all.map((one) => [one.patient_key, one])).values()]
}

/** Takes these away, and whatever the site has registered under their keys since. */
export function unregister(registrations: readonly KeptRegistration[]): readonly Statement[] {
  return registrations.map(({ site, patient_key }) => ({
    sql: 'DELETE FROM care_registered WHERE site = ? AND patient_key = ?',
    parameters: [site, patient_key],
  }))
}

/** A registration as a line of an export. */
export function registrationLine({ site, at_ms, patient }: KeptRegistration): string {
  const told = { registered: site, at: isoTime(Number(at_ms)), patient: JSON.parse(patient) as CasePatient }
  return `${JSON.stringify(told)}\n`
}
