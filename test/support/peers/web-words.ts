import type { FhirAsk } from '../../../src/core/fhir.ts'
import type { Consignment } from '../../../src/core/ports.ts'
import { answerTo, bodyOf, consignmentOf } from './messages.ts'
import type { Words } from './web-server.ts'

const hl7 = { 'content-type': 'application/hl7-v2' }
const fhir = { 'content-type': 'application/fhir+json' }

/** A receiver of HL7 v2 over HTTP: its word is the ACK. */
export const hl7Words: Words = {
  accept: ({ body }) => ({ status: 200, headers: hl7, body: answerTo(body, 'AA') }),
  refuse: ({ body }) => ({ status: 200, headers: hl7, body: answerTo(body, 'AR') }),
  busy: ({ body }) => ({ status: 200, headers: hl7, body: answerTo(body, 'AE') }),
  'wrong-id': ({ body }) => ({ status: 200, headers: hl7, body: answerTo(body, 'AA', 'ANOTHER') }),
}

/** An OperationOutcome with these codes and a text that no one should repeat. */
export function outcome(...codes: string[]): string {
  const issue = codes.map((code) => ({ severity: 'error', code, diagnostics: 'SECRET (FICTIF)' }))
  return JSON.stringify({ resourceType: 'OperationOutcome', issue })
}

/** A FHIR server: its word is the status. */
export const fhirWords: Words = {
  accept: () => ({ status: 201, headers: { ...fhir, location: 'x/_history/1' }, body: '' }),
  refuse: () => ({ status: 422, headers: fhir, body: outcome('required') }),
  busy: () => ({ status: 503, headers: fhir, body: outcome('transient') }),
  'wrong-id': () => ({ status: 201, headers: fhir, body: '' }),
}

/** What was asked when a resource of this type was posted. */
export function askOf(
  interaction: FhirAsk['interaction'],
  type: string | null = null,
  id: string | null = null,
): FhirAsk {
  const base = 'http://127.0.0.1:8080/fhir'
  return { interaction, type, id, ifMatch: null, ifNoneExist: null, prefer: 'minimal', patch: null, base }
}

/** An invented service request; `fill` bytes of note at least. */
export function serviceRequest(value: string, fill = 0, more: object = {}): object {
  return {
    resourceType: 'ServiceRequest',
    identifier: [{ value: 'local' }, { system: 'urn:oid:1.2.3', value }],
    status: 'active',
    intent: 'order',
    subject: { display: 'ESSAI (FICTIF) Zoé' },
    ...(fill > 0 ? { note: [{ text: 'x'.repeat(fill) }] } : {}),
    ...more,
  }
}

/** A delivery of a FHIR message. */
export function fhirConsignment(resource: unknown, ask: FhirAsk): Consignment {
  const bytes = Buffer.from(typeof resource === 'string' ? resource : JSON.stringify(resource, null, 1))
  return { ...consignmentOf(bytes), kind: ask.type ?? 'Bundle', ask, body: bodyOf(bytes) }
}
