import type { Case, Happening } from '../../core/cases.ts'
import { TIME_NAMES, type TimeName } from '../../core/services.ts'

/** Moments of a case that intervals are measured between: the times people told, and what the region itself saw. */
export const MOMENTS = [
  ...TIME_NAMES,
  'request',
  'seen',
  'accepted',
  'reached',
  'images-sent',
  'images-complete',
  'advice',
  'advice-read',
  'decision',
  'appointment',
  'closed',
] as const
/** One of them. */
export type Moment = (typeof MOMENTS)[number]
/** The ladder whose centres become owners of a case. */
const ANSWER = 'answer'
/** When each was (ms since 1970); what was not is not there. */
export type Moments = Readonly<Partial<Record<Moment, number>>>

/** What of a case its moments are made of. */
type Timed = Pick<Case, 'times' | 'requests' | 'openedAtMs' | 'seenAtMs' | 'owner' | 'reached' | 'imagesSentAtMs'> &
  Pick<Case, 'advice' | 'decision' | 'appointment' | 'closedAtMs' | 'studies' | 'climbs'>

/**
 * The moments of a case. Of what happened more than once the first counts: the first request, seen, acceptance and advice; a
 * decision that was recorded anew counts with the last. Accepted is by a centre that answers: others that were invited take
 * part only. Pure. */
export function momentsOf(shown: Timed, happenings: readonly Happening[]): Moments {
  const first = (what: Happening['act']['what']): number | undefined =>
    happenings.find(({ act }) => act.what === what)?.atMs
  const told = TIME_NAMES.flatMap((name): [TimeName, number][] => {
    const time = shown.times[name]
    return time === undefined ? [] : [[name, time.atMs]]
  })
  const found: Readonly<Partial<Record<Moment, number | null | undefined>>> = {
    request: Math.min(shown.openedAtMs, ...shown.requests.map(({ atMs }) => atMs)),
    seen: first('see') ?? shown.seenAtMs,
    accepted: acceptedAtMs(shown, happenings) ?? shown.owner?.atMs,
    reached: first('reached') ?? shown.reached?.atMs,
    'images-sent': first('images-sent') ?? shown.imagesSentAtMs,
    'images-complete': completeAtMs(shown, happenings),
    advice: first('advise') ?? shown.advice?.atMs,
    'advice-read': first('read-advice') ?? shown.advice?.readAtMs,
    decision: shown.decision?.atMs,
    appointment: shown.appointment?.startMs,
    closed: shown.closedAtMs,
  }
  const seen = Object.entries(found).filter((one): one is [string, number] => typeof one[1] === 'number')
  return Object.fromEntries([...told, ...seen])
}

/** The first acceptance by a centre of the ladder `answer`; where none answers the site, by whoever it was. */
function acceptedAtMs({ climbs }: Timed, happenings: readonly Happening[]): number | undefined {
  const answering = climbs.find(({ ladder }) => ladder === ANSWER)?.centres ?? []
  const answers = (centre: string | null): boolean =>
    answering.length === 0 || (centre !== null && answering.includes(centre))
  return happenings.find(({ act, by }) => act.what === 'accept' && answers(by.establishment))?.atMs
}

/** When the last study that has all its instances got the last of them; undefined: one lacks some, or there is none. */
function completeAtMs({ studies }: Timed, happenings: readonly Happening[]): number | undefined {
  const whole = studies.every(({ received, expected }) => expected !== null && expected > 0 && received >= expected)
  if (studies.length === 0 || !whole) return undefined
  return happenings.findLast(({ act }) => act.what === 'images')?.atMs
}

/** An interval: from one moment (of several the first that is known) to another. */
export interface Interval {
  readonly id: string
  readonly from: readonly Moment[]
  readonly to: Moment
}

const onset = ['onset', 'last-seen-well', 'discovery'] as const

/** Every interval that is measured, in the order of a case's way. */
export const INTERVALS: readonly Interval[] = [
  { id: 'onset-request', from: onset, to: 'request' },
  { id: 'contact-request', from: ['first-contact'], to: 'request' },
  { id: 'arrival-request', from: ['arrival'], to: 'request' },
  { id: 'request-seen', from: ['request'], to: 'seen' },
  { id: 'request-accepted', from: ['request'], to: 'accepted' },
  { id: 'request-reached', from: ['request'], to: 'reached' },
  { id: 'request-images', from: ['request'], to: 'images-complete' },
  { id: 'imaging-images', from: ['imaging-ended', 'images-sent'], to: 'images-complete' },
  { id: 'request-advice', from: ['request'], to: 'advice' },
  { id: 'accepted-advice', from: ['accepted'], to: 'advice' },
  { id: 'advice-read', from: ['advice'], to: 'advice-read' },
  { id: 'advice-decision', from: ['advice'], to: 'decision' },
  { id: 'arrival-needle', from: ['arrival'], to: 'needle' },
  { id: 'onset-needle', from: onset, to: 'needle' },
  { id: 'onset-puncture', from: onset, to: 'groin-puncture' },
  { id: 'arrival-departure', from: ['arrival'], to: 'transfer-departure' },
  { id: 'departure-arrival', from: ['transfer-departure'], to: 'transfer-arrival' },
  { id: 'request-appointment', from: ['request'], to: 'appointment' },
  { id: 'request-closed', from: ['request'], to: 'closed' },
]

/** Length of an interval in ms; null: one of its ends is not known, or the end is before the beginning (told wrongly). Pure. */
export function lengthOf({ from, to }: Interval, moments: Moments): number | null {
  const begin = from.find((name) => moments[name] !== undefined)
  const [beginMs, endMs] = [begin === undefined ? undefined : moments[begin], moments[to]]
  return beginMs === undefined || endMs === undefined || endMs < beginMs ? null : endMs - beginMs
}
