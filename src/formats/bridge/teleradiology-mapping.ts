/** Tele-radiology: what the mapping reads, writes and loses. */
import type { Mapping } from './bridge.ts'
import { COMPANIONS, OBSERVATION_ELEMENTS, OBX_FIELDS } from './order-mapping.ts'
import { SUBJECT_ELEMENTS, SUBJECT_FIELDS, SUBJECT_LOSSES } from './subject.ts'
import { TLR_PROFILE, teleradiologyToFhir } from './teleradiology.ts'
import { isTeleradiology, teleradiologyToHl7 } from './teleradiology-message.ts'

/** The mapping. */
export const teleradiologyMapping: Mapping = {
  name: 'tele-radiology',
  hl7: {
    kinds: ['ORM^O01', 'ORU^R01', 'OMI^O23'],
    mine: (_, header) => header.profiles.includes(TLR_PROFILE),
    reads: [
      ...SUBJECT_FIELDS,
      ...OBX_FIELDS,
      ...['OBX-4', 'NTE-4'],
      ...[1, 2, 9, 11, 12, 14, 16, 17, 21].map((n) => `ORC-${n}`),
      ...[2, 4, 13, 16, 18].map((n) => `OBR-${n}`),
      ...['TQ1-1', 'TQ1-6', 'TQ1-7', 'IPC-1', 'IPC-2', 'IPC-3', 'IPC-4', 'IPC-5'],
    ],
    toFhir: teleradiologyToFhir,
  },
  fhir: {
    types: ['ServiceRequest', 'Task', 'ImagingStudy'],
    mine: isTeleradiology,
    reads: [
      ...SUBJECT_ELEMENTS,
      ...OBSERVATION_ELEMENTS,
      ...COMPANIONS,
      ...['contained', 'identifier', 'status', 'intent', 'category', 'code', 'orderDetail', 'subject', 'encounter'].map(
        (name) => `ServiceRequest.${name}`,
      ),
      ...[
        'occurrenceDateTime',
        'authoredOn',
        'requester',
        'performer',
        'reasonCode',
        'supportingInfo',
        'note',
        'bodySite',
      ].map((name) => `ServiceRequest.${name}`),
      ...[
        'contained',
        'identifier',
        'basedOn',
        'status',
        'statusReason',
        'intent',
        'code',
        'focus',
        'for',
        'encounter',
      ].map((name) => `Task.${name}`),
      ...['authoredOn', 'lastModified', 'requester', 'owner', 'output'].map((name) => `Task.${name}`),
      ...[
        'identifier',
        'status',
        'modality',
        'subject',
        'encounter',
        'started',
        'basedOn',
        'endpoint',
        'procedureCode',
      ].map((name) => `ImagingStudy.${name}`),
    ],
    toHl7: teleradiologyToHl7,
  },
  losses: [
    ...SUBJECT_LOSSES,
    { from: 'hl7v2', at: 'ORC-1', what: 'SC in flow 4, as the sample of the guide has it, comes back as SR.' },
    { from: 'hl7v2', at: 'ORC-14', what: 'Of an answer it is not kept.' },
    {
      from: 'hl7v2',
      at: 'OBR-4',
      what: 'The words, and those of OBX-3 under TLR_OBSERVATION in the places that have elements of their own.',
    },
    { from: 'hl7v2', at: 'OBX-4', what: 'Numbers are counted anew; a single OBX under LOINC has none.' },
    {
      from: 'hl7v2',
      at: 'OBX-5',
      what: 'URL_PARTIELLE_VIEWER as text comes back encapsulated (ED), without https://.',
    },
    {
      from: 'hl7v2',
      at: 'OBX-2',
      what: 'A lot number as NM or TX comes back as it is best written; region, modality and act as CE.',
    },
    {
      from: 'hl7v2',
      at: 'NTE-3',
      what: 'Comments on OBX other than the modality; in a request all NTE of the order are FINALITE_EXAMEN.',
    },
    { from: 'hl7v2', at: 'IPC-2', what: 'With IPC-4 it comes back as the code of the act.' },
    {
      from: 'hl7v2',
      at: 'PV1',
      what: 'In flow 3, without it, it comes back with class N. A stay without PV1-44 is not kept.',
    },
    { from: 'fhir', at: 'ServiceRequest.orderDetail', what: 'Only the first, the modality.' },
    {
      from: 'fhir',
      at: 'ServiceRequest.performer',
      what: 'The first professional; the centre comes back as the receiver.',
    },
    { from: 'fhir', at: 'ServiceRequest.priority', what: 'The flows leave emergency care out.' },
    { from: 'fhir', at: 'Task', what: 'A Task that tells of an answer names its request, and says no requester.' },
    { from: 'fhir', at: 'Task.output', what: 'Only texts and documents.' },
    { from: 'fhir', at: 'ImagingStudy.series', what: 'Series, counts and all but the first modality and act.' },
    {
      from: 'fhir',
      at: 'Observation',
      what: 'Status, time and all beside code, value and flags. One that is cancelled or entered in error is left out, and told as CONVERSION_LOSS.',
    },
  ],
}
