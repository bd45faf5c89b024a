/** What the traffic is written with: who sends, and how a message looks. Pure. */
import { hl7Timestamp } from '../../formats/hl7v2/timestamp.ts'
import { type DemoPatient, TEST_INS } from './patients.ts'

/** One thing to post. */
export interface Post {
  readonly door: 'mllp' | 'hl7' | 'fhir'
  /** Establishment that sends it. */
  readonly from: string
  readonly bytes: Buffer
  /** Type of the resource, at the FHIR door. */
  readonly resource?: string
  /** What the gateway says to it. Only invented establishments send what is refused. */
  readonly expected: 'accepted' | 'refused'
  /** A pause in the middle, ms: a slow sender. Only invented establishments are slow. */
  readonly pauseMs: number
}

/** A sender of the demo region, with MSH-4 as it writes it. `invented`: a home of the demonstration, and no real one. */
export interface Sender {
  readonly id: string
  readonly facility: string
  readonly invented: boolean
}

const real = (id: string): Sender => ({ id, facility: id.toUpperCase(), invented: false })
/** Hospitals of the region. */
export const HOSPITALS: readonly Sender[] = [
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
/** Hospitals whose first stroke centre is Angers. */
export const EAST: readonly Sender[] = HOSPITALS.slice(0, 6)
/** Hospitals whose first stroke centre is Nantes. */
export const WEST: readonly Sender[] = HOSPITALS.slice(6)
/** Homes, all invented. */
export const HOMES: readonly Sender[] = ['ehpad-les-genets', 'ehpad-la-roseraie', 'foyer-les-ajoncs'].map((id) => ({
  ...real(id),
  invented: true,
}))

/** What a message of HL7 v2 is made of. */
export interface Message {
  readonly sender: Sender
  readonly kind: string
  readonly controlId: string
  readonly atMs: number
  readonly timeZone: string
  readonly patient: DemoPatient
  readonly segments: readonly string[]
  /** MSH-6; absent: nobody is named. */
  readonly receiver?: string
  /** PV1-3; absent: a ward. */
  readonly unit?: string
  /** PID-32 VALI: the identity was proved. */
  readonly qualified?: boolean
}

/** The message, marked as a test; `qualified`: of an identity that was proved. */
export function hl7({ sender, kind, controlId, atMs, timeZone, patient, segments, ...more }: Message): Buffer {
  const { family, given, sex, birth, ins, local } = patient
  const { receiver = '', unit = 'MED^12^1', qualified = false } = more
  const at = hl7Timestamp(atMs, timeZone)
  // The INS of an identity that was not proved is a fault, and so an invented establishment's.
  const number = qualified || sender.invented ? `~${ins}^^^ASIP-SANTE-INS-NIR&${TEST_INS}&ISO^INS` : ''
  const pid3 = `${local}^^^${sender.facility}^PI${number}`
  return Buffer.from(
    [
      `MSH|^~\\&|DPI|${sender.facility}|DPI|${receiver}|${at}||${kind}|${controlId}|T|2.5|||||FRA|UNICODE UTF-8`,
      'SFT|Éditeur (fictif)|4.1|DPI|4.1.0',
      `PID|||${pid3}||${family}^${given}^${given}^^^^L||${birth}|${sex}${qualified ? `${'|'.repeat(24)}VALI` : ''}`,
      `PV1|1|I|${unit}`,
      ...segments,
      '',
    ].join('\r'),
  )
}
