/** Results: what the mapping reads, writes and loses. */
import type { Mapping } from './bridge.ts'
import { COMPANIONS, OBSERVATION_ELEMENTS, OBSERVATION_LOSSES, OBX_FIELDS } from './order-mapping.ts'
import { resultsToHl7 } from './result-message.ts'
import { resultsToFhir } from './results.ts'
import { SUBJECT_ELEMENTS, SUBJECT_FIELDS, SUBJECT_LOSSES } from './subject.ts'

/** The mapping. */
export const resultMapping: Mapping = {
  name: 'results',
  hl7: {
    kinds: ['ORU^R01'],
    reads: [
      ...SUBJECT_FIELDS,
      ...OBX_FIELDS,
      ...['ORC-1', 'ORC-2', 'ORC-3'],
      ...[2, 3, 4, 7, 8, 22, 24, 25, 32].map((n) => `OBR-${n}`),
    ],
    toFhir: resultsToFhir,
  },
  fhir: {
    types: ['DiagnosticReport', 'Observation'],
    reads: [
      ...SUBJECT_ELEMENTS,
      ...OBSERVATION_ELEMENTS,
      ...COMPANIONS,
      ...['identifier', 'basedOn', 'status', 'category', 'code', 'subject', 'encounter', 'effectiveDateTime'].map(
        (name) => `DiagnosticReport.${name}`,
      ),
      ...['effectivePeriod', 'issued', 'performer', 'resultsInterpreter', 'result', 'conclusion', 'presentedForm'].map(
        (name) => `DiagnosticReport.${name}`,
      ),
    ],
    toHl7: resultsToHl7,
  },
  losses: [
    ...SUBJECT_LOSSES,
    ...OBSERVATION_LOSSES,
    { from: 'hl7v2', at: 'ORC-1', what: 'Comes back as SC; of ORC only the numbers of the order come back.' },
    { from: 'hl7v2', at: 'OBR-16', what: 'Who ordered stands in the order, which is named by its number.' },
    { from: 'hl7v2', at: 'OBR-25', what: 'R comes back as P, O and S as I; an empty one as its results agree.' },
    { from: 'hl7v2', at: 'OBR-32', what: 'Only the first interpreter, and of NDL the person.' },
    {
      from: 'hl7v2',
      at: 'OBX-3',
      what: "Of a document (ED) the code comes back as the report's, its words as they came.",
    },
    {
      from: 'hl7v2',
      at: 'NTE-3',
      what: 'Comments on the order become the conclusion, and come back one line to an NTE.',
    },
    { from: 'fhir', at: 'DiagnosticReport.conclusionCode', what: 'Not written.' },
    { from: 'fhir', at: 'DiagnosticReport.identifier', what: 'Only one of the filler and one of the placer.' },
    { from: 'fhir', at: 'DiagnosticReport.performer', what: 'Comes back as the sender of the message.' },
    {
      from: 'fhir',
      at: 'DiagnosticReport.presentedForm',
      what: 'Only what carries its data, the rest is told as CONVERSION_LOSS; language, creation.',
    },
    {
      from: 'fhir',
      at: 'DiagnosticReport.status',
      what: 'amended and appended come back as corrected, entered-in-error as cancelled.',
    },
    { from: 'fhir', at: 'Observation', what: 'One without a report comes back with a report of its own code.' },
  ],
}
