import { hl7Timestamp } from '../../formats/hl7v2/timestamp.ts'
import { segment, writeMessage } from '../../formats/hl7v2/write.ts'
import { insAuthorityOf } from '../../formats/identifiers/ins.ts'

/** What a test message says of itself. `controlId`: MSH-10, at most 20 characters. */
export interface TestMessage {
  readonly kind: 'ADT^A28' | 'ADT^A31'
  readonly controlId: string
  readonly atMs: number
  readonly timeZone: string
  /** MSH-6: the establishment's id, and its FINESS number (EJ) where it has one. */
  readonly establishment: string
  readonly finess: string | null
}

/** Who we are in MSH-3 of what probes send. */
export const PROBE_APPLICATION = 'PASSERELLE-SONDE'
/** And in MSH-4. */
export const PROBE_FACILITY = 'PLATEFORME'
/** MSH-5: whatever system stands there. */
export const PROBE_RECEIVER = 'TEST'

/** The one patient that probes speak of: invented, and its INS is of the test OID. */
const PATIENT = { family: 'SONDE (FICTIF)', given: 'JEANNE', birth: '19790328', sex: 'F', birthPlace: '63220' } as const
const INS = '279035121518989'
const INS_TEST = insAuthorityOf('INS-NIR-TEST')!
const LOCAL = { value: 'SONDE-1', authority: ['PASSERELLE', '1.2.250.1.999.9', 'ISO'] } as const

/**
 * A message of test (MSH-11 `T`) on an identity of test: create (A28) or update (A31) of an invented patient, PAM FR 2.11
 * structure ADT_A05. It names no visit, and asks for nothing. */
export function testMessage({ kind, controlId, atMs, timeZone, establishment, finess }: TestMessage): Buffer {
  const event = kind.slice(-3)
  const now = hl7Timestamp(atMs, timeZone)
  const written = writeMessage(
    [
      segment('MSH', {
        3: PROBE_APPLICATION,
        4: PROBE_FACILITY,
        5: PROBE_RECEIVER,
        6: finess === null ? establishment : [establishment, finess, 'M'],
        7: now,
        9: ['ADT', event, 'ADT_A05'],
        10: controlId,
        11: 'T',
        12: ['2.5', 'FRA', '2.11'],
        17: 'FRA',
        19: 'FR',
        21: ['2.11', 'IHE_FRANCE-2.11-PAM'],
      }),
      segment('EVN', { 2: now, 6: now }),
      segment('PID', {
        3: {
          repeat: [
            [LOCAL.value, '', '', LOCAL.authority, 'PI'],
            [INS, '', '', [INS_TEST.namespace, INS_TEST.oid, 'ISO'], 'INS'],
          ],
        },
        5: [PATIENT.family, PATIENT.given, PATIENT.given, '', '', '', 'L'],
        7: PATIENT.birth,
        8: PATIENT.sex,
        11: ['', '', '', '', '', '', 'BDL', '', PATIENT.birthPlace],
        32: 'VALI',
      }),
      segment('PV1', { 1: '1', 2: 'N' }),
    ],
    { charset: '8859/15' },
  )
  if (!written.ok) throw new RangeError(`${written.at} of the test message cannot be written`)
  return written.bytes
}
