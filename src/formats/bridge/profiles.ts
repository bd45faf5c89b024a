/** Profiles that what is made claims to meet (meta.profile). */

const CORE = 'https://hl7.fr/ig/fhir/core/StructureDefinition'

/** By what is made. */
export const PROFILES = {
  patient: `${CORE}/fr-core-patient`,
  patientIns: `${CORE}/fr-core-patient-ins`,
  encounter: `${CORE}/fr-core-encounter`,
  appointment: `${CORE}/fr-core-appointment`,
  practitioner: `${CORE}/fr-core-practitioner`,
  location: `${CORE}/fr-core-location`,
} as const
