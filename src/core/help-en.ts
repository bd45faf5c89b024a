import type { ErrorCode } from './errors.ts'
import { CONFIGURATION_HELP_EN } from './help-configuration.ts'
import { HELP_CONFORMITY_EN } from './help-conformity.ts'
import { DIRECTORY_HELP_EN } from './help-directory.ts'
import { MAIL_HELP_EN } from './help-mail.ts'
import { STRUCTURES_HELP_EN } from './help-structures.ts'

/** One sentence of help per code, in English. */
export const HELP_EN: Readonly<Record<ErrorCode, string>> = {
  FRAME_TOO_LONG: 'The message is larger than this door accepts: raise maxFrame, or send the document apart.',
  FRAME_TIMEOUT: "A message stopped or crawled half-way and the connection was closed: check the sender's network.",
  JUNK_LIMIT: 'Too many bytes came outside MLLP blocks: the peer does not speak MLLP, or speaks TLS to a plain port.',
  IDLE_TIMEOUT: 'The peer was silent longer than the idle limit; it may connect again at once.',
  HANDSHAKE_TIMEOUT:
    'The connection opened and sent nothing useful in time: look for a port scanner or a peer that waits for TLS.',
  CONNECTION_LIMIT: 'The door has all the connections it allows: raise maxConnections or find who opens so many.',
  PEER_CONNECTION_LIMIT: 'This peer has all the connections one peer may have: it should reuse them.',
  CERTIFICATE_EXPIRED: "The peer's certificate is outside its validity dates: have it renewed.",
  CERTIFICATE_FOREIGN: "The peer's certificate is missing, revoked or not signed by the authority of this door.",
  CERTIFICATE_UNMAPPED:
    'The certificate is valid but no establishment declares it: add its issuer and subject under senders.certificates.',
  CERTIFICATE_EXPIRES:
    'A certificate of this gateway is over, or will be within 60 days: renew its file; the gateway takes it over by itself within a minute.',
  REVOCATION_STALE:
    'A certificate revocation list is past its next update: fetch the new one from the authority. By `crlStale`, whoever it covers is turned away or only a warning is given.',
  TLS_FAILED: 'The TLS handshake failed: compare versions, suites and certificates on both sides.',
  NOT_HL7: 'The bytes are not an HL7 v2 message: it must start with MSH and its delimiters.',
  FIELD_MISSING: 'A field without which the message cannot be handled is empty; ERR-2 says which.',
  FIELD_MALFORMED: 'A field does not have the form that its data type requires; ERR-2 says which.',
  SEGMENT_END: 'Segments end with LF or CR LF instead of CR: it was read all the same; mend the sender.',
  CHARSET_UNKNOWN: 'MSH-18 names a character set the gateway does not know: the bytes go on as they came.',
  CHARSET_CONTRADICTED:
    "The bytes are not in the character set that MSH-18 declares: mend MSH-18 or the sender's encoding.",
  TYPE_UNSUPPORTED: 'This message type is not carried; queries (QBP, QRY) are not relayed.',
  EVENT_UNSUPPORTED: 'This trigger event is not carried.',
  PROCESSING_ID:
    'MSH-11 is neither P, T nor D, or no destination takes this sort: test messages go only to qualification, real ones only to production.',
  VERSION_UNSUPPORTED: 'MSH-12 is no version of HL7 2.x.',
  DUPLICATE_CONTROL_ID:
    'The same sender used this MSH-10 for other bytes within 30 days: the sender must give each message its own.',
  UNKNOWN_SENDER: 'MSH-4 names no establishment of the region: declare it under senders.facilities.',
  SENDER_MISMATCH: 'MSH-4 does not belong to the establishment that the certificate or key names.',
  NOT_JSON: 'The body is not JSON as RFC 8259 defines it, or is too deep or too large: the expression says where.',
  RESOURCE_MALFORMED: 'The body is not a FHIR R4 resource in its JSON form: the expression says where.',
  PATCH_FAILED: 'The patch does not apply to the current version: read the resource again and make the patch from it.',
  NO_ROUTE: 'No route of region.yaml takes this message: compare its kind, sender and content with the routes.',
  PROCESSING_FAILED: 'The gateway failed while reading this message; the log has the fault. Nothing was taken.',
  // Identities and identity events
  INS_STRIPPED:
    'The identity is not qualified (PID-32 without VALI, or identityStatus other than QUAL): its INS was removed from what is sent and read; the sender qualifies the identity, then sends it again.',
  INS_UNPROVED:
    'A reference names the patient by an INS alone, and nothing says that the identity is qualified: it went on; send the qualified Patient with it, or before.',
  INS_IN_DOCUMENT:
    'The message carries a document and its identity is not qualified: the document goes on as it came, an INS inside included, but not by mail nor to patients.',
  INS_AUTHORITY:
    'An identifier says that it is an INS but its authority gives none: the OID must end in .4.8, .4.9, .4.10 or .4.11.',
  INS_KEY: 'The INS is not a matricule of 15 characters with its key: the sender reads it again from the INS service.',
  INS_TRAITS: 'An INS is sent with the birth name (type L), the birth date and the sex M or F: one of them is missing.',
  INS_AMBIGUOUS:
    'The patient has two different INS of one authority: it may be two persons; the sender corrects the identity.',
  STATUS_CONTRADICTED:
    'The statuses of the identity contradict each other: doubtful and invented exclude each other, and neither goes with validated; a corrected birth date (ZFD-4) needs a new check of the INS.',
  TEST_IDENTITY: 'An INS of test or demonstration in a message marked as production: it is treated as a test.',
  IDENTIFIER_FAULT:
    "A number (RPPS, IdNPS, FINESS, SIREN …) has a wrong form or key: look for a mistyped digit in the sender's directory.",
  PATIENT_MERGED:
    'A merge (A40): the Patients kept here for the merged identifiers were ended and point to the one that goes on.',
  IDENTIFIER_CHANGED: 'An identifier of a patient was changed (A47), also in the Patients kept here.',
  IDENTIFIER_REMOVED: 'An identifier of a patient was deleted (A47), also from the Patients kept here.',
  INS_REMOVED:
    'An identity is no longer qualified (A47): every INS was removed from the Patients kept here, and their status changed.',
  INS_NIR_KNOWN:
    'A patient known by a temporary NIA has a NIR now: the Patients kept here bear both, the NIR as the official one.',
  ADMISSION_AWAITED:
    'A movement came before the admission of its visit, waited for it as long as awaitAdmission says, and went without: ask the sender for the admission.',
  // HL7 v2 rules
  SEGMENT_MISSING: 'A segment that this message must have is not there; ERR-2 says which.',
  SEGMENT_ORDER: 'A segment stands where the structure of the message does not have it; ERR-2 says which.',
  SEGMENT_UNEXPECTED: 'A segment has no place in this message; ERR-2 says which.',
  CARDINALITY: 'A segment or field stands there more or less often than it may; ERR-2 says which.',
  FIELD_FORBIDDEN: 'A field that the guide forbids (X, cardinality 0 to 0) has a value; ERR-2 says which.',
  VALUE_UNLISTED: 'A value is in none of the lists that the guide allows; ERR-2 says which.',
  CONTENT_DISAGREES: 'Two parts of the message contradict each other; ERR-2 says where.',
  EVENT_EXCLUDED: 'The guide that this message follows excludes its event; the text says which one to use.',
  VERSION_UNEXPECTED: 'This kind of message has another version (MSH-12) in the French guides.',
  // Documents inside (CDA) and orders
  CDA_DOCTYPE:
    'A document in OBX-5 begins with a document type (DOCTYPE), by which XML can read files and exhaust a reader: the sender writes it without one.',
  CDA_ENCODING:
    'A document in OBX-5 is not in the encoding that it declares, or in one that is not read here: the sender writes UTF-8.',
  CDA_UNREADABLE:
    'A document in OBX-5 cannot be read to its end: broken base64, XML that is not well-formed or beyond the limits, or no ClinicalDocument. It went on as it came unless the sender is strict.',
  CDA_PATIENT_MISMATCH:
    'The document inside is of another patient than PID: the sender looks for the exchanged document before anything is filed.',
  CDA_PATIENT_UNPROVEN:
    'PID-3 and the recordTarget of the document share no identifier: that both are one patient cannot be told.',
  CDA_INS_MISMATCH:
    'The document inside bears another INS than PID-3: the sender looks for the exchanged document before anything is filed.',
  CDA_INS_ABSENT: 'PID-3 has an INS and the document inside has none: the document is made again with it.',
  CDA_TRAITS_INCOMPLETE:
    'The document inside bears an INS without all that goes with one: birth name, first given name, birth date, and sex M or F.',
  CDA_TRAITS_DIFFER:
    'PID and the document inside share an identifier, but not name, birth date or sex: the sender compares both identities.',
  CDA_ID_MISMATCH: 'TXA-12 does not name the document that the message carries.',
  CDA_CODE_MISMATCH: 'OBX-3, OBR-4 or TXA-2 names another type than the document inside.',
  ORDER_UNKNOWN:
    'The message takes back or answers an order that this gateway has not carried (ORC-2): compare its number and authority with the request.',
  ORDER_DUPLICATE:
    'A request with this order number (ORC-2) was carried before, in another message: each order has a number of its own.',
  ORDER_ANSWERED: 'The order was answered before it was taken back: agree with the tele-radiology platform.',
  MESSAGE_UNKNOWN:
    "The acknowledgement names a message (OBX-4) that this gateway has not carried to or from its sender: compare it with MSH-10 of the document's message.",
  ADDRESS_FOREIGN:
    'An address in the message is not of a host that the region allows (profiles/tables/viewer-hosts.csv): nothing was fetched; add the host, or correct the sender.',
  // FHIR profiles
  ELEMENT_MISSING: 'An element that the profile requires is not there: the expression says which.',
  ELEMENT_UNEXPECTED:
    'An element stands where the type or profile has none, too often, or in another JSON form: the expression says which.',
  VALUE_MALFORMED:
    'A value does not have the form of its type, or is not the one that the profile fixes: the expression says which.',
  CODE_NOT_ALLOWED: 'A code is not in the value set that the profile binds the element to.',
  RULE_BROKEN: 'A rule (invariant) of the type or profile does not hold: its key says which.',
  REFERENCE_UNRESOLVED: 'A reference leads to nothing in this Bundle or resource: send what it refers to along.',
  REFERENCE_TARGET: 'A reference leads to a resource of a type or profile that may not stand there.',
  EXTENSION_UNKNOWN:
    'A modifier extension is not known here: what it changes cannot be understood, so the resource cannot be taken as understood.',
  PROFILE_UNKNOWN: 'The resource claims a profile that is not loaded: it was judged without it.',
  VALIDATION_CUT: 'The resource is too large or has too much wrong with it to be judged to the end.',
  // Bridges
  CHARSET_UNMAPPABLE:
    'The message has a character that the character set of the destination lacks: have it written otherwise, or set `unmappable: replace` there.',
  CHARSET_REPLACED: 'Characters that the character set of the destination lacks were replaced by the nearest ones.',
  CHARSET_CONVERTED: 'The message was written in the character set of the destination, and MSH-18 with it.',
  CONVERTED: 'The message was converted to the format that its route asks for.',
  CONVERSION_LOSS: 'What stands at this place has no counterpart in the other format and was left out.',
  PRIOR_VERSION_GONE:
    'The version of the Patient before this one is no longer kept: the update left as A31, and should an identifier have been changed, the receiver does not know it.',
  CONVERSION_NONE:
    'There is no conversion of this kind of message to the format that its route asks for: docs/bridges.md lists those there are.',
  EDIT_FAILED: 'An edit of the route cannot be made on this message: mend it or its table, apply, and resend.',
  CONVERSION_FAILED: 'The message lacks what its conversion needs; the finding says where.',
  STORE_FULL: 'The disk is full: nothing new is accepted; free space, and the gateway goes on by itself.',
  STORE_FAILED: 'The disk failed to keep a write. The gateway stops; check the disk, then start it again.',
  STORE_UNREACHABLE: 'The database does not answer: nothing new is accepted until it does; check it and the way to it.',
  STORE_UNSAFE:
    'The database does not keep what it confirms (switch fsync and synchronous_commit on) or is not in UTF8; or the folder of the store is on no disk.',
  DISK_LOW: 'Free disk space is below the reserve: new messages are refused while deliveries go on.',
  DRAINING: 'The gateway is stopping; send again when it is back.',
  STORE_HELD: 'Another process holds this store; the message says which. Use its HTTP API, or stop it.',
  STORE_DAMAGED:
    'A record does not match its checksum: keep the files, restore the last backup, and run passerelle verify.',
  STORE_NEWER: 'The store was written by a newer release: use that release, or a backup made before the upgrade.',
  NODES_OLDER:
    'This release changes the store so that older ones cannot work on it: stop the nodes that the message names, then start this one.',
  BODY_DAMAGED: 'The bytes of a message are missing or do not match their checksum: run passerelle verify.',
  STORE_MOVED:
    'The store was moved to another one, or is being moved: use that one. If nothing serves that one, passerelle move --undo gives this one back.',
  STORE_UNFINISHED: 'A move into this store is not finished: run the same passerelle move command again.',
  QUERY_TIMEOUT: 'The question took more than 2 s and was stopped: narrow it.',
  START_TIMEOUT:
    'At a hand-over the new gateway did not open its doors in time and was ended; the old one goes on. See what the new one logged last.',
  AUDIT_BROKEN:
    'Events vanished from the store before they were sealed in the audit: it was changed from outside. Keep it as it is, export the audit, and compare with a backup.',
  LEASE_LOST: 'This node no longer serves the destination; another one goes on by itself.',
  CONNECT_FAILED: 'The destination does not accept connections: it is down, or host and port are wrong.',
  CONNECTION_CUT: 'The connection broke after bytes had left: the far side may or may not have the message.',
  ANSWER_TIMEOUT: 'No answer came in time: the far side may or may not have the message.',
  ANSWER_WRONG_ID:
    'The answer named another message (MSA-2): the connection was dropped, nothing was taken for granted.',
  ANSWER_GARBAGE: 'What came back is no answer of this protocol: check what listens there.',
  ACK_ERROR: 'The destination could not take the message now (AE of the base standard, AR of the French guides).',
  ACK_REJECT: 'The destination refused this message: read its answer, mend the content or the mapping, then resend.',
  DESTINATION_BUSY:
    'The destination is overloaded or under maintenance (HTTP 408, 429, 503): it is asked again, no sooner than it says itself (Retry-After, 1 h at most).',
  DESTINATION_FAULT:
    'The destination failed while it had the message (HTTP 500, 502, 504): it may or may not have taken it.',
  DESTINATION_REFUSES_US:
    'The destination does not let us in (HTTP 401, 403, 404; SMTP 5xx at once): check the url, key and certificate we use there.',
  UNFIT_FOR_DESTINATION:
    'This destination does not take messages of this format: send FHIR to a fhir destination, HL7 v2 to mllp or http.',
  MAP_MISSING: 'A value had no row in the table of a map edit, and went on as it came: add the row.',
  DELIVERY_EXPIRED:
    'The delivery was tried until its limit (expires): end it or resend it once the destination is back.',
  CRASHED: 'The gateway stopped while this delivery was under way: the far side may or may not have it.',
  POISONED: 'The gateway failed on this message repeatedly, and set it aside: see its attempts, and the log.',
  DESTINATION_GONE: 'The running configuration has no such destination any more: put it back, or close the delivery.',
  ORDER_OVERTAKEN: 'This urgent delivery passed an earlier one for the same patient that could not go.',
  WRONG_USE: 'A destination of the other sort (qualification or production) was left out.',
  ALERT_AFTER: 'An urgent delivery is still not there after alertAfter: telephone, and check the destination.',
  LATE_REFUSAL: 'The destination first took the message, then answered AE or AR: ask it what became of the message.',
  ANSWER_UNMATCHED: 'An answer came that names no message of ours; it was kept.',
  CLOCK_SKEW: "The machine's clock jumped, or is not that of the database: check its time source.",
  // Alerts
  SILENT:
    'An establishment has sent nothing for longer than is usual at this hour of the week: ask it whether its interface runs.',
  QUEUE_OLD: 'The oldest message waits longer than it should for its destination: see why attempts do not succeed.',
  UNREACHED:
    'Nothing reaches the destination: it is down, the network is cut, or it does not let us in. Test the connection, then call whoever runs it.',
  ERROR_RATE:
    'Many attempts to deliver fail: read the last errors of the destination and the findings of its messages.',
  REFUSAL_RATE:
    'Much of what an establishment sends is refused at the door: read the reasons, and tell the editor of its software.',
  WORK_PARKED: 'Deliveries wait for a person: resend, skip or close each.',
  NOT_CONSERVED:
    'received is not closed + inFlight + parked: a defect of the gateway. Keep the store as it is, run passerelle verify, and call its makers.',
  DISK_NEARLY_LOW: 'Free disk space comes near the reserve below which nothing new is taken: make room.',
  NOTICE_UNSENT: 'Alerts cannot be told through this channel of notify: check its address, key and network.',
  CONFORMITY_REGRESSED:
    'A requirement of a framework is met less well than before: see the conformity page of the establishment.',
  VIEWER_LIMIT: 'Too many live pages are open: close some, or reload by hand.',
  // Telemedicine: images
  DICOM_MALFORMED:
    'The bytes are no DICOM part 10 file, or their elements are out of order: send the file as the modality or the archive wrote it.',
  DICOM_SYNTAX:
    'The transfer syntax is deflated or big endian, which is not carried: have the archive send explicit little endian or a compressed image.',
  DICOM_HEAD_TOO_LONG:
    'The elements before the image number take more than 4 MiB: nothing of that size is read into memory.',
  MULTIPART_MALFORMED: 'The body is no multipart/related as its boundary says, or it broke off.',
  MULTIPART_TOO_LONG:
    'The body has too many parts, or heads of parts that are too long: send the study in several requests.',
  IMAGE_REFUSED: 'The archive of the centre refused the image: ask its operators, then send the study again.',
  IMAGE_CHANGED:
    'The image that came is not the one that was asked for: the archive of the site answers with another UID.',
  IMAGES_ABSENT: 'The archive has no such study or image yet: it is asked again until the case is closed.',
  IMAGES_INCOMPLETE:
    'The archive of the centre does not list every image that it took: those that lack are sent again.',
  IMAGES_NO_ARCHIVE:
    'The establishment has no DICOMweb archive declared for this use: add it to the region file, or name the study by its number.',
  IMAGES_NO_ROOM:
    'The folder of received images is full, or too many studies are coming in: send again later, or give it more room.',
  IMAGES_OTHER_PATIENT:
    'Identifier, issuer, name or birth date of the images are not those of the case: the study is held until a person on either side confirms.',
  IMAGES_PATIENT_UNKNOWN:
    'Nothing in the case or the images proves that they are of the same patient: the study is held until a person on either side confirms.',
  IMAGES_COERCED:
    'The issuer of the patient identifier was set, or the identifier prefixed, so that it is unmistakable in the archive of the centre.',
  ...CONFIGURATION_HELP_EN,
  BAD_REQUEST: 'The request does not have the form that the API asks for.',
  COMMAND_FAILED: 'A command could not do what it was asked: its sentence (detail) says why.',
  UNAUTHORIZED: 'Sign-in or a valid key is needed: Authorization: Bearer KEY.',
  FORBIDDEN: 'Your role does not allow this; docs/roles.md says what each role may. The refusal is in the audit.',
  NOT_FOUND: 'There is no such thing here, or this key may not see it.',
  CONDITION_FAILED: 'The condition of the request does not hold: read the resource again, or name it more exactly.',
  BUNDLE_TOO_LONG: 'A transaction, batch or message holds more than 500 entries: send it in parts.',
  METHOD_NOT_ALLOWED: 'This address exists and does not take that method; Allow says which it takes.',
  NOT_ACCEPTABLE:
    'The answer cannot be written in any format that Accept or _format asks for: only JSON is spoken here.',
  MEDIA_TYPE: 'The Content-Type or Content-Encoding of the request is not one that this address takes.',
  SECOND_PERSON:
    'A replay to a destination that the message did not have is asked by one person and approved by another: see To treat.',
  ERASE_BARRED:
    'Nothing is erased: a delivery of the patient is open or parked, a case is open, or a legal hold forbids it. The dry run names them.',
  ERASE_CHANGED:
    'What is kept of the patient changed since the dry run, or there was none; nothing is erased, run it again.',
  PATIENT_AMBIGUOUS:
    'More messages bear this identifier than one person can have; give another one, with its authority.',
  WRONG_STATE: 'It is not in a state that allows this (any more); read it again.',
  RATE_LIMITED: 'Too many failed or unauthenticated calls; wait a minute.',
  INTERNAL: 'An unexpected fault; the log has it under the same request id.',
  // Telemedicine: cases
  CASE_NOT_FOUND: 'There is no such case, or it is not yours to see.',
  CASE_FORBIDDEN: 'This is for another side of the case to do; the help of the act says whose it is.',
  CASE_STATE: 'The case is not in a state that allows this; read it again.',
  CASE_CLOSED: 'The case is closed; what is late is written in a new one, marked as written afterwards.',
  CASE_TAKEN: 'Another centre has accepted the case.',
  CASE_VERSION: 'The case has changed since it was looked at; read it again, then decide.',
  CASE_ACT:
    'The act names something that the service or the case does not have: a ladder, a decision, a study, a request.',
  CASE_IN_TRANSACTION:
    'A transaction moves no case and books no appointment: send the Task or the Appointment alone, or in a batch.',
  CASE_SERVICE: 'The region offers no such service, or not to this establishment.',
  CASE_PATIENT:
    'A message has the number of a case and another patient, or two open cases are of one patient: compare the cases.',
  CASE_UNWRITTEN:
    'What a case tells other systems could not be written: they do not know of the change. Telephone them.',
  CASE_UNREAD: 'A message of a case could not be read: look at the message, and call the requester.',
  // Telemedicine: duty and notices
  DUTY_OVERLAP:
    'Two people are on duty at the same hours at one place; the answer says which. Shorten one of them, nothing was saved.',
  DUTY_INCOMPLETE: 'Some hours have nobody on duty; the answer says which. Fill them, nothing was saved.',
  DUTY_MALFORMED:
    'A duty ends before it begins, lies outside the hours that are saved, or its name, RPPS, number or place will not do. Correct it, nothing was saved.',
  DUTY_EMPTY: 'Some hours of the next seven days have nobody on duty: complete the rota of the centre.',
  DUTY_UNTAKEN: 'The duty has begun and nobody has taken it: call whoever is planned, or change the rota.',
  DUTY_UNHEARD:
    'The duty was taken, but the sound, the short message or the call of the test did not come: check the number and the desk, or an alert may go unnoticed.',
  NOTICE_NO_NUMBER: 'Nobody is on duty at that place, or no number is known: nothing was sent by this channel.',
  NOTICE_UNDELIVERED: 'The sending service says that the short message or call did not reach whom it was for.',
  CARE_UNTOLD:
    'An alert of telemedicine has not left, for want of a number or because the sending service refuses it: call the person yourself, then correct the rota or the channel.',
  // Sign-in and sessions
  SIGN_IN_EXPIRED: 'The sign-in has expired, was used already, or comes from another tab or browser: start again.',
  PROVIDER_UNREACHABLE: 'The identity provider does not answer: try again, or take another way to sign in.',
  PROVIDER_REFUSED:
    'The identity provider refused, or sign-in was given up: start again; if it lasts, the administrator checks clientId, secret and redirect address.',
  PROVIDER_UNTRUSTED:
    'The answer of the identity provider cannot be trusted (signature, issuer, audience, nonce or assurance): nobody is signed in; the log has the rule.',
  PERSON_UNKNOWN:
    'Who you are is known, but no role was given to you here: tell the identifier below to the administrator.',
  ADDRESS_UNKNOWN: 'The address called is not known to be ours: the administrator sets publicUrl of this door.',
  LAUNCH_REFUSED:
    'The launch from the patient record is not valid (signature, 60 s, used before, audience, or a user without a role at this establishment): launch again from the record.',
  LAUNCH_IN_CLEAR:
    'The launch token names a patient in an address that can be read: the record sends it by a form (POST).',
  EMERGENCY_REFUSED:
    'Account, password or one-time code are wrong, or the code was used before: wait for the next code and try again.',
  BREAK_GLASS: 'Somebody signed in by emergency access (break-glass): find out who and why, then change the password.',
  CROSS_SITE:
    'The request comes from a page of another site, or from a program that shows a cookie: use the page itself, or a key.',
  // Appointments, sessions and photos
  SLOT_TAKEN: 'Somebody else has that time by now, or it is over: choose another.',
  SLOT_OVERLAPS: 'The centre offers some of that time already; nothing was added.',
  SERVICE_UNKNOWN: 'The region offers no such service, or it works without appointment or session.',
  CENTRE_NOT_OFFERED: 'This centre does not answer that site for the service.',
  CONSENT_MISSING:
    'The patient has not agreed, or has taken the consent back: record the consent, by whom and when, before the session.',
  TOO_EARLY: 'It is too early for that: the appointment has not begun.',
  SESSION_TOKEN:
    'The link of the session is not good (changed, expired, or of another session): open it again from the case.',
  AGENDA_DIFFERS: 'What a system said of an appointment was not done, so both agendas differ: call the centre.',
  APPOINTMENT_UNREAD:
    'A slot or appointment that a system sent could not be used (no service, case or time of ours); it is kept as a message, and nothing changed.',
  ATTACHMENT_TYPE: 'Photos are JPEG or PNG, documents are PDF; this is something else than it says.',
  UPLOAD_TOO_LONG: 'The file is larger than is taken: send a smaller one.',
  UPLOAD_COUNT:
    'The case has as many photos and documents as it may, or too many are under way: remove or finish some.',
  OFFSET_WRONG: 'These bytes do not follow what was received: ask how far it is, and go on from there.',
  UPLOAD_DAMAGED: 'The file arrived, and is not what was announced: send it again.',
  PHOTO_UNREADABLE: 'The photo is damaged or cannot be written anew without what is hidden in it: take it again.',
  PHOTO_TOO_LARGE: 'The photo has more pixels than is taken: take it with a smaller size.',
  PHOTOS_UNAVAILABLE: 'Photos cannot be prepared here for now; try again, or send a PDF.',
  ...MAIL_HELP_EN,
  ...DIRECTORY_HELP_EN,
  ...STRUCTURES_HELP_EN,
  // Documents by mail
  XDM_UNREADABLE:
    'The archive of documents (IHE_XDM.ZIP) cannot be unpacked: it is damaged, encrypted, or no plain ZIP. Nothing in it was read; ask its sender for another.',
  XDM_LIMITS:
    'The archive of documents (IHE_XDM.ZIP) has too many files or would unpack to too much. Nothing in it was read.',
  XDM_NAME:
    'A file of the archive of documents (IHE_XDM.ZIP) has a name that leads out of it, is a link, or stands twice. Nothing in it was read.',
  XDM_METADATA:
    'Several archives IHE_XDM.ZIP, or no METADATA.XML that can be read: none or several, a DOCTYPE, no XML, not one submission set, no document.',
  XDM_PATIENTS:
    'The archive of documents speaks of more than one patient: a message speaks of one. Ask its sender; no document of it is handed on.',
  XDM_FIELD_MISSING:
    'METADATA.XML of the archive of documents does not say something that it must. Its sender should add it.',
  XDM_FILE_MISSING:
    'The archive of documents lacks a file for people, README.TXT or INDEX.HTM. Its sender should add it.',
  XDM_FILE_UNLISTED: 'The archive of documents has files that METADATA.XML does not name: they were not read.',
  XDM_DOCUMENT_MISSING: 'METADATA.XML names a document that is not in the archive. Ask its sender for it.',
  XDM_HASH:
    'A document of the archive is not the one that METADATA.XML describes: its hash or its size differs. Ask its sender.',
  DOCUMENT_RECIPIENT_NONE:
    'The document is for professionals by mail and names none of them (PRT-4 RCT). Its sender should name them.',
  DOCUMENT_MASKED: 'The document is masked to professionals (MASQUE_PS): it goes to none but its author.',
  DOCUMENT_INVISIBLE:
    "The document may not be seen by the patient (INVISIBLE_PATIENT): it does not go to the patient's box.",
  DOCUMENT_INVISIBLE_GUARDIANS:
    'The document may not be seen by the legal representatives (INVISIBLE_REP_LEGAUX), who may read the box of a minor: it does not go there.',
  DOCUMENT_SECRET:
    "The sender asks for a secret connection (CONNEXION_SECRETE): the document does not go to the patient's box.",
  DOCUMENT_OTHER_PATIENT:
    'The document is about another patient than the message: it does not leave by mail. Check both, and send it again.',
  DOCUMENT_INS_UNQUALIFIED:
    'The document holds an INS and the identity of the message is not qualified: it does not leave by mail. Qualify the identity and send it again.',
  DOCUMENT_IDENTITY_UNQUALIFIED:
    "The address of a patient's box is the INS, and the identity of the message is not qualified: nothing goes there. Qualify the identity and send it again.",
  DOCUMENT_OTHER_BOX:
    "The address of the patient's box is not the INS of the message: nothing goes there. Check the address (PRT-15) and the identity (PID-3).",
  DOCUMENT_NOT_ADDRESSED:
    'A recipient is named whom the instructions leave out (DESTMSSANTEPS, DESTMSSANTEPAT or DESTDMP is not Y): nothing goes there.',
  DOCUMENT_ADDRESS_UNKNOWN:
    'A recipient is named without an address of secure mail (PRT-15.4), and none is known: nothing goes there.',
  DOCUMENT_NO_DMP:
    'The document is for the national record (DESTDMP=Y) and its route has no connector for it: it did not go there.',
  DOCUMENTS_MAILBOX:
    'The mailbox that documents leave by (mail.operator.documents) is missing, suspended, closed or none of an application (APP): put it right.',
  DOCUMENTS_FAILED:
    'A step of documents by mail failed and is not done again: see the log, have the document sent again.',
  MAIL_HEADER_DISAGREES:
    'A header of the mail (X-MSS-CODECDA, X-MSS-INS) does not say what is in its documents. Its sender should mend it.',
  ...HELP_CONFORMITY_EN,
}
