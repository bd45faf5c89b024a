import type { AppointmentCommands, Slot } from '../../core/appointments.ts'

import type { Effect, Journal, Statement } from '../../core/journal.ts'
import type { Clock } from '../../core/ports.ts'
import type { CareService } from '../../core/services.ts'
import { readSchedule, readSlot, type ServiceCode } from '../../formats/agenda/read.ts'
import { type JsonObject, parseStrict } from '../../formats/fhir/json.ts'
import type { Search } from '../store/keys.ts'
import { SLOT_COLUMNS, type SlotRow, slotOf, VERSION_SAID, versionRows, withdrawAllRows } from './rows.ts'
import { siuMessage } from './siu.ts'
import { type AgendaMessage, noted, undone, unread } from './unread.ts'

/** What reading agendas works with. */
export interface Agenda {
  readonly journal: Pick<Journal, 'look' | 'body'>
  readonly services: () => ReadonlyMap<string, CareService>
  readonly charset: (establishment: string) => string
  readonly timeZone: () => string
  readonly commands: AppointmentCommands
  readonly search: Search
  readonly clock: Clock
}

/**
 * What a Slot, Schedule or SIU of a centre changes. A slot that has an appointment stays as it was booked, whatever the
 * centre's system says of it; that is noted on the message, and people are told that the agendas differ. */
export async function agendaMessage(work: AgendaMessage, parts: Agenda): Promise<Effect> {
  const bytes = await bytesOf(work.message, parts)
  if (work.resource === null) return siuMessage(work, bytes, parts)
  const read = parseStrict(bytes)
  if (!read.ok) return unread(work, parts)
  const resource = read.value as JsonObject
  return work.kind === 'Schedule' ? scheduled(work, resource, parts) : slotted(work, resource, parts)
}

/** Cases that people are told of for one Schedule. */
const MOST_TOLD = 200

/** A Schedule that is no longer in use takes its free slots along; of each that is booked and still to come people are told. */
async function scheduled(
  { establishment, resource, message }: AgendaMessage,
  schedule: JsonObject,
  { journal, clock }: Agenda,
): Promise<Effect> {
  if (readSchedule(schedule).active || resource === null) return {}
  const nowMs = clock.nowMs()
  const booked = await journal.look<{ number: string }>({
    sql: `SELECT a.number FROM slot AS s JOIN appointment AS a ON a.id = s.appointment
      WHERE s.schedule = ? AND s.centre = ? AND s.end_ms > ? ORDER BY s.start_ms, s.id LIMIT ${MOST_TOLD}`,
    parameters: [resource, establishment, nowMs],
  })
  const events = booked.flatMap((one) => undone(message, 'SLOT_TAKEN', one, { clock }).events ?? [])
  return { rows: withdrawAllRows(resource, establishment, nowMs), events }
}

async function slotted(work: AgendaMessage, resource: JsonObject, parts: Agenda): Promise<Effect> {
  const { journal, clock } = parts
  const slot = readSlot(resource)
  const id = work.resource!
  if (slot === null) return unread(work, parts)
  const [row] = await journal.look<SlotRow>({
    sql: `SELECT ${SLOT_COLUMNS} FROM slot AS s WHERE s.id = ?`,
    parameters: [id],
  })
  const known = row === undefined ? null : slotOf(row)
  if (known !== null && known.centre !== work.establishment) return unread(work, parts)
  const codes = slot.codes.length > 0 ? slot.codes : await codesOfSchedule(slot.schedule, work.establishment, parts)
  const service = serviceOf(codes, work.establishment, parts.services())
  if (service === null) return unread(work, parts)
  if (known !== null && known.appointment !== null) {
    const stands = slot.state !== 'withdrawn' && slot.startMs === known.startMs && slot.endMs === known.endMs
    const told = stands ? {} : undone(work.message, 'SLOT_TAKEN', await caseOf(known.appointment, parts), parts)
    return { ...told, rows: [heardRow(id, work.message)] }
  }
  const { state, startMs, endMs, schedule } = slot
  const now: Slot = {
    ...{ id, service, centre: work.establishment, startMs, endMs, state },
    source: 'fhir',
    appointment: null,
  }
  if (state !== 'withdrawn' && (await overlaps(now, parts)))
    return {
      rows: known === null ? [] : versionRows(id, clock.nowMs()),
      events: [noted(work.message, 'SLOT_OVERLAPS', parts)],
    }
  return { rows: [keptRow(now, { schedule, message: work.message, atMs: clock.nowMs() })] }
}

/** The case of an appointment, by its number. */
async function caseOf(appointment: string, { journal }: Agenda): Promise<{ readonly number: string }> {
  const [row] = await journal.look<{ number: string }>({
    sql: 'SELECT number FROM appointment WHERE id = ?',
    parameters: [appointment],
  })
  return { number: row?.number ?? '' }
}

/** What the message says was heard, though the slot stays as it is. */
function heardRow(id: string, message: string): Statement {
  return { sql: `UPDATE slot SET version = ${VERSION_SAID} WHERE id = ?`, parameters: [id, message, id] }
}

/** The slot as its system has it; one that was booked meanwhile stays. */
function keptRow(
  { id, service, centre, startMs, endMs, state }: Slot,
  { schedule, message, atMs }: { readonly schedule: string | null; readonly message: string; readonly atMs: number },
): Statement {
  return {
    sql: `INSERT INTO slot (id, service, centre, start_ms, end_ms, state, source, appointment, schedule, changed_at_ms, version)
      VALUES (?, ?, ?, ?, ?, ?, 'fhir', NULL, ?, ?, ${VERSION_SAID})
      ON CONFLICT (id) DO UPDATE SET service = excluded.service, start_ms = excluded.start_ms, end_ms = excluded.end_ms,
        state = excluded.state, schedule = excluded.schedule, changed_at_ms = excluded.changed_at_ms,
        version = excluded.version
      WHERE slot.appointment IS NULL AND slot.centre = excluded.centre`,
    parameters: [id, service, centre, startMs, endMs, state, schedule, atMs, id, message],
  }
}

/** Does the centre offer some of that time of the service by another slot? */
async function overlaps({ id, centre, service, startMs, endMs }: Slot, { journal }: Agenda): Promise<boolean> {
  const rows = await journal.look({
    sql: `SELECT 1 AS found FROM slot WHERE centre = ? AND service = ? AND state <> 'withdrawn' AND id <> ?
      AND start_ms < ? AND end_ms > ? LIMIT 1`,
    parameters: [centre, service, id, endMs, startMs],
  })
  return rows.length > 0
}

/** Services of the Schedule that a Slot is of, where it says none itself. */
async function codesOfSchedule(id: string | null, owner: string, parts: Agenda): Promise<readonly ServiceCode[]> {
  if (id === null) return []
  const [row] = await parts.journal.look<{ message: string }>({
    sql: `SELECT message FROM resource WHERE type = 'Schedule' AND id = ? AND owner = ? AND deleted = 0`,
    parameters: [id, owner],
  })
  if (row === undefined) return []
  const read = parseStrict(await bytesOf(row.message, parts))
  return read.ok ? readSchedule(read.value as JsonObject).codes : []
}

/**
 * The service that codes name: by its own code or one of its specialities; where none is named, the only one with
 * appointments that the centre answers. Null: none, or several. */
export function serviceOf(
  codes: readonly ServiceCode[],
  centre: string,
  services: ReadonlyMap<string, CareService>,
): string | null {
  const offered = [...services.values()].filter(({ appointment }) => appointment !== null)
  const named = (service: CareService, own: boolean): boolean =>
    (own ? [service.code] : service.specialities).some((one) =>
      codes.some(({ system, code }) => code === one.code && (system === one.system || system === '')),
    )
  for (const own of [true, false]) {
    const found = offered.filter((service) => named(service, own))
    if (found.length > 0) return found.length === 1 ? found[0]!.name : null
  }
  if (codes.length > 0) return null
  const answered = offered.filter(({ ladders }) =>
    ladders.some(({ centres }) => centres.some((order) => order.centres.includes(centre))),
  )
  return answered.length === 1 ? answered[0]!.name : null
}

async function bytesOf(message: string, { journal }: Agenda): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of (await journal.body(message)).open()) chunks.push(chunk)
  return Buffer.concat(chunks)
}
