/** Which moves an enrolment has, and what each still needs. Pure. */
import type { Enrolment, MilestoneStanding, OfferedMove, TargetValue } from '../../core/programme-commands.ts'
import {
  ENROLMENT_MOVES,
  type EnrolmentMove,
  type EnrolmentState,
  type Need,
  type Programme,
} from '../../core/programmes.ts'
import { leftOfParts, partsOfAmount, sumOfParts } from './payments.ts'

/** What needs are looked at in. */
export interface Standing {
  readonly programme: Pick<Programme, 'shares'>
  readonly enrolment: Pick<Enrolment, 'state' | 'cents' | 'paid'>
  readonly targets: readonly Pick<TargetValue, 'met'>[]
  readonly milestones: readonly Pick<MilestoneStanding, 'reached' | 'milestone'>[]
}

/** The move from one state to another; null: there is none. */
export function moveTo(from: EnrolmentState, to: EnrolmentState): EnrolmentMove | null {
  return ENROLMENT_MOVES.find((one) => one.from === from && one.to === to) ?? null
}

/** Moves that are there to be made, in the order of the table; those that the programme has no part for are left out. */
export function offeredMoves(standing: Standing): OfferedMove[] {
  return ENROLMENT_MOVES.filter(({ from }) => from === standing.enrolment.state)
    .map((move) => ({ move, missing: missingFor(move, standing) }))
    .filter(({ missing }) => !missing.includes('start-up') && !missing.includes('no-start-up'))
}

/** What a move still needs, in the order in which it asks. */
export function missingFor({ needs }: EnrolmentMove, standing: Standing): Need[] {
  return needs.filter((need) => !HOLDS[need](standing))
}

const hindered = ({ milestones }: Standing, before: 'start-up' | 'use'): boolean =>
  milestones.some(({ reached, milestone }) => milestone.before === before && reached === false)

const left = ({ enrolment: { cents, paid }, programme }: Standing) =>
  cents === null ? null : leftOfParts(partsOfAmount(cents, programme.shares), paid)

/** Does what is needed hold? */
const HOLDS: Readonly<Record<Need, (standing: Standing) => boolean>> = {
  amount: ({ enrolment }) => (enrolment.cents ?? 0) > 0,
  'no-start-up': ({ programme }) => programme.shares['start-up'] === 0,
  'start-up': ({ programme }) => programme.shares['start-up'] > 0,
  'start-up-paid': (standing) => left(standing)?.['start-up'] === 0,
  'start-up-milestones': (standing) => !hindered(standing, 'start-up'),
  targets: ({ targets }) => targets.every(({ met }) => met === true),
  'use-milestones': (standing) => !hindered(standing, 'use'),
  'all-paid': (standing) => {
    const parts = left(standing)
    return parts !== null && sumOfParts(parts) === 0
  },
}
