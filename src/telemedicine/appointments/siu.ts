import {
  APPOINTMENT_FOLLOWER,
  type Appointed,
  type Appointment,
  type NewSlot,
  type SlotId,
} from '../../core/appointments.ts'
import type { CaseViewer } from '../../core/cases.ts'
import type { Effect } from '../../core/journal.ts'
import { readSiu, type SiuRead } from '../../formats/agenda/read.ts'
import { bookingNumber } from '../../formats/case/hl7-booking.ts'
import type { Placer } from '../../formats/case/reading.ts'
import { readHeader } from '../../formats/hl7v2/header.ts'
import { readMessage } from '../../formats/hl7v2/message.ts'
import type { Agenda } from './agenda.ts'
import { type CareCase, careCaseOf } from './care-case.ts'
import { APPOINTMENT_COLUMNS, type AppointmentRow, appointmentOf } from './rows.ts'
import { type AgendaMessage, noted, unread } from './unread.ts'

/** Until a message is read once more (ms). */
const AGAIN_MS = 5_000

/**
 * A SIU of a party (recalled of HL7 v2.5 §10): S12 books, S13 and S14 move, S15 and S17 cancel, S26 says that nobody came. The
 * appointment is found by SCH-1 or SCH-2 (our id, or the number that the centre's system gave before), or by the number of its
 * case (SCH-1, SCH-2 or SCH-26), or by the number that the site asked under (SCH-1), or it opened the case. Time is booked in a slot of the centre that begins at the same moment; where there is none,
 * one is made for it in the commit that books it. Done to the case as any other act. */
export async function siuMessage(work: AgendaMessage, bytes: Buffer, parts: Agenda): Promise<Effect> {
  const read = readMessage(bytes, parts.charset(work.establishment))
  const siu = read.ok ? readSiu(read.message, readHeader(read.message).triggerEvent, parts.timeZone()) : null
  if (siu === null) return unread(work, parts)
  const named = await knownAs(siu.numbers, parts)
  const number = read.ok ? bookingNumber(read.message) : null
  const care = await caseOf(named, { numbers: siu.numbers, number }, work, parts)
  const known = named ?? (care === null ? null : await knownAs([care.number], parts))
  if (care === null) return later(work, parts) ?? unread(work, parts)
  const centre = known?.centre ?? centreOf(care, work.establishment)
  if (centre === null) return unread(work, parts)
  const said = await done(siu, { known, care, centre, from: work.establishment }, parts)
  if (!said.ok) return { events: [noted(work.message, said.error, parts)] }
  if (siu.filler === null || siu.filler === said.appointment.id) return {}
  return {
    rows: [
      { sql: 'UPDATE appointment SET filler = ? WHERE id = ?', parameters: [siu.filler, said.appointment.id], rows: 1 },
    ],
  }
}

interface Concerned {
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

async function done(siu: SiuRead, concerned: Concerned, parts: Agenda): Promise<Appointed> {
  const { commands, services } = parts
  const { known, care, centre, from } = concerned
  const viewer = systemOf(from)
  const none = { ok: false, error: 'NOT_FOUND' } as const
  switch (siu.event) {
    case 'S15':
    case 'S17':
      return known === null ? none : commands.cancel(known.id, known.centre === from ? 'centre' : 'site', viewer)
    case 'S26':
      return known === null ? none : commands.noShow(known.id, viewer)
    default: {
      if (siu.startMs === null) return { ok: false, error: 'BAD_REQUEST' }
      // A change that leaves the time as it is says nothing new here.
      if (known !== null && ['booked', 'arrived'].includes(known.status) && known.startMs === siu.startMs)
        return { ok: true, appointment: known }
      const endMs = endOf(siu, siu.startMs, services().get(care.service)?.appointment?.lengthMs ?? 0)
      const slot = await slotFor({ startMs: siu.startMs, endMs }, concerned, parts.journal)
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
  { care: { service }, centre, from }: Concerned,
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

async function knownAs(numbers: readonly string[], { journal }: Agenda): Promise<Appointment | null> {
  for (const number of numbers) {
    const rows = await journal.look<AppointmentRow>({
      sql: `SELECT ${APPOINTMENT_COLUMNS} FROM appointment AS a WHERE a.id = ? OR a.filler = ? OR a.number = ?
        ORDER BY a.changed_at_ms DESC, a.id DESC LIMIT 1`,
      parameters: [number, number, number],
    })
    if (rows[0] !== undefined) return appointmentOf(rows[0])
  }
  return null
}

/** The case of the appointment, of a number, or the one that this very message opened. */
async function caseOf(
  known: Appointment | null,
  { numbers, number }: { readonly numbers: readonly string[]; readonly number: Placer | null },
  { message, establishment }: AgendaMessage,
  { journal, search }: Agenda,
): Promise<CareCase | null> {
  if (known !== null) return careCaseOf(journal, known.case)
  for (const number of numbers) {
    const [row] = await journal.look<{ id: string }>({
      sql: 'SELECT id FROM care_case WHERE number = ?',
      parameters: [number],
    })
    if (row !== undefined) return careCaseOf(journal, row.id)
  }
  const [row] = await journal.look<{ care_case: string }>({
    sql: 'SELECT care_case FROM care_message WHERE message = ?',
    parameters: [message],
  })
  if (row !== undefined) return careCaseOf(journal, row.care_case)
  if (number === null) return null
  // By the number that the site asked under, for the site and those who take part: of another it is another's.
  const asked = await journal.look<{ id: string }>({
    sql: `SELECT DISTINCT c.id FROM care_case c JOIN care_key k ON k.care_case = c.id
      WHERE k.search_key = c.site || ':' || ? AND (c.site = ?
        OR EXISTS (SELECT 1 FROM care_part p WHERE p.care_case = c.id AND p.establishment = ?)) LIMIT 2`,
    parameters: [search(`order|${number.authority ?? ''}`, number.value), establishment, establishment],
  })
  return asked.length === 1 ? careCaseOf(journal, asked[0]!.id) : null
}

/** The system of an establishment as one who takes part. */
function systemOf(establishment: string): CaseViewer {
  return {
    caller: { role: 'establishment', who: establishment, establishment, scope: null },
    participant: { name: establishment, rpps: null, establishment, role: 'establishment', phone: null },
  }
}
