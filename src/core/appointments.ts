/**
 * Appointments of teleconsultation, one word for one thing:
 *
 * - **slot**: time that a centre offers for a service; at most one appointment has it.
 * - **appointment**: of one case with one centre, from proposed to its end.
 * - **session**: the meeting by video of an appointment; the gateway makes its links and knows who waits, and carries no video.
 *
 * Nothing here holds clinical text. Times ms since 1970, durations ms. */
import type { Caller } from './caller.ts'
import type { Case, CaseId, CaseViewer } from './cases.ts'
import type { ErrorCode } from './errors.ts'
import type { Intake, Timer } from './journal.ts'
import { type MessageId, PLATFORM } from './message.ts'

/** UUIDv7 of an appointment; also the id of its FHIR Appointment. */
export type AppointmentId = string
/** Id of a slot: UUIDv7, or that of its FHIR Slot. */
export type SlotId = string

/** `free`: may be booked; `busy`: an appointment has it, or the centre says so; `withdrawn`: no longer offered. */
export const SLOT_STATES = ['free', 'busy', 'withdrawn'] as const
/** One of them. */
export type SlotState = (typeof SLOT_STATES)[number]

/** Time that a centre offers. */
export interface Slot {
  readonly id: SlotId
  readonly service: string
  readonly centre: string
  readonly startMs: number
  readonly endMs: number
  readonly state: SlotState
  /** How it came here. */
  readonly source: 'console' | 'fhir' | 'hl7v2'
  /** What has it; null: nothing, or something that the centre alone knows. */
  readonly appointment: AppointmentId | null
}

/** States of an appointment, as FHIR R4 writes them (Appointment.status). */
export const APPOINTMENT_STATUSES = ['proposed', 'booked', 'arrived', 'fulfilled', 'cancelled', 'noshow'] as const
/** One of them. */
export type AppointmentStatus = (typeof APPOINTMENT_STATUSES)[number]

/** Why an appointment was cancelled: a word, and never a text about the patient. */
export const CANCEL_REASONS = ['patient', 'site', 'centre', 'technical', 'consent', 'other'] as const
/** One of them. */
export type CancelReason = (typeof CANCEL_REASONS)[number]

/** Who comes to a session: the side that asked, the patient or resident, the expert. */
export const SESSION_ROLES = ['requester', 'patient', 'expert'] as const
/** One of them. */
export type SessionRole = (typeof SESSION_ROLES)[number]

/** An appointment of a case. */
export interface Appointment {
  readonly id: AppointmentId
  readonly case: CaseId
  /** Number of the case, for people. */
  readonly number: string
  readonly service: string
  readonly site: string
  readonly unit: string | null
  readonly centre: string
  readonly status: AppointmentStatus
  /** Null: proposed without a slot. */
  readonly slot: SlotId | null
  readonly startMs: number
  readonly endMs: number
  /** Waiting room: since when each waits; null: not yet. */
  readonly waiting: Readonly<Record<SessionRole, number | null>>
  readonly cancelled: CancelReason | null
  readonly test: boolean
  readonly drill: boolean
  /** Counts writes. */
  readonly version: number
  readonly changedAtMs: number
}

/** Time that a centre wants to offer. */
export interface NewSlot {
  readonly service: string
  readonly centre: string
  readonly startMs: number
  readonly endMs: number
}

/** What became of it. `slots`: how many are new. */
export type Published =
  | { readonly ok: true; readonly slots: number }
  | { readonly ok: false; readonly error: ErrorCode }

/** What became of an act. */
export type Appointed =
  | { readonly ok: true; readonly appointment: Appointment }
  | { readonly ok: false; readonly error: ErrorCode }

/** A link of a session, for one person in one role; it is shown to that person alone. */
export type JoinLink =
  | { readonly ok: true; readonly url: string; readonly expiresAtMs: number }
  | { readonly ok: false; readonly error: ErrorCode }

/** What a token of a session says: no name of anybody. `person`: the same for the same person at the same appointment. */
export interface SessionToken {
  readonly appointment: AppointmentId
  readonly case: CaseId
  readonly role: SessionRole
  readonly person: string
  readonly expiresAtMs: number
}

/** Is a token good now? Asked by the video server, or found out by it with the public keys. */
export type TokenCheck =
  | { readonly ok: true; readonly token: SessionToken }
  | { readonly ok: false; readonly error: ErrorCode }

/**
 * The only way an appointment changes; each resolves after a synchronous commit, in which the slot changes hands too. What the
 * caller's reach does not hold is NOT_FOUND. */
export interface AppointmentCommands {
  /** Offers time, all of it or none: SLOT_OVERLAPS when the centre offers some of that time of the service already. */
  publish(slots: readonly NewSlot[], viewer: CaseViewer): Promise<Published>
  /** Offers it no longer: SLOT_TAKEN when an appointment has it. */
  withdraw(slot: SlotId, viewer: CaseViewer): Promise<Published>
  /** Asks a centre for time, without a slot. */
  propose(
    ask: { readonly case: CaseId; readonly centre: string; readonly startMs: number; readonly endMs: number },
    viewer: CaseViewer,
  ): Promise<Appointed>
  /**
   * Takes a slot for a case, or for the appointment that was proposed for it: SLOT_TAKEN when another has it. Time of the viewer's
   * own centre becomes a slot in the same commit: SLOT_OVERLAPS when the centre offers some of it already. */
  book(ask: { readonly case: CaseId; readonly slot: SlotId | NewSlot }, viewer: CaseViewer): Promise<Appointed>
  /** To another slot, as `book`; the first is free again, or withdrawn where the new one takes some of its time. */
  move(id: AppointmentId, slot: SlotId | NewSlot, viewer: CaseViewer): Promise<Appointed>
  /** Somebody is in the waiting room. */
  arrive(id: AppointmentId, role: SessionRole, viewer: CaseViewer): Promise<Appointed>
  /** The session was held. */
  fulfil(id: AppointmentId, viewer: CaseViewer): Promise<Appointed>
  cancel(id: AppointmentId, reason: CancelReason, viewer: CaseViewer): Promise<Appointed>
  /** Nobody came: TOO_EARLY before the beginning. */
  noShow(id: AppointmentId, viewer: CaseViewer): Promise<Appointed>
  /**
   * The link of the session: CONSENT_MISSING where the service needs the patient's consent and it was not given, or was taken
   * back; TOO_EARLY before the margin; WRONG_STATE once it is over. Noted in the audit. */
  join(id: AppointmentId, role: SessionRole, viewer: CaseViewer): Promise<JoinLink>
  /** Checks signature, time, and that the appointment and the consent still stand. */
  check(token: string): Promise<TokenCheck>
}

/** Time that an establishment may ask for. `centres` null: of any centre that offers it. */
export interface Offer {
  readonly service: string
  readonly centres: readonly string[] | null
}

/** Which slots. Null or absent: any. */
export interface SlotQuery {
  readonly service: string
  readonly centre?: string | null
  readonly fromMs: number
  readonly untilMs: number
  readonly state?: SlotState | null
  readonly limit: number
}

/** Which appointments of those within reach. */
export interface AppointmentQuery {
  readonly case?: CaseId
  readonly service?: string
  readonly centre?: string
  readonly site?: string
  readonly fromMs: number
  readonly untilMs: number
  readonly limit: number
}

/** Appointments of a month that began in it, at one site with one centre. `month`: `2026-11`, in the region's time. */
export interface AppointmentCount {
  readonly month: string
  readonly service: string
  readonly site: string
  readonly centre: string
  readonly status: AppointmentStatus
  readonly n: number
}

/** Reads appointments as the caller may see them: what is not theirs is not there. */
export interface AppointmentViews {
  /** By start. Slots are no patient's: whoever may read appointments sees those of the region. */
  slots(query: SlotQuery, caller: Caller): Promise<readonly Slot[]>
  /** By start. */
  list(query: AppointmentQuery, caller: Caller): Promise<readonly Appointment[]>
  one(id: AppointmentId, caller: Caller): Promise<Appointment | null>
  /** Without tests and drills. */
  counts(fromMs: number, untilMs: number, caller: Caller): Promise<readonly AppointmentCount[]>
  /** Public keys (RFC 7517) that tokens of sessions are checked with. */
  keys(): Promise<{ readonly keys: readonly Readonly<Record<string, unknown>>[] }>
  /** Told of an appointment that changed on this node (waiting room included); the function returned ends it. */
  watch(listener: (appointment: Appointment) => void): () => void
}

/**
 * Messages that a version of an appointment makes, in its commit: its resources (Appointment, and Encounter once somebody came),
 * and who is told of it. `of` null: the content of its case was erased. `change`: what it did to the time. */
export type AppointmentMessages = (
  one: Appointment,
  of: Case | null,
  change: 'booked' | 'moved' | null,
) => Promise<readonly Intake[]>

/** The follower of appointments: reminders, and what centres' systems say of their agendas. */
export const APPOINTMENT_FOLLOWER = 'appointment'

/** What a timer of it is for. */
export type AppointmentWork =
  /** People are reminded, if the appointment still stands as it was. */
  | {
      readonly what: 'remind'
      readonly appointment: AppointmentId
      readonly startMs: number
      readonly beforeMs: number
      /** Of the appointment; absent: a release before set it. */
      readonly version?: number
    }
  /** A message of an agenda was accepted. `resource`: id of its resource; null: HL7 v2. */
  | {
      readonly what: 'message'
      readonly message: MessageId
      readonly kind: string
      readonly establishment: string
      readonly resource: string | null
      /** It was read before, and its case was not there yet. */
      readonly again?: boolean
      /** A route leads it to the platform: it was meant for us, and people are told if it cannot be used. */
      readonly meant?: boolean
    }

/** Kinds of message that tell of agendas. */
export const AGENDA_KINDS: ReadonlySet<string> = new Set([
  ...['Slot', 'Schedule'],
  ...['S12', 'S13', 'S14', 'S15', 'S17', 'S26'].map((event) => `SIU^${event}`),
])

/** The timer that a message of an agenda is committed with, due right after the case that it may open; none for any other. */
export function agendaTimers(intake: Intake, nowMs: number): readonly Timer[] {
  const { id, kind, establishment, ask, controlId, deliveries } = intake
  if (!AGENDA_KINDS.has(kind) || establishment === null) return []
  const resource = ask === null ? null : controlId
  const meant = deliveries.some(({ destination }) => destination === PLATFORM)
  const work: AppointmentWork = { what: 'message', message: id, kind, establishment, resource, meant }
  const payload = JSON.stringify(work)
  return [{ id: `${APPOINTMENT_FOLLOWER}:message:${id}`, follower: APPOINTMENT_FOLLOWER, dueAtMs: nowMs + 1, payload }]
}
