import {
  APPOINTMENT_FOLLOWER,
  type Appointed,
  type Appointment,
  type NewSlot,
  type SlotId,
} from '../../core/appointments.ts'
import type { CasePatient, CaseViewer } from '../../core/cases.ts'
import type { Effect } from '../../core/journal.ts'
import { readSiu, type SiuRead } from '../../formats/agenda/read.ts'
import { bookingNumber } from '../../formats/case/hl7-booking.ts'
import { personIn } from '../../formats/case/hl7-patient.ts'
import { readHeader } from '../../formats/hl7v2/header.ts'
import { type Hl7Message, readMessage } from '../../formats/hl7v2/message.ts'
import { patientAlert } from '../store/plan.ts'
import type { Agenda } from './agenda.ts'
import type { CareCase } from './care-case.ts'
import { concernedBy } from './concerned.ts'
import { type AgendaMessage, undone, unread } from './unread.ts'

/** Until a message is read once more (ms). */
const AGAIN_MS = 5_000

/**
 * A SIU of a party (recalled of HL7 v2.5 §10): S12 books, S13 and S14 move, S15 and S17 cancel, S26 says that nobody came. The
 * appointment is found by `concernedBy`; one that names another patient than its case's does nothing, and people are told. Time
 * is booked in a slot of the centre that begins at the same moment; where there is none, one is made for it in the commit that
 * books it. Done to the case as any other act; what is not done is an alert. */
export async function siuMessage(work: AgendaMessage, bytes: Buffer, parts: Agenda): Promise<Effect> {
  const read = readMessage(bytes, parts.charset(work.establishment))
  const siu = read.ok ? readSiu(read.message, readHeader(read.message).triggerEvent, parts.timeZone()) : null
  if (siu === null) return unread(work, parts)
  const names = {
    siu,
    number: read.ok ? bookingNumber(read.message) : null,
    patient: read.ok ? patientOf(read.message) : null,
  }
  const found = await concernedBy(names, work, parts)
  if (found === null) return later(work, parts) ?? unread(work, parts)
  const { known, care } = found
  if (found.another) return { events: [patientAlert(work.message, [care], parts.clock.nowMs())] }
  const centre = known?.centre ?? centreOf(care, work.establishment)
  if (centre === null) return unread(work, parts)
  const said = await done(siu, { known, care, centre, from: work.establishment }, parts)
  if (!said.ok) return undone(work.message, said.error, care, parts)
  const takesPart = work.establishment === centre || care.parts.includes(work.establishment)
  if (siu.filler === null || siu.filler === said.appointment.id || !takesPart) return {}
  return {
    rows: [
      { sql: 'UPDATE appointment SET filler = ? WHERE id = ?', parameters: [siu.filler, said.appointment.id], rows: 1 },
    ],
  }
}

const patientOf = (message: Hl7Message): CasePatient | null => personIn(message)?.patient ?? null

interface Booking {
  readonly known: Appointment | null
  readonly care: CareCase
  readonly centre: string
  readonly from: string
}

/** A message that opens a case may be read before it has: once more, a little later. */
function later(work: AgendaMessage, { clock }: Agenda): Effect | null {
  if (work.again === true) return null
  const payload = JSON.stringify({ ...work, again: true } satisfies AgendaMessage)
  const id = `${APPOINTMENT_FOLLOWER}:message:${work.message}:again`
  return { timers: [{ id, follower: APPOINTMENT_FOLLOWER, dueAtMs: clock.nowMs() + AGAIN_MS, payload }] }
}

/** The centre that is meant: whoever sends, unless it is the site; then whoever accepted, or is asked first. */
function centreOf({ site, owner, state }: CareCase, from: string): string | null {
  if (from !== site) return from
  return owner ?? state?.climbs[0]?.centres[0] ?? null
}

async function done(siu: SiuRead, booking: Booking, parts: Agenda): Promise<Appointed> {
  const { commands, services } = parts
  const { known, care, centre, from } = booking
  const viewer = systemOf(from)
  const none = { ok: false, error: 'NOT_FOUND' } as const
  switch (siu.event) {
    case 'S15':
    case 'S17':
      // Whoever was told of it says it back.
      if (known?.status === 'cancelled') return { ok: true, appointment: known }
      return known === null ? none : commands.cancel(known.id, known.centre === from ? 'centre' : 'site', viewer)
    case 'S26':
      if (known?.status === 'noshow') return { ok: true, appointment: known }
      return known === null ? none : commands.noShow(known.id, viewer)
    default: {
      if (siu.startMs === null) return { ok: false, error: 'BAD_REQUEST' }
      // A change that leaves the time as it is says nothing new here.
      if (known !== null && ['booked', 'arrived'].includes(known.status) && known.startMs === siu.startMs)
        return { ok: true, appointment: known }
      const endMs = endOf(siu, siu.startMs, services().get(care.service)?.appointment?.lengthMs ?? 0)
      const slot = await slotFor({ startMs: siu.startMs, endMs }, booking, parts.journal)
      const isBooked = known !== null && known.status === 'booked'
      if (slot !== null)
        return isBooked ? commands.move(known.id, slot, viewer) : commands.book({ case: care.id, slot }, viewer)
      // A site may wish for time that nobody offers; a centre that has none to give is refused.
      if (isBooked || known !== null || from !== care.site) return { ok: false, error: 'SLOT_TAKEN' }
      return commands.propose({ case: care.id, centre, startMs: siu.startMs, endMs }, viewer)
    }
  }
}

function endOf({ endMs }: SiuRead, startMs: number, lengthMs: number): number {
  return endMs !== null && endMs > startMs ? endMs : startMs + lengthMs
}

/** The centre's slot at that time: one that is offered, or time to make one of as it is booked; null: there is none. */
async function slotFor(
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
  { care: { service }, centre, from }: Booking,
  journal: Agenda['journal'],
): Promise<SlotId | NewSlot | null> {
  const [free] = await journal.look<{ id: string }>({
    sql: `SELECT id FROM slot WHERE centre = ? AND service = ? AND start_ms = ? AND state = 'free'`,
    parameters: [centre, service, startMs],
  })
  if (free !== undefined) return free.id
  // Its own agenda is the centre's to fill.
  return centre !== from || endMs <= startMs ? null : { service, centre, startMs, endMs }
}

/** The system of an establishment as one who takes part. */
function systemOf(establishment: string): CaseViewer {
  return {
    caller: { role: 'establishment', who: establishment, establishment, scope: null },
    participant: { name: establishment, rpps: null, establishment, role: 'establishment', phone: null },
  }
}
