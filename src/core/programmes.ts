/**
 * The words of programmes. A **programme** funds establishments that reach something: it has an **envelope**, **domains** to choose
 * from, **tracks** by which one applies, **targets** (a numerator over a denominator), **milestones** (requirements of conformity) and
 * **parts** in which it pays. An **enrolment** is one establishment in one programme. Money is whole cents of euro, shares are basis
 * points (1/100 of a percent): nothing is ever a fraction. */
import type { EstablishmentKind } from './config.ts'
import type { FrameworkName, InBoth, Side } from './conformity.ts'
import type { Permission } from './roles.ts'

/** Parts in which a programme pays: avance, amorçage, usage. */
export const PAYMENT_PARTS = ['advance', 'start-up', 'use'] as const
/** One of them. */
export type PaymentPart = (typeof PAYMENT_PARTS)[number]

/** What each part is of the whole (basis points); together 10 000. */
export type PaymentShares = Readonly<Record<PaymentPart, number>>

/** Days on which one may apply, `YYYY-MM-DD`, both included; null: open on that side. */
export interface DepositDays {
  readonly from: string | null
  readonly to: string | null
}

/** Money that is set aside. */
export interface Envelope {
  readonly scope: 'national' | 'region'
  readonly cents: number
  readonly source: string
  readonly confirm: boolean
}

/** A part of a programme that an establishment is funded for. */
export interface ProgrammeDomain {
  readonly id: string
  readonly name: InBoth
  readonly deposit: DepositDays | null
  readonly confirm: boolean
}

/** More domains than the programme gives to one, for an establishment that is named. */
export interface DomainException {
  readonly finess: string
  readonly domains: number
  readonly source: string
  readonly confirm: boolean
}

/** A way to apply, by how many establishments the managing body brings; null: no limit on that side. */
export interface ProgrammeTrack {
  readonly id: string
  readonly name: InBoth
  readonly minimum: number | null
  readonly maximum: number | null
  readonly deposit: DepositDays | null
  readonly source: string
  readonly confirm: boolean
}

/** What is funded within an enrolment: to buy a record system, or to bring one to conformity. */
export interface ProgrammeProject {
  readonly id: string
  readonly name: InBoth
}

/** Messages that the gateway counts: of a side, of kinds as in frameworks, without these findings. */
export interface CountRule {
  readonly side: Side
  readonly kinds: readonly string[]
  readonly without: readonly string[]
}

/** How the gateway's own counts make the fraction of a target. */
export interface TargetCounts {
  readonly numerator: CountRule
  readonly denominator: CountRule
  readonly windowDays: number
  /** Under so many messages in the denominator nothing is said. */
  readonly minimum: number
}

/** What is to be reached: numerator over denominator, at least the threshold (basis points). */
export interface ProgrammeTarget {
  readonly id: string
  readonly name: InBoth
  /** For enrolments in these domains; null: in any. */
  readonly domains: readonly string[] | null
  readonly numerator: InBoth
  readonly denominator: InBoth
  readonly threshold: number
  readonly source: string
  readonly confirm: boolean
  /** Null: the fraction is declared by people. */
  readonly counts: TargetCounts | null
}

/** A step on the way that requirements of frameworks tell: it is reached when all of them are met. */
export interface ProgrammeMilestone {
  readonly id: string
  readonly name: InBoth
  readonly domains: readonly string[] | null
  /** What is not paid before it. */
  readonly before: Exclude<PaymentPart, 'advance'>
  readonly requirements: readonly { readonly framework: FrameworkName; readonly requirement: string }[]
  readonly confirm: boolean
}

/** A programme as its file has it. `confirm`: the fact beside it is not verified, and every page says so (« à confirmer »). */
export interface Programme {
  readonly id: string
  readonly name: InBoth
  readonly publisher: string
  /** First and last day; `to` null: until further notice. */
  readonly period: { readonly from: string; readonly to: string | null; readonly confirm: boolean }
  readonly source: string
  readonly confirm: boolean
  readonly envelopes: readonly Envelope[]
  readonly kinds: readonly EstablishmentKind[]
  readonly domains: readonly ProgrammeDomain[]
  /** How many domains one establishment is funded for at most; null: as many as there are. */
  readonly domainsEach: number | null
  readonly domainsEachConfirm: boolean
  readonly exceptions: readonly DomainException[]
  readonly tracks: readonly ProgrammeTrack[]
  readonly projects: readonly ProgrammeProject[]
  readonly shares: PaymentShares
  readonly sharesSource: string
  readonly sharesConfirm: boolean
  readonly targets: readonly ProgrammeTarget[]
  readonly milestones: readonly ProgrammeMilestone[]
}

/** States of an enrolment, in the order of its life: candidat, retenu, amorçage versé, cible atteinte, contrôlé, soldé; sans suite. */
export const ENROLMENT_STATES = [
  'candidate',
  'selected',
  'started',
  'target-met',
  'checked',
  'settled',
  'dropped',
] as const
/** One of them. */
export type EnrolmentState = (typeof ENROLMENT_STATES)[number]

/** States in which money is promised. */
export const ENGAGED: readonly EnrolmentState[] = ['selected', 'started', 'target-met', 'checked', 'settled']

/** What a move asks for before it is made. */
export const NEEDS = [
  /** An amount was granted. */
  'amount',
  /** The programme has no part for the start. */
  'no-start-up',
  /** The programme has one. */
  'start-up',
  /** Nothing is left of the part for the start. */
  'start-up-paid',
  /** No milestone before the start-up part is measured and not reached. */
  'start-up-milestones',
  /** Every target has a fraction, and it is at least its threshold. */
  'targets',
  /** No milestone before the use part is measured and not reached. */
  'use-milestones',
  /** Nothing is left to pay. */
  'all-paid',
] as const
/** One of them. */
export type Need = (typeof NEEDS)[number]

/** A move of an enrolment. */
export interface EnrolmentMove {
  readonly from: EnrolmentState
  readonly to: EnrolmentState
  /** Who may make it. */
  readonly who: Permission
  /** By another person than who said what is moved on from. */
  readonly second: boolean
  readonly needs: readonly Need[]
}

const by = { who: 'programmes:change', second: false } as const

/** The moves there are, and no other: the order of each state's is that in which pages offer them. */
export const ENROLMENT_MOVES: readonly EnrolmentMove[] = [
  { from: 'candidate', to: 'selected', ...by, needs: ['amount'] },
  { from: 'candidate', to: 'dropped', ...by, needs: [] },
  { from: 'selected', to: 'started', ...by, needs: ['start-up', 'start-up-milestones', 'start-up-paid'] },
  { from: 'selected', to: 'target-met', ...by, needs: ['no-start-up', 'targets', 'use-milestones'] },
  { from: 'selected', to: 'dropped', ...by, needs: [] },
  { from: 'started', to: 'target-met', ...by, needs: ['targets', 'use-milestones'] },
  { from: 'started', to: 'dropped', ...by, needs: [] },
  { from: 'target-met', to: 'checked', who: 'programmes:change', second: true, needs: ['targets', 'use-milestones'] },
  { from: 'target-met', to: 'started', who: 'programmes:change', second: true, needs: ['start-up'] },
  { from: 'target-met', to: 'selected', who: 'programmes:change', second: true, needs: ['no-start-up'] },
  { from: 'checked', to: 'settled', ...by, needs: ['all-paid'] },
]

/** States in which a part may be paid. */
export const PAYABLE_IN: Readonly<Record<PaymentPart, readonly EnrolmentState[]>> = {
  advance: ['selected', 'started', 'target-met', 'checked'],
  'start-up': ['selected', 'started', 'target-met', 'checked'],
  use: ['checked'],
}

/** Most that one enrolment is granted (cents): a thousand million euros. Times a share in basis points it is a whole number still. */
export const MOST_CENTS = 100_000_000_000
