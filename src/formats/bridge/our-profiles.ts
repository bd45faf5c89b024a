/** Profiles of ours (profiles/fhir) that what is made of orders, results and documents claims to meet. */

const OURS = 'https://passerelle.example/fhir/StructureDefinition'

/** By what is made. */
export const OUR_PROFILES = {
  strokeRequest: `${OURS}/stroke-request`,
  remoteRequest: `${OURS}/remote-request`,
  task: `${OURS}/task`,
  imagingStudy: `${OURS}/imaging-study`,
  imagesEndpoint: `${OURS}/images-endpoint`,
  nihss: `${OURS}/nihss`,
  observation: `${OURS}/observation`,
  diagnosticReport: `${OURS}/diagnostic-report`,
  documentReference: `${OURS}/document-reference`,
} as const
