/** Which messages admit a patient, which move one, and which visit both are about (IHE PAM FR §2.2, ITI-31). Pure. */
import type { Hl7Message } from './message.ts'

/**
 * Events that open a visit: inpatient and outpatient admission, pre-admission, awaited admission. They are known to the
 * receiver before any movement of the visit makes sense. */
const ADMISSIONS: ReadonlySet<string> = new Set(['A01', 'A04', 'A05', 'A14'].map((event) => `ADT^${event}`))

/**
 * Events that presuppose one: transfers, changes of class, discharges, leaves, what is pending of them, the corrections and
 * cancellations of all, those of the admission included. */
const MOVEMENTS: ReadonlySet<string> = new Set(
  ('A02 A03 A06 A07 A11 A12 A13 A15 A16 A21 A22 A25 A26 A27 A32 A33 A38 A42 A44 A52 A53 A54 A55 Z99' as const)
    .split(' ')
    .map((event) => `ADT^${event}`),
)

/** What a message is to its visit. */
export type VisitRole = 'admission' | 'movement'

/** What messages of this kind are to their visit; null: neither. */
export function roleOf(kind: string): VisitRole | null {
  if (ADMISSIONS.has(kind)) return 'admission'
  return MOVEMENTS.has(kind) ? 'movement' : null
}

/** The number of a visit, with the authority that gave it ('' when it does not say). */
export interface VisitNumber {
  /** PV1-19, or PID-18 where a message has none. */
  readonly place: 'PV1-19' | 'PID-18'
  readonly id: string
  /** Universal id of the authority (CX-4.2), else its name (CX-4.1). */
  readonly authority: string
}

/** The visit that a message is about; null when it names none. */
export function visitNumber(message: Hl7Message): VisitNumber | null {
  for (const place of ['PV1-19', 'PID-18'] as const) {
    const id = said(message, `${place}.1`)
    if (id !== '') return { place, id, authority: said(message, `${place}.4.2`) || said(message, `${place}.4.1`) }
  }
  return null
}

function said(message: Hl7Message, path: string): string {
  const text = message.text(path)
  return text === null || text === '""' ? '' : text
}
