/** The cases of telemedicine in an invented minute: a few requests that the platform's pages show alive. Pure. */
import { hl7Timestamp } from '../../formats/hl7v2/timestamp.ts'
import { type DemoPatient, demoPatient, TEST_INS } from './patients.ts'
import { EAST, HOMES, hl7, type Post, type Sender, WEST } from './written.ts'

/** Posts from one round of requests to the next. */
const ROUND = 150
const MINUTE_MS = 60_000
/** Patients of cases are not those of the other traffic. */
const FIRST_PATIENT = 401
const SOURCE = '75496-0^Demande d’acte de télémédecine^LN'
const NOTE = '11488-4^Note de consultation^LN'

interface Turn {
  readonly run: string
  readonly round: number
  readonly atMs: number
  readonly timeZone: string
  /** MSH-10 of the message, and identifier of the resource. */
  readonly controlId: string
}

/** What happens at which post of a round. A stroke is asked for, seen, accepted and advised; others wait for a person. */
const STEPS: Readonly<Record<number, (turn: Turn) => Post>> = {
  8: (turn) =>
    stroke(turn, 1, {
      sender: EAST[turn.round % EAST.length]!,
      words: 'Hémiparésie gauche brutale, dysarthrie',
      times: [['11368-8^Début des symptômes^LN', 70]],
      nihss: 9,
    }),
  20: (turn) => answer(turn, 1, 'ORR^O02^ORR_O02', 'SC', 'IP', []),
  32: (turn) => answer(turn, 1, 'ORR^O02^ORR_O02', 'OK', '', []),
  45: (turn) =>
    stroke(turn, 2, {
      sender: EAST[(turn.round + 2) % EAST.length]!,
      words: 'Déficit au réveil, aphasie',
      times: [
        ['VU_SANS_DEFICIT^Vu sans déficit^L', 520],
        ['DECOUVERTE^Découverte des symptômes^L', 35],
      ],
      nihss: 15,
    }),
  62: (turn) => inFhir(turn, 3, WEST[turn.round % WEST.length]!),
  80: (turn) =>
    answer(turn, 1, 'ORU^R01^ORU_R01', 'RE', '', [
      `OBX|1|TX|${NOTE}||Pas de contre-indication retrouvée au dossier. Discuté avec l’équipe.||||||F`,
    ]),
  100: (turn) => wound(turn, 4, HOMES[turn.round % 2]!),
}

/** What post `n` of a run has to do with a case; null: it is other traffic. */
export function carePost(n: number, run: string, atMs: number, timeZone: string): Post | null {
  const step = STEPS[n % ROUND]
  return step?.({ run, round: Math.floor(n / ROUND), atMs, timeZone, controlId: `${run}-${n}` }) ?? null
}

/** Number of an order, the same in the request and in its answers. */
const order = ({ run, round }: Turn, which: number): string => `AVC-${run}-${round}-${which}`
const patientOf = ({ round }: Turn, which: number): DemoPatient => demoPatient(FIRST_PATIENT + round * 5 + which)

function stroke(
  turn: Turn,
  which: number,
  asked: {
    readonly sender: Sender
    readonly words: string
    /** Code of the time, and how many minutes ago it was. */
    readonly times: readonly (readonly [code: string, minutes: number])[]
    readonly nihss: number
  },
): Post {
  const { sender, words, times, nihss } = asked
  const number = `${order(turn, which)}^${sender.facility}`
  const segments = [
    `ORC|NW|${number}${'|'.repeat(10)}^MARTIN (FICTIF)^Claire||^^^^^^^^^^^0261910${100 + (turn.round % 900)}`,
    `OBR|1|${number}||${SOURCE}|||||||||${words}${'|'.repeat(18)}I63.9^Infarctus cérébral^CIM10`,
    `OBX|1|NM|72089-6^Score NIHSS^LN||${nihss}||||||F`,
    ...times.map(
      ([code, minutes], i) =>
        `OBX|${i + 2}|TS|${code}||${hl7Timestamp(turn.atMs - minutes * MINUTE_MS, turn.timeZone)}||||||F`,
    ),
  ]
  const about = { ...turn, sender, kind: 'ORM^O01^ORM_O01', patient: patientOf(turn, which), segments }
  return { door: 'mllp', from: sender.id, bytes: hl7({ ...about, unit: 'URG', qualified: true }), ...WELL }
}

const WELL = { expected: 'accepted', pauseMs: 0 } as const

/** What the university hospital's system says of a request. */
function answer(turn: Turn, which: number, kind: string, control: string, status: string, segments: string[]): Post {
  const sender: Sender = { id: 'chu-angers', facility: 'CHU-ANGERS', invented: false }
  const number = order(turn, which)
  const said = [`ORC|${control}|${number}|||${status}`, `OBR|1|${number}||${SOURCE}`, ...segments]
  const bytes = hl7({ ...turn, sender, kind, patient: patientOf(turn, which), segments: said })
  return { door: 'mllp', from: sender.id, bytes, ...WELL }
}

const HTEST = { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST' }] }

function patientResource({ ins, family, given, sex, birth, local }: DemoPatient, { facility }: Sender): object {
  const reliability = 'https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability'
  const status = { system: 'https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-identity-status', code: 'QUAL' }
  const types = 'https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0203'
  return {
    resourceType: 'Patient',
    id: 'patient',
    extension: [{ url: reliability, extension: [{ url: 'identityStatus', valueCoding: status }] }],
    identifier: [
      {
        use: 'official',
        type: { coding: [{ system: types, code: 'INS-NIR-TEST' }] },
        system: `urn:oid:${TEST_INS}`,
        value: ins,
      },
      { system: `https://passerelle.example/demo/${facility.toLowerCase()}`, value: local },
    ],
    name: [{ use: 'official', family, given: [given] }],
    gender: sex === 'F' ? 'female' : 'male',
    birthDate: `${birth.slice(0, 4)}-${birth.slice(4, 6)}-${birth.slice(6)}`,
  }
}

interface Request {
  readonly turn: Turn
  readonly which: number
  readonly sender: Sender
  readonly contained?: readonly object[]
  readonly more: object
}

function request({ turn, which, sender, contained = [], more }: Request): Post {
  const patient = patientResource(patientOf(turn, which), sender)
  const resource = {
    resourceType: 'ServiceRequest',
    meta: HTEST,
    contained: [patient, ...contained],
    identifier: [{ system: 'urn:oid:1.2.250.1.213.99.1', value: turn.controlId }],
    status: 'active',
    intent: 'order',
    subject: { reference: '#patient' },
    authoredOn: new Date(turn.atMs).toISOString(),
    requester: { display: 'Dr Hugo PERRIN (FICTIF)' },
    ...more,
  }
  return { door: 'fhir', from: sender.id, bytes: Buffer.from(JSON.stringify(resource)), ...WELL }
}

function inFhir(turn: Turn, which: number, sender: Sender): Post {
  const onset = {
    resourceType: 'Observation',
    id: 'onset',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '11368-8' }] },
    subject: { reference: '#patient' },
    valueDateTime: new Date(turn.atMs - 165 * MINUTE_MS).toISOString(),
  }
  const more = {
    priority: 'stat',
    code: { coding: [{ system: 'http://loinc.org', code: '75496-0' }] },
    supportingInfo: [{ reference: '#onset' }],
    reasonCode: [
      {
        coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: 'I63.9' }],
        text: 'Hémianopsie et vertiges brutaux',
      },
    ],
  }
  return request({ turn, which, sender, contained: [onset], more })
}

function wound(turn: Turn, which: number, sender: Sender): Post {
  const system = 'https://passerelle.example/fhir/CodeSystem/teleconsultation-specialities'
  const more = {
    priority: 'routine',
    code: { coding: [{ system, code: 'plaies-escarres' }] },
    reasonCode: [{ text: 'Escarre du talon, stade 3, en place depuis trois semaines' }],
  }
  return request({ turn, which, sender, more })
}
