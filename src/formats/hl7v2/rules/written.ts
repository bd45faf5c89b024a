/** Rule files as they are written (docs/rules.md). One file is one guide for some kinds, or a piece that others use. */
import type { CodeTable } from '../../../core/config.ts'
import type { ErrorCode } from '../../../core/errors.ts'
import type { FindingClass } from '../../../core/message.ts'

/** A finding's class, or `off`: the rule is not looked at. */
export type RuleClass = FindingClass | 'off'

/** Values of a list, `table:NAME`, or a word: has the place a value or none? */
export type WrittenTest =
  | readonly string[]
  | `table:${string}`
  | 'present'
  | 'absent'
  | { readonly not: readonly string[] | `table:${string}` }

/** Conditions by place, all of which must hold. */
export type WrittenConditions = Readonly<Record<string, WrittenTest>>

/** Events (MSH-9.2) that a rule or structure is for. */
export type WrittenEvents = readonly string[] | { readonly not: readonly string[] }

/** Which messages a file is for: keys are ANDed, values ORed. A file without it is a piece for others to use. */
export interface WrittenApplies {
  /** `ADT^A01`, `ADT^*`, `*`. */
  readonly kinds: readonly string[]
  /** MSH-12.1. */
  readonly versions?: readonly string[]
  /** MSH-12.2. */
  readonly countries?: readonly string[]
  /** Any component of MSH-21. */
  readonly profiles?: readonly string[]
  /** On content, where the header does not tell: `{ OBR-4.1: [REPONSE_DEMANDE] }`. */
  readonly when?: WrittenConditions
}

/** What segments a message is made of, in order. */
export interface WrittenStructure {
  readonly id: string
  readonly events?: WrittenEvents
  readonly when?: WrittenConditions
  /** `MSH EVN PID [PD1] { OBR [{NTE}] }`; lower-case names are `parts`. */
  readonly segments: string
  readonly clause?: string
  /** Not read in the standard itself: whatever does not fit is of class `form`. */
  readonly certainty?: 'unverified'
}

/** One rule: a place, and exactly one thing asked of it. */
export interface WrittenRule {
  readonly id: string
  /** Looked at: `PID-3`, `PID-3.4.2`, `OBX(1)-5`, or a segment. Without a number: each occurrence, each repetition. */
  readonly at: string
  readonly required?: true
  readonly forbidden?: true
  /** Most repetitions of a field. */
  readonly max?: number
  readonly in?: readonly string[] | `table:${string}`
  readonly notIn?: readonly string[] | `table:${string}`
  /** At least one repetition, or segment, has one of these. */
  readonly contains?: readonly string[] | `table:${string}`
  /** The whole value, as a regular expression. */
  readonly pattern?: string
  /** A data type of `types.ts`. */
  readonly type?: string
  /** The same value stands at this place. */
  readonly equals?: string
  /** Values allowed, by the value at another place. */
  readonly matrix?: { readonly by: string; readonly allow: Readonly<Record<string, readonly string[]>> }
  /** How many segments there are (that `where` leaves). */
  readonly count?: { readonly min?: number; readonly max?: number }
  /** A check of `checks.ts`, by name, with what it wants to know. */
  readonly check?: string
  readonly with?: Readonly<Record<string, unknown>>
  readonly events?: WrittenEvents
  readonly when?: WrittenConditions
  /** Only occurrences of the segment for which this holds. */
  readonly where?: WrittenConditions
  /** Told instead of the place looked at. */
  readonly place?: string
  readonly class?: RuleClass
  readonly code?: ErrorCode
  readonly clause?: string
  /** Not read in the standard itself: class `form` unless another is said, so that nobody is refused by it. */
  readonly certainty?: 'unverified'
  readonly text?: { readonly fr: string; readonly en: string }
}

/** A file of `profiles/hl7v2`. */
export interface WrittenRuleFile {
  readonly title: string
  /** The document that clauses refer to. */
  readonly source?: string
  readonly appliesTo?: WrittenApplies
  /** Files that are not looked at where this one applies. */
  readonly replaces?: readonly string[]
  /** Pieces whose rules and parts are taken over. */
  readonly use?: readonly string[]
  readonly parts?: Readonly<Record<string, string>>
  readonly structures?: readonly WrittenStructure[]
  readonly rules?: readonly WrittenRule[]
}

/** All that is compiled together. */
export interface WrittenProfiles {
  /** By name: the file's, without `.yaml`. Their form was checked (app/config/schema/rules.ts). */
  readonly files: Readonly<Record<string, WrittenRuleFile>>
  /** Classes that the region gives to rules, by id. */
  readonly classes: Readonly<Record<string, RuleClass>>
  readonly tables: ReadonlyMap<string, CodeTable>
}

/** What a rule can ask. */
export const ASSERTIONS = [
  'required',
  'forbidden',
  'max',
  'in',
  'notIn',
  'contains',
  'pattern',
  'type',
  'equals',
  'matrix',
  'count',
  'check',
] as const
/** The one thing that a rule asks. */
export type Assertion = (typeof ASSERTIONS)[number]

/** What the rule asks; null when it is not exactly one thing. */
export function assertionOf(rule: WrittenRule): Assertion | null {
  const said = ASSERTIONS.filter((name) => rule[name] !== undefined)
  return said.length === 1 ? said[0]! : null
}
