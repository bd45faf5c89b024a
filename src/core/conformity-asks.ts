/** What people ask of conformity that makes something: probes now, and a signed statement. */

import type { Reach } from './caller.ts'
import type { FrameworkName } from './conformity.ts'
import type { SignedStatement } from './conformity-statement.ts'
import type { ConformityAsk } from './conformity-views.ts'
import type { ProbeStep } from './probes.ts'

/** Which probes are wanted of an establishment: those of all requirements of a framework, or of one. */
export interface ProbeAsk {
  readonly establishment: string
  readonly framework: FrameworkName
  readonly requirement: string | null
  readonly who: string
  readonly why: string
}

/** Probes on demand. */
export interface ConformityProbes {
  /**
   * Makes them now, whatever the schedule says, and keeps what they found. Resolves with all steps; none when no requirement is
   * judged by a probe, or no endpoint of that kind is declared. `progress` is told of each as it is over.
   * @throws {GatewayError} NOT_FOUND */
  now(ask: ProbeAsk, progress?: (step: ProbeStep) => void): Promise<readonly ProbeStep[]>
}

/** Signed statements. */
export interface ConformityStatements {
  /** What is measured now of an establishment; making one is kept in the audit. Null: there is none, or not for these eyes. */
  make(id: string, ask: ConformityAsk, reach: Reach | null, who: string): Promise<SignedStatement | null>
  /** The public key that vouches for statements, PEM. */
  publicKey(): Promise<string>
}
