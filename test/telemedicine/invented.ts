import type { Caller } from '../../src/core/caller.ts'
import type { Act, CaseRequest, CaseViewer, Participant } from '../../src/core/cases.ts'
import type { Role } from '../../src/core/roles.ts'
import type { CareService } from '../../src/core/services.ts'

const min = 60_000
const text = (fr: string, en: string) => ({ fr, en })

const REPORT = {
  id: 'telemedicine-report',
  code: { system: 'http://loinc.org', code: '85208-7', display: "Compte rendu d'acte de télémédecine" },
  name: text('Compte rendu de télémédecine', 'Telemedicine report'),
  template: null,
  default: true,
}

/** The tele-stroke service as the region would describe it. */
export const STROKE: CareService = {
  name: 'stroke',
  kind: 'stroke',
  title: text('Télé-AVC', 'Tele-stroke'),
  prefix: 'AVC',
  specialities: [],
  code: { system: 'http://snomed.info/sct', code: '230690007', display: 'Stroke' },
  askers: { kinds: ['hospital'], establishments: [] },
  opens: ['ORM^O01', 'ServiceRequest'],
  joinMs: 24 * 60 * min,
  form: [],
  ladders: [
    {
      name: 'answer',
      title: text('Réponse', 'Answer'),
      centres: [
        { site: 'ch-chateaubriant', centres: ['chu-nantes', 'chu-angers'] },
        { site: '*', centres: ['chu-angers', 'chu-nantes'] },
      ],
      rungs: [
        { afterMs: 0, everyMs: null, tell: ['duty-1'], channels: ['console', 'sms'], number: null },
        { afterMs: 2 * min, everyMs: null, tell: ['duty-1'], channels: ['console', 'voice'], number: null },
        { afterMs: 4 * min, everyMs: null, tell: ['duty-2'], channels: ['console', 'sms'], number: null },
        {
          afterMs: 7 * min,
          everyMs: null,
          tell: ['coordination', 'next-centre'],
          channels: ['console', 'sms'],
          number: null,
        },
        { afterMs: 9 * min, everyMs: 2 * min, tell: ['everybody'], channels: ['console', 'voice'], number: '15' },
      ],
    },
    {
      name: 'interventional',
      title: text('Neuroradiologie', 'Neuroradiology'),
      centres: [{ site: '*', centres: ['chu-nantes'] }],
      rungs: [{ afterMs: 0, everyMs: 3 * min, tell: ['duty-1'], channels: ['console'], number: null }],
    },
  ],
  windows: [],
  delays: [
    { name: 'seen-not-accepted', afterMs: 3 * min, tell: ['owner', 'coordination'], nextMs: 2 * min },
    { name: 'accepted-without-advice', afterMs: 15 * min, tell: ['owner', 'coordination'], nextMs: 5 * min },
    { name: 'images-absent', afterMs: 15 * min, tell: ['imaging', 'coordination'], nextMs: 5 * min },
    { name: 'transfer-stalled', afterMs: 2 * min, tell: ['imaging', 'coordination'], nextMs: 5 * min },
    { name: 'advice-not-opened', afterMs: 3 * min, tell: ['requester', 'coordination'], nextMs: 5 * min },
    { name: 'decision-not-recorded', afterMs: 30 * min, tell: ['owner', 'coordination'], nextMs: 10 * min },
    { name: 'request-undelivered', afterMs: 2 * min, tell: ['requester', 'coordination'], nextMs: 2 * min },
  ],
  reports: [REPORT],
  consent: 'recorded',
  appointment: null,
  joinUrl: null,
  imagingUnits: ['RADIO'],
  decisions: [
    { id: 'thrombolysis', name: text('Thrombolyse', 'Thrombolysis'), code: null },
    { id: 'neither', name: text('Ni l’une ni l’autre', 'Neither'), code: null },
  ],
  oldMs: 24 * 60 * min,
  reportAtFinish: false,
  keptMs: 30 * 24 * 60 * min,
}

/** Wounds and pressure sores, by appointment. */
export const WOUNDS: CareService = {
  ...STROKE,
  name: 'wounds',
  kind: 'teleconsultation',
  prefix: 'PLA',
  askers: { kinds: ['nursing-home'], establishments: ['ch-laval'] },
  ladders: [
    {
      name: 'answer',
      title: text('Réponse', 'Answer'),
      centres: [{ site: '*', centres: ['chu-angers'] }],
      rungs: [{ afterMs: 0, everyMs: 24 * 60 * min, tell: ['duty-1'], channels: ['console'], number: null }],
    },
  ],
  delays: [],
  consent: 'required',
  appointment: { lengthMs: 30 * min, reminderMs: [] },
  imagingUnits: [],
}

/** A written opinion within two days. */
export const OPINION: CareService = {
  ...WOUNDS,
  name: 'opinion',
  kind: 'tele-expertise',
  prefix: 'EXP',
  delays: [{ name: 'answer-due', afterMs: 48 * 60 * min, tell: ['owner', 'coordination'], nextMs: 24 * 60 * min }],
  appointment: null,
}

/** Somebody in a role at an establishment. */
export function person(role: Role, establishment: string | null, units: readonly string[] | null = null): CaseViewer {
  const reach = { establishments: establishment === null ? null : [establishment], applications: null, units }
  const caller: Caller = { role, who: `${role}-${establishment ?? 'region'}`, reach, content: false }
  const participant: Participant = { name: caller.who, rpps: null, establishment, role, phone: null }
  return { caller, participant }
}

/** A request for an invented patient. */
export function request(changes: Partial<CaseRequest> = {}): CaseRequest {
  return {
    id: 'r1',
    service: 'stroke',
    via: 'form',
    message: null,
    atMs: 0,
    site: 'ch-laval',
    unit: 'URG',
    asker: person('requester', 'ch-laval').participant,
    callBack: '0199005001',
    patient: {
      identifiers: [{ authority: 'CHL', value: '4711', type: 'PI' }],
      family: 'MARTIN (FICTIF)',
      given: 'Jeanne',
      birthDate: '1950-01-02',
      sex: 'female',
      status: 'validated',
    },
    keys: [],
    placer: null,
    reason: 'Hémiparésie droite',
    coded: [],
    times: {},
    answers: {},
    studies: [],
    attachments: [],
    consent: null,
    treatingDoctor: null,
    test: false,
    drill: false,
    late: false,
    ...changes,
  }
}

/** An act by its word alone. */
export const plain = (what: 'see' | 'accept' | 'finish' | 'read-advice' | 'images-sent'): Act => ({ what })
