/** Who may do what: one table, for the API, the console and the command line. */

/** Roles of people and scripts (design, section 5). */
export const ROLES = [
  'requester',
  'expert',
  'coordination',
  'secretariat',
  'establishment-it',
  'editor',
  'support',
  'operator',
  'conformity-officer',
  'programme-officer',
  'dpo',
  'auditor',
  'admin',
] as const

/** A role of a person or a script. */
export type Role = (typeof ROLES)[number]

/** What a route, a page or a command asks for. */
export const PERMISSIONS = [
  /** Pages and calls that show no data of anybody else: one's own session. */
  'session:own',
  /** Counts, queues, health. */
  'overview:read',
  /** Messages without their content: lists, one message, timeline, findings. */
  'messages:read',
  /** The content of a message, with a reason, noted. */
  'content:read',
  /** Resend, close, skip, replay to where it went. */
  'deliveries:act',
  /** Replay to another destination: asked for by one person, approved by another. */
  'replay:elsewhere',
  /** Pause, resume, test; planned maintenance. */
  'destinations:act',
  'config:read',
  'config:change',
  'alerts:read',
  'alerts:act',
  'onboarding:read',
  'onboarding:change',
  /** One of the two signatures of a go-live. */
  'onboarding:sign',
  'audit:read',
  /** What is kept of a patient and who saw it; export. */
  'privacy:read',
  'privacy:erase',
  /** Facts, scope and timeline of a security incident. */
  'incident:export',
  'backup:run',
  /** Sessions of others: see and end. */
  'sessions:act',
  /** Cases that one takes part in: state, times, who; clinical text only with `cases:clinical`. */
  'cases:read',
  'cases:clinical',
  /** Ask, accept, advise, decide: what a case is moved by. */
  'cases:act',
  /** Appointments and slots, without clinical text. */
  'appointments:read',
  'appointments:act',
  'duty:read',
  'duty:change',
  /** Intervals, counts and costs; no patient. */
  'measures:read',
  /** The white list of mail operators and what became of it; mailboxes, never what is in them. */
  'mail:read',
  /** Confirm a list that shrank, let an old one count for longer; create, change, suspend and close mailboxes; import the directory. */
  'mail:act',
  /** Search the directory of mailboxes: the national one and ours, never the red list. */
  'directory:read',
  /** Read and send as a mailbox that is one's own or delegated to one. */
  'mailbox:use',
  /** Verdicts of conformity, with what they were made of; no message and no patient. */
  'conformity:read',
  /** Evidence for requirements of conformity: see it, file it, withdraw it. */
  'conformity:file',
  /** Accept or reject evidence that another person filed. */
  'conformity:review',
  /** Publish and withdraw frameworks, set verdicts by hand. */
  'conformity:publish',
  /** Programmes, enrolments in them, amounts and payments. */
  'programmes:read',
  /** Enrol, grant, move on, pay; import a file of enrolments. */
  'programmes:change',
] as const

/** One thing that may be done. */
export type Permission = (typeof PERMISSIONS)[number]

/**
 * Whom a route lets pass: those to whom the table gives a permission; anybody (`open`); calls of the machine itself, and
 * whoever may read the overview of the region (`machine`); an establishment's system, by its key or certificate
 * (`establishment`), or also by an access token (`client`). */
export type Admits = Permission | 'open' | 'machine' | 'establishment' | 'client'

/** How far a permission reaches: the whole region, or what the person was given (establishments, a product). */
export type Breadth = 'region' | 'own'

/** The table. What is not there may not be done. */
export const MAY: Readonly<Record<Role | 'establishment', Readonly<Partial<Record<Permission, Breadth>>>>> = {
  requester: {
    'session:own': 'own',
    'overview:read': 'own',
    'cases:read': 'own',
    'cases:clinical': 'own',
    'cases:act': 'own',
    'appointments:read': 'own',
    'appointments:act': 'own',
    'duty:read': 'own',
    'measures:read': 'own',
    'directory:read': 'own',
    'mailbox:use': 'own',
  },
  expert: {
    'session:own': 'own',
    'overview:read': 'own',
    'cases:read': 'own',
    'cases:clinical': 'own',
    'cases:act': 'own',
    'appointments:read': 'own',
    'appointments:act': 'own',
    'duty:read': 'own',
    'duty:change': 'own',
    'measures:read': 'own',
    'directory:read': 'own',
    'mailbox:use': 'own',
  },
  coordination: {
    'session:own': 'own',
    'overview:read': 'region',
    'alerts:read': 'region',
    'cases:read': 'region',
    'cases:clinical': 'region',
    'cases:act': 'region',
    'appointments:read': 'region',
    'appointments:act': 'region',
    'duty:read': 'region',
    'duty:change': 'region',
    'measures:read': 'region',
    'directory:read': 'own',
    'mailbox:use': 'own',
  },
  secretariat: {
    'session:own': 'own',
    'appointments:read': 'own',
    'appointments:act': 'own',
    'duty:read': 'own',
    'directory:read': 'own',
    'mailbox:use': 'own',
  },
  'establishment-it': {
    'session:own': 'own',
    'overview:read': 'own',
    'messages:read': 'own',
    'content:read': 'own',
    'alerts:read': 'own',
    'onboarding:read': 'own',
    'directory:read': 'own',
    'mail:read': 'own',
    'conformity:read': 'own',
    'conformity:file': 'own',
    'programmes:read': 'own',
  },
  editor: { 'session:own': 'own', 'messages:read': 'own', 'onboarding:read': 'own', 'conformity:read': 'own' },
  support: {
    'session:own': 'own',
    'overview:read': 'region',
    'messages:read': 'region',
    'alerts:read': 'region',
    'onboarding:read': 'region',
  },
  operator: {
    'session:own': 'own',
    'overview:read': 'region',
    'messages:read': 'region',
    'deliveries:act': 'region',
    'replay:elsewhere': 'region',
    'destinations:act': 'region',
    'config:read': 'region',
    'alerts:read': 'region',
    'alerts:act': 'region',
    'onboarding:read': 'region',
    'onboarding:change': 'region',
    'backup:run': 'region',
    'duty:read': 'region',
    'directory:read': 'region',
    'mail:read': 'region',
    'conformity:read': 'region',
  },
  'conformity-officer': {
    'session:own': 'own',
    'overview:read': 'region',
    'onboarding:read': 'region',
    'onboarding:change': 'region',
    'onboarding:sign': 'region',
    'conformity:read': 'region',
    'conformity:file': 'region',
    'conformity:review': 'region',
    'conformity:publish': 'region',
    'programmes:read': 'region',
  },
  'programme-officer': {
    'session:own': 'own',
    'onboarding:read': 'region',
    'measures:read': 'region',
    'conformity:read': 'region',
    'programmes:read': 'region',
    'programmes:change': 'region',
  },
  dpo: {
    'session:own': 'own',
    'overview:read': 'region',
    'audit:read': 'region',
    'privacy:read': 'region',
    'privacy:erase': 'region',
    'incident:export': 'region',
  },
  auditor: {
    'session:own': 'own',
    'audit:read': 'region',
    'incident:export': 'region',
    'sessions:act': 'region',
    'conformity:read': 'region',
  },
  admin: {
    'session:own': 'own',
    'overview:read': 'region',
    'messages:read': 'region',
    'deliveries:act': 'region',
    'replay:elsewhere': 'region',
    'destinations:act': 'region',
    'config:read': 'region',
    'config:change': 'region',
    'alerts:read': 'region',
    'alerts:act': 'region',
    'onboarding:read': 'region',
    'onboarding:change': 'region',
    'onboarding:sign': 'region',
    'audit:read': 'region',
    'backup:run': 'region',
    'sessions:act': 'region',
    'duty:read': 'region',
    'measures:read': 'region',
    'directory:read': 'region',
    'mail:read': 'region',
    'mail:act': 'region',
    'conformity:read': 'region',
    'programmes:read': 'region',
    'programmes:change': 'region',
  },
  /** An establishment's own key or certificate. */
  establishment: {
    'messages:read': 'own',
    'content:read': 'own',
    'cases:read': 'own',
    'cases:clinical': 'own',
    'cases:act': 'own',
    'appointments:read': 'own',
    'appointments:act': 'own',
    'directory:read': 'own',
  },
}

/** How far a role reaches beside its own session: `own` needs to be given what; null: nowhere yet. */
export function breadthOf(role: Role): Breadth | null {
  const breadths = PERMISSIONS.filter((one) => one !== 'session:own').map((one) => MAY[role][one])
  return breadths.includes('region') ? 'region' : breadths.includes('own') ? 'own' : null
}
