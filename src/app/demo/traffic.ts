/** The traffic of an invented minute: what is posted, by whom, at which door, and what the gateway is to say. Pure. */
import { hl7Timestamp } from '../../formats/hl7v2/timestamp.ts'
import { REFUSED_PREFIX } from '../simulate/receiver.ts'
import { type DemoPatient, demoPatient, TEST_INS } from './patients.ts'

/** One thing to post. */
export interface Post {
  readonly door: 'mllp' | 'hl7' | 'fhir'
  /** Establishment that sends it. */
  readonly from: string
  readonly bytes: Buffer
  /** What the gateway says to it. Only invented establishments send what is refused. */
  readonly expected: 'accepted' | 'refused'
  /** A pause in the middle, ms: a slow sender. Only invented establishments are slow. */
  readonly pauseMs: number
}

/** A sender of the demo region, with MSH-4 as it writes it. `invented`: a home of the demonstration, and no real one. */
interface Sender {
  readonly id: string
  readonly facility: string
  readonly invented: boolean
}

const real = (id: string): Sender => ({ id, facility: id.toUpperCase(), invented: false })
const HOSPITALS = [
  'ch-laval',
  'ch-haut-anjou',
  'ch-nord-mayenne',
  'ch-le-mans',
  'ch-cholet',
  'ch-saumur',
  'ch-chateaubriant',
  'ch-saint-nazaire',
  'chd-vendee',
].map(real)
const HOMES = ['ehpad-les-genets', 'ehpad-la-roseraie', 'foyer-les-ajoncs'].map((id) => ({
  ...real(id),
  invented: true,
}))

/** The establishments that may show a fault. */
export const INVENTED: readonly string[] = HOMES.map(({ id }) => id)

interface Message {
  readonly sender: Sender
  readonly kind: string
  readonly controlId: string
  readonly atMs: number
  readonly timeZone: string
  readonly patient: DemoPatient
  readonly segments: readonly string[]
  /** MSH-6; absent: nobody is named. */
  readonly receiver?: string
}

function hl7({ sender, kind, controlId, atMs, timeZone, patient, segments, receiver = '' }: Message): Buffer {
  const { family, given, sex, birth, ins, local } = patient
  const at = hl7Timestamp(atMs, timeZone)
  const pid3 = `${local}^^^${sender.facility}^PI~${ins}^^^ASIP-SANTE-INS-NIR&${TEST_INS}&ISO^INS`
  return Buffer.from(
    [
      `MSH|^~\\&|DPI|${sender.facility}|DPI|${receiver}|${at}||${kind}|${controlId}|T|2.5|||||FRA|UNICODE UTF-8`,
      `PID|||${pid3}||${family}^${given}^${given}^^^^L||${birth}|${sex}`,
      'PV1|1|I|MED^12^1',
      ...segments,
      '',
    ].join('\r'),
  )
}

const RESULT = ['OBR|1|BIO-1||11502-2^CR d’examens biologiques^LN', 'OBX|1|NM|6301-6^INR^LN||1.1|1^^UCUM|0.8-1.2|N|||F']
const LETTER = [
  'TXA|1|11490-0^Lettre de liaison^LN|AP',
  'OBX|1|TX|11490-0^Lettre de liaison^LN||Séjour sans incident.||||||F',
]
const STROKE = [
  'ORC|NW|AVC-1',
  'OBR|1|AVC-1||75496-0^Demande d’acte de télémédecine^LN|||||||||Déficit brutal de l’hémicorps droit||||||||||||||||||I63.9^Infarctus cérébral^CIM10',
]

/** What hospitals send, by how often (of 20). */
const STORIES: readonly [kind: string, segments: readonly string[], times: number][] = [
  ['ADT^A01^ADT_A01', ['EVN||20260101'], 5],
  ['ADT^A31^ADT_A05', ['EVN||20260101'], 5],
  ['ORU^R01^ORU_R01', RESULT, 6],
  ['MDM^T02^MDM_T02', LETTER, 3],
  ['ORM^O01^ORM_O01', STROKE, 1],
]
const SCHEDULE = STORIES.flatMap(([kind, segments, times]) => Array.from({ length: times }, () => ({ kind, segments })))

/** What goes wrong at the homes, in turn: nobody routes it, no control id, a name nobody knows, a slow line. */
const FAULTS: readonly { kind: string; controlId?: string; facility?: string; pauseMs?: number }[] = [
  { kind: 'SIU^S12^SIU_S12' },
  { kind: 'ADT^A01^ADT_A01', controlId: '' },
  { kind: 'ADT^A01^ADT_A01', facility: 'EHPAD-INCONNU' },
  { kind: 'ADT^A01^ADT_A01', pauseMs: 1_500 },
]

/** Message `n` of a run (`run` makes its control ids its own). One in ten comes over HTTP, one in ten in FHIR, one in twelve from a home. */
export function trafficPost(n: number, run: string, atMs: number, timeZone: string): Post {
  const controlId = `${run}-${n}`
  const patient = demoPatient(n % 300)
  if (n % 12 === 5) return fromHome(n, { controlId, atMs, timeZone, patient })
  const sender = HOSPITALS[(n * 5) % HOSPITALS.length]!
  const whole = { from: sender.id, expected: 'accepted', pauseMs: 0 } as const
  if (n % 10 === 3) return { ...whole, door: 'fhir', bytes: serviceRequest(controlId, patient, atMs) }
  const { kind, segments } = SCHEDULE[(n * 7) % SCHEDULE.length]!
  const bytes = hl7({ sender, kind, segments, controlId, atMs, timeZone, patient })
  return { ...whole, door: n % 10 === 7 ? 'hl7' : 'mllp', bytes }
}

/** An admission for the guide, from a hospital of the region. Pure. */
export function guideAdmission(controlId: string, atMs: number, timeZone: string): Post {
  const sender = HOSPITALS[0]!
  const kind = 'ADT^A01^ADT_A01'
  const patient = demoPatient(atMs % 300)
  const bytes = hl7({ sender, kind, segments: ['EVN||20260101'], controlId, atMs, timeZone, patient })
  return { door: 'mllp', from: sender.id, bytes, expected: 'accepted', pauseMs: 0 }
}

/** A letter from one invented home to another, whose simulated system refuses it. Pure. */
export function guideRefused(run: string, atMs: number, timeZone: string): Post {
  const [sender, receiver] = [HOMES[2]!, HOMES[1]!]
  const about = { sender, kind: 'MDM^T02^MDM_T02', controlId: `${REFUSED_PREFIX}${run}`, atMs, timeZone }
  const bytes = hl7({ ...about, receiver: receiver.facility, patient: demoPatient(atMs % 300), segments: LETTER })
  return { door: 'mllp', from: sender.id, bytes, expected: 'accepted', pauseMs: 0 }
}

function fromHome(n: number, about: Omit<Message, 'sender' | 'kind' | 'segments'>): Post {
  const turn = Math.floor(n / 12)
  const sender = HOMES[turn % HOMES.length]!
  const { pauseMs = 0, facility = sender.facility, ...fault } = FAULTS[turn % FAULTS.length]!
  const bytes = hl7({ ...about, ...fault, sender: { ...sender, facility }, segments: [] })
  return { door: 'mllp', from: sender.id, bytes, pauseMs, expected: pauseMs > 0 ? 'accepted' : 'refused' }
}

/** A stroke request in FHIR R4, marked as a test (v3-ActReason HTEST). */
function serviceRequest(id: string, { ins, family }: DemoPatient, atMs: number): Buffer {
  return Buffer.from(
    JSON.stringify({
      resourceType: 'ServiceRequest',
      meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST' }] },
      identifier: [{ system: 'urn:oid:1.2.250.1.213.99.1', value: id }],
      status: 'active',
      intent: 'order',
      priority: 'stat',
      code: { coding: [{ system: 'http://loinc.org', code: '75496-0' }] },
      subject: { identifier: { system: `urn:oid:${TEST_INS}`, value: ins }, display: family },
      authoredOn: new Date(atMs).toISOString(),
      reasonCode: [{ coding: [{ system: 'http://snomed.info/sct', code: '230690007' }] }],
    }),
  )
}
