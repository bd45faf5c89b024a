/** Frameworks as their files write them (docs/frameworks.md). Durations, shares and days are still text. */
import type { FrameworkStatus, InBoth, Level, ProbeKind, Side } from '../../core/conformity.ts'

/** What is measured of messages: exactly one of the four. */
export interface WrittenTraffic {
  readonly side: Side
  readonly kinds: readonly string[]
  readonly profiles?: readonly string[]
  readonly notProfiles?: readonly string[]
  readonly window: string
  readonly minimum: number
  readonly share?: {
    readonly without: readonly string[]
    readonly refused: boolean
    readonly atLeast: string
    readonly partly?: string
  }
  readonly absence?: readonly string[]
  readonly presence?: number
  readonly answered?: { readonly within?: string; readonly atLeast: string; readonly partly?: string }
}

/** Made of other requirements: exactly one of the three. */
export interface WrittenDerived {
  readonly all?: readonly string[]
  readonly any?: readonly string[]
  readonly atLeast?: { readonly n: number; readonly of: readonly string[] }
}

/** How a requirement is judged: exactly one of the five. */
export interface WrittenJudge {
  readonly traffic?: WrittenTraffic
  readonly probe?: {
    readonly kind: ProbeKind
    readonly valid: string
    readonly settings: Readonly<Record<string, unknown>>
  }
  readonly evidence?: {
    readonly accepts: 'document' | 'statement' | 'either'
    readonly valid: string
    readonly remind: string
  }
  readonly trial?: { readonly cases: readonly string[]; readonly valid: string }
  readonly derived?: WrittenDerived
}

/** One requirement. */
export interface WrittenRequirement {
  readonly id: string
  readonly level: Level
  readonly text: InBoth
  readonly source: { readonly document: string; readonly clause?: string }
  readonly confirm: boolean
  readonly appliesTo?: readonly string[]
  readonly next: InBoth
  readonly judge: WrittenJudge
}

/** One domain. */
export interface WrittenDomain {
  readonly id: string
  readonly name: InBoth
  readonly requirements: readonly WrittenRequirement[]
}

/** A whole file, with its defaults. */
export interface WrittenFramework {
  readonly id: string
  readonly version: string
  readonly name: InBoth
  readonly publisher: string
  readonly status: FrameworkStatus
  readonly valid: { readonly from: string; readonly to?: string }
  readonly appliesTo: readonly string[]
  readonly source: string
  readonly confirm: boolean
  readonly domains: readonly WrittenDomain[]
}
