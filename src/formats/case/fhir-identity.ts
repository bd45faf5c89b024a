/** What a Patient resource that stands alone says anew of an identity. */
import type { Act } from '../../core/cases.ts'
import { statusesOf } from '../fhir/identity-reliability.ts'
import { type JsonObject, text } from '../fhir/json-value.ts'
import { idOf, personOf } from './fhir-people.ts'
import { unmarked } from './hl7-patient.ts'
import { type CaseFacts, type CaseRead, NO_CHANGE, NOTHING_READ, patientKeys } from './reading.ts'

/**
 * What a Patient tells of whom the site knows by its id or a number of its own, as an A31 does. Without identityReliability
 * nothing is told of the status, nor of an INS. One that is no longer in use (merged into another, `active` false) tells nothing. */
export function patientTold(root: JsonObject, facts: CaseFacts): CaseRead {
  const { patient, marked } = personOf(root)
  const id = text(root['id'])
  const own = [...marked.filter(({ ins }) => !ins), ...(id === null ? [] : [idOf(id)])]
  if (root['active'] === false || own.length === 0) return NOTHING_READ
  const isTold = statusesOf(root).length > 0
  const { family, given, birthDate, sex, status } = patient
  const keysCome = patientKeys(marked, facts)
  const change: Act = {
    what: 'identity',
    change: {
      ...NO_CHANGE,
      site: facts.site,
      of: patientKeys(own, facts),
      comes: marked.map(unmarked),
      keysCome,
      withoutIns: isTold,
      traits: family === '' ? null : { family, given, birthDate, sex },
      status: isTold ? status : null,
    },
  }
  return { ...NOTHING_READ, patient, acts: [change], keys: [...new Set([...patientKeys(own, facts), ...keysCome])] }
}
