import type { Appointment, AppointmentStatus, CancelReason, SessionRole, Slot } from '../../core/appointments.ts'

/** What is done to an appointment. `isNew`: the slot is made with it. */
export type Step =
  | { readonly what: 'book'; readonly slot: Slot; readonly isNew: boolean }
  | { readonly what: 'arrive'; readonly role: SessionRole }
  | { readonly what: 'fulfil' }
  | { readonly what: 'cancel'; readonly reason: CancelReason }
  | { readonly what: 'no-show' }

/** The appointment after it, or why not. */
export type Stepped =
  | { readonly ok: true; readonly appointment: Appointment }
  | { readonly ok: false; readonly error: 'WRONG_STATE' | 'TOO_EARLY' }

const FROM: Readonly<Record<Step['what'], readonly AppointmentStatus[]>> = {
  book: ['proposed', 'booked'],
  arrive: ['booked', 'arrived'],
  fulfil: ['arrived'],
  cancel: ['proposed', 'booked', 'arrived'],
  'no-show': ['booked', 'arrived'],
}
/** Before that nobody waits for it (ms): of one said to have arrived days ahead nobody is reminded, and it moves no more. */
const ARRIVES_BEFORE_MS = 4 * 3_600_000
const NOBODY = { requester: null, patient: null, expert: null } as const

/**
 * What a step makes of an appointment at a time; a booking of a booked one moves it, and whoever waited waits no more. Pure. */
export function stepped(one: Appointment, step: Step, atMs: number): Stepped {
  if (!FROM[step.what].includes(one.status)) return { ok: false, error: 'WRONG_STATE' }
  const next = { ...one, version: one.version + 1, changedAtMs: atMs }
  switch (step.what) {
    case 'book': {
      const { id, centre, startMs, endMs } = step.slot
      return made({ ...next, status: 'booked', slot: id, centre, startMs, endMs, waiting: NOBODY })
    }
    case 'arrive':
      if (atMs < one.startMs - ARRIVES_BEFORE_MS) return { ok: false, error: 'TOO_EARLY' }
      return made({
        ...next,
        status: 'arrived',
        waiting: { ...one.waiting, [step.role]: one.waiting[step.role] ?? atMs },
      })
    case 'fulfil':
      return made({ ...next, status: 'fulfilled' })
    case 'cancel':
      return made({ ...next, status: 'cancelled', cancelled: step.reason })
    case 'no-show':
      return atMs < one.startMs ? { ok: false, error: 'TOO_EARLY' } : made({ ...next, status: 'noshow' })
  }
}

function made(appointment: Appointment): Stepped {
  return { ok: true, appointment }
}
