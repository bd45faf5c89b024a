/**
 * What a region publishes of measured conformity, to anybody. These types have no room for anything unfavourable: a domain is met
 * or partly met, or nothing is said of it; nor for a message, a finding, a product or a person. */
import type { FrameworkName, InBoth } from './conformity.ts'

/** How conformity is measured and published, as region.yaml has it. */
export interface ConformitySettings {
  readonly probes: 'asked' | 'scheduled'
  /** Absent: nothing is published. */
  readonly public?: PublicSettings
}

/** What is published: of which frameworks, and of whom. */
export interface PublicSettings {
  readonly frameworks: readonly FrameworkName[]
  /** `agreed`: those whose consent region.yaml declares. */
  readonly establishments: 'agreed' | 'all'
}

/** What may be said of a domain. */
export const PUBLIC_VERDICTS = ['met', 'partly'] as const
/** One of them. */
export type PublicVerdict = (typeof PUBLIC_VERDICTS)[number]

/** A domain at one establishment. */
export interface PublicCell {
  readonly verdict: PublicVerdict
  /** Requirements met, of those that apply. */
  readonly met: number
  readonly of: number
  /** Since when no verdict that decides has been another (ms since 1970). */
  readonly sinceMs: number
  /** The same as a day of the region, `YYYY-MM-DD`. */
  readonly since: string
  /** A person decided a verdict of it. */
  readonly byPerson: boolean
}

/** An establishment of which something is published. */
export interface PublicEstablishment {
  readonly name: string
  readonly kind: string
  readonly finess: string | null
  readonly department: string | null
  /** One for each domain; null: nothing is said. */
  readonly cells: readonly (PublicCell | null)[]
}

/** Everything that is published of one framework, for production alone. */
export interface PublishedConformity {
  readonly region: string
  readonly framework: {
    readonly name: FrameworkName
    readonly title: InBoth
    readonly version: string
    readonly publisher: string
    readonly confirm: boolean
  }
  /** Those to choose from, this one among them. */
  readonly frameworks: readonly { readonly name: FrameworkName; readonly title: InBoth; readonly version: string }[]
  readonly domains: readonly { readonly id: string; readonly name: InBoth }[]
  /** By name. Of whom nothing can be said is not among them. */
  readonly establishments: readonly PublicEstablishment[]
  /** The latest of what is shown (ms since 1970); null: nothing is. */
  readonly changedMs: number | null
}

/** What is published now. */
export interface PublicConformity {
  /** Null: the region publishes nothing, or not this framework. `framework` null: the first that is in force. */
  now(framework: FrameworkName | null): Promise<PublishedConformity | null>
}
