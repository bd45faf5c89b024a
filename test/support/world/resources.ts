import type { Patient } from './messages.ts'

/** Invented FHIR R4 resources, marked HTEST, family names that end in " (FICTIF)". */

const HTEST = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST' }
const TEST_INS = 'urn:oid:1.2.250.1.213.1.4.10'

/** System of the identifiers that the proofs give. */
export const REQUEST_SYSTEM = 'urn:oid:1.2.250.1.213.1.99.2'

/** A stroke request; `id` is its identifier. */
export function serviceRequest(id: string, { ins, family }: Patient): object {
  return {
    resourceType: 'ServiceRequest',
    meta: { security: [HTEST] },
    identifier: [{ system: REQUEST_SYSTEM, value: id }],
    status: 'active',
    intent: 'order',
    priority: 'stat',
    code: { coding: [{ system: 'http://loinc.org', code: '75496-0' }] },
    subject: { identifier: { system: TEST_INS, value: ins }, display: family },
    authoredOn: '2026-01-05T08:00:00+01:00',
    reasonCode: [{ coding: [{ system: 'http://snomed.info/sct', code: '230690007' }] }],
  }
}

/** A result of a patient. */
export function observation(id: string, { ins, family }: Patient): object {
  return {
    resourceType: 'Observation',
    meta: { security: [HTEST] },
    identifier: [{ system: REQUEST_SYSTEM, value: id }],
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '6301-6' }] },
    subject: { identifier: { system: TEST_INS, value: ins }, display: family },
    valueQuantity: { value: 1.1, unit: 'INR' },
  }
}

/** A transaction that creates these resources; `id` is Bundle.identifier, by which a repeat is known. */
export function transaction(id: string, resources: readonly object[]): object {
  return {
    resourceType: 'Bundle',
    identifier: { system: REQUEST_SYSTEM, value: id },
    type: 'transaction',
    entry: resources.map((resource) => ({
      resource,
      request: { method: 'POST', url: (resource as { resourceType: string }).resourceType },
    })),
  }
}
