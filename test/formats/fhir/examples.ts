/** Invented FHIR resources for the tests of this folder. */
import { type JsonObject, type JsonValue, parseStrict } from '../../../src/formats/fhir/json.ts'

/** The value that JSON text stands for. @throws {Error} when it is none */
export function jsonOf(text: string | Buffer): JsonValue {
  const read = parseStrict(Buffer.from(text))
  if (!read.ok) throw new Error(`${read.fault} at ${read.at}, byte ${read.offset}`)
  return read.value
}

/** A resource as the strict reader gives it, from a plain object. */
export function resourceOf(plain: object): JsonObject {
  return jsonOf(JSON.stringify(plain)) as JsonObject
}

/** The identity reliability of FrCore with these parts: `identityStatus` and others, as `[url, code, system]`. */
export function reliability(...parts: readonly (readonly [url: string, code: string, system?: string])[]): object {
  return {
    url: 'https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability',
    extension: parts.map(([url, code, system]) => ({
      url,
      valueCoding: { ...(system === undefined ? {} : { system }), code },
    })),
  }
}

/** Code system of the published FrCore for the status of an identity. */
export const STATUS = 'https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0445'
/** System of the INS of test. */
export const INS_TEST = 'urn:oid:1.2.250.1.213.1.4.10'

/** A patient with an INS of test and the number that a hospital gave. */
export const PATIENT = {
  resourceType: 'Patient',
  identifier: [
    { use: 'official', system: INS_TEST, value: '254035313000022' },
    { use: 'usual', system: 'https://ch-exemple.test/ipp', value: '300101' },
  ],
  name: [{ use: 'official', family: 'LEROUX (FICTIF)', given: ['Suzanne'] }],
}

/** A stroke request for a patient who is on the sender's own server. */
export const REQUEST = {
  resourceType: 'ServiceRequest',
  meta: { profile: ['https://example.test/StructureDefinition/stroke|1.0'] },
  identifier: [{ system: 'https://ch-exemple.test/requests', value: 'AVC-1' }],
  status: 'active',
  intent: 'order',
  priority: 'stat',
  category: [{ coding: [{ system: 'http://snomed.info/sct', code: '409063005' }] }],
  subject: { reference: 'Patient/300101' },
  performer: [
    { identifier: { system: 'https://finess.esante.gouv.fr', value: '490000031' } },
    { reference: 'Organization/unv' },
  ],
  reasonCode: [
    { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: 'I63.9' }, { code: '230690007' }] },
    { text: 'Déficit brutal' },
  ],
}

/** A transaction of both, joined by urn:uuid. */
export const TRANSACTION = {
  resourceType: 'Bundle',
  type: 'transaction',
  identifier: { system: 'urn:ietf:rfc:3986', value: 'urn:uuid:0b7a2f3c-0000-4000-8000-000000000001' },
  entry: [
    {
      fullUrl: 'urn:uuid:0b7a2f3c-0000-4000-8000-000000000002',
      resource: PATIENT,
      request: { method: 'POST', url: 'Patient' },
    },
    {
      fullUrl: 'urn:uuid:0b7a2f3c-0000-4000-8000-000000000003',
      resource: { ...REQUEST, subject: { reference: 'urn:uuid:0b7a2f3c-0000-4000-8000-000000000002' } },
      request: { method: 'POST', url: 'ServiceRequest' },
    },
  ],
}
