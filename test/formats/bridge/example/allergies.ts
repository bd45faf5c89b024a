/** Allergies: ADT A60 (HL7 v2.5 §3.3.60) against AllergyIntolerance. */
import type { Mapping } from '../../../../src/formats/bridge/bridge.ts'
import {
  ensured,
  nameOf,
  referenceTo,
  resolve,
  resource,
  transaction,
  written,
} from '../../../../src/formats/bridge/bundle.ts'
import { ceOf, conceptOf } from '../../../../src/formats/bridge/codes.ts'
import { lacking } from '../../../../src/formats/bridge/conversion.ts'
import { eventSegment } from '../../../../src/formats/bridge/header.ts'
import { identifierOfEi } from '../../../../src/formats/bridge/identity.ts'
import { eiRepetition, partOf } from '../../../../src/formats/bridge/parts.ts'
import { PATIENT_LOSSES, PATIENT_READ, PID_READ, patientOf, pidOf } from '../../../../src/formats/bridge/patient.ts'
import { resourcesOf } from '../../../../src/formats/fhir/bundle.ts'
import { object, objects } from '../../../../src/formats/fhir/json.ts'
import { hl7Timestamp } from '../../../../src/formats/hl7v2/timestamp.ts'
import { segment } from '../../../../src/formats/hl7v2/write.ts'
import { hdOf } from '../../../../src/formats/identifiers/authority.ts'

export const allergyMapping: Mapping = {
  name: 'allergies',
  hl7: {
    kinds: ['ADT^A60'],
    reads: [...PID_READ, 'IAM-1', 'IAM-3', 'IAM-7'],
    toFhir(message, _header, context) {
      const { patient, findings } = patientOf(message, context)
      if (nameOf(patient) === null) return lacking('PID-3')
      const entry = ensured(patient)
      const allergies = Array.from({ length: message.segments('IAM') }, (_, i) => {
        return resource('AllergyIntolerance', null, {
          identifier: [identifierOfEi(partOf(message, `IAM(${i + 1})-7`), context)],
          code: conceptOf(partOf(message, `IAM(${i + 1})-3`)),
          patient: referenceTo(entry),
        })
      })
      const unnamed = allergies.findIndex((one) => nameOf(one) === null)
      if (unnamed >= 0) return lacking(`IAM(${unnamed + 1})-7`)
      return transaction([entry, ...allergies.map(written)], context, findings)
    },
  },
  fhir: {
    types: ['AllergyIntolerance'],
    reads: [...PATIENT_READ, 'AllergyIntolerance.identifier', 'AllergyIntolerance.code', 'AllergyIntolerance.patient'],
    toHl7(root, context) {
      const allergies = resourcesOf(root).filter((one) => one['resourceType'] === 'AllergyIntolerance')
      const subject = object(allergies[0]?.['patient'])
      const patient = subject === null ? null : resolve(subject, allergies[0]!, root)
      if (patient === null) return lacking('AllergyIntolerance.patient')
      const { pid, findings } = pidOf(patient, context)
      const segments = allergies.map((one, i) => {
        const [identifier] = objects(one['identifier'])
        const value = String(identifier?.['value'] ?? '')
        const number = eiRepetition({ value, authority: hdOf(identifier ?? {}), type: '' })
        return segment('IAM', { 1: String(i + 1), 3: ceOf(object(one['code'])), 6: 'A', 7: number })
      })
      const event = eventSegment(context, hl7Timestamp(context.atMs, context.timeZone))
      return {
        ok: true,
        made: { type: ['ADT', 'A60', 'ADT_A60'], version: ['2.5'], segments: [event, pid, ...segments] },
        findings,
      }
    },
  },
  losses: [
    ...PATIENT_LOSSES,
    { from: 'hl7v2', at: 'IAM-6', what: 'Comes back as A (add).' },
    { from: 'fhir', at: 'AllergyIntolerance.reaction', what: 'Has no counterpart here.' },
  ],
}
