/** What happened, as the journal keeps it, with the pseudonyms of the patients it was about. */
export interface AuditFact {
  /** Number of the event in the audit, from 1. */
  readonly n: number
  readonly atMs: number
  /** Operator, establishment, or `gateway`. */
  readonly who: string
  readonly what: string
  readonly why: string | null
  readonly code: string | null
  readonly message: string | null
  readonly delivery: string | null
  readonly detail: string | null
  /** Names of patients in the audit: made at random, so that only the store can tell whose they are, and can forget it. */
  readonly patients: readonly string[]
  /** Name of the region. */
  readonly site: string
}

const HL7 = 'http://terminology.hl7.org/CodeSystem'
const DCM = 'http://dicom.nema.org/resources/ontology/DCM'
/** System of our own: what was done. */
export const ACTS = 'urn:passerelle:audit:act'
/** System of our own: how patients are named. */
export const PSEUDONYM = 'urn:passerelle:audit:patient'
/** System of our own: the numbers of events. */
export const NUMBER = 'urn:passerelle:audit:number'

/** Action of AuditEvent (C, R, U, D, E) by what was done; all else is an execution. */
const ACTIONS: Readonly<Record<string, string>> = {
  'read-body': 'R',
  'read-message': 'R',
  'read-resource': 'R',
  'read-case': 'R',
  'read-attachment': 'R',
  'read-mail': 'R',
  'read-config': 'R',
  'read-audit': 'R',
  'read-privacy': 'R',
  backup: 'R',
  'apply-config': 'U',
  'prune-audit': 'D',
  'create-mailbox': 'C',
  'change-mailbox': 'U',
  'suspend-mailbox': 'U',
  'resume-mailbox': 'U',
  'close-mailbox': 'D',
  'delegate-mailbox': 'U',
  'undelegate-mailbox': 'U',
  'import-directory': 'C',
  'take-directory': 'U',
  'find-patient': 'R',
  'export-patient': 'R',
  'report-patient': 'R',
  'erase-patient': 'D',
  'export-incident': 'R',
  'export-messages': 'R',
  'incident-sheet': 'R',
}
const USER_AUTHENTICATION = ['110114', 'User Authentication'] as const
const LOGIN = ['110122', 'Login'] as const
const LOGOUT = ['110123', 'Logout'] as const
/** AuditEvent.type, as recalled of DICOM PS3.15 and IHE BALP: export, patient record, security alert, activity. */
const TYPES: Readonly<Record<string, readonly [code: string, display: string]>> = {
  list: ['110112', 'Query'],
  'list-cases': ['110112', 'Query'],
  'list-appointments': ['110112', 'Query'],
  'list-registered': ['110112', 'Query'],
  'list-mail': ['110112', 'Query'],
  'search-patient': ['110112', 'Query'],
  'read-message': ['110110', 'Patient Record'],
  'read-resource': ['110110', 'Patient Record'],
  'read-case': ['110110', 'Patient Record'],
  'read-attachment': ['110110', 'Patient Record'],
  'read-mail': ['110110', 'Patient Record'],
  'read-privacy': ['110110', 'Patient Record'],
  'read-audit': ['110101', 'Audit Log Used'],
  refused: ['110113', 'Security Alert'],
  unrecognised: ['110114', 'User Authentication'],
  'read-body': ['110106', 'Export'],
  backup: ['110106', 'Export'],
  'find-patient': ['110112', 'Query'],
  'report-patient': ['110112', 'Query'],
  'export-patient': ['110106', 'Export'],
  'export-incident': ['110106', 'Export'],
  'export-messages': ['110106', 'Export'],
  'incident-sheet': ['110106', 'Export'],
  'erase-patient': ['110110', 'Patient Record'],
  'apply-config': ['110100', 'Application Activity'],
  alert: ['110113', 'Security Alert'],
  'sign-in': USER_AUTHENTICATION,
  'break-glass': USER_AUTHENTICATION,
  launch: USER_AUTHENTICATION,
  'refuse-sign-in': USER_AUTHENTICATION,
  'sign-out': USER_AUTHENTICATION,
  'end-session': USER_AUTHENTICATION,
}
/** AuditEvent.subtype of DICOM beside our own: login, logout, and an emergency override. */
const SUBTYPES: Readonly<Record<string, readonly [code: string, display: string]>> = {
  'sign-in': LOGIN,
  'break-glass': ['110127', 'Emergency Override Started'],
  launch: LOGIN,
  'refuse-sign-in': LOGIN,
  'sign-out': LOGOUT,
  'end-session': LOGOUT,
}

/**
 * An event as FHIR R4 AuditEvent, in the shape of IHE BALP (patterns recalled, so no profile is claimed): one line of JSON.
 * Equal facts give equal bytes. It has no room for content or for an identifier of a patient. */
export function auditEvent(fact: AuditFact): string {
  const { n, atMs, who, what, why, code, site } = fact
  const [type, display] = TYPES[what] ?? ['110100', 'Application Activity']
  const more = SUBTYPES[what]
  const person = who !== 'gateway'
  return JSON.stringify({
    resourceType: 'AuditEvent',
    id: String(n),
    recorded: new Date(atMs).toISOString(),
    type: { system: DCM, code: type, display },
    subtype: [
      { system: ACTS, code: what },
      ...(more === undefined ? [] : [{ system: DCM, code: more[0], display: more[1] }]),
    ],
    action: ACTIONS[what] ?? 'E',
    // 0 success, 4 minor failure: what carries an error code tells of something that did not go well.
    outcome: code === null ? '0' : '4',
    ...(code === null ? {} : { outcomeDesc: code }),
    ...(why === null || why === '' ? {} : { purposeOfEvent: [{ text: why }] }),
    agent: [
      {
        type: {
          coding: [
            person ? { system: `${HL7}/extra-security-role-type`, code: 'humanuser' } : { system: DCM, code: '110150' },
          ],
        },
        who: { display: who },
        requestor: true,
      },
    ],
    source: {
      site,
      observer: { display: 'passerelle' },
      type: [{ system: `${HL7}/security-source-type`, code: '4', display: 'Application Server' }],
    },
    entity: entities(fact),
  })
}

function entities({ n, message, delivery, detail, patients }: AuditFact): object[] {
  const thing = (value: string, role: string) => ({
    what: { identifier: { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${value}` } },
    type: { system: `${HL7}/audit-entity-type`, code: '2', display: 'System Object' },
    role: { system: `${HL7}/object-role`, code: role },
  })
  return [
    // BALP's transaction entity, which joins what is said of one thing.
    {
      what: { identifier: { system: NUMBER, value: String(n) } },
      type: { system: `${HL7}/audit-entity-type`, code: '4', display: 'Other' },
      ...(detail === null || detail === '' ? {} : { detail: [{ type: 'detail', valueString: detail }] }),
    },
    ...(message === null ? [] : [thing(message, '4')]),
    ...(delivery === null ? [] : [thing(delivery, '20')]),
    ...patients.map((value) => ({
      what: { identifier: { system: PSEUDONYM, value } },
      type: { system: `${HL7}/audit-entity-type`, code: '1', display: 'Person' },
      role: { system: `${HL7}/object-role`, code: '1', display: 'Patient' },
    })),
  ]
}
