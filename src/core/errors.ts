import { HELP_EN } from './help-en.ts'

/**
 * The one table of stable codes. A code's meaning never changes; docs/errors.md is made from this table and compared
 * with it by a test. `class` tells the queue, `http`, `smtp` and `hl7` (table 0357) tell each door, `reason` picks the
 * acknowledgement code (content, type, or cannot take it now), the catalogues `help-en.ts` and `help-fr.ts` tell a person
 * what to do. */

/** Why a message is not taken, in the words of the table of answers (MSA-1). */
export type AnswerReason = 'content' | 'type' | 'unavailable'
/** What the queue or an operator does with it. `recorded`: a finding only. `fatal`: the process ends. */
export type ErrorClass = 'retry' | 'refused' | 'unknown' | 'recorded' | 'alert' | 'fatal'

interface ErrorRow {
  readonly class: ErrorClass
  readonly http: number
  readonly smtp: string
  readonly hl7: number
  readonly reason: AnswerReason | null
}

/** Every code the gateway can show. */
export const ERRORS = {
  // Doors: limits and trust
  FRAME_TOO_LONG: { class: 'refused', http: 413, smtp: '552 5.3.4', hl7: 207, reason: 'content' },
  FRAME_TIMEOUT: { class: 'refused', http: 408, smtp: '421 4.4.2', hl7: 207, reason: 'content' },
  JUNK_LIMIT: { class: 'refused', http: 400, smtp: '500 5.5.2', hl7: 100, reason: 'content' },
  IDLE_TIMEOUT: { class: 'refused', http: 408, smtp: '421 4.4.2', hl7: 207, reason: null },
  HANDSHAKE_TIMEOUT: { class: 'refused', http: 408, smtp: '421 4.4.2', hl7: 207, reason: null },
  CONNECTION_LIMIT: { class: 'retry', http: 503, smtp: '421 4.7.0', hl7: 207, reason: null },
  PEER_CONNECTION_LIMIT: { class: 'retry', http: 503, smtp: '421 4.7.0', hl7: 207, reason: null },
  CERTIFICATE_EXPIRED: { class: 'refused', http: 403, smtp: '554 5.7.5', hl7: 207, reason: null },
  CERTIFICATE_FOREIGN: { class: 'refused', http: 403, smtp: '554 5.7.5', hl7: 207, reason: null },
  CERTIFICATE_UNMAPPED: { class: 'refused', http: 403, smtp: '554 5.7.5', hl7: 207, reason: null },
  CERTIFICATE_EXPIRES: { class: 'alert', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  REVOCATION_STALE: { class: 'alert', http: 403, smtp: '554 5.7.5', hl7: 207, reason: null },
  TLS_FAILED: { class: 'retry', http: 503, smtp: '454 4.7.0', hl7: 207, reason: null },
  // Reading and judging a message
  NOT_HL7: { class: 'refused', http: 400, smtp: '554 5.6.0', hl7: 100, reason: 'content' },
  FIELD_MISSING: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 101, reason: 'content' },
  FIELD_MALFORMED: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 102, reason: 'content' },
  SEGMENT_END: { class: 'recorded', http: 200, smtp: '250 2.0.0', hl7: 100, reason: null },
  CHARSET_UNKNOWN: { class: 'recorded', http: 200, smtp: '250 2.0.0', hl7: 102, reason: 'content' },
  CHARSET_CONTRADICTED: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 102, reason: 'content' },
  TYPE_UNSUPPORTED: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 200, reason: 'type' },
  EVENT_UNSUPPORTED: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 201, reason: 'type' },
  PROCESSING_ID: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 202, reason: 'content' },
  VERSION_UNSUPPORTED: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 203, reason: 'type' },
  DUPLICATE_CONTROL_ID: { class: 'refused', http: 409, smtp: '554 5.6.0', hl7: 205, reason: 'content' },
  UNKNOWN_SENDER: { class: 'refused', http: 403, smtp: '550 5.7.1', hl7: 207, reason: 'content' },
  SENDER_MISMATCH: { class: 'refused', http: 403, smtp: '550 5.7.1', hl7: 207, reason: 'content' },
  NOT_JSON: { class: 'refused', http: 400, smtp: '554 5.6.0', hl7: 100, reason: 'content' },
  RESOURCE_MALFORMED: { class: 'refused', http: 400, smtp: '554 5.6.0', hl7: 102, reason: 'content' },
  PATCH_FAILED: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 207, reason: 'content' },
  NO_ROUTE: { class: 'refused', http: 422, smtp: '550 5.1.1', hl7: 207, reason: 'content' },
  PROCESSING_FAILED: { class: 'retry', http: 500, smtp: '451 4.3.0', hl7: 207, reason: 'unavailable' },
  // Identities and identity events
  INS_STRIPPED: { class: 'recorded', http: 422, smtp: '554 5.6.0', hl7: 207, reason: 'content' },
  INS_UNPROVED: { class: 'recorded', http: 422, smtp: '554 5.6.0', hl7: 207, reason: 'content' },
  INS_IN_DOCUMENT: { class: 'recorded', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  INS_AUTHORITY: { class: 'recorded', http: 422, smtp: '554 5.6.0', hl7: 103, reason: 'content' },
  INS_KEY: { class: 'recorded', http: 422, smtp: '554 5.6.0', hl7: 102, reason: 'content' },
  INS_TRAITS: { class: 'recorded', http: 422, smtp: '554 5.6.0', hl7: 101, reason: 'content' },
  INS_AMBIGUOUS: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 207, reason: 'content' },
  STATUS_CONTRADICTED: { class: 'recorded', http: 422, smtp: '554 5.6.0', hl7: 207, reason: 'content' },
  TEST_IDENTITY: { class: 'recorded', http: 200, smtp: '250 2.0.0', hl7: 202, reason: null },
  IDENTIFIER_FAULT: { class: 'recorded', http: 200, smtp: '250 2.0.0', hl7: 102, reason: null },
  PATIENT_MERGED: { class: 'recorded', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  IDENTIFIER_CHANGED: { class: 'recorded', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  IDENTIFIER_REMOVED: { class: 'recorded', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  INS_REMOVED: { class: 'recorded', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  INS_NIR_KNOWN: { class: 'recorded', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  ADMISSION_AWAITED: { class: 'recorded', http: 200, smtp: '250 2.0.0', hl7: 204, reason: null },
  // HL7 v2 rules
  SEGMENT_MISSING: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 100, reason: 'content' },
  SEGMENT_ORDER: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 100, reason: 'content' },
  SEGMENT_UNEXPECTED: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 100, reason: 'content' },
  CARDINALITY: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 198, reason: 'content' },
  FIELD_FORBIDDEN: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 198, reason: 'content' },
  VALUE_UNLISTED: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 103, reason: 'content' },
  CONTENT_DISAGREES: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 207, reason: 'content' },
  EVENT_EXCLUDED: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 201, reason: 'type' },
  VERSION_UNEXPECTED: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 203, reason: 'type' },
  // Documents inside (CDA) and orders
  CDA_DOCTYPE: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 207, reason: 'content' },
  CDA_ENCODING: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 102, reason: 'content' },
  CDA_UNREADABLE: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 102, reason: 'content' },
  CDA_PATIENT_MISMATCH: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 207, reason: 'content' },
  CDA_PATIENT_UNPROVEN: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 207, reason: 'content' },
  CDA_INS_MISMATCH: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 207, reason: 'content' },
  CDA_INS_ABSENT: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 207, reason: 'content' },
  CDA_TRAITS_INCOMPLETE: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 207, reason: 'content' },
  CDA_TRAITS_DIFFER: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 207, reason: 'content' },
  CDA_ID_MISMATCH: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 207, reason: 'content' },
  CDA_CODE_MISMATCH: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 207, reason: 'content' },
  ORDER_UNKNOWN: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 204, reason: 'content' },
  ORDER_DUPLICATE: { class: 'refused', http: 409, smtp: '554 5.6.0', hl7: 205, reason: 'content' },
  ORDER_ANSWERED: { class: 'refused', http: 409, smtp: '554 5.6.0', hl7: 207, reason: 'content' },
  MESSAGE_UNKNOWN: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 204, reason: 'content' },
  ADDRESS_FOREIGN: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 207, reason: 'content' },
  // FHIR profiles
  ELEMENT_MISSING: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 101, reason: 'content' },
  ELEMENT_UNEXPECTED: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 207, reason: 'content' },
  VALUE_MALFORMED: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 102, reason: 'content' },
  CODE_NOT_ALLOWED: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 103, reason: 'content' },
  RULE_BROKEN: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 207, reason: 'content' },
  REFERENCE_UNRESOLVED: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 204, reason: 'content' },
  REFERENCE_TARGET: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 207, reason: 'content' },
  EXTENSION_UNKNOWN: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 207, reason: 'content' },
  PROFILE_UNKNOWN: { class: 'recorded', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  VALIDATION_CUT: { class: 'recorded', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  // Bridges
  CHARSET_UNMAPPABLE: { class: 'refused', http: 422, smtp: '554 5.6.1', hl7: 102, reason: null },
  CHARSET_REPLACED: { class: 'recorded', http: 200, smtp: '250 2.0.0', hl7: 102, reason: null },
  CHARSET_CONVERTED: { class: 'recorded', http: 200, smtp: '250 2.0.0', hl7: 0, reason: null },
  CONVERTED: { class: 'recorded', http: 200, smtp: '250 2.0.0', hl7: 0, reason: null },
  CONVERSION_LOSS: { class: 'recorded', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  PRIOR_VERSION_GONE: { class: 'recorded', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  CONVERSION_NONE: { class: 'refused', http: 422, smtp: '554 5.6.1', hl7: 200, reason: null },
  CONVERSION_FAILED: { class: 'refused', http: 422, smtp: '554 5.6.1', hl7: 207, reason: null },
  // The store
  STORE_FULL: { class: 'retry', http: 503, smtp: '452 4.3.1', hl7: 207, reason: 'unavailable' },
  STORE_FAILED: { class: 'fatal', http: 503, smtp: '451 4.3.0', hl7: 207, reason: 'unavailable' },
  DISK_LOW: { class: 'retry', http: 503, smtp: '452 4.3.1', hl7: 207, reason: 'unavailable' },
  DRAINING: { class: 'retry', http: 503, smtp: '421 4.3.2', hl7: 207, reason: 'unavailable' },
  STORE_HELD: { class: 'refused', http: 423, smtp: '451 4.3.0', hl7: 207, reason: null },
  STORE_DAMAGED: { class: 'fatal', http: 500, smtp: '451 4.3.0', hl7: 207, reason: 'unavailable' },
  STORE_NEWER: { class: 'refused', http: 500, smtp: '451 4.3.0', hl7: 207, reason: null },
  BODY_DAMAGED: { class: 'retry', http: 500, smtp: '451 4.3.0', hl7: 207, reason: null },
  STORE_UNREACHABLE: { class: 'retry', http: 503, smtp: '451 4.3.0', hl7: 207, reason: 'unavailable' },
  STORE_UNSAFE: { class: 'retry', http: 503, smtp: '451 4.3.0', hl7: 207, reason: 'unavailable' },
  STORE_MOVED: { class: 'refused', http: 503, smtp: '451 4.3.0', hl7: 207, reason: 'unavailable' },
  STORE_UNFINISHED: { class: 'refused', http: 503, smtp: '451 4.3.0', hl7: 207, reason: 'unavailable' },
  QUERY_TIMEOUT: { class: 'retry', http: 503, smtp: '451 4.3.0', hl7: 207, reason: null },
  AUDIT_BROKEN: { class: 'alert', http: 500, smtp: '451 4.3.0', hl7: 207, reason: null },
  // Deliveries
  LEASE_LOST: { class: 'retry', http: 503, smtp: '451 4.3.2', hl7: 207, reason: null },
  CONNECT_FAILED: { class: 'retry', http: 502, smtp: '451 4.4.1', hl7: 207, reason: null },
  CONNECTION_CUT: { class: 'unknown', http: 502, smtp: '451 4.4.2', hl7: 207, reason: null },
  ANSWER_TIMEOUT: { class: 'unknown', http: 504, smtp: '451 4.4.2', hl7: 207, reason: null },
  ANSWER_WRONG_ID: { class: 'unknown', http: 502, smtp: '451 4.4.2', hl7: 207, reason: null },
  ANSWER_GARBAGE: { class: 'unknown', http: 502, smtp: '451 4.4.2', hl7: 207, reason: null },
  ACK_ERROR: { class: 'retry', http: 502, smtp: '451 4.3.0', hl7: 207, reason: null },
  ACK_REJECT: { class: 'refused', http: 422, smtp: '554 5.0.0', hl7: 207, reason: null },
  DESTINATION_FAULT: { class: 'unknown', http: 502, smtp: '451 4.3.0', hl7: 207, reason: null },
  DESTINATION_REFUSES_US: { class: 'retry', http: 502, smtp: '451 4.7.0', hl7: 207, reason: null },
  UNFIT_FOR_DESTINATION: { class: 'refused', http: 422, smtp: '554 5.6.1', hl7: 207, reason: null },
  MAP_MISSING: { class: 'recorded', http: 200, smtp: '250 2.0.0', hl7: 103, reason: null },
  DELIVERY_EXPIRED: { class: 'refused', http: 504, smtp: '554 5.4.7', hl7: 207, reason: null },
  CRASHED: { class: 'unknown', http: 500, smtp: '451 4.3.0', hl7: 207, reason: null },
  POISONED: { class: 'refused', http: 500, smtp: '554 5.6.0', hl7: 207, reason: null },
  DESTINATION_GONE: { class: 'retry', http: 503, smtp: '451 4.3.5', hl7: 207, reason: null },
  ORDER_OVERTAKEN: { class: 'recorded', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  WRONG_USE: { class: 'recorded', http: 200, smtp: '250 2.0.0', hl7: 202, reason: null },
  ALERT_AFTER: { class: 'alert', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  LATE_REFUSAL: { class: 'alert', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  ANSWER_UNMATCHED: { class: 'recorded', http: 200, smtp: '250 2.0.0', hl7: 204, reason: null },
  CLOCK_SKEW: { class: 'alert', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  // Alerts
  SILENT: { class: 'alert', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  QUEUE_OLD: { class: 'alert', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  UNREACHED: { class: 'alert', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  ERROR_RATE: { class: 'alert', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  REFUSAL_RATE: { class: 'alert', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  WORK_PARKED: { class: 'alert', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  NOT_CONSERVED: { class: 'alert', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  DISK_NEARLY_LOW: { class: 'alert', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  NOTICE_UNSENT: { class: 'alert', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  VIEWER_LIMIT: { class: 'retry', http: 429, smtp: '421 4.7.0', hl7: 207, reason: null },
  // Telemedicine: duty and notices
  DUTY_OVERLAP: { class: 'refused', http: 422, smtp: '550 5.5.1', hl7: 207, reason: null },
  DUTY_INCOMPLETE: { class: 'refused', http: 422, smtp: '550 5.5.1', hl7: 207, reason: null },
  DUTY_MALFORMED: { class: 'refused', http: 422, smtp: '550 5.5.1', hl7: 207, reason: null },
  DUTY_EMPTY: { class: 'alert', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  DUTY_UNTAKEN: { class: 'alert', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  DUTY_UNHEARD: { class: 'alert', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  NOTICE_NO_NUMBER: { class: 'recorded', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  NOTICE_UNDELIVERED: { class: 'recorded', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  CARE_UNTOLD: { class: 'alert', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  // Telemedicine: images
  DICOM_MALFORMED: { class: 'refused', http: 409, smtp: '554 5.6.0', hl7: 207, reason: null },
  DICOM_SYNTAX: { class: 'refused', http: 409, smtp: '554 5.6.0', hl7: 207, reason: null },
  DICOM_HEAD_TOO_LONG: { class: 'refused', http: 409, smtp: '554 5.6.0', hl7: 207, reason: null },
  MULTIPART_MALFORMED: { class: 'refused', http: 400, smtp: '554 5.6.0', hl7: 207, reason: null },
  MULTIPART_TOO_LONG: { class: 'refused', http: 413, smtp: '554 5.6.0', hl7: 207, reason: null },
  IMAGE_REFUSED: { class: 'refused', http: 409, smtp: '554 5.6.0', hl7: 207, reason: null },
  IMAGE_CHANGED: { class: 'refused', http: 409, smtp: '554 5.6.0', hl7: 207, reason: null },
  IMAGES_ABSENT: { class: 'retry', http: 404, smtp: '451 4.3.0', hl7: 207, reason: null },
  IMAGES_INCOMPLETE: { class: 'retry', http: 409, smtp: '451 4.3.0', hl7: 207, reason: null },
  IMAGES_NO_ARCHIVE: { class: 'refused', http: 409, smtp: '554 5.6.0', hl7: 207, reason: null },
  IMAGES_NO_ROOM: { class: 'retry', http: 503, smtp: '451 4.3.0', hl7: 207, reason: null },
  IMAGES_OTHER_PATIENT: { class: 'alert', http: 409, smtp: '250 2.0.0', hl7: 207, reason: null },
  IMAGES_PATIENT_UNKNOWN: { class: 'alert', http: 409, smtp: '250 2.0.0', hl7: 207, reason: null },
  IMAGES_COERCED: { class: 'recorded', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  // Configuration, API and commands
  CONFIG_INVALID: { class: 'refused', http: 422, smtp: '451 4.3.5', hl7: 207, reason: null },
  CONFIG_ORPHANS: { class: 'refused', http: 409, smtp: '451 4.3.5', hl7: 207, reason: null },
  CONFIG_BEHIND: { class: 'retry', http: 503, smtp: '451 4.3.5', hl7: 207, reason: 'unavailable' },
  BAD_REQUEST: { class: 'refused', http: 400, smtp: '501 5.5.4', hl7: 207, reason: null },
  UNAUTHORIZED: { class: 'refused', http: 401, smtp: '530 5.7.0', hl7: 207, reason: null },
  FORBIDDEN: { class: 'refused', http: 403, smtp: '550 5.7.1', hl7: 207, reason: null },
  NOT_FOUND: { class: 'refused', http: 404, smtp: '550 5.1.1', hl7: 204, reason: null },
  CONDITION_FAILED: { class: 'refused', http: 412, smtp: '550 5.5.1', hl7: 207, reason: 'content' },
  BUNDLE_TOO_LONG: { class: 'refused', http: 413, smtp: '552 5.3.4', hl7: 207, reason: 'content' },
  METHOD_NOT_ALLOWED: { class: 'refused', http: 405, smtp: '502 5.5.1', hl7: 207, reason: null },
  NOT_ACCEPTABLE: { class: 'refused', http: 406, smtp: '554 5.6.1', hl7: 207, reason: null },
  MEDIA_TYPE: { class: 'refused', http: 415, smtp: '554 5.6.1', hl7: 207, reason: null },
  SECOND_PERSON: { class: 'refused', http: 409, smtp: '550 5.7.1', hl7: 207, reason: null },
  ERASE_BARRED: { class: 'refused', http: 409, smtp: '550 5.5.1', hl7: 207, reason: null },
  ERASE_CHANGED: { class: 'refused', http: 409, smtp: '550 5.5.1', hl7: 207, reason: null },
  PATIENT_AMBIGUOUS: { class: 'refused', http: 422, smtp: '550 5.5.1', hl7: 207, reason: null },
  WRONG_STATE: { class: 'refused', http: 409, smtp: '550 5.5.1', hl7: 207, reason: null },
  RATE_LIMITED: { class: 'retry', http: 429, smtp: '421 4.7.0', hl7: 207, reason: null },
  INTERNAL: { class: 'retry', http: 500, smtp: '451 4.3.0', hl7: 207, reason: 'unavailable' },
  // Telemedicine: cases
  CASE_NOT_FOUND: { class: 'refused', http: 404, smtp: '550 5.1.1', hl7: 204, reason: 'content' },
  CASE_FORBIDDEN: { class: 'refused', http: 403, smtp: '550 5.7.1', hl7: 207, reason: 'content' },
  CASE_STATE: { class: 'refused', http: 409, smtp: '554 5.6.0', hl7: 207, reason: 'content' },
  CASE_CLOSED: { class: 'refused', http: 409, smtp: '554 5.6.0', hl7: 207, reason: 'content' },
  CASE_TAKEN: { class: 'refused', http: 409, smtp: '554 5.6.0', hl7: 207, reason: 'content' },
  CASE_VERSION: { class: 'refused', http: 412, smtp: '554 5.6.0', hl7: 207, reason: 'content' },
  CASE_ACT: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 103, reason: 'content' },
  CASE_SERVICE: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 103, reason: 'content' },
  CASE_UNREAD: { class: 'alert', http: 422, smtp: '554 5.6.0', hl7: 207, reason: 'content' },
  // Sign-in and sessions
  SIGN_IN_EXPIRED: { class: 'refused', http: 400, smtp: '530 5.7.0', hl7: 207, reason: null },
  PROVIDER_UNREACHABLE: { class: 'retry', http: 502, smtp: '451 4.4.1', hl7: 207, reason: null },
  PROVIDER_REFUSED: { class: 'refused', http: 403, smtp: '550 5.7.1', hl7: 207, reason: null },
  PROVIDER_UNTRUSTED: { class: 'refused', http: 502, smtp: '550 5.7.1', hl7: 207, reason: null },
  PERSON_UNKNOWN: { class: 'refused', http: 403, smtp: '550 5.7.1', hl7: 207, reason: null },
  ADDRESS_UNKNOWN: { class: 'refused', http: 421, smtp: '451 4.3.5', hl7: 207, reason: null },
  LAUNCH_REFUSED: { class: 'refused', http: 403, smtp: '550 5.7.1', hl7: 207, reason: null },
  LAUNCH_IN_CLEAR: { class: 'refused', http: 400, smtp: '550 5.7.1', hl7: 207, reason: null },
  EMERGENCY_REFUSED: { class: 'refused', http: 403, smtp: '535 5.7.8', hl7: 207, reason: null },
  BREAK_GLASS: { class: 'alert', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  CROSS_SITE: { class: 'refused', http: 403, smtp: '550 5.7.1', hl7: 207, reason: null },
  // Appointments, sessions and photos
  SLOT_TAKEN: { class: 'refused', http: 409, smtp: '550 5.5.1', hl7: 207, reason: 'content' },
  SLOT_OVERLAPS: { class: 'refused', http: 409, smtp: '550 5.5.1', hl7: 207, reason: 'content' },
  SERVICE_UNKNOWN: { class: 'refused', http: 422, smtp: '550 5.5.1', hl7: 103, reason: 'content' },
  CENTRE_NOT_OFFERED: { class: 'refused', http: 422, smtp: '550 5.5.1', hl7: 207, reason: 'content' },
  CONSENT_MISSING: { class: 'refused', http: 409, smtp: '550 5.7.1', hl7: 207, reason: 'content' },
  TOO_EARLY: { class: 'refused', http: 409, smtp: '550 5.5.1', hl7: 207, reason: 'content' },
  SESSION_TOKEN: { class: 'refused', http: 403, smtp: '550 5.7.1', hl7: 207, reason: null },
  APPOINTMENT_UNREAD: { class: 'recorded', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  ATTACHMENT_TYPE: { class: 'refused', http: 415, smtp: '554 5.6.1', hl7: 207, reason: null },
  UPLOAD_TOO_LONG: { class: 'refused', http: 413, smtp: '552 5.3.4', hl7: 207, reason: null },
  UPLOAD_COUNT: { class: 'refused', http: 409, smtp: '552 5.3.4', hl7: 207, reason: null },
  OFFSET_WRONG: { class: 'refused', http: 409, smtp: '554 5.6.0', hl7: 207, reason: null },
  UPLOAD_DAMAGED: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 207, reason: null },
  PHOTO_UNREADABLE: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 207, reason: null },
  PHOTO_TOO_LARGE: { class: 'refused', http: 413, smtp: '552 5.3.4', hl7: 207, reason: null },
  PHOTOS_UNAVAILABLE: { class: 'retry', http: 503, smtp: '451 4.3.0', hl7: 207, reason: null },
  // Secure mail: the white list
  WHITELIST_UNREAD: { class: 'retry', http: 502, smtp: '451 4.4.1', hl7: 207, reason: null },
  WHITELIST_TOO_LARGE: { class: 'refused', http: 413, smtp: '451 4.7.0', hl7: 207, reason: null },
  WHITELIST_DOCTYPE: { class: 'refused', http: 422, smtp: '451 4.7.0', hl7: 207, reason: null },
  WHITELIST_FORM: { class: 'refused', http: 422, smtp: '451 4.7.0', hl7: 207, reason: null },
  WHITELIST_UNSIGNED: { class: 'refused', http: 422, smtp: '451 4.7.0', hl7: 207, reason: null },
  WHITELIST_SIGNATURE_FORM: { class: 'refused', http: 422, smtp: '451 4.7.0', hl7: 207, reason: null },
  WHITELIST_TAMPERED: { class: 'refused', http: 422, smtp: '451 4.7.0', hl7: 207, reason: null },
  WHITELIST_SIGNER: { class: 'refused', http: 422, smtp: '451 4.7.0', hl7: 207, reason: null },
  WHITELIST_OLDER: { class: 'refused', http: 409, smtp: '451 4.7.0', hl7: 207, reason: null },
  WHITELIST_FUTURE: { class: 'refused', http: 409, smtp: '451 4.7.0', hl7: 207, reason: null },
  WHITELIST_SHRUNK: { class: 'refused', http: 409, smtp: '451 4.7.0', hl7: 207, reason: null },
  WHITELIST_ROW: { class: 'recorded', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  WHITELIST_NONE: { class: 'retry', http: 503, smtp: '421 4.3.2', hl7: 207, reason: null },
  WHITELIST_STALE: { class: 'alert', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  WHITELIST_OLD: { class: 'alert', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  WHITELIST_CLOSED: { class: 'retry', http: 503, smtp: '451 4.7.0', hl7: 207, reason: null },
  MAIL_DOMAIN_UNLISTED: { class: 'refused', http: 403, smtp: '550 5.7.1', hl7: 207, reason: null },
  MAIL_PEER_UNLISTED: { class: 'refused', http: 403, smtp: '550 5.7.1', hl7: 207, reason: null },
  MAIL_PEER_OTHER: { class: 'refused', http: 403, smtp: '550 5.7.1', hl7: 207, reason: null },
  // Documents by mail
  XDM_UNREADABLE: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 207, reason: 'content' },
  XDM_LIMITS: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 207, reason: 'content' },
  XDM_NAME: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 207, reason: 'content' },
  XDM_METADATA: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 207, reason: 'content' },
  XDM_PATIENTS: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 207, reason: 'content' },
  XDM_FIELD_MISSING: { class: 'recorded', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  XDM_FILE_MISSING: { class: 'recorded', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  XDM_FILE_UNLISTED: { class: 'recorded', http: 200, smtp: '250 2.0.0', hl7: 207, reason: null },
  XDM_DOCUMENT_MISSING: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 207, reason: 'content' },
  XDM_HASH: { class: 'refused', http: 422, smtp: '554 5.6.0', hl7: 207, reason: 'content' },
} as const satisfies Record<string, ErrorRow>

/** A code of the table. */
export type ErrorCode = keyof typeof ERRORS

/** A fault with a code of the table. Its message holds no patient data. */
export class GatewayError extends Error {
  readonly code: ErrorCode
  constructor(code: ErrorCode, message: string = HELP_EN[code], options?: ErrorOptions) {
    super(message, options)
    this.name = 'GatewayError'
    this.code = code
  }
}

/** The code of whatever was thrown: its own, or INTERNAL. */
export function codeOf(error: unknown): ErrorCode {
  return error instanceof GatewayError ? error.code : 'INTERNAL'
}
