/** Programmes as their files write them (docs/programmes.md). Money, shares and days are still text. */
import type { EstablishmentKind } from '../../core/config.ts'
import type { InBoth, Side } from '../../core/conformity.ts'

/** Where a fact was published, and whether it is verified. */
export interface WrittenFact {
  readonly source: string
  readonly confirm: boolean
}

/** Days on which one may apply. */
export interface WrittenDeposit {
  readonly from?: string
  readonly to?: string
}

/** Messages that are counted. */
export interface WrittenCount {
  readonly side: Side
  readonly kinds: readonly string[]
  readonly without: readonly string[]
}

/** A way to apply. */
export interface WrittenTrack extends WrittenFact {
  readonly id: string
  readonly name: InBoth
  readonly minimum?: number
  readonly maximum?: number
  readonly deposit?: WrittenDeposit
}

/** A target. */
export interface WrittenTarget extends WrittenFact {
  readonly id: string
  readonly name: InBoth
  readonly domains?: readonly string[]
  readonly numerator: InBoth
  readonly denominator: InBoth
  readonly threshold: string
  readonly counts?: {
    readonly numerator: WrittenCount
    readonly denominator: WrittenCount
    readonly window: string
    readonly minimum: number
  }
}

/** A milestone; a requirement is written `FRAMEWORK@VERSION REQUIREMENT`. */
export interface WrittenMilestone {
  readonly id: string
  readonly name: InBoth
  readonly domains?: readonly string[]
  readonly before: 'start-up' | 'use'
  readonly requirements: readonly string[]
  readonly confirm: boolean
}

/** A whole file, with its defaults. */
export interface WrittenProgramme extends WrittenFact {
  readonly id: string
  readonly name: InBoth
  readonly publisher: string
  readonly period: { readonly from: string; readonly to?: string; readonly confirm: boolean }
  readonly envelopes: readonly (WrittenFact & { readonly scope: 'national' | 'region'; readonly amount: string })[]
  readonly kinds: readonly EstablishmentKind[]
  readonly domains: readonly {
    readonly id: string
    readonly name: InBoth
    readonly deposit?: WrittenDeposit
    readonly confirm: boolean
  }[]
  readonly domainsEach?: {
    readonly most: number
    readonly confirm: boolean
    readonly exceptions: readonly (WrittenFact & { readonly finess: string; readonly domains: number })[]
  }
  readonly tracks: readonly WrittenTrack[]
  readonly projects: readonly { readonly id: string; readonly name: InBoth }[]
  readonly payment: WrittenFact & { readonly advance: string; readonly startUp: string; readonly use: string }
  readonly targets: readonly WrittenTarget[]
  readonly milestones: readonly WrittenMilestone[]
}
