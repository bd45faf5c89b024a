/** Time that centres offer as others read it in FHIR R4: Slot (slot.html) and Schedule (schedule.html). Pure. */
import { createHash } from 'node:crypto'
import type { Slot } from '../../core/appointments.ts'
import type { CareService, Coded } from '../../core/services.ts'
import { type Loose, resource } from '../bridge/bundle.ts'
import { referenceOf, type Structure } from '../case/task.ts'
import { copyOf, type JsonObject, text } from '../fhir/json-value.ts'
import { slotStateOf } from './read.ts'

/** A slot, and the Schedule that it is of. `service` null: it is offered no longer. */
export interface OfferedSlot {
  readonly slot: Slot
  readonly service: CareService | null
  readonly schedule: string
}

/** The Slot as whoever may ask for it reads it: nothing of whose it is. Without id and version. */
export function slotResource({ slot, service, schedule }: OfferedSlot): JsonObject {
  return resource('Slot', null, {
    serviceType: service === null ? null : [conceptOf(service.code)],
    specialty: service?.specialities.map(conceptOf),
    schedule: { reference: `Schedule/${schedule}` },
    status: slot.state === 'free' ? 'free' : slot.state === 'busy' ? 'busy' : 'busy-unavailable',
    start: iso(slot.startMs),
    end: iso(slot.endMs),
  })
}

/**
 * The Slot that its centre posted, as it stands now. `heard`: what was posted last is what is offered, or was found out not
 * to be; until then only an appointment stands against what its centre says. */
export function slotAsItStands(posted: JsonObject, slot: Slot, heard: boolean): JsonObject {
  const now = copyOf(posted) as JsonObject
  if (!heard && slot.appointment === null) return now
  const status = text(posted['status']) ?? ''
  if (slot.appointment !== null) now['status'] = 'busy'
  else if (slotStateOf(status) !== slot.state)
    now['status'] = slot.state === 'withdrawn' ? 'busy-unavailable' : slot.state
  for (const [element, atMs] of [
    ['start', slot.startMs],
    ['end', slot.endMs],
  ] as const) {
    if (Date.parse(text(posted[element]) ?? '') !== atMs) now[element] = iso(atMs)
  }
  return now
}

/** Of which centre and service an agenda is. */
export interface AgendaName {
  readonly service: string
  readonly centre: string
}

/** Id of the Schedule of slots that came without one: the same for a centre and service on every node. */
export function agendaId({ service, centre }: AgendaName): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([service, centre]))
    .digest('hex')
  return `agenda-${hash.slice(0, 32)}`
}

/** That Schedule, without id and version. */
export function agendaResource(service: CareService, centre: Structure): JsonObject {
  return resource('Schedule', null, {
    active: true,
    serviceType: [conceptOf(service.code)],
    specialty: service.specialities.map(conceptOf),
    actor: [{ ...referenceOf(centre), type: 'HealthcareService' }],
  })
}

function conceptOf({ system, code, display }: Coded): Loose {
  return { coding: [{ system, code, display }] }
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString()
}
