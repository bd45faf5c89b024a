/** What an HL7 v2 message says of a case: orders, results, answers of centres, stays, and identities. */
import type { Act, CaseAnswer, CaseRequest, ToldTime } from '../../core/cases.ts'
import { type OrderGroup, orderGroups } from '../bridge/order-groups.ts'
import { textAt } from '../bridge/parts.ts'
import { readHeader } from '../hl7v2/header.ts'
import { isIdentityEvent } from '../hl7v2/identity-event.ts'
import { type Hl7Message, readMessage } from '../hl7v2/message.ts'
import { bookingIn } from './hl7-booking.ts'
import { changesIn, updateIn } from './hl7-identity.ts'
import { biologyIn, observationsIn, scoreIn, timesIn, wordsIn } from './hl7-observations.ts'
import { asks, controlOf, controlReason, placerOf, requestOf, studiesIn, studyActs, takesBack } from './hl7-orders.ts'
import { arrivedIn, patientIn, unitIn } from './hl7-patient.ts'
import { type CaseFacts, type CaseRead, NOTHING_READ, orderKey, studyKeys } from './reading.ts'

/** Events by which a patient comes to be at a site, or what is known of them changes. */
const STAYS: ReadonlySet<string> = new Set(['ADT^A01', 'ADT^A04', 'ADT^A05', 'ADT^A08', 'ADT^A31'])
const EXPECTED = 'ADT^A05'
const UPDATES: ReadonlySet<string> = new Set(['ADT^A08', 'ADT^A31'])
/** ORC-1 by which whoever was asked takes an order, or does not (table 0119). */
const TAKEN: ReadonlySet<string> = new Set(['OK', 'SN'])
const NOT_TAKEN: ReadonlySet<string> = new Set(['OC', 'UA', 'UC', 'UD', 'UX'])
/** ORC-5 that goes with a change of status (SC) once somebody looks at it (table 0038). */
const LOOKED_AT: ReadonlySet<string> = new Set(['A', 'IP', 'SC'])

/** A site asks for an appointment (HL7 v2.5 §10.3.12). */
const BOOKS = 'SIU^S12'

/** Kinds of message that may say something of a case. */
export function tellsOfCase(kind: string): boolean {
  return (
    kind === 'ORM^O01' ||
    kind === 'OMI^O23' ||
    kind === 'ORU^R01' ||
    kind === 'ORR^O02' ||
    kind === BOOKS ||
    STAYS.has(kind) ||
    isIdentityEvent(kind)
  )
}

/** Reads a message; one that cannot be read, or is of another kind, says nothing. */
export function readHl7Case(bytes: Buffer, facts: CaseFacts): CaseRead {
  const read = readMessage(bytes, facts.charset)
  if (!read.ok) return NOTHING_READ
  const { message } = read
  const { kind } = readHeader(message)
  if (!tellsOfCase(kind)) return NOTHING_READ
  if (isIdentityEvent(kind)) return { ...NOTHING_READ, ...changesIn(message, kind, facts) }
  if (STAYS.has(kind)) return stayOf(message, kind, facts)
  if (kind === BOOKS) {
    const request = bookingIn(message, facts)
    return request === null ? NOTHING_READ : { ...NOTHING_READ, request, keys: request.keys }
  }
  const groups = orderGroups(message)
  if (groups === null) return NOTHING_READ
  return kind === 'ORM^O01' || kind === 'OMI^O23' ? ordersOf(message, groups, facts) : resultsOf(message, groups, facts)
}

function stayOf(message: Hl7Message, kind: string, facts: CaseFacts): CaseRead {
  const found = patientIn(message, facts)
  if (found === null) return NOTHING_READ
  const arrived = arrivedIn(message, facts)
  return {
    ...NOTHING_READ,
    keys: found.keys,
    patient: found.patient,
    acts: [
      ...(UPDATES.has(kind) ? updateIn(message, facts) : []),
      // Who is expected (A05) has not arrived.
      ...(arrived === null || kind === EXPECTED
        ? []
        : [{ what: 'tell-time' as const, name: 'arrival' as const, time: arrived }]),
    ],
    stay: { patient: found.patient, unit: unitIn(message), arrivedAtMs: arrived?.atMs ?? null },
  }
}

function ordersOf(message: Hl7Message, groups: readonly OrderGroup[], facts: CaseFacts): CaseRead {
  const found = patientIn(message, facts)
  const asking = groups.find((one) => asks(message, one))
  const back = groups.find((one) => takesBack(message, one))
  const placer = back === undefined ? null : placerOf(message, back)
  const told = clinical(message, groups, facts)
  const request = asking === undefined || found === null ? null : requestOf(message, groups, asking, found, facts)
  return {
    ...NOTHING_READ,
    request,
    patient: found?.patient ?? null,
    cancels: request === null ? placer : null,
    cancelReason: back === undefined ? '' : controlReason(message, back) || wordsIn(message, [back], facts),
    // The request holds its studies.
    acts: request === null ? told : told.filter(({ what }) => what !== 'study'),
    keys: keysOf(message, groups, found?.keys ?? [], facts),
  }
}

function resultsOf(message: Hl7Message, groups: readonly OrderGroup[], facts: CaseFacts): CaseRead {
  const found = patientIn(message, facts)
  const answers = groups.map((group) => answerOf(message, group, facts)).filter((one) => one !== null)
  const times = Object.entries(timesIn(message, groups, facts)) as [keyof CaseRequest['times'], ToldTime][]
  const acts = [
    ...clinical(message, groups, facts),
    ...times.map(([name, time]): Act => ({ what: 'tell-time', name, time })),
  ]
  const patient = found?.patient ?? null
  return { ...NOTHING_READ, patient, acts, answers, keys: keysOf(message, groups, found?.keys ?? [], facts) }
}

function clinical(message: Hl7Message, groups: readonly OrderGroup[], facts: CaseFacts): Act[] {
  const observations = observationsIn(message, groups)
  const found = [scoreIn(message, observations, facts), biologyIn(message, observations, facts)]
  return [...found.filter((one) => one !== null), ...studyActs(studiesIn(message, groups))]
}

function keysOf(message: Hl7Message, groups: readonly OrderGroup[], patient: readonly string[], facts: CaseFacts) {
  const placers = groups.map((one) => placerOf(message, one)).filter((one) => one !== null)
  const studies = studiesIn(message, groups).flatMap((one) => studyKeys(one, facts))
  return [...new Set([...patient, ...placers.map((one) => orderKey(one, facts)), ...studies])]
}

/**
 * What an answer to an order is: taken or not, looked at, and the words of it as advice. A refusal has always a reason: the
 * code itself where nobody wrote one. Null: it answers nothing, or names no order. */
function answerOf(message: Hl7Message, group: OrderGroup, facts: CaseFacts): CaseAnswer | null {
  const placer = placerOf(message, group)
  if (placer === null) return null
  const control = controlOf(message, group)
  const words = wordsIn(message, [group], facts)
  const said: Act[] = words === '' ? [] : [adviceOrNote(message, words)]
  if (NOT_TAKEN.has(control)) {
    const reason = [controlReason(message, group), words].filter((one) => one !== '').join('\n') || control
    return { placer, about: null, acts: [{ what: 'refuse', reason }] }
  }
  const acts: Act[] = TAKEN.has(control)
    ? [{ what: 'accept' }, ...said]
    : control === 'SC' && group.orc !== null && LOOKED_AT.has(textAt(message, `${group.orc}-5`))
      ? [{ what: 'see' }, ...said]
      : said
  return acts.length === 0 ? null : { placer, about: null, acts }
}

/** An answer to the order itself (ORR) carries remarks; a result carries the advice. */
function adviceOrNote(message: Hl7Message, text: string): Act {
  return readHeader(message).kind === 'ORR^O02' ? { what: 'write', text } : { what: 'advise', text, coded: [] }
}
