/** Documents: what the mapping reads, writes and loses. */
import type { Mapping } from './bridge.ts'
import { documentsToHl7 } from './document-message.ts'
import { carriesDocuments, documentsToFhir, RECIPIENT } from './documents.ts'
import { COMPANIONS } from './order-mapping.ts'
import { SUBJECT_ELEMENTS, SUBJECT_FIELDS, SUBJECT_LOSSES } from './subject.ts'

/** The mapping. */
export const documentMapping: Mapping = {
  name: 'documents',
  hl7: {
    kinds: ['MDM^T02', 'MDM^T04', 'MDM^T10', 'ORU^R01'],
    mine: carriesDocuments,
    reads: [
      ...SUBJECT_FIELDS,
      ...['ORC-1', 'ORC-2', 'ORC-3', 'OBR-2', 'OBR-3', 'OBR-4', 'OBR-7'],
      ...[1, 2, 3, 4, 5, 6, 9, 10, 12, 13, 17, 22].map((n) => `TXA-${n}`),
      ...['OBX-2', 'OBX-3', 'OBX-5', 'OBX-11', 'PRT-2', 'PRT-4', 'PRT-5', 'PRT-8', 'PRT-15'],
    ],
    toFhir: documentsToFhir,
  },
  fhir: {
    types: ['DocumentReference'],
    reads: [
      ...SUBJECT_ELEMENTS,
      ...COMPANIONS,
      'Binary',
      ...['contained', 'masterIdentifier', 'identifier', 'status', 'docStatus', 'type', 'category', 'subject'].map(
        (name) => `DocumentReference.${name}`,
      ),
      ...['date', 'author', 'authenticator', 'custodian', 'relatesTo', 'securityLabel', 'content', 'context'].map(
        (name) => `DocumentReference.${name}`,
      ),
      `DocumentReference.extension:${RECIPIENT}`,
    ],
    toHl7: documentsToHl7,
  },
  losses: [
    ...SUBJECT_LOSSES,
    {
      from: 'hl7v2',
      at: 'MSH-9',
      what: 'A document in an ORU comes back in an MDM; in a second one it needs a message of its own.',
    },
    {
      from: 'hl7v2',
      at: 'TXA-4',
      what: 'The latest of TXA-6 and TXA-4 is the date, and comes back in TXA-4; TXA-7 and TXA-8.',
    },
    { from: 'hl7v2', at: 'TXA-9', what: 'The author comes back in TXA-5; TXA-10 in TXA-22.' },
    { from: 'hl7v2', at: 'TXA-17', what: 'LA comes back as AU; DI, DO, IN and PA as IP. TXA-18 to TXA-21.' },
    {
      from: 'hl7v2',
      at: 'OBX-5',
      what: 'The type of an ED is written anew from the media type; bytes of the document stay as they are.',
    },
    {
      from: 'hl7v2',
      at: 'OBX-3',
      what: 'Words of the metadata; the bodies of mails (CORPSMAIL_PS, CORPSMAIL_PATIENT).',
    },
    { from: 'hl7v2', at: 'PRT', what: "REPLY; devices; the patient's box is made anew from a qualified INS." },
    {
      from: 'hl7v2',
      at: 'PRT-5',
      what: 'The sender comes back as the author, and as the structure that keeps the document.',
    },
    {
      from: 'fhir',
      at: 'DocumentReference',
      what: 'One to a message; superseded ones are told by what replaces them.',
    },
    { from: 'fhir', at: 'DocumentReference.author', what: 'Only the first; an author that is a structure or device.' },
    {
      from: 'fhir',
      at: 'DocumentReference.category',
      what: "Comes back from the region's table, else as the type's words.",
    },
    {
      from: 'fhir',
      at: 'DocumentReference.content',
      what: 'Only the first, others are told as CONVERSION_LOSS; format, language, creation. A Binary comes back inside the reference.',
    },
    {
      from: 'fhir',
      at: 'DocumentReference.context',
      what: 'event, facilityType, practiceSetting, end of the period; related without a type.',
    },
    {
      from: 'fhir',
      at: 'DocumentReference.docStatus',
      what: 'amended comes back as final; without one, AU is written.',
    },
    { from: 'fhir', at: 'DocumentReference.identifier', what: 'Only the master identifier.' },
    {
      from: 'fhir',
      at: 'DocumentReference.relatesTo',
      what: 'Only one that is replaced, by its identifier; one that a reference alone names is refused.',
    },
    {
      from: 'fhir',
      at: 'DocumentReference.securityLabel',
      what: 'Only masked to professionals, to the patient, to legal representatives, of a CDA; others are told as CONVERSION_LOSS.',
    },
  ],
}
