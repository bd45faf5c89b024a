/** Invented resources of the table. */
import { readFileSync } from 'node:fs'

/** System of the patients' numbers: that of CH-EXEMPLE in the HL7 v2 messages of the table. */
export const SYSTEM = 'urn:oid:1.2.250.1.999.4'

const text = (name: string): string =>
  readFileSync(new URL(`../../../profiles/fhir/examples/${name}.json`, import.meta.url), 'utf8')

/** One of the examples of the profiles, to be changed at will. */
export function example<Resource>(name: string): Resource {
  return JSON.parse(text(name)) as Resource
}

const STATUS = 'https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability'

/** A patient with a number, an INS and an identity status; marked as a test where the INS is one of tests. */
export function insPatient(number: string, status: string, value: string, arc = 10): object {
  const { meta, name, gender, birthDate } = example<Record<string, unknown>>('qualified-patient')
  const { security } = meta as { security: unknown }
  return {
    resourceType: 'Patient',
    ...(arc === 10 && { meta: { security } }),
    extension: [{ url: STATUS, extension: [{ url: 'identityStatus', valueCoding: { code: status } }] }],
    identifier: [
      { use: 'usual', system: SYSTEM, value: number },
      { use: 'official', system: `urn:oid:1.2.250.1.213.1.4.${arc}`, value },
    ],
    name,
    gender,
    birthDate,
  }
}
