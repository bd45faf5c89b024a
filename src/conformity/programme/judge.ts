/** What was said of an enrolment → the enrolment, or everything that is wrong with it. Pure. */
import type { EstablishmentKind } from '../../core/config.ts'
import type { KnownEstablishment } from '../../core/establishment-lookup.ts'
import {
  type Enrolment,
  type EnrolmentProblem,
  type ManagingBody,
  type NewEnrolment,
  SOURCE_LENGTH,
} from '../../core/programme-commands.ts'
import { ENGAGED, type EnrolmentState, MOST_CENTS, PAYMENT_PARTS, type Programme } from '../../core/programmes.ts'
import { finessFault } from '../../formats/identifiers/finess.ts'
import { isDay } from '../framework/problems.ts'
import { eligibilityProblems, trackFor } from './eligibility.ts'
import { leftOfParts, type PartCents, partsOfAmount, sumOfParts } from './payments.ts'

/** One line, without control characters: it stands on pages, in files and in the audit. */
const LINE = /^(?=.*\S)[^\u0000-\u001f\u007f-\u009f\u2028\u2029]{1,200}$/
const DEPARTMENT = /^(\d{2,3}|2[AB])$/

/** What is known beside what was said. */
export interface Known {
  readonly programme: Programme
  /** By its FINESS number; null: nobody knows it. */
  readonly establishment: KnownEstablishment | null
  /** Domains of its other enrolments in this programme that were not dropped. */
  readonly taken: readonly string[]
}

/** Where an enrolment stands when it is made: a file may tell of one that began before. */
export interface Begun {
  readonly state: EnrolmentState
  readonly paid: PartCents
}

/** An enrolment without what the store gives it, or what is wrong. */
export type Judged =
  | { readonly ok: true; readonly one: Omit<Enrolment, 'id' | 'sinceMs'> }
  | { readonly ok: false; readonly problems: readonly EnrolmentProblem[] }

/** Judges it; all problems at once. */
export function judgeEnrolment(asked: NewEnrolment, begun: Begun, known: Known): Judged {
  const { programme, establishment, taken } = known
  const { finess, depositedOn, cents, source, domains, project } = asked
  const name = asked.name ?? establishment?.name ?? ''
  // The region's own file knows what its establishments are.
  const kind = (establishment?.id != null ? establishment.kind : null) ?? asked.kind ?? establishment?.kind ?? ''
  const department = asked.department ?? establishment?.department ?? finess.slice(0, 2)
  const body = bodyOf(asked.body, establishment)
  const fault = finessFault(finess)
  const problems: EnrolmentProblem[] = [
    ...(fault === null ? [] : [{ field: 'finess', fault: fault === 'key' ? 'finess-key' : 'finess' } as const]),
    ...(LINE.test(name) ? [] : [{ field: 'name', fault: 'name' } as const]),
    ...(DEPARTMENT.test(department) ? [] : [{ field: 'department', fault: 'department' } as const]),
    ...bodyProblems(body),
    ...(depositedOn === null || isDay(depositedOn) ? [] : [{ field: 'depositedOn', fault: 'day' } as const]),
    ...(cents === null || isAmount(cents) ? [] : [{ field: 'amount', fault: 'amount' } as const]),
    ...(isSource(source) ? [] : [{ field: 'source', fault: 'source' } as const]),
    ...begunProblems(begun, cents, programme),
    ...eligibilityProblems(programme, {
      ...{ finess, domains, project, kind, count: body.count, taken },
      depositedOn: depositedOn !== null && isDay(depositedOn) ? depositedOn : null,
    }),
  ]
  if (problems.length > 0) return { ok: false, problems }
  return {
    ok: true,
    one: {
      ...{ programme: programme.id, finess, establishment: establishment?.id ?? null, name, department, body, project },
      ...{ kind: kind as EstablishmentKind, domains: [...new Set(domains)], depositedOn, cents, source },
      track: trackFor(programme, { count: body.count, depositedOn }),
      ...{ state: begun.state, paid: begun.paid, invented: asked.invented, confirm: asked.confirm },
    },
  }
}

/** May so much be granted? */
export function isAmount(cents: number): boolean {
  return Number.isSafeInteger(cents) && cents > 0 && cents <= MOST_CENTS
}

function isSource(source: string): boolean {
  return source === '' || (source.length <= SOURCE_LENGTH && !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(source))
}

function bodyOf(asked: ManagingBody, establishment: KnownEstablishment | null): ManagingBody {
  const { managingBody = null } = establishment ?? {}
  return {
    finess: asked.finess ?? managingBody?.finess ?? null,
    name: asked.name ?? managingBody?.name ?? null,
    count: asked.count,
  }
}

function bodyProblems({ finess, name, count }: ManagingBody): EnrolmentProblem[] {
  return [
    ...(finess === null || finessFault(finess) === null
      ? []
      : [{ field: 'bodyFiness', fault: 'body-finess' } as const]),
    ...(name === null || LINE.test(name) ? [] : [{ field: 'bodyName', fault: 'text' } as const]),
    ...(count === null || (Number.isSafeInteger(count) && count > 0)
      ? []
      : [{ field: 'bodyCount', fault: 'body-count' } as const]),
  ]
}

/** What was paid fits what was granted and the state: nothing before the selection, use from the check on, all at the end. */
function begunProblems({ state, paid }: Begun, cents: number | null, programme: Programme): EnrolmentProblem[] {
  const isEngaged = ENGAGED.includes(state)
  if (isEngaged && cents === null) return [{ field: 'amount', fault: 'amount' }]
  const parts = partsOfAmount(cents !== null && isAmount(cents) ? cents : 0, programme.shares)
  const tooMuch = PAYMENT_PARTS.some((part) => paid[part] > parts[part])
  const early =
    (!isEngaged && state !== 'dropped' && sumOfParts(paid) > 0) ||
    (paid.use > 0 && !['checked', 'settled'].includes(state))
  const left = leftOfParts(parts, paid)
  const late = (state === 'settled' && sumOfParts(left) > 0) || (state === 'started' && left['start-up'] > 0)
  return tooMuch || early || late ? [{ field: 'state', fault: 'paid' }] : []
}
