import { machineIds } from '../../src/app/cli/machine.ts'
import type { Act, Case, CaseRequest, Climb, Happening, Notice } from '../../src/core/cases.ts'
import type { Config } from '../../src/core/config.ts'
import type { Duty, DutyPlace } from '../../src/core/duty.ts'
import type { Statement } from '../../src/core/journal.ts'
import { type CareService, NO_TELEMEDICINE, type Telemedicine, type Told } from '../../src/core/services.ts'
import { BLANK_CASE } from '../support/blank-case.ts'

const MINUTE = 60_000
const target = (path: string) => ({
  url: `http://127.0.0.1:9/${path}`,
  body: '{"to":"{to}","text":"{text}","id":"{id}"}',
  contentType: 'application/json' as const,
  bearer: 'key of ours',
  allowPrivate: false,
  timeoutMs: 2_000,
  reports: {
    secret: 'key-of-theirs',
    id: 'id',
    status: 'state',
    delivered: ['delivered', 'answered'],
    failed: ['failed'],
  },
})

/** A region with a sender of short messages and one of calls. */
export const ON_CALL: Telemedicine = {
  ...NO_TELEMEDICINE,
  consoleUrl: 'https://console.test',
  coordination: 'coordination-test',
  centre15: { '44': '0261910015', '*': '15' },
  sms: target('sms'),
  voice: target('voice'),
}

/** A stroke service with the ladder of the default file, and one of interventional neuroradiology. */
export const stroke: CareService = {
  name: 'stroke',
  kind: 'stroke',
  title: { fr: 'Télé-AVC', en: 'Tele-stroke' },
  prefix: 'AVC',
  specialities: [],
  code: { system: 'urn:test', code: 'stroke', display: 'stroke' },
  askers: { kinds: ['hospital'], establishments: [] },
  opens: ['ORM^O01', 'ServiceRequest'],
  joinMs: 86_400_000,
  form: [],
  ladders: [
    {
      name: 'answer',
      title: { fr: 'Neurologue', en: 'Neurologist' },
      centres: [
        { site: 'ch-chateaubriant', centres: ['chu-nantes', 'chu-angers'] },
        { site: '*', centres: ['chu-angers', 'chu-nantes'] },
      ],
      rungs: [
        { afterMs: 0, everyMs: null, tell: ['duty-1'], channels: ['console', 'sms', 'voice', 'system'], number: null },
        { afterMs: 2 * MINUTE, everyMs: null, tell: ['duty-1'], channels: ['console', 'sms', 'voice'], number: null },
        { afterMs: 4 * MINUTE, everyMs: null, tell: ['duty-2'], channels: ['console', 'sms', 'voice'], number: null },
        {
          afterMs: 7 * MINUTE,
          everyMs: null,
          tell: ['coordination', 'next-centre', 'requester'],
          channels: ['console', 'sms', 'voice', 'webhook'],
          number: null,
        },
        {
          afterMs: 9 * MINUTE,
          everyMs: 2 * MINUTE,
          tell: ['everybody'],
          channels: ['console', 'sms', 'voice'],
          number: 'centre-15',
        },
      ],
    },
    {
      name: 'interventional',
      title: { fr: 'Neuroradiologue interventionnel', en: 'Interventional neuroradiologist' },
      centres: [{ site: '*', centres: ['chu-nantes'] }],
      rungs: [{ afterMs: 0, everyMs: 2 * MINUTE, tell: ['duty-1'], channels: ['console', 'sms'], number: null }],
    },
  ],
  windows: [],
  delays: [
    { name: 'accepted-without-advice', afterMs: 15 * MINUTE, tell: ['owner', 'coordination'], nextMs: 5 * MINUTE },
  ],
  reports: [],
  consent: 'recorded',
  appointment: null,
  joinUrl: null,
  imagingUnits: [],
  decisions: [],
  oldMs: 172_800_000,
  reportAtFinish: false,
  keptMs: 86_400_000,
}

/** A region of that service alone. */
export function careConfig(more: Partial<Config> = {}): Config {
  const establishment = (id: string, name: string, ej: string, kind = 'hospital') =>
    [id, { id, name, kind, finess: { ej, eg: [] }, certificates: [], keys: [], clients: [], facilities: [] }] as const
  return {
    region: { name: 'Région', timeZone: 'Europe/Paris', locale: 'fr' },
    careServices: new Map([['stroke', stroke]]),
    telemedicine: ON_CALL,
    establishments: new Map([
      establishment('ch-chateaubriant', 'CH de Châteaubriant', '440000099'),
      establishment('chu-nantes', 'CHU de Nantes', '440000289'),
      establishment('chu-angers', "CHU d'Angers", '490000031'),
      establishment('home-test', 'Résidence', '440000016', 'nursing-home'),
    ]),
    ...more,
  } as unknown as Config
}

/** When the cases of these tests begin: where the manual clock stands. */
export const OPENED = Date.UTC(2026, 0, 5, 8)

const REQUEST: CaseRequest = {
  ...{ id: 'r1', service: 'stroke', via: 'form', message: null, atMs: OPENED, site: 'ch-chateaubriant', unit: null },
  asker: { name: 'Dr Line Roy', rpps: null, establishment: 'ch-chateaubriant', role: 'requester', phone: null },
  callBack: '02 61 91 00 77',
  patient: {
    ...{
      identifiers: [],
      family: 'CANARI (FICTIF)',
      given: 'Zoé',
      birthDate: null,
      sex: 'unknown',
      status: 'provisional',
    },
  },
  ...{ keys: [], placer: null, reason: 'hémiplégie canari', coded: [], times: {}, answers: {}, studies: [] },
  ...{ attachments: [], consent: null, treatingDoctor: null, test: true, drill: false, late: false },
}

/** A climb of the ladder of the neurologists, at its first centre. */
export const CLIMB: Climb = {
  ...{ ladder: 'answer', centres: ['chu-nantes', 'chu-angers'], at: 0, begunAtMs: OPENED, climbed: 0 },
  ...{ refused: [], acceptedBy: null, endedAtMs: null },
}

/** A case that was just asked for. */
export function someCase(more: Partial<Case> = {}): Case {
  return {
    ...BLANK_CASE,
    ...{ id: 'case-1', number: 'AVC-260105-0001', test: false, openedAtMs: OPENED, stateAtMs: OPENED },
    ...{ site: 'ch-chateaubriant', requests: [REQUEST], patient: REQUEST.patient, climbs: [CLIMB] },
    ...more,
  }
}

/** Something that happened to it. */
export function happening(seq: number, act: Act, atMs = OPENED): Happening {
  const by = { name: 'gateway', rpps: null, establishment: null, role: 'gateway' as const, phone: null }
  return { seq, atMs, recordedAtMs: atMs, by, act }
}

/** Whom a rung of the first ladder tells, for a case of Châteaubriant that Nantes is asked first. */
export function noticesAt(rung: number): Notice[] {
  const { rungs } = stroke.ladders[0]!
  const { tell, channels } = rungs[Math.min(rung, rungs.length - 1)]!
  const where = { 'next-centre': 'chu-angers', coordination: null, requester: 'ch-chateaubriant' } as const
  const all = ['duty-1', 'next-centre', 'coordination', 'requester'] as const
  const told = tell.flatMap((one): Told[] => (one === 'everybody' ? [...all] : [one]))
  return told.flatMap((one) =>
    channels.map((channel) => {
      const establishment = one in where ? where[one as keyof typeof where] : 'chu-nantes'
      return { id: machineIds.uuid(), told: one, channel, establishment, name: '' }
    }),
  )
}

/** A duty that lasts for ever. */
export function onCall(centre: string, place: DutyPlace, service = 'stroke', more: Partial<Duty> = {}): Duty {
  const id = `${service} ${centre} ${place}`
  return {
    ...{
      id,
      service,
      centre,
      place,
      person: `Dr ${centre} ${place}`,
      rpps: null,
      phone: `026191${hash(id)}`,
      mobile: null,
    },
    ...{ fromMs: 0, untilMs: 1e14, takenAtMs: 0, takenBy: 'test', heard: null },
    ...more,
  }
}

/** Four figures that differ for each text of these tests. */
function hash(text: string): string {
  const sum = [...text].reduce((all, one) => (all * 31 + (one.codePointAt(0) ?? 0)) % 9_973, 7)
  return String(sum).padStart(4, '0')
}

/** A case as it stands in its table, for what looks at no more of it. */
export function caseRow({ id, number, service, kind, state, test: isTest, drill, site }: Case): Statement {
  return {
    sql: `INSERT INTO care_case (id, number, service, kind, state, test, drill, site, version, opened_at_ms, changed_at_ms)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?)`,
    parameters: [id, number, service, kind, state, isTest ? 1 : 0, drill ? 1 : 0, site, OPENED, OPENED],
  }
}
