/** The traffic of an invented minute: what is posted, by whom, at which door, and what the gateway is to say. Pure. */
import { REFUSED_PREFIX } from '../simulate/receiver.ts'
import { carePost } from './care.ts'
import { documentMessage } from './document.ts'
import { type DemoPatient, demoPatient, TEST_INS } from './patients.ts'
import { EAST, HOMES, HOSPITALS, hl7, type Message, type Post } from './written.ts'

const RESULT = ['OBR|1|BIO-1||11502-2^CR d’examens biologiques^LN', 'OBX|1|NM|6301-6^INR^LN||1.1|1^^UCUM|0.8-1.2|N|||F']
const LETTER = [
  'TXA|1|11490-0^Lettre de liaison^LN|AP',
  'OBX|1|TX|11490-0^Lettre de liaison^LN||Séjour sans incident.||||||F',
]
/** What hospitals send, by how often (of 20). */
const STORIES: readonly [kind: string, segments: readonly string[], times: number][] = [
  ['ADT^A01^ADT_A01', ['EVN||20260101'], 5],
  ['ADT^A31^ADT_A05', ['EVN||20260101'], 6],
  ['ORU^R01^ORU_R01', RESULT, 6],
  ['MDM^T02^MDM_T02', LETTER, 3],
]
const SCHEDULE = STORIES.flatMap(([kind, segments, times]) => Array.from({ length: times }, () => ({ kind, segments })))

/** What goes wrong at the homes, in turn: nobody routes it, no control id, a name nobody knows, a slow line. */
const FAULTS: readonly { kind: string; controlId?: string; facility?: string; pauseMs?: number }[] = [
  { kind: 'SIU^S12^SIU_S12' },
  { kind: 'ADT^A01^ADT_A01', controlId: '' },
  { kind: 'ADT^A01^ADT_A01', facility: 'EHPAD-INCONNU' },
  { kind: 'ADT^A01^ADT_A01', pauseMs: 1_500 },
]

const LAVAL = { facility: 'CH-LAVAL', name: 'CH de Laval', finess: '530000371', numbers: '1.2.250.1.213.99.4' }
/** Whom documents go to by mail, in turn; all are people of the simulated mail operator, and of the last one nobody there has heard. */
const READERS = [
  { name: 'VIDAL (FICTIF)^Claire', address: 'claire.vidal@cabinets.mssante.example' },
  { name: 'LENOIR (FICTIF)^Marc', address: 'marc.lenoir@cabinets.mssante.example' },
  { domain: 'patient.mssante.example' },
  { name: 'ANCIEN (FICTIF)^Paul', address: 'paul.ancien@cabinets.mssante.example' },
]

/** Message `n` of a run (`run` makes its control ids its own). One in ten comes over HTTP, one in ten in FHIR, one in twelve from a home, one in fifty goes on by mail; a few belong to cases of telemedicine. */
export function trafficPost(n: number, run: string, atMs: number, timeZone: string): Post {
  const care = carePost(n, run, atMs, timeZone)
  if (care !== null) return care
  const controlId = `${run}-${n}`
  const patient = demoPatient(n % 300)
  if (n % 50 === 26) {
    const to = READERS[Math.floor(n / 50) % READERS.length]!
    const bytes = documentMessage({ controlId, atMs, timeZone, patient, from: LAVAL, to })
    return { door: 'mllp', from: 'ch-laval', bytes, expected: 'accepted', pauseMs: 0 }
  }
  if (n % 12 === 5) return fromHome(n, { controlId, atMs, timeZone, patient })
  const whole = { expected: 'accepted', pauseMs: 0 } as const
  if (n % 10 === 3) {
    const from = EAST[n % EAST.length]!.id
    return { ...whole, door: 'fhir', from, resource: 'Observation', bytes: result(controlId, patient, atMs) }
  }
  const sender = HOSPITALS[(n * 5) % HOSPITALS.length]!
  const { kind, segments } = SCHEDULE[(n * 7) % SCHEDULE.length]!
  const bytes = hl7({ sender, kind, segments, controlId, atMs, timeZone, patient })
  return { ...whole, from: sender.id, door: n % 10 === 7 ? 'hl7' : 'mllp', bytes }
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

/** A result in FHIR R4, marked as a test (v3-ActReason HTEST). */
function result(id: string, { ins, family }: DemoPatient, atMs: number): Buffer {
  return Buffer.from(
    JSON.stringify({
      resourceType: 'Observation',
      meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST' }] },
      identifier: [{ system: 'urn:oid:1.2.250.1.213.99.1', value: id }],
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: '6301-6', display: 'INR' }] },
      subject: { identifier: { system: `urn:oid:${TEST_INS}`, value: ins }, display: family },
      effectiveDateTime: new Date(atMs).toISOString(),
      valueQuantity: { value: 1.1, system: 'http://unitsofmeasure.org', code: '1' },
    }),
  )
}
