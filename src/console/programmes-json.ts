/** Programmes as the API tells them: times ISO 8601, money whole cents of euro. */
import type { Enrolment, EnrolmentDetail } from '../core/programme-commands.ts'

const iso = (atMs: number | null): string | null => (atMs === null ? null : new Date(atMs).toISOString())

/** An enrolment. */
export function enrolmentJson({ cents, paid, sinceMs, ...one }: Enrolment) {
  return { ...one, amountCents: cents, paidCents: paid, since: iso(sinceMs) }
}

/** An enrolment with everything beside it. */
export function detailJson(detail: EnrolmentDetail) {
  const { enrolment, parts, payments, steps, targets, milestones, moves } = detail
  return {
    currency: 'EUR',
    ...enrolmentJson(enrolment),
    partsCents: parts,
    payments: payments.map(({ cents, atMs, ...one }) => ({ ...one, amountCents: cents, at: iso(atMs) })),
    steps: steps.map(({ atMs, ...one }) => ({ ...one, at: iso(atMs) })),
    targets: targets.map(({ target, declared, ...value }) => ({
      ...{ target: target.id, name: target.name, threshold: target.threshold, confirm: target.confirm },
      ...value,
      declared: declared === null ? null : { who: declared.who, why: declared.why, at: iso(declared.atMs) },
    })),
    milestones: milestones.map(({ milestone, requirements, reached }) => ({
      ...{ milestone: milestone.id, name: milestone.name, before: milestone.before, reached },
      requirements: requirements.map(({ sinceMs, ...one }) => ({ ...one, since: iso(sinceMs) })),
    })),
    moves: moves.map(({ move, missing }) => ({ to: move.to, second: move.second, missing })),
  }
}
