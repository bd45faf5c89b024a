/** A closing report as a DocumentReference that holds its CDA: what messages to both records are made of. */
import { type Loose, resource } from '../bridge/bundle.ts'
import { RECIPIENT } from '../bridge/documents.ts'
import { containedPatient } from '../case/request-fhir.ts'
import { CASE_NUMBER, referenceOf } from '../case/task.ts'
import { reportOid } from '../cda/telemedicine-report.ts'
import type { JsonObject } from '../fhir/json-value.ts'
import { RPPS_SYSTEM } from '../identifiers/fhir-form.ts'
import type { CareReport, ReportRecipient } from './report.ts'

/** The document with its bytes inside. `via`: how identifiers of the patient name their authorities. */
export function documentReference(report: CareReport, cda: Buffer, via: 'fhir' | 'hl7v2' | 'form'): JsonObject {
  const { type, title, author, custodian, atMs, beganAtMs, number } = report
  const name = { system: 'urn:ietf:rfc3986', value: `urn:oid:${reportOid(report)}` }
  const recipients = report.recipients.map(recipientOf)
  return resource('DocumentReference', null, {
    contained: [containedPatient(number, report.patient, via), authorOf(report), ...recipients],
    extension: recipients.map(({ id }): Loose => ({ url: RECIPIENT, valueReference: { reference: `#${id}` } })),
    masterIdentifier: name,
    identifier: [name],
    status: 'current',
    docStatus: 'final',
    type: { coding: [{ ...type.code }], text: type.name.fr },
    category: [{ text: type.name.fr }],
    subject: { reference: '#patient', type: 'Patient' },
    date: new Date(atMs).toISOString(),
    author: [{ reference: '#author' }],
    authenticator:
      author.rpps === null ? null : { identifier: { system: RPPS_SYSTEM, value: author.rpps }, display: author.name },
    custodian: referenceOf(custodian),
    description: title,
    content: [{ attachment: { contentType: 'text/xml', data: cda.toString('base64'), title } }],
    context: {
      period: { start: new Date(beganAtMs).toISOString() },
      related: [{ identifier: { type: FILLER, system: CASE_NUMBER, value: number } }],
    },
  })
}

const FILLER = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'FILL' }] }

/** Somebody to whom it is addressed, with the address of their secure mail where it is known. */
function recipientOf({ name, rpps, mail }: ReportRecipient, i: number) {
  return {
    resourceType: 'Practitioner',
    id: `recipient-${i + 1}`,
    identifier: rpps === null ? [] : [{ system: RPPS_SYSTEM, value: rpps }],
    name: [{ text: name, family: name }],
    telecom: mail === null ? [] : [{ system: 'email', value: mail }],
  } satisfies Loose
}

function authorOf({ author, custodian }: CareReport): Loose {
  return {
    resourceType: 'PractitionerRole',
    id: 'author',
    practitioner: {
      identifier: author.rpps === null ? null : { system: RPPS_SYSTEM, value: author.rpps },
      display: author.name,
    },
    organization: referenceOf(author.structure ?? custodian),
  }
}
