import {
  COORDINATION,
  type Duty,
  type DutyEntry,
  type DutyPlace,
  type DutyProblem,
  emptyHours,
  overlaps,
  type RotaSave,
} from '../../core/duty.ts'

const NUMBER = /^\+?[0-9]{3,15}$/
const RPPS = /^[0-9]{11}$/
const PERSON = /^(?=.*\S)[^\u0000-\u001f\u007f-\u009f\u2028\u2029]{1,100}$/

/** A number as it is kept: without the spaces, dots, hyphens and brackets that people write. Pure. */
export function bareNumber(text: string): string {
  return text.replace(/[\s.\-()]/g, '')
}

/** The duties of a save with their numbers and names as they are kept. Pure. */
export function bareDuties(duties: readonly DutyEntry[]): DutyEntry[] {
  return duties.map((duty) => ({
    ...duty,
    person: duty.person.trim(),
    phone: bareNumber(duty.phone),
    mobile: duty.mobile === null ? null : bareNumber(duty.mobile),
  }))
}

/**
 * Why a rota may not be saved so; empty: it may. `kept`: duties of the rota that touch the hours or what the new ones reach
 * after them; those that begin within the hours give way. `places`: those that may not be empty. Pure. */
export function problemsOf(save: RotaSave, kept: readonly Duty[], places: readonly DutyPlace[]): DutyProblem[] {
  const wrong = save.duties.flatMap((duty, at) => wrongOf(duty, save).map((what) => ({ what, at })))
  if (wrong.length > 0) return wrong
  const stay = kept.filter((one) => !givesWay(one, save))
  const all = [...stay, ...save.duties]
  return [...overlaps(all), ...emptyHours(all, places, save).map((hours) => ({ what: 'empty' as const, ...hours }))]
}

/** Is a duty replaced by a save? Pure. */
export function givesWay({ fromMs }: Duty, save: Pick<RotaSave, 'fromMs' | 'untilMs'>): boolean {
  return fromMs >= save.fromMs && fromMs < save.untilMs
}

function wrongOf(
  { person, phone, mobile, rpps, place, fromMs, untilMs }: DutyEntry,
  save: RotaSave,
): ('hours' | 'person' | 'number' | 'place')[] {
  const found: ('hours' | 'person' | 'number' | 'place')[] = []
  if (!(fromMs < untilMs && fromMs >= save.fromMs && fromMs < save.untilMs)) found.push('hours')
  if (!PERSON.test(person) || (rpps !== null && !RPPS.test(rpps))) found.push('person')
  if (!NUMBER.test(phone) || (mobile !== null && !NUMBER.test(mobile))) found.push('number')
  // The coordination has one place of its own; a second person may be on duty where no ladder tells one.
  if ((place === 0) !== (save.service === COORDINATION)) found.push('place')
  return found
}
