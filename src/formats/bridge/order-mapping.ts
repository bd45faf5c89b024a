/** Orders: what the mapping reads, writes and loses. */
import { type JsonObject, object, objects, text } from '../fhir/json.ts'
import type { Mapping } from './bridge.ts'
import { resolve } from './bundle.ts'
import type { Loss } from './conversion.ts'
import { VALUE_ELEMENTS } from './observation-value.ts'
import { ordersToHl7 } from './order-message.ts'
import { ordersToFhir } from './orders.ts'
import { ofType, SUBJECT_ELEMENTS, SUBJECT_FIELDS, SUBJECT_LOSSES } from './subject.ts'

/** Elements of what travels along with orders, results and documents. */
export const COMPANIONS: readonly string[] = ['Practitioner', 'PractitionerRole', 'Organization', 'Endpoint']

/** Elements of Observation that are read. */
export const OBSERVATION_ELEMENTS: readonly string[] = [
  ...['identifier', 'status', 'category', 'code', 'subject', 'encounter', 'effectiveDateTime', 'effectiveInstant'],
  ...['effectivePeriod', 'issued', 'performer', 'dataAbsentReason', 'interpretation', 'note', 'method'],
  ...['referenceRange', 'component', 'hasMember', 'partOf', 'basedOn'],
  ...VALUE_ELEMENTS,
].map((name) => `Observation.${name}`)

/** Fields of OBX and NTE that are read. */
export const OBX_FIELDS: readonly string[] = [...[2, 3, 5, 6, 7, 8, 11, 14, 16, 17].map((n) => `OBX-${n}`), 'NTE-3']

/** What is lost between OBX and Observation. */
export const OBSERVATION_LOSSES: readonly Loss[] = [
  {
    from: 'hl7v2',
    at: 'OBX-2',
    what: 'TX and FT come back as ST up to 199 characters of one line; CWE and CNE as CE, DTM as TS.',
  },
  { from: 'hl7v2', at: 'OBX-3', what: 'A total of the NIH stroke scale under 70182-1 comes back as 72089-6.' },
  { from: 'hl7v2', at: 'OBX-4', what: 'Sub-id, save in tele-radiology.' },
  {
    from: 'hl7v2',
    at: 'OBX-5',
    what: 'Types of other values (XCN, CP, …) come back as text; fractions of a second; beyond 50 codes.',
  },
  {
    from: 'hl7v2',
    at: 'OBX-6',
    what: 'A unit without a coding system keeps its name, or else its code, as text. Of a value that is text it comes back behind the value.',
  },
  { from: 'hl7v2', at: 'OBX-11', what: 'R and S come back as P, U as F, D as W, O as I.' },
  { from: 'hl7v2', at: 'OBX-14', what: 'Where it is empty the time of the order comes back.' },
  { from: 'hl7v2', at: 'NTE-1', what: 'Counted anew; NTE-2 and NTE-4 (save in tele-radiology).' },
  { from: 'fhir', at: 'Observation.category', what: 'Comes back from the section of the report alone.' },
  {
    from: 'fhir',
    at: 'Observation.component',
    what: 'Components become OBX of their own, and come back as Observations (save the items of the NIH stroke scale and values of the same code).',
  },
  {
    from: 'fhir',
    at: 'Observation.dataAbsentReason',
    what: 'Words, or a code of another system, come back as the value; else unknown.',
  },
  { from: 'fhir', at: 'Observation.effectivePeriod', what: 'Only its start.' },
  { from: 'fhir', at: 'Observation.identifier', what: "Comes back as a name that follows from the order's." },
  { from: 'fhir', at: 'Observation.performer', what: 'Only the first professional.' },
  { from: 'fhir', at: 'Observation.referenceRange', what: 'Only the first, without type and age.' },
  {
    from: 'fhir',
    at: 'Observation.valueBoolean',
    what: 'Comes back as the code Y or N; Period as text, so does a Ratio with a comparator or two units; an open Range as a comparator.',
  },
]

/** Is it a request to be sent, and no report or document that only names its order? */
function isOrder(root: JsonObject): boolean {
  const requests = ofType(root, 'ServiceRequest')
  if (requests.length === 0) return false
  // A document that supports the request is no answer to it.
  const supporting = new Set(
    requests.flatMap((one) => objects(one['supportingInfo']).map((reference) => resolve(reference, one, root))),
  )
  const documents = ofType(root, 'DocumentReference').filter((one) => !supporting.has(one))
  const answers = [...ofType(root, 'DiagnosticReport'), ...documents]
  return answers.length === 0 || ofType(root, 'Task').some((one) => text(object(one)?.['status']) === 'requested')
}

/** The mapping. */
export const orderMapping: Mapping = {
  name: 'orders',
  hl7: {
    kinds: ['ORM^O01', 'OMI^O23'],
    reads: [
      ...SUBJECT_FIELDS,
      ...OBX_FIELDS,
      ...[1, 2, 3, 5, 7, 9, 12, 14, 21].map((n) => `ORC-${n}`),
      ...[2, 3, 4, 5, 6, 13, 16, 17, 18, 27, 31].map((n) => `OBR-${n}`),
      ...['TQ1-1', 'TQ1-7', 'TQ1-9', 'IPC-1', 'IPC-3', 'IPC-5', 'ZDS-1'],
    ],
    toFhir: ordersToFhir,
  },
  fhir: {
    types: ['ServiceRequest'],
    mine: isOrder,
    reads: [
      ...SUBJECT_ELEMENTS,
      ...OBSERVATION_ELEMENTS,
      ...COMPANIONS,
      ...[
        'contained',
        'identifier',
        'status',
        'intent',
        'priority',
        'code',
        'subject',
        'encounter',
        'occurrenceDateTime',
      ].map((name) => `ServiceRequest.${name}`),
      ...[
        'occurrencePeriod',
        'authoredOn',
        'requester',
        'performer',
        'reasonCode',
        'supportingInfo',
        'note',
        'category',
      ].map((name) => `ServiceRequest.${name}`),
      ...[
        'identifier',
        'contained',
        'basedOn',
        'status',
        'intent',
        'priority',
        'code',
        'focus',
        'for',
        'encounter',
      ].map((name) => `Task.${name}`),
      ...['authoredOn', 'requester', 'owner'].map((name) => `Task.${name}`),
      ...['identifier', 'status', 'modality', 'subject', 'encounter', 'basedOn', 'endpoint'].map(
        (name) => `ImagingStudy.${name}`,
      ),
    ],
    toHl7: ordersToHl7,
  },
  losses: [
    ...SUBJECT_LOSSES,
    ...OBSERVATION_LOSSES,
    {
      from: 'hl7v2',
      at: 'MSH-9',
      what: 'OMI^O23 comes back as ORM^O01, its IPC as ZDS and OBR-18; IPC-2, IPC-4 to IPC-9.',
    },
    { from: 'hl7v2', at: 'ORC-1', what: 'Other codes of a new order come back as NW, other cancels as CA; OK as SC.' },
    {
      from: 'hl7v2',
      at: 'ORC-2',
      what: 'A number under a mere name comes back under it, or with the authority of its sender.',
    },
    { from: 'hl7v2', at: 'ORC-12', what: 'XCN-5, 7, 8, 11, 12 and beyond 13; name type D.' },
    { from: 'hl7v2', at: 'ORC-21', what: 'XON-2 to 5, 8 and 9; where it is empty the sender comes back.' },
    {
      from: 'hl7v2',
      at: 'TQ1-7',
      what: 'Start and priority come back in ORC-7 and OBR-27; without a start, ORC-9 comes back there.',
    },
    {
      from: 'hl7v2',
      at: 'OBR-31',
      what: "CWE-9; the first reason bears OBR-13 for text. A stroke's priority comes back as S.",
    },
    { from: 'hl7v2', at: 'OBX-5', what: 'A document (ED) among what supports an order does not come back.' },
    { from: 'fhir', at: 'ServiceRequest.category', what: 'Imaging with images, else none.' },
    { from: 'fhir', at: 'ServiceRequest.performer', what: 'Comes back as the receiver of the message.' },
    { from: 'fhir', at: 'ServiceRequest.reasonCode', what: 'Texts beyond the first; codings beyond two.' },
    { from: 'fhir', at: 'ServiceRequest.occurrencePeriod', what: 'Only its start, as occurrenceDateTime.' },
    { from: 'fhir', at: 'ServiceRequest.status', what: 'entered-in-error comes back as revoked; a draft is not sent.' },
    { from: 'fhir', at: 'ServiceRequest.supportingInfo', what: 'Only Observations and the first ImagingStudy.' },
    { from: 'fhir', at: 'Task.status', what: 'received, ready and accepted come back as accepted.' },
    { from: 'fhir', at: 'Task.code', what: 'Comes back as fulfill; owner as the receiver.' },
    {
      from: 'fhir',
      at: 'ImagingStudy',
      what: 'Only its UID, accession number and viewer; status comes back as registered, modality not.',
    },
  ],
}
