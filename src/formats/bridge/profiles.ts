/** Profiles that what is made claims to meet (meta.profile): ours, of profiles/fhir. What lacks what one asks claims none. */
import { type JsonObject, objects } from '../fhir/json-value.ts'

const OURS = 'https://passerelle.example/fhir/StructureDefinition'

/** By what is made. */
export const PROFILES = {
  patient: `${OURS}/patient`,
  patientIns: `${OURS}/qualified-patient`,
  encounter: `${OURS}/encounter`,
  appointment: `${OURS}/appointment`,
  practitioner: `${OURS}/practitioner`,
  location: `${OURS}/location`,
  strokeRequest: `${OURS}/stroke-request`,
  task: `${OURS}/task`,
  imagingStudy: `${OURS}/imaging-study`,
  imagesEndpoint: `${OURS}/images-endpoint`,
  nihss: `${OURS}/nihss`,
  observation: `${OURS}/observation`,
  diagnosticReport: `${OURS}/diagnostic-report`,
  documentReference: `${OURS}/document-reference`,
} as const

/** Are the names such as the profiles ask: one at least, and an official one with family and given? */
export function isNamed(resource: JsonObject): boolean {
  const names = objects(resource['name'])
  const complete = ({ use, family, given }: JsonObject): boolean =>
    use !== 'official' || (family !== undefined && given !== undefined)
  return names.length > 0 && names.every(complete)
}

/** Has every identifier its system and value? */
export function isAddressed(resource: JsonObject): boolean {
  return objects(resource['identifier']).every(({ system, value }) => system !== undefined && value !== undefined)
}

/** The resource, claiming the profile. */
export function claiming(resource: JsonObject, profile: string): JsonObject {
  const { resourceType, ...rest } = resource
  return { resourceType: resourceType!, meta: { profile: [profile] }, ...rest }
}
