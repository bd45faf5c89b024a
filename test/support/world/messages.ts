/** Invented messages: MSH-11 T, INS of OID .10, family names that end in " (FICTIF)", phones from the ranges for fiction. */

/** An invented person. */
export interface Patient {
  readonly ipp: string
  readonly ins: string
  readonly family: string
  readonly given: string
  readonly phone: string
}

const two = (n: number): string => String(n).padStart(2, '0')
const three = (n: number): string => String(n).padStart(3, '0')

/** Patient number `i` (0 to 99,999): the same number gives the same person. */
export function patient(i: number, tag = 'ESSAI'): Patient {
  const digits = `2${two(i % 100)}${two(1 + (i % 12))}99${three(Math.floor(i / 1_000) % 1_000)}${three(i % 1_000)}`
  const key = 97 - Number(BigInt(digits) % 97n)
  return {
    ipp: `${tag}${String(i).padStart(6, '0')}`,
    ins: `${digits}${two(key)}`,
    family: `${tag}${i} (FICTIF)`,
    given: `PRENOM${i}`,
    phone: `026191${two(Math.floor(i / 100) % 100)}${two(i % 100)}`,
  }
}

/** What a message is made of. */
export interface MessageParts {
  readonly facility: string
  readonly patient: Patient
  readonly controlId: string
  /** MSH-5 and MSH-6; default DPI and REGION. */
  readonly receiver?: readonly [application: string, facility: string]
}

function msh(kind: string, { facility, controlId, receiver = ['DPI', 'REGION'] }: MessageParts): string {
  return `MSH|^~\\&|SIH|${facility}|${receiver[0]}|${receiver[1]}|20250301080000+0100||${kind}|${controlId}|T|2.5|||||FRA|8859/15`
}

function pid({ ipp, ins, family, given, phone }: Patient): string {
  const ids = `${ipp}^^^SIH&1.2.250.1.213.1.99.1&ISO^PI~${ins}^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.10&ISO^INS`
  const fields = ['PID', '1', '', ids, '', `${family}^${given}^^^^^L`, '', '19790412', 'F', '', '', '', '', phone]
  while (fields.length < 32) fields.push('')
  return [...fields, 'VALI'].join('|')
}

/** A message of these segments, each ended by CR, in Latin-1. */
export function message(...segments: readonly string[]): Buffer {
  return Buffer.from(`${segments.join('\r')}\r`, 'latin1')
}

const OBX = Array.from(
  { length: 12 },
  (_, i) =>
    `OBX|${i + 1}|NM|718-${i}^Constante ${i}^LN||${100 + i}|mmol/L|90-120|N|||F|||20250301075${i % 10}00|||AUTOMATE`,
)

/** A result of about 1.5 KB, whose last segment repeats the control id (so that a cut message is seen). */
export function oru(parts: MessageParts): Buffer {
  return message(
    msh('ORU^R01^ORU_R01', parts),
    pid(parts.patient),
    'PV1|1|I|CARDIO^12^A^SIH||||||||||||||||SEJ001',
    'ORC|RE|DEM001|RES001||CM||||20250301075000',
    'OBR|1|DEM001|RES001|58410-2^Hemogramme^LN|||20250301074500||||||||||||||||||F',
    ...OBX,
    `NTE|1||fin ${parts.controlId}`,
  )
}

/** An admission. */
export function adt(parts: MessageParts): Buffer {
  return message(
    msh('ADT^A01^ADT_A01', parts),
    'EVN||20250301075500',
    pid(parts.patient),
    'PV1|1|I|CARDIO^12^A^SIH||||||||||||||||SEJ001',
  )
}

/** A merge: `gone` is absorbed by the patient of the message. */
export function merge(parts: MessageParts, gone: Patient): Buffer {
  return message(
    msh('ADT^A40^ADT_A39', parts),
    'EVN||20250301075500',
    pid(parts.patient),
    `MRG|${gone.ipp}^^^SIH&1.2.250.1.213.1.99.1&ISO^PI`,
  )
}

/** A stroke request (OBR-31 I63.9): the urgent lane. */
export function orm(parts: MessageParts): Buffer {
  const obr = ['OBR', '1', 'DEM002', '', 'AVIS-NEURO^Avis neurovasculaire^L']
  while (obr.length < 31) obr.push('')
  return message(
    msh('ORM^O01^ORM_O01', parts),
    pid(parts.patient),
    'PV1|1|E|URGENCES^1^1^SIH',
    'ORC|NW|DEM002',
    [...obr, 'I63.9^Infarctus cerebral^I10'].join('|'),
  )
}
