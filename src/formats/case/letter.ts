/** What one side of a case writes to the other, as a Communication (R4 communication.html). Pure. */
import type { Act, Case, Happening } from '../../core/cases.ts'
import { resource } from '../bridge/bundle.ts'
import type { JsonObject } from '../fhir/json-value.ts'
import { RPPS_SYSTEM } from '../identifiers/fhir-form.ts'
import { CASE_MARKS } from './fhir.ts'
import { containedPatient } from './request-fhir.ts'
import { CASE_NUMBER, referenceOf, type Structure } from './task.ts'
import { LETTER } from './task-parts.ts'

const ACT_REASON = 'http://terminology.hl7.org/CodeSystem/v3-ActReason'
type Letter = Omit<Happening, 'act'> & { readonly act: Extract<Act, { what: 'write' }> }

/** The message. `sender`: whose it is; null: the region's. Its case is named by its Task. */
export function letterResource(of: Case, { act, by, atMs }: Letter, sender: Structure | null): JsonObject {
  const [request] = of.requests
  const who = by.rpps === null ? {} : { identifier: { system: RPPS_SYSTEM, value: by.rpps } }
  const made = resource('Communication', null, {
    contained: [
      containedPatient(of.number, of.patient, request?.via ?? 'form'),
      {
        resourceType: 'PractitionerRole',
        id: 'sender',
        practitioner: by.name === '' || by.role === 'gateway' ? null : { ...who, display: by.name },
        organization: sender === null ? null : referenceOf(sender),
      },
    ],
    identifier: [{ system: CASE_NUMBER, value: of.number }],
    basedOn: of.task === null ? [] : [{ reference: `Task/${of.task.id}`, type: 'Task' }],
    status: 'completed',
    category: [{ coding: [{ ...LETTER }] }],
    subject: { reference: '#patient', type: 'Patient' },
    sent: new Date(atMs).toISOString(),
    sender: { reference: '#sender' },
    payload: [{ contentString: `${of.drill ? 'EXERCICE ' : ''}${act.text}` }],
  })
  const { resourceType, ...rest } = made
  if (!of.test && !of.drill) return made
  const meta: JsonObject = {
    security: [{ system: ACT_REASON, code: 'HTEST' }],
    ...(of.drill ? { tag: [{ system: CASE_MARKS, code: 'drill', display: 'EXERCICE' }] } : {}),
  }
  return { resourceType: resourceType!, meta, ...rest }
}
