import type { Offer } from '../../core/appointments.ts'
import type { FhirReader, FhirReads } from '../../core/fhir.ts'
import { type FhirReadParts, makeFhirReads } from './reads.ts'
import { scheduleReads } from './schedules.ts'
import type { SlotAsker } from './slot-conditions.ts'
import { slotReads } from './slots.ts'

/** What the reads are made over. */
export interface AgendaReadParts extends FhirReadParts {
  /** The time that an establishment may ask for. */
  readonly offersTo: (establishment: string) => readonly Offer[]
}

/** The reads of the FHIR door: of Slots and Schedules by what is offered, of all else as it was posted. */
export function agendaReads(parts: AgendaReadParts): FhirReads {
  const { config, offersTo } = parts
  const askerOf = ({ establishment }: FhirReader): SlotAsker => {
    const { establishments, careServices, region } = config()
    const ours = [establishment, ...(establishments.get(establishment)?.sendsFor ?? [])]
    return { ours, offers: ours.flatMap(offersTo), services: careServices ?? new Map(), timeZone: region.timeZone }
  }
  const reads = makeFhirReads(parts)
  const special: Readonly<Record<string, FhirReads>> = {
    Slot: slotReads(parts, askerOf),
    Schedule: scheduleReads(parts, askerOf),
  }
  const of = (type: string): FhirReads => special[type] ?? reads
  return {
    read: (type, id, reader) => of(type).read(type, id, reader),
    version: (type, id, version, reader) => of(type).version(type, id, version, reader),
    search: (type, parameters, page, reader) => of(type).search(type, parameters, page, reader),
  }
}
