import type { Appointed, Appointment } from '../../core/appointments.ts'
import type { CaseViewer } from '../../core/cases.ts'
import type { Effect } from '../../core/journal.ts'
import { readSiu, type SiuRead } from '../../formats/agenda/read.ts'
import { readHeader } from '../../formats/hl7v2/header.ts'
import { readMessage } from '../../formats/hl7v2/message.ts'
import type { Agenda } from './agenda.ts'
import { APPOINTMENT_COLUMNS, type AppointmentRow, appointmentOf } from './rows.ts'
import { type AgendaMessage, noted, unread } from './unread.ts'

/**
 * A SIU of a party (recalled of HL7 v2.5 §10): S12 books, S13 and S14 move, S15 and S17 cancel, S26 says that nobody came. The
 * appointment is found by SCH-1 or SCH-2 (our id, or the number that the centre's system gave before), or by the number of its
 * case (SCH-1, SCH-2 or SCH-26). Time is booked in a slot of the centre that begins at the same moment; where there is none,
 * one is made for it. Done to the case as any other act. */
export async function siuMessage(work: AgendaMessage, bytes: Buffer, parts: Agenda): Promise<Effect> {
  const read = readMessage(bytes, parts.charset(work.establishment))
  const siu = read.ok ? readSiu(read.message, readHeader(read.message).triggerEvent, parts.timeZone()) : null
  if (siu === null) return unread(work, parts)
  const known = await knownAs(siu.numbers, parts)
  const careCase = known?.case ?? (await caseOf(siu.numbers, parts))
  if (careCase === null) return unread(work, parts)
  const said = await done(siu, { known, careCase, from: work.establishment }, parts)
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
  readonly careCase: string
  readonly from: string
}

async function done(siu: SiuRead, { known, careCase, from }: Concerned, parts: Agenda): Promise<Appointed> {
  const { commands } = parts
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
      const slot = await slotFor(siu, { known, careCase, from }, parts)
      if (slot === null) return { ok: false, error: 'SLOT_TAKEN' }
      if (known !== null && known.status === 'booked') return commands.move(known.id, slot, viewer)
      return commands.book({ case: careCase, slot }, viewer)
    }
  }
}

/** The centre's slot at that time: one that is offered, or one made for it; null: the time is taken. */
async function slotFor(siu: SiuRead, { known, careCase, from }: Concerned, parts: Agenda): Promise<string | null> {
  const { journal, commands, services } = parts
  const [care] = await journal.look<{ service: string }>({
    sql: 'SELECT service FROM care_case WHERE id = ?',
    parameters: [careCase],
  })
  const service = care?.service ?? ''
  const centre = known?.centre ?? from
  const startMs = siu.startMs!
  const asked = {
    sql: `SELECT id FROM slot WHERE centre = ? AND service = ? AND start_ms = ? AND state = 'free'`,
    parameters: [centre, service, startMs],
  }
  const [free] = await journal.look<{ id: string }>(asked)
  if (free !== undefined) return free.id
  const lengthMs = services().get(service)?.appointment?.lengthMs ?? 0
  const endMs = siu.endMs !== null && siu.endMs > startMs ? siu.endMs : startMs + lengthMs
  // Its own agenda is the centre's to fill.
  if (centre !== from || endMs <= startMs) return null
  const offered = await commands.publish([{ service, centre, startMs, endMs }], systemOf(from))
  if (!offered.ok) return null
  const [made] = await journal.look<{ id: string }>(asked)
  return made?.id ?? null
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

async function caseOf(numbers: readonly string[], { journal }: Agenda): Promise<string | null> {
  for (const number of numbers) {
    const [row] = await journal.look<{ id: string }>({
      sql: 'SELECT id FROM care_case WHERE number = ?',
      parameters: [number],
    })
    if (row !== undefined) return row.id
  }
  return null
}

/** The system of an establishment as one who takes part. */
function systemOf(establishment: string): CaseViewer {
  return {
    caller: { role: 'establishment', who: establishment, establishment, scope: null },
    participant: { name: establishment, rpps: null, establishment, role: 'establishment', phone: null },
  }
}
