import { machineIds } from '../../src/app/cli/machine.ts'
import type { Person } from '../../src/core/caller.ts'
import type { Case, CasePatient, CaseViewer, Consent } from '../../src/core/cases.ts'
import type { Journal } from '../../src/core/journal.ts'
import type { Clock } from '../../src/core/ports.ts'
import type { Role } from '../../src/core/roles.ts'
import type { CareService } from '../../src/core/services.ts'
import type { Agenda } from '../../src/telemedicine/appointments/agenda.ts'
import { appointmentCommands } from '../../src/telemedicine/appointments/commands.ts'

/** A teleconsultation of an invented service. */
export const WOUNDS: CareService = {
  name: 'wounds',
  kind: 'teleconsultation',
  title: { fr: 'Plaies', en: 'Wounds' },
  prefix: 'PLA',
  specialities: [],
  code: { system: 'urn:test:services', code: 'wounds', display: 'Plaies et escarres' },
  askers: { kinds: ['nursing-home'], establishments: [] },
  opens: ['ServiceRequest'],
  joinMs: 86_400_000,
  form: [],
  ladders: [
    {
      name: 'answer',
      title: { fr: 'Réponse', en: 'Answer' },
      centres: [{ site: 'home', centres: ['centre', 'other-centre'] }],
      rungs: [],
    },
  ],
  windows: [],
  delays: [],
  reports: [],
  consent: 'required',
  appointment: { lengthMs: 1_800_000, reminderMs: [86_400_000, 3_600_000] },
  joinUrl: 'https://visio.example/join?t={token}',
  imagingUnits: [],
  decisions: [],
  oldMs: 86_400_000,
  reportAtFinish: false,
  keptMs: 86_400_000 * 30,
}

/** The services of the tests, with one that has no appointment. */
export const SERVICES: ReadonlyMap<string, CareService> = new Map([
  ['wounds', WOUNDS],
  ['opinion', { ...WOUNDS, name: 'opinion', kind: 'tele-expertise', appointment: null, joinUrl: null }],
])

/** Somebody in a role, with a reach. */
export function viewer(role: Role, establishments: readonly string[] | null, units?: readonly string[]): CaseViewer {
  const caller: Person = {
    role,
    who: `${role} (fictif)`,
    reach: { establishments, applications: null, ...(units && { units }) },
    content: false,
  }
  return {
    caller,
    participant: { name: caller.who, rpps: null, establishment: establishments?.[0] ?? null, role, phone: null },
  }
}

/** What a case of the tests may have other than usual. */
export interface CareParts {
  readonly service?: string
  readonly unit?: string
  readonly state?: string
  readonly test?: boolean
  readonly owner?: string
  readonly parts?: readonly string[]
  readonly site?: string
  /** Clinical text of its request. */
  readonly reason?: string
}

const SOMEONE: CasePatient = {
  identifiers: [],
  family: 'LEROUX (FICTIF)',
  given: 'Suzanne',
  birthDate: '1931-08-12',
  sex: 'female',
  status: 'provisional',
}

/** A case as the engine keeps it, of the site `home` (FICTIF). */
export async function openCase(
  journal: Pick<Journal, 'apply'>,
  id: string,
  {
    service = 'wounds',
    unit,
    state = 'accepted',
    test = false,
    owner,
    site = 'home',
    parts = [site],
    reason,
  }: CareParts = {},
): Promise<void> {
  const requests = [{ reason, callBack: '02 61 91 00 01', asker: { phone: null } } as Case['requests'][number]]
  const snapshot: Partial<Case> = { id, number: `PLA-${id}`, service, consent: null, requests, patient: SOMEONE }
  const done = await journal.apply({
    rows: [
      {
        sql: `INSERT INTO care_case (id, number, service, kind, state, test, drill, site, unit, owner, version, opened_at_ms,
          changed_at_ms, state_json) VALUES (?, ?, ?, 'teleconsultation', ?, ?, 0, ?, ?, ?, 1, 0, 0, ?)`,
        parameters: [
          ...[id, `PLA-${id}`, service, state, test ? 1 : 0, site],
          ...[unit ?? null, owner ?? null, JSON.stringify(snapshot)],
        ],
        rows: 1,
      },
      ...parts.map((establishment) => ({
        sql: 'INSERT INTO care_part (establishment, care_case, part, at_ms) VALUES (?, ?, ?, 0)',
        parameters: [establishment, id, establishment === site ? 'requester' : 'centre'],
      })),
    ],
  })
  if (!done) throw new Error('the case was not written')
}

/** The patient's consent, as the engine keeps it. */
export async function consent(journal: Pick<Journal, 'apply'>, id: string, given: Consent | null): Promise<void> {
  const of = { id, number: `PLA-${id}`, service: 'wounds', patient: SOMEONE }
  const state = JSON.stringify({ ...of, consent: given, requests: [] })
  await journal.apply({
    rows: [{ sql: 'UPDATE care_case SET state_json = ? WHERE id = ?', parameters: [state, id], rows: 1 }],
  })
}

/** Removes what a test left in the tables of telemedicine: a store of its own for each would take longer than the test. */
export async function empty(journal: Pick<Journal, 'apply'>): Promise<void> {
  const tables = [
    'care_case',
    'care_part',
    'slot',
    'appointment',
    'upload',
    'attachment',
    'attachment_chunk',
    'timer',
    'care_notice',
  ]
  await journal.apply({ rows: tables.map((table) => ({ sql: `DELETE FROM ${table}`, parameters: [] })) })
}

/** What follows the messages of agendas, over a journal and these services. */
export function agendaOver(journal: Journal, clock: Clock): Agenda {
  const timeZone = (): string => 'Europe/Paris'
  const services = () => SERVICES
  const commands = appointmentCommands({ journal, services, timeZone, changed() {}, clock, ids: machineIds })
  return { journal, services, timeZone, charset: () => '', search: (_, value) => value, commands, clock }
}
