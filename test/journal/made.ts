import type { Intake, Move, NewDelivery, NewEvent, Refused } from '../../src/core/journal.ts'

let numbered = 0

/** A new id that sorts after every earlier one. */
export function nextId(): string {
  numbered += 1
  return `01990000-0000-7000-8000-${numbered.toString(16).padStart(12, '0')}`
}

/** A delivery to be made: queued, normal lane, no alert. */
export function newDelivery(destination: string, more: Partial<NewDelivery> = {}): NewDelivery {
  return {
    id: nextId(),
    destination,
    route: 'results',
    lane: 'normal',
    state: 'queued',
    code: null,
    dueAtMs: 0,
    expiresAtMs: 9_000_000_000_000,
    alertAtMs: null,
    replayOf: null,
    ...more,
  }
}

/** A message of an invented patient to one destination, with its own control id. */
export function newIntake(more: Partial<Intake> = {}): Intake {
  const id = nextId()
  const controlId = more.controlId ?? `C${numbered}`
  return {
    id,
    receivedAtMs: 1_773_480_000_000,
    entrance: 'mllp',
    peer: '127.0.0.1:40000',
    establishment: 'ch-laval',
    kind: 'ORU^R01',
    controlId,
    application: 'LABO',
    facility: '530000371',
    receivingApplication: 'DPI',
    receivingFacility: '440000289',
    test: true,
    bytes: Buffer.from(`MSH|^~\\&|LABO|530000371|DPI||20260314||ORU^R01|${controlId}|T|2.5\rPID|||1||ESSAI (FICTIF)\r`),
    repeatKey: `ch-laval|LABO|530000371|${controlId}`,
    answer: Buffer.from(`MSA|AA|${controlId}`),
    applicationAnswer: null,
    patientKeys: [],
    orderKeys: [],
    findings: [],
    deliveries: [newDelivery('chu-nantes/dpi')],
    events: [],
    revision: 0,
    parent: null,
    ask: null,
    rows: [],
    cause: null,
    ...more,
  }
}

/** A move of a delivery: from queued to sending unless told. */
export function newMove(deliveryId: string, more: Partial<Move> = {}): Move {
  return {
    deliveryId,
    from: ['queued'],
    to: 'sending',
    held: false,
    holds: true,
    atMs: 1_773_480_001_000,
    dueAtMs: 0,
    code: null,
    sameCode: 0,
    attempts: 1,
    attempt: null,
    findings: [],
    events: [],
    ...more,
  }
}

/** An act of a person. */
export function personEvent(what: string, more: Partial<NewEvent> = {}): NewEvent {
  return {
    atMs: 1_773_480_002_000,
    who: 'demo-admin',
    what,
    why: 'a reason',
    code: null,
    message: null,
    delivery: null,
    detail: null,
    ...more,
  }
}

/** Something refused, of `bytes` bytes. */
export function newRefused(bytes: number): Refused {
  const id = nextId()
  return {
    id,
    atMs: 1_773_480_000_000,
    entrance: 'mllp',
    peer: '127.0.0.1:40000',
    establishment: null,
    kind: null,
    controlId: null,
    code: 'NOT_HL7',
    at: null,
    bytes: new Uint8Array(bytes).fill(66),
  }
}
