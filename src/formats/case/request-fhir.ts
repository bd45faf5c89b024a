/** A request as a ServiceRequest with what it says inside, for a centre's system when it came by the form. */
import type { Case, CasePatient, CaseRequest } from '../../core/cases.ts'
import type { CareService } from '../../core/services.ts'
import { type Loose, resource } from '../bridge/bundle.ts'
import { reliabilityExtension } from '../fhir/identity-reliability.ts'
import type { JsonObject } from '../fhir/json-value.ts'
import { RPPS_SYSTEM } from '../identifiers/fhir-form.ts'
import type { IdentityStatus } from '../identifiers/identity-status.ts'
import { CASE_MARKS } from './fhir.ts'
import { STATUSES } from './hl7-patient.ts'
import { CASE_NUMBER, referenceOf, type Structure, systemOf } from './task.ts'
import { CASE_PARTS } from './task-parts.ts'

const ACT_REASON = 'http://terminology.hl7.org/CodeSystem/v3-ActReason'

/** What the resource is made of beside its case. */
export interface RequestContext {
  readonly service: CareService
  readonly site: Structure
  readonly centre: Structure
}

/** A request of a case as a ServiceRequest; its first identifier is the number at whoever asked, or that of the case. */
export function requestResource(one: Case, request: CaseRequest, context: RequestContext): JsonObject {
  const { service } = context
  const { placer, via } = request
  const at = new Date(request.atMs).toISOString()
  const number =
    placer === null
      ? { system: CASE_NUMBER, value: one.number }
      : { type: PLACER, system: systemOf(placer.authority, via), value: placer.value }
  const observations = observationsOf(one, request)
  const made = resource('ServiceRequest', null, {
    contained: [
      containedPatient(one.number, request.patient, request.via),
      requesterOf(request, context),
      ...observations,
    ],
    identifier: placer === null ? [number] : [number, { system: CASE_NUMBER, value: one.number }],
    status: 'active',
    intent: 'order',
    priority: one.kind === 'stroke' ? 'stat' : 'routine',
    code: { coding: [{ ...service.code }] },
    subject: { reference: '#patient', type: 'Patient' },
    occurrenceDateTime: at,
    authoredOn: at,
    requester: { reference: '#requester' },
    performer: [referenceOf(context.centre)],
    reasonCode: [{ coding: request.coded.map((coded) => ({ ...coded })), text: request.reason }],
    supportingInfo: observations.map((_, i) => ({ reference: `#observation-${i + 1}` })),
    note: Object.values(request.answers).map((said) => ({ text: said })),
  })
  const { resourceType, ...rest } = made
  const meta: JsonObject = {
    ...(one.test || one.drill ? { security: [{ system: ACT_REASON, code: 'HTEST' }] } : {}),
    ...(one.drill ? { tag: [{ system: CASE_MARKS, code: 'drill', display: 'EXERCICE' }] } : {}),
  }
  return { resourceType: resourceType!, ...(one.test || one.drill ? { meta } : {}), ...rest }
}

const PLACER = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'PLAC' }] }
const STATUS_CODES = new Map(Object.entries(STATUSES).map(([code, word]) => [word, code as IdentityStatus]))

/** The patient of a case, contained as `#patient`; somebody without any number is known by that of the case. */
export function containedPatient(number: string, patient: CasePatient, via: CaseRequest['via']): Loose {
  const status = STATUS_CODES.get(patient.status) ?? 'PROV'
  return {
    resourceType: 'Patient',
    id: 'patient',
    extension: [reliabilityExtension({ status, comments: [], method: '', askedAt: '', proof: '' })],
    identifier: [
      ...patient.identifiers.map(({ authority, value }) => ({ system: systemOf(authority, via), value })),
      ...(patient.identifiers.length === 0 ? [{ system: CASE_NUMBER, value: number }] : []),
    ],
    name: [{ use: 'official', family: patient.family, given: [patient.given] }],
    gender: patient.sex,
    birthDate: patient.birthDate,
  }
}

function requesterOf({ asker, callBack }: CaseRequest, { site }: RequestContext): Loose {
  const named = asker.role !== 'establishment' && asker.name !== ''
  return {
    resourceType: 'PractitionerRole',
    id: 'requester',
    practitioner: named
      ? { identifier: asker.rpps === null ? null : { system: RPPS_SYSTEM, value: asker.rpps }, display: asker.name }
      : null,
    organization: referenceOf(site),
    telecom: callBack === null ? [] : [{ system: 'phone', value: callBack }],
  }
}

/** Times as observations, by the codes of a case's own. */
function observationsOf(one: Case, request: CaseRequest): Loose[] {
  const times = Object.entries({ ...one.times, ...request.times })
  return times.map(([name, { atMs }], i) => ({
    resourceType: 'Observation',
    id: `observation-${i + 1}`,
    status: 'final',
    code: { coding: [{ system: CASE_PARTS, code: name }] },
    subject: { reference: '#patient' },
    valueDateTime: new Date(atMs).toISOString(),
  }))
}
