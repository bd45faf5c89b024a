/** What centres' systems say of their agendas: FHIR Slot, Schedule and Appointment (R4), and SIU (HL7 v2.5 §10, recalled). Pure. */
import type { SlotState } from '../../core/appointments.ts'
import { instantOf } from '../bridge/time.ts'
import { type JsonObject, object, objects, text } from '../fhir/json-value.ts'
import type { Hl7Message } from '../hl7v2/message.ts'

/** System of the ids of slots, by which an Appointment may name one too. */
const SLOT_ID = 'urn:passerelle:slot'

/** A code that says which service it is. */
export interface ServiceCode {
  readonly system: string
  readonly code: string
}

/** A Slot as it was read. `schedule`: id of the Schedule that is kept here. */
export interface SlotRead {
  readonly schedule: string | null
  readonly state: SlotState
  readonly startMs: number
  readonly endMs: number
  readonly codes: readonly ServiceCode[]
}

/** Slot.status as slots are kept; what was entered in error is offered no longer. */
const SLOT_STATUS: Readonly<Record<string, SlotState>> = {
  free: 'free',
  busy: 'busy',
  'busy-unavailable': 'busy',
  'busy-tentative': 'busy',
  'entered-in-error': 'withdrawn',
}

/** What a Slot.status means here; null: nothing. */
export function slotStateOf(status: string): SlotState | null {
  return Object.hasOwn(SLOT_STATUS, status) ? SLOT_STATUS[status]! : null
}

/** Reads a Slot; null: its times or status are none. */
export function readSlot(slot: JsonObject): SlotRead | null {
  const startMs = Date.parse(text(slot['start']) ?? '')
  const endMs = Date.parse(text(slot['end']) ?? '')
  const state = slotStateOf(text(slot['status']) ?? '')
  if (Number.isNaN(startMs) || Number.isNaN(endMs) || endMs <= startMs || state === null) return null
  return { schedule: idIn(slot['schedule'], 'Schedule'), state, startMs, endMs, codes: codesOf(slot) }
}

/** Reads a Schedule: which services, and whether it is in use. */
export function readSchedule(schedule: JsonObject): {
  readonly active: boolean
  readonly codes: readonly ServiceCode[]
} {
  return { active: schedule['active'] !== false, codes: codesOf(schedule) }
}

function codesOf(owner: JsonObject): ServiceCode[] {
  const concepts = ['serviceCategory', 'serviceType', 'specialty'].flatMap((element) => objects(owner[element]))
  return concepts
    .flatMap((concept) => objects(concept['coding']))
    .flatMap((coding) => {
      const code = text(coding['code'])
      return code === null ? [] : [{ system: text(coding['system']) ?? '', code }]
    })
}

/** The id in a literal reference to a resource that is kept here; null: none. */
function idIn(reference: unknown, type: string): string | null {
  const found = object(reference as JsonObject)
  const match = new RegExp(`(?:^|/)${type}/([A-Za-z0-9\\-.]{1,64})(?:/_history/[^/]+)?$`).exec(
    text(found?.['reference']) ?? '',
  )
  return match?.[1] ?? null
}

/** What an Appointment asks for. `slot`: a Slot that is kept here, or the id of one that is none. */
export interface AppointmentRead {
  readonly status: string
  readonly slot: string | null
  /** Id of the ServiceRequest that is kept here. */
  readonly request: string | null
  readonly startMs: number | null
  readonly endMs: number | null
}

/** Reads an Appointment. */
export function readAppointment(one: JsonObject): AppointmentRead {
  const [slot] = objects(one['slot'])
  const named = object(slot?.['identifier'])
  const own = named !== null && text(named['system']) === SLOT_ID ? text(named['value']) : null
  const at = (element: string): number | null => {
    const atMs = Date.parse(text(one[element]) ?? '')
    return Number.isNaN(atMs) ? null : atMs
  }
  const request = objects(one['basedOn']).map((reference) => idIn(reference, 'ServiceRequest'))
  return {
    status: text(one['status']) ?? '',
    slot: idIn(slot, 'Slot') ?? own,
    request: request.find((id) => id !== null) ?? null,
    startMs: at('start'),
    endMs: at('end'),
  }
}

/** What a SIU says of an appointment. `numbers`: SCH-1, SCH-2 and SCH-26, by which it is known; `filler`: SCH-2. */
export interface SiuRead {
  readonly event: 'S12' | 'S13' | 'S14' | 'S15' | 'S17' | 'S26'
  readonly numbers: readonly string[]
  readonly filler: string | null
  readonly startMs: number | null
  readonly endMs: number | null
  readonly codes: readonly ServiceCode[]
}

const EVENTS: readonly string[] = ['S12', 'S13', 'S14', 'S15', 'S17', 'S26'] satisfies SiuRead['event'][]
const MINUTE_MS = 60_000
/** A length of an appointment, at most (minutes). */
const MOST_MINUTES = 1_440

/** Units of a length (SCH-10, AIS-8; ISO+ and UCUM), in minutes; none told is minutes. */
const UNITS: Readonly<Record<string, number>> = { '': 1, m: 1, mn: 1, min: 1, h: 60, hr: 60, s: 1 / 60, sec: 1 / 60 }

/** A length in ms; null: none, none that is whole in minutes, or one of a unit that is not known: never taken for minutes. */
function lengthOf(message: Hl7Message, value: string, unit: string): number | null {
  const minutes = Number(message.text(value) ?? '') * (UNITS[(message.text(`${unit}.1`) ?? '').toLowerCase()] ?? 0)
  return Number.isInteger(minutes) && minutes > 0 && minutes <= MOST_MINUTES ? minutes * MINUTE_MS : null
}

/** Reads a SIU; null: another event, or no number. */
export function readSiu(message: Hl7Message, event: string, timeZone: string): SiuRead | null {
  if (!EVENTS.includes(event)) return null
  const numbers = ['SCH-1.1', 'SCH-2.1', 'SCH-26.1'].flatMap((path) => message.text(path) ?? [])
  if (numbers.length === 0) return null
  const at = (...paths: string[]): number | null => {
    for (const path of paths) {
      const instant = instantOf(message.text(path) ?? '', timeZone)
      if (instant !== null) return Date.parse(instant)
    }
    return null
  }
  const startMs = at('SCH-11.4', 'AIS-4', 'TQ1-7')
  const long = lengthOf(message, 'SCH-9', 'SCH-10') ?? lengthOf(message, 'AIS-7', 'AIS-8')
  const endMs = at('SCH-11.5', 'TQ1-8') ?? (startMs === null || long === null ? null : startMs + long)
  const codes = Array.from({ length: message.segments('AIS') }, (_, i) => ({
    system: message.text(`AIS(${i + 1})-3.3`) ?? '',
    code: message.text(`AIS(${i + 1})-3.1`) ?? '',
  })).filter(({ code }) => code !== '')
  return { event: event as SiuRead['event'], numbers, filler: message.text('SCH-2.1'), startMs, endMs, codes }
}
