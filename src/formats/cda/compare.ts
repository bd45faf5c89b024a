/** A document against the message that carries it (CI-SIS, transmission of CDA R2 in HL7 v2: PID-3, TXA-12, OBR-4). */
import type { ErrorCode } from '../../core/errors.ts'
import type { Finding, FindingClass } from '../../core/message.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import type { CdaHeader } from './header.ts'
import { type InsideDocument, lastBefore } from './inside.ts'
import { comparePatients, type Likeness, patientOf, traitsComplete } from './patient.ts'
import type { CdaFault, CdaReading } from './read.ts'

/** Faults that nobody's message may bring in: what others might execute, and what nobody can read as it was meant. */
const GRAVE: Partial<Readonly<Record<CdaFault, ErrorCode>>> = { doctype: 'CDA_DOCTYPE', encoding: 'CDA_ENCODING' }

/** What each likeness of two patients that is no plain agreement comes to. */
const LIKENESS: Readonly<Record<Exclude<Likeness, 'same'>, readonly [ErrorCode, FindingClass, string]>> = {
  'other-ins': ['CDA_INS_MISMATCH', 'safety', 'PID-3'],
  'other-id': ['CDA_PATIENT_MISMATCH', 'safety', 'PID-3'],
  'other-person': ['CDA_PATIENT_MISMATCH', 'safety', 'PID-7'],
  traits: ['CDA_TRAITS_DIFFER', 'contract', 'PID-7'],
  unproven: ['CDA_PATIENT_UNPROVEN', 'contract', 'PID-3'],
}

/** What a document says against the message it stands in. Parameters hold places and rules, never a value. Pure. */
export function documentFindings(message: Hl7Message, inside: InsideDocument, reading: CdaReading): readonly Finding[] {
  const { fault, header } = reading
  const document = inside.at
  const findings: Finding[] = []
  const tell = (code: ErrorCode, cls: FindingClass, at: string): void => {
    findings.push({ code, class: cls, at, params: { document } })
  }
  if (fault !== null) {
    const grave = GRAVE[fault]
    findings.push({
      code: grave ?? 'CDA_UNREADABLE',
      class: grave === undefined ? 'contract' : 'safety',
      at: `${document}-5`,
      params: { document, fault },
    })
  }
  comparePerson(message, inside, reading, tell)
  if (fault === 'root') return findings
  compareCodes(message, inside, header, tell)
  if (header.id !== null && message.segments('TXA') > 0 && !namesDocument(message, header)) {
    tell('CDA_ID_MISMATCH', 'contract', 'TXA-12')
  }
  return findings
}

type Tell = (code: ErrorCode, cls: FindingClass, at: string) => void

function comparePerson(message: Hl7Message, inside: InsideDocument, { fault, header }: CdaReading, tell: Tell): void {
  const n = lastBefore(message, 'PID', inside.segment)
  if (n === 0) return
  const pid = n === 1 ? 'PID' : `PID(${n})`
  const theirs = patientOf(message, pid)
  // A document that broke off before its patient has said nothing of one.
  if (header.patients.length === 0 && fault === null) tell('CDA_PATIENT_UNPROVEN', 'contract', `${pid}-3`)
  const likenesses = new Set(header.patients.map((patient) => comparePatients(theirs, patient)))
  for (const likeness of likenesses) {
    if (likeness === 'same') continue
    const [code, cls, at] = LIKENESS[likeness]
    tell(code, cls, at.replace('PID', pid))
  }
  const [patient] = header.patients
  if (patient === undefined) return
  const ins = patient.ids.some(({ root }) => theirs.isIns(root))
  if (!ins && theirs.hasIns && fault === null) tell('CDA_INS_ABSENT', 'contract', `${pid}-3`)
  if (ins && !traitsComplete(patient)) tell('CDA_TRAITS_INCOMPLETE', 'contract', `${inside.at}-5`)
}

/** The document's type against OBX-3, OBR-4 of its order and TXA-2. */
function compareCodes(message: Hl7Message, { segment, at }: InsideDocument, { code }: CdaHeader, tell: Tell): void {
  if (code === null || code.code === '') return
  const order = lastBefore(message, 'OBR', segment)
  const places = [`${at}-3.1`, ...(order === 0 ? [] : [`OBR(${order})-4.1`]), 'TXA-2.1']
  for (const place of places) {
    const said = message.text(place)
    if (said !== null && said !== code.code)
      tell('CDA_CODE_MISMATCH', 'contract', place.slice(0, -2).replace('(1)', ''))
  }
}

/** TXA-12 as `extension^^root^ISO`, or the root alone where the document's id has no extension. */
function namesDocument(message: Hl7Message, { id }: CdaHeader): boolean {
  const first = message.text('TXA-12.1')
  if (id === null || first === null) return true
  if (id.extension === '') return first === id.root || message.text('TXA-12.3') === id.root
  return (
    (first === id.extension && (message.text('TXA-12.3') ?? id.root) === id.root) ||
    first === `${id.root}.${id.extension}`
  )
}
