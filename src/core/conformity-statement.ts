/** The Constat de conformité mesurée: what was measured of one establishment, dated and signed. */
import type { Use } from './config.ts'
import type { InBoth, Judging, Level, Verdict, Why } from './conformity.ts'

/** One requirement, as it stood. Times are ISO 8601 with offset. */
export interface StatedRequirement {
  readonly id: string
  readonly domain: InBoth
  readonly level: Level
  readonly text: InBoth
  readonly source: string
  readonly confirm: boolean
  readonly judgedBy: Judging['by']
  readonly verdict: Verdict
  readonly why: Why
  readonly good: number
  readonly total: number
  readonly software: readonly string[]
  readonly since: string | null
}

/** What is stated. Its signature covers every word of it. */
export interface Statement {
  readonly kind: 'passerelle-conformity-statement'
  readonly version: 1
  /** What it is not: it stands on every page. */
  readonly notice: InBoth
  readonly region: string
  readonly establishment: {
    readonly id: string
    readonly name: string
    readonly kind: string
    readonly finess: string | null
  }
  readonly framework: {
    readonly name: string
    readonly title: InBoth
    readonly publisher: string
    readonly confirm: boolean
  }
  readonly use: Use
  readonly madeAt: string
  /** Days whose messages were counted, the first and the last. */
  readonly window: { readonly from: string; readonly to: string }
  /** Mandatory requirements: met, of all that apply. */
  readonly share: { readonly met: number; readonly of: number }
  readonly requirements: readonly StatedRequirement[]
}

/** A statement with its signature: Ed25519 by the key that signs the region's audit. */
export interface SignedStatement extends Statement {
  readonly signature: {
    readonly algorithm: 'Ed25519'
    /** SHA-256 of the public key (SubjectPublicKeyInfo, DER), hex. */
    readonly keyId: string
    /** Base64. */
    readonly value: string
  }
}

/** What a statement is not (glossary of the screen); also the sentence that marks one. */
export const STATEMENT_NOTICE: InBoth = {
  fr: 'Constat de conformité mesurée : il ne vaut ni référencement Ségur, ni homologation, ni certification.',
  en: 'Statement of measured conformity: it is neither a Ségur referencing, nor an approval, nor a certification.',
}
